"""More requests than can be worked on: told to come again, each in its client's words."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from workflow_manager.assembly.gate import Gate

REST = ("GET", "/workflows", {})
PROTOCOL = ("POST", "/", {"x-amz-target": "AWSStepFunctions.StartExecution"})
POLL = ("POST", "/", {"x-amz-target": "AWSStepFunctions.GetActivityTask"})
HEALTH = ("GET", "/_health", {})


class Slow:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.most = 0
        self._now = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        await self.go.wait()
        self._now -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def ask(
    gate: Gate, kind: tuple[str, str, dict[str, str]], **more: str
) -> tuple[int, dict[str, str], str]:
    method, path, headers = kind
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    given = {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    await gate(scope, None, send)  # type: ignore[arg-type]
    shown = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], shown, b"".join(each.get("body", b"") for each in sent[1:]).decode()


def play(act: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(act, 120))  # type: ignore[arg-type]


def test_what_is_too_much_is_refused_at_once_and_the_rest_is_answered() -> None:
    async def act() -> None:
        app = Slow()
        gate = Gate(app, 3)
        let_in = [asyncio.create_task(ask(gate, REST)) for _ in range(3)]
        await asyncio.sleep(0)
        status, headers, body = await ask(gate, REST)
        assert (status, headers["retry-after"]) == (429, "1")
        assert "too much to do" in body
        status, headers, body = await ask(gate, PROTOCOL)
        assert (status, headers["retry-after"]) == (400, "1")
        assert '"__type":"ThrottlingException"' in body
        open_always = [asyncio.create_task(ask(gate, kind)) for kind in (POLL, HEALTH)]
        await asyncio.sleep(0)
        assert app.most == 5
        app.go.set()
        assert {(await each)[0] for each in (*let_in, *open_always)} == {200}
        assert (await ask(gate, PROTOCOL))[0] == 200, "there is room again"

    play(act())


def test_a_body_that_will_be_refused_keeps_nobody_out() -> None:
    async def act() -> None:
        app = Slow()
        gate = Gate(app, 100, max_bodies=2**24)
        first = asyncio.create_task(ask(gate, REST, content_length=str(2**40)))
        second = asyncio.create_task(ask(gate, REST, content_length="1000"))
        await asyncio.sleep(0)
        app.go.set()
        assert {(await each)[0] for each in (first, second)} == {200}

    play(act())


def test_large_bodies_count_by_their_size_and_one_alone_is_never_too_large() -> None:
    async def act() -> None:
        app = Slow()
        gate = Gate(app, 100, max_bodies=2**20)
        first = asyncio.create_task(ask(gate, REST, content_length=str(2**22)))
        await asyncio.sleep(0)
        assert (await ask(gate, REST, content_length="1"))[0] == 429
        assert (await ask(gate, REST, transfer_encoding="chunked"))[0] == 429
        app.go.set()
        assert (await first)[0] == 200
        assert (await ask(gate, REST, content_length="1"))[0] == 200

    play(act())
