"""How much is worked on at the same time: beyond that a request is told to come again.

What is let in is answered; what is refused costs next to nothing.  Polls of workers are not
counted, and streams of events neither: they wait for most of their time, and have bounds of their own.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from workflow_manager.kernel.tally import Tally
from workflow_manager.protocol.app import MAX_BODY

RETRY_SECONDS: Final = 1
MAX_BODIES: Final = 256 * 2**20  # bytes of all bodies that are read or worked on at the same time
UNKNOWN_BODY: Final = 2**20  # counted for a body that comes without its length

_POLL: Final = b"AWSStepFunctions.GetActivityTask"
_REST_BODY: Final = b'{"message":"the server has too much to do; try again"}\n'
_PROTOCOL_BODY: Final = b'{"__type":"ThrottlingException","message":"Rate exceeded"}'


def refusals() -> Tally:
    """Counts requests that are refused, by whose they are."""
    return Tally(("rest",), ("protocol",))


class Gate:
    """Lets `most` requests in; paths that operators watch are always open.

    `refused` counts the others.
    """

    def __init__(
        self, app: ASGIApp, most: int, max_bodies: int = MAX_BODIES, *, refused: Tally | None = None
    ) -> None:
        self._app = app
        self._most = most
        self._max_bodies = max_bodies
        self._requests = 0
        self._bodies = 0
        self._refused = refused or refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, target = _size_and_target(scope)
        if target == _POLL or _is_stream(scope) or scope["path"] in ("/_health", "/_ready", "/metrics"):
            await self._app(scope, receive, send)
            return
        if self._requests >= self._most or (self._requests and self._bodies + size > self._max_bodies):
            self._refused.add("rest" if target is None else "protocol")
            await _refuse(send, is_protocol=target is not None)
            return
        self._requests += 1
        self._bodies += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests -= 1
            self._bodies -= size


def _is_stream(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == "/events" or (path.startswith("/workflows/") and path.endswith("/events"))


def _size_and_target(scope: Scope) -> tuple[int, bytes | None]:
    size, target = 0, None
    for name, value in scope["headers"]:
        if name == b"content-length":
            # More than that is refused without being read.
            size = min(int(value), MAX_BODY) if value.isdigit() else UNKNOWN_BODY
        elif name == b"transfer-encoding":
            size = UNKNOWN_BODY
        elif name == b"x-amz-target":
            target = value
    return size, target


async def _refuse(send: Send, *, is_protocol: bool) -> None:
    """As each kind of client knows it: 429, or AWS's exception, which its clients retry by themselves."""
    body = _PROTOCOL_BODY if is_protocol else _REST_BODY
    kind = b"application/x-amz-json-1.0" if is_protocol else b"application/json"
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"retry-after", b"%d" % RETRY_SECONDS),
    ]
    await send({"type": "http.response.start", "status": 400 if is_protocol else 429, "headers": headers})
    await send({"type": "http.response.body", "body": body})
