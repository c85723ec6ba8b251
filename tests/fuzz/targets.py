"""What is fuzzed: each target takes any bytes, and does with them what a user's text goes through.

A target returns, or raises: whatever it raises is a fault of ours.  It keeps nothing between two
calls that could make the second one end otherwise.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from tests.asl.environments import environment
from tests.engine.driver import Driver
from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.intrinsics import InvalidIntrinsic, compile_intrinsic
from workflow_manager.asl.jsonata import InvalidJsonata, compile_jsonata
from workflow_manager.asl.judging import ERROR
from workflow_manager.asl.parse import judge
from workflow_manager.asl.paths import InvalidPath, compile_reference, compile_reference_path
from workflow_manager.asl.render import render
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.kernel.json import dumps
from workflow_manager.protocol.app import ProtocolApp
from workflow_manager.protocol.integrations import connect
from workflow_manager.protocol.operations import HANDLERS, TAKE, Operations

DOCUMENT: Final[dict[str, Any]] = {
    "a": {"b": {"c": [1, 2.5, "x", None, True]}},
    "list": [{"n": n, "s": "ab" * n, "t": None} for n in range(4)],
    "numbers": [3, -1, 2**60, 0.1],
    "text": "Hello, wörld 😀",
    "time": "2016-03-14T01:59:00Z",
    "a b": {"": []},
}
ENVIRONMENT: Final = environment(
    DOCUMENT,
    context={"Execution": {"Name": "e", "Input": DOCUMENT}, "State": {"Name": "S", "RetryCount": 0}},
    variables={"v": DOCUMENT, "n": 1},
)
# So many events an execution is given before it is left alone.
MAX_EVENTS: Final = 40


def text_of(data: bytes) -> str:
    """What comes out of JSON has no lone surrogates."""
    return data.decode("utf-8", "replace")


def definition(data: bytes) -> None:
    """A definition is accepted, or refused with reasons; what is accepted can be rendered."""
    # Here other bytes than UTF-8 give lone surrogates, for a text may come by other ways than JSON.
    text = data.decode("utf-8", "surrogateescape")
    for express in (False, True):
        machine, problems = judge(text, express=express)
        assert (machine is None) == any(problem.severity == ERROR for problem in problems)
        if machine is not None:
            assert judge(dumps(render(machine)), express=express)[0] == machine


def execution(data: bytes) -> None:
    """What is accepted also runs, whatever its tasks answer."""
    machine, _ = judge(text_of(data))
    if machine is None:
        return
    driver = Driver(machine, dumps(DOCUMENT), budget=100, resumes=2).start()
    chance = random.Random(len(data))
    for _ in range(MAX_EVENTS):
        if driver.ending is not None:
            return
        if driver.tasks and chance.random() < 0.3:
            driver.fail(driver.tasks[0], chance.choice(["Boom", "States.Timeout", None]))
        elif driver.tasks:
            driver.succeed(driver.tasks[0], chance.choice(["{}", "[1]", "nonsense"]))
        elif not driver.skip_to_next_timer():
            return
        driver.clock.advance(timedelta(seconds=1))


def path(data: bytes) -> None:
    """A path is read, and written to, or fails in the way that is written down."""
    text = text_of(data)
    with suppress(InvalidPath, EvaluationFailed):
        dumps(compile_reference(text).evaluate(ENVIRONMENT))
    with suppress(InvalidPath, EvaluationFailed):
        dumps(compile_reference_path(text).write(DOCUMENT, 1))


def intrinsic(data: bytes) -> None:
    """A call of an intrinsic function gives JSON or fails in the way that is written down."""
    with suppress(InvalidIntrinsic, EvaluationFailed):
        dumps(compile_intrinsic(text_of(data)).evaluate(ENVIRONMENT))


def jsonata(data: bytes) -> None:
    """A JSONata expression gives JSON or fails in the way that is written down."""
    with suppress(InvalidJsonata, EvaluationFailed):
        dumps(compile_jsonata(text_of(data), "Output").evaluate(ENVIRONMENT))


ARNS: Final = "arn:aws:states:us-east-1:123456789012:"
ROLE: Final = "arn:aws:iam::123456789012:role/any"
WAITING: Final = '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":99,"End":true}}}'
OPERATIONS: Final = sorted({*HANDLERS} - {TAKE})


def protocol(data: bytes) -> None:
    """A request has an answer that is no fault of the server.  The first byte chooses the operation."""
    number, body = (data[0], data[1:]) if data else (0, b"")
    status, answer = asyncio.run(_asked(OPERATIONS[number % len(OPERATIONS)], body))
    assert 200 <= status < 500, (status, answer)
    assert isinstance(json.loads(answer), dict)


async def _asked(operation: str, body: bytes) -> tuple[int, bytes]:
    engine = Engine(MemoryJournal(), services=connect())
    await engine.open()
    machine, _ = await engine.create_machine("any", WAITING, ROLE)
    await engine.create_activity("any")
    await engine.start(machine.arn, "{}", "e")
    app = ProtocolApp(Operations(engine))
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"x-amz-target", f"AWSStepFunctions.{operation}".encode())]
    try:
        await app({"type": "http", "method": "POST", "headers": headers}, receive, send)
    finally:
        await engine.close()
    return sent[0]["status"], sent[1]["body"]


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    target.__name__: target for target in (definition, execution, path, intrinsic, jsonata, protocol)
}
