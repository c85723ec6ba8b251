"""Where a page of workflows ended, and the token that says so.

The order is (created_at, id), so a place in it outlives whatever is added or deleted around it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import NotJson, dumps, loads
from workflow_manager.store.codec import to_micros

LATEST: Final = to_micros(datetime.max.replace(tzinfo=UTC))

# Longer than any token that was handed out; ids are 36 characters.
MAX_TOKEN: Final = 2_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """The page after it begins strictly beyond (created_at, id); the time is in microseconds."""

    created_at: int
    id: str


def encode_token(cursor: Cursor, *, oldest_first: bool) -> str:
    text = dumps([int(oldest_first), cursor.created_at, cursor.id])
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_token(token: str, *, oldest_first: bool) -> Cursor:
    """Raises `InvalidRequest` for anything but a token of this direction or a time in digits."""
    if token.isascii() and token.isdigit():
        return _legacy(token, oldest_first=oldest_first)
    match _payload(token):
        case [int(direction), int(created_at), str(id)] if abs(created_at) <= LATEST:
            if bool(direction) is not oldest_first:
                raise InvalidRequest("invalid page token: it belongs to the opposite order")
            return Cursor(created_at, id)
        case _:
            raise InvalidRequest("invalid page token: not one that a page of workflows came with")


def _legacy(digits: str, *, oldest_first: bool) -> Cursor:
    """A time in milliseconds, strictly beyond which to go on, by clients that cut finer digits off.

    So oldest first it excludes the whole of its millisecond.
    """
    millis = int(digits) if len(digits) < 20 else LATEST
    return Cursor(min((millis + oldest_first) * 1_000, LATEST), "")


def _payload(token: str) -> object:
    if len(token) > MAX_TOKEN:
        return None
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        return loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, NotJson):
        return None
