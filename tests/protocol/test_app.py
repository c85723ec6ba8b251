"""What comes over the wire, however odd, is answered in AWS's shape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.protocol.app import MAX_BODY, ProtocolApp
from workflow_manager.protocol.operations import Operations

ROLE = "arn:aws:iam::123456789012:role/r"


class Wire:
    """Speaks ASGI to the application."""

    def __init__(self, app: ProtocolApp, engine: Engine) -> None:
        self.app = app
        self.engine = engine

    async def post(
        self,
        operation: str | None,
        *parts: bytes,
        method: str = "POST",
        headers: tuple[tuple[bytes, bytes], ...] = (),
        target: str = "AWSStepFunctions.",
        receive: Callable[[], Coroutine[Any, Any, dict[str, Any]]] | None = None,
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        if operation is not None:
            headers = ((b"x-amz-target", (target + operation).encode()), *headers)
        messages = [
            {"type": "http.request", "body": part, "more_body": number < len(parts)}
            for number, part in enumerate(parts, start=1)
        ]
        sent: list[dict[str, Any]] = []

        async def read() -> dict[str, Any]:
            if messages:
                return messages.pop(0)
            if receive is not None:
                return await receive()
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": "/", "headers": list(headers)}
        await self.app(scope, read, send)
        if not sent:
            return 0, {}, {}
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], answered, json.loads(sent[1]["body"])

    async def call(self, operation: str, **request: Any) -> dict[str, Any]:
        status, _, answer = await self.post(operation, json.dumps(request).encode())
        assert status == 200, answer
        return answer


def run(play: Callable[[Wire], Coroutine[Any, Any, None]], poll_seconds: float = 5.0) -> None:
    async def whole() -> None:
        engine = Engine(MemoryJournal())
        await engine.open()
        try:
            app = ProtocolApp(Operations(engine, poll_seconds=poll_seconds))
            await asyncio.wait_for(play(Wire(app, engine)), 300)
        finally:
            await engine.close()

    asyncio.run(whole())


def check_refused(code: str, operation: str | None, *parts: bytes, status: int = 400, **more: Any) -> None:
    async def play(wire: Wire) -> None:
        got, headers, answer = await wire.post(operation, *parts, **more)
        assert (got, answer["__type"]) == (status, code)
        assert answer["message"]
        assert headers["content-type"] == "application/x-amz-json-1.0"
        assert headers["x-amzn-errortype"] == code
        assert headers["x-amzn-requestid"]

    run(play)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"maxResults": NaN}',
        b'{"a": "\\ud800"}',
        b"[]",
        b"1",
        b'"text"',
        b"null",
        b'{"maxResults": "10"}',
        b'{"maxResults": true}',
        b'{"maxResults": 1.5}',
        b'{"nextToken": {}}',
        b'{"nextToken": ["x"]}',
        b'{"a":' * 100_000,
        b"[" * 2_000_000,
    ],
)
def test_what_cannot_be_read_is_a_serialization_exception(body: bytes) -> None:
    check_refused("SerializationException", "ListStateMachines", body)


@pytest.mark.parametrize(
    ("operation", "target", "method"),
    [
        ("NoSuchOperation", "AWSStepFunctions.", "POST"),
        ("", "AWSStepFunctions.", "POST"),
        ("ListStateMachines", "DynamoDB_20120810.", "POST"),
        ("ListStateMachines", "", "POST"),
        ("__class__", "AWSStepFunctions.", "POST"),
        ("\xe9\xff", "AWSStepFunctions.", "POST"),
        (None, "AWSStepFunctions.", "POST"),
        ("ListStateMachines", "AWSStepFunctions.", "GET"),
        ("ListStateMachines", "AWSStepFunctions.", "DELETE"),
    ],
)
def test_what_is_no_operation_is_an_unknown_one(operation: str | None, target: str, method: str) -> None:
    check_refused("UnknownOperationException", operation, b"{}", target=target, method=method)


@pytest.mark.parametrize(
    ("parts", "headers"),
    [
        ((b"x" * (MAX_BODY + 1),), ()),
        ((b"x" * MAX_BODY, b"x", b"x"), ()),
        ((b"{}",), ((b"content-length", str(MAX_BODY + 1).encode()),)),
        ((b"{}",), ((b"content-length", b"9" * 400),)),
    ],
)
def test_what_is_too_large_is_not_read(parts: tuple[bytes, ...], headers: tuple[Any, ...]) -> None:
    check_refused("RequestEntityTooLargeException", "ListStateMachines", *parts, status=413, headers=headers)


@pytest.mark.parametrize(
    ("operation", "request_", "text"),
    [
        (
            "CreateStateMachine",
            {},
            "3 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must"
            " not be null; Value null at 'definition' failed to satisfy constraint: Member must not be null;"
            " Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
        ),
        (
            "CreateActivity",
            {"name": ""},
            "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have"
            " length greater than or equal to 1",
        ),
        (
            "SendTaskSuccess",
            {"taskToken": "x" * 2049, "output": "{}"},
            "1 validation error detected: Value at 'taskToken' failed to satisfy constraint: Member must have"
            " length less than or equal to 2048",
        ),
        (
            "TagResource",
            {"resourceArn": "arn", "tags": [{"key": "k"}, {"key": "x" * 129}]},
            "1 validation error detected: Value '" + "x" * 129 + "' at 'tags.2.member.key' failed to satisfy"
            " constraint: Member must have length less than or equal to 128",
        ),
        (
            "CreateStateMachineAlias",
            {"name": "7", "routingConfiguration": []},
            "2 validation errors detected: Value '7' at 'name' failed to satisfy constraint: Member must"
            r" satisfy regular expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$; Value '[]' at"
            " 'routingConfiguration' failed to satisfy constraint: Member must have length greater than or"
            " equal to 1",
        ),
    ],
)
def test_every_broken_constraint_is_named(operation: str, request_: dict[str, Any], text: str) -> None:
    async def play(wire: Wire) -> None:
        status, _, answer = await wire.post(operation, json.dumps(request_).encode())
        assert (status, answer) == (400, {"__type": "ValidationException", "message": text})

    run(play)


def test_unknown_members_and_null_ones_are_passed_over() -> None:
    async def play(wire: Wire) -> None:
        assert await wire.call("ListStateMachines", nextToken=None, unheard_of=1) == {"stateMachines": []}
        status, _, answer = await wire.post("ListActivities", b"")
        assert (status, answer) == (200, {"activities": []})

    run(play)


def test_a_body_may_come_in_pieces() -> None:
    async def play(wire: Wire) -> None:
        status, _, answer = await wire.post("CreateActivity", b'{"na', b"", b'me": "a"}')
        assert status == 200
        assert answer["activityArn"].endswith(":activity:a")
        assert isinstance(answer["creationDate"], float)

    run(play)


async def _working(wire: Wire) -> tuple[str, str]:
    activity = (await wire.call("CreateActivity", name="a"))["activityArn"]
    text = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": activity, "End": True}}})
    machine = await wire.call("CreateStateMachine", name="m", definition=text, roleArn=ROLE)
    return activity, machine["stateMachineArn"]


def test_a_poll_without_a_task_ends_empty() -> None:
    async def play(wire: Wire) -> None:
        activity, _ = await _working(wire)
        assert await wire.call("GetActivityTask", activityArn=activity) == {"taskToken": None}

    run(play, poll_seconds=0.01)


def test_a_client_who_hangs_up_while_polling_takes_no_task() -> None:
    async def play(wire: Wire) -> None:
        activity, machine = await _working(wire)
        hung_up = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await hung_up.wait()
            return {"type": "http.disconnect"}

        body = json.dumps({"activityArn": activity}).encode()
        polling = asyncio.create_task(wire.post("GetActivityTask", body, receive=receive))
        await asyncio.sleep(0)
        hung_up.set()
        assert (await polling)[0] == 0
        await wire.call("StartExecution", stateMachineArn=machine, input="[7]")
        assert (await wire.call("GetActivityTask", activityArn=activity))["input"] == "[7]"

    run(play)


def test_a_client_who_hangs_up_as_the_task_comes_leaves_it_to_the_next() -> None:
    async def play(wire: Wire) -> None:
        activity, machine = await _working(wire)

        async def receive() -> dict[str, Any]:
            while not wire.engine._runner.residents:
                await asyncio.sleep(0)
            return {"type": "http.disconnect"}

        body = json.dumps({"activityArn": activity}).encode()
        polling = asyncio.create_task(wire.post("GetActivityTask", body, receive=receive))
        await asyncio.sleep(0)
        arn = (await wire.call("StartExecution", stateMachineArn=machine))["executionArn"]
        assert (await polling)[0] == 0
        task = await wire.call("GetActivityTask", activityArn=activity)
        await wire.call("SendTaskSuccess", taskToken=task["taskToken"], output="{}")
        history = await wire.call("GetExecutionHistory", executionArn=arn)
        assert [event["type"] for event in history["events"]].count("ActivityStarted") == 1

    run(play)


def test_payloads_come_back_as_they_were_given() -> None:
    text = '{"big": 123456789012345678901234567890, "float": 1.10, "emoji": "\\ud83d\\ude00", "b":1,"a":2}'

    async def play(wire: Wire) -> None:
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
        machine = await wire.call("CreateStateMachine", name="m", definition=definition, roleArn=ROLE)
        begun = await wire.call("StartExecution", stateMachineArn=machine["stateMachineArn"], input=text)
        found = await wire.call("DescribeExecution", executionArn=begun["executionArn"])
        assert found["input"] == found["output"] == text

    run(play)


def test_a_fault_of_ours_is_answered_and_not_explained() -> None:
    class Broken(Operations):
        async def call(self, operation: str, request: Any) -> dict[str, Any]:
            raise ZeroDivisionError("a secret")

    async def play(wire: Wire) -> None:
        wire.app = ProtocolApp(Broken(wire.engine))
        status, _, answer = await wire.post("ListActivities", b"{}")
        assert (status, answer["__type"]) == (500, "InternalFailure")
        assert "secret" not in answer["message"]

    run(play)
