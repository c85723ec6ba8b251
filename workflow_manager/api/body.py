"""Takes a request's body: how much of it, and what it says.

A body is JSON whatever its content type says, and what follows the first JSON value is ignored.
"""

from __future__ import annotations

import json as stdlib_json

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, NotJson, loads

MAX_NESTING = 256
# A body somewhat too large is still read to its end, so that the connection stays usable.
_PATIENCE = 8

_first_value = stdlib_json.JSONDecoder()


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body.  Raises `HTTPException` 413 above `limit` bytes, `ClientDisconnect`."""
    _check_headers(scope, limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > limit * _PATIENCE:
            raise _too_large(limit, {"connection": "close"})
        else:
            chunks.clear()
        if not message.get("more_body", False):
            break
    if size > limit:
        raise _too_large(limit)
    return b"".join(chunks)


def parse_body(body: bytes) -> Json:
    """The first JSON value.  Raises `InvalidRequest`, also for an empty body."""
    if not body.strip():
        raise InvalidRequest("request body is required, but was empty")
    try:
        value = _parse_first(body)
    except (NotJson, ValueError) as error:
        raise InvalidRequest(f"request body is not valid JSON: {error}") from None
    except RecursionError:
        raise InvalidRequest("request body is nested too deeply") from None
    if _is_deeper(value, body, MAX_NESTING):
        raise InvalidRequest(f"request body is nested too deeply: more than {MAX_NESTING} levels")
    return value


def _parse_first(body: bytes) -> Json:
    try:
        return loads(body)
    except NotJson as error:
        if "trailing" not in str(error):
            raise
    text = body.decode(errors="replace")
    begin = len(text) - len(text.lstrip())
    _, end = _first_value.raw_decode(text, begin)
    return loads(text[begin:end])


def _is_deeper(value: Json, body: bytes, limit: int) -> bool:
    """Whether `value`, read from `body`, has more than `limit` levels of lists and objects."""
    if body.count(b"{") + body.count(b"[") <= limit:
        return False
    level: list[Json] = [value]
    for _ in range(limit):
        below: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = below
    return any(isinstance(item, dict | list) for item in level)


def _check_headers(scope: Scope, limit: int) -> None:
    """Raises `HTTPException` for a body that need not be waited for, or cannot be read."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit * _PATIENCE:
            raise _too_large(limit, {"connection": "close"})
        if name == b"content-encoding" and value.lower() not in (b"identity", b""):
            encoding = value.decode("latin-1")
            detail = f"request body has the Content-Encoding {encoding}: only plain bodies are read"
            raise HTTPException(415, detail, {"connection": "close"})


def _too_large(limit: int, headers: dict[str, str] | None = None) -> HTTPException:
    return HTTPException(413, f"request body is larger than {limit} bytes", headers)
