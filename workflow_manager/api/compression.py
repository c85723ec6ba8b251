"""Compresses answers for clients that take it, and says in all of them that it would have."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Below this a compressed answer saves no packet.
SMALLEST = 1024
# Above this it would keep the loop from others for milliseconds.
_LARGE = 64 * 1024

_ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, compresslevel=5, mtime=0),
    "deflate": lambda body: zlib.compress(body, level=5),
}


def choose_encoding(accepted: str) -> str | None:
    """The encoding to use for this Accept-Encoding, if any."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        weights[name.strip()] = _weight(parameters)
    return next((name for name in _ENCODERS if weights.get(name, weights.get("*", 0.0)) > 0), None)


def _weight(parameters: str) -> float:
    _, _, number = parameters.replace(" ", "").partition("q=")
    try:
        return float(number or 1)
    except ValueError:
        return 0.0


class Compression:
    """Works on answers that come in one piece; others pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        encoding = choose_encoding(Headers(scope=scope).get("accept-encoding", ""))
        held: Message | None = None

        async def compressing(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                held = message
                return
            start, held = held, None
            if start is not None:
                headers = MutableHeaders(raw=start.setdefault("headers", []))
                headers.add_vary_header("Accept-Encoding")
                body = message.get("body", b"")
                whole = not message.get("more_body", False) and "content-encoding" not in headers
                if encoding and whole and len(body) >= SMALLEST:
                    body = await _compress(encoding, body)
                    headers["content-encoding"] = encoding
                    headers["content-length"] = str(len(body))
                    message = {**message, "body": body}
                await send(start)
            await send(message)

        await self._app(scope, receive, compressing)


async def _compress(encoding: str, body: bytes) -> bytes:
    encoder = _ENCODERS[encoding]
    return await asyncio.to_thread(encoder, body) if len(body) > _LARGE else encoder(body)
