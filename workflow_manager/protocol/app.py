"""The protocol over HTTP: AWS JSON 1.0, as a bare ASGI application.

`POST /` with the operation's name in X-Amz-Target.  Whatever comes in is answered in AWS's shape;
nothing a caller sends is a fault of the server.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from itertools import count
from typing import Any, Final, TypeAlias

import msgspec

from workflow_manager.engine.runtime import ActivityTask
from workflow_manager.kernel.json import Json, NotJson, loads
from workflow_manager.kernel.tally import Tally
from workflow_manager.protocol import tasks
from workflow_manager.protocol.operations import HANDLERS, TAKE, Operations
from workflow_manager.protocol.refusals import Refusal

Scope: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[MutableMapping[str, Any]]]"
Send: TypeAlias = "Callable[[MutableMapping[str, Any]], Awaitable[None]]"

MAX_BODY: Final = 8 * 2**20  # bytes; a definition of 1 MiB may be escaped to several times that
BODY_SECONDS: Final = 30.0
TARGET: Final = b"x-amz-target"
PREFIX: Final = b"AWSStepFunctions."
GONE: Final = "ClientGone"  # among the errors that are counted; nobody is there to be told
UNKNOWN: Final = "none"  # counted where a request names no operation

_CONTENT_TYPE: Final = (b"content-type", b"application/x-amz-json-1.0")
# A request's id is a UUID to those who read it: random for the process, then counted.
_RUN: Final = str(uuid.uuid4())[:23].encode()
_numbers: Final = count(1)
_encode: Final = msgspec.json.Encoder().encode

# "The poll returns a taskToken with a null string."  SDKs leave it out of what they return.
_NO_TASK: Final = {"taskToken": None}
_log = logging.getLogger(__name__)


class Gone(Exception):
    """The client closed its connection."""


class ProtocolApp:
    """Serves `operations` to boto3, the aws command line, and every other client of Step Functions.

    `requests` tells how often each operation was answered with each error, "" for none.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self.requests = Tally()

    @staticmethod
    def is_meant(scope: Scope) -> bool:
        """Does a request speak this protocol?"""
        return scope["type"] == "http" and any(name == TARGET for name, _ in scope["headers"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"the protocol does not serve {scope['type']}")
        operation, error = "", ""
        try:
            operation = _operation(scope)
            request = _parse(await _body(scope, receive))
            if operation == TAKE:
                await self._poll(request, receive, send)
                return
            answer = await self._operations.call(operation, request)
            await _send(send, 200, _encode(answer))
        except Refusal as refusal:
            error = refusal.code
            await _refuse(send, refusal)
        except Gone:
            error = GONE
        except Exception:  # whatever it is, the client is to get an answer
            _log.exception("an operation failed")
            error = "InternalFailure"
            await _refuse(send, Refusal(error, "The request failed inside the server.", 500))
        finally:
            # One name for all that is no operation: a caller's word must not become a label.
            known = operation == TAKE or operation in HANDLERS
            self.requests.add(operation if known else UNKNOWN, error)

    async def _poll(self, request: Json, receive: Receive, send: Send) -> None:
        """Wait for a task as long as the client does; a task nobody is left to get goes to another."""
        taking = asyncio.ensure_future(self._operations.take(request))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((taking, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not taking.done():
                raise Gone
            task = taking.result()
            if task is not None and leaving.done():
                self._operations.engine.give_back(task)
                raise Gone
            await self._hand_over(task, send)
        finally:
            taking.cancel()
            leaving.cancel()

    async def _hand_over(self, task: ActivityTask | None, send: Send) -> None:
        try:
            await _send(send, 200, _encode(tasks.show_task(task) or _NO_TASK), *_headers(task))
        except BaseException:
            if task is not None:
                self._operations.engine.give_back(task)
            raise
        if task is not None:
            self._operations.engine.delivered(task)


def _headers(task: ActivityTask | None) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in tasks.task_headers(task).items()]


def _operation(scope: Scope) -> str:
    if scope["method"] != "POST":
        raise Refusal("UnknownOperationException", f"{scope['method']} is not part of the protocol.")
    for name, value in scope["headers"]:
        if name == TARGET:
            prefix, _, operation = value.partition(b".")
            if prefix + b"." == PREFIX:
                return str(operation, "latin-1")
    raise Refusal(
        "UnknownOperationException", "The header X-Amz-Target names no operation of AWSStepFunctions."
    )


async def _body(scope: Scope, receive: Receive) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > MAX_BODY:
            raise _too_large()
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > MAX_BODY:
            raise _too_large()
        return body
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _rest_of_body(message, receive)
    except TimeoutError:
        raise Refusal("RequestTimeout", "The request was not complete in time.", 408) from None


async def _rest_of_body(message: MutableMapping[str, Any], receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] != "http.request":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise _too_large()
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def _too_large() -> Refusal:
    return Refusal("RequestEntityTooLargeException", f"A request may have {MAX_BODY} bytes at most.", 413)


def _parse(body: bytes) -> Json:
    if not body:
        return {}
    try:
        return loads(body)
    except NotJson as error:
        raise Refusal("SerializationException", f"The request is not JSON: {error}") from None


async def _left(receive: Receive) -> None:
    """Return when the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, refusal: Refusal) -> None:
    body = _encode({"__type": refusal.code, "message": refusal.message})
    await _send(send, refusal.status, body, (b"x-amzn-errortype", refusal.code.encode()))


async def _send(send: Send, status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [
        _CONTENT_TYPE,
        (b"content-length", b"%d" % len(body)),
        (b"x-amzn-requestid", b"%b-%012x" % (_RUN, next(_numbers))),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
