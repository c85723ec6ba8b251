"""Page tokens: opaque, good only for the listing they were given out for."""

from __future__ import annotations

import base64
import binascii
from typing import Final, TypeVar

from workflow_manager.kernel.json import NotJson, dumps, loads
from workflow_manager.protocol.model import Request
from workflow_manager.protocol.refusals import Refusal

T = TypeVar("T")

PAGE: Final = 100  # when the caller does not say


def page_size(request: Request) -> int:
    """0 means the default, as on AWS."""
    return request.get("maxResults") or PAGE


def make_token(listing: str, after: int | str) -> str:
    """A token for what comes after `after` in `listing`."""
    return base64.urlsafe_b64encode(dumps([listing, after]).encode()).decode()


def parse_token(request: Request, listing: str, kind: type[T]) -> T | None:
    """Where the page that the request asks for begins; None for the first.

    Raises the refusal of a token that was not made for this listing.
    """
    token = request.get("nextToken")
    if token is None:
        return None
    try:
        match loads(base64.b64decode(token, altchars=b"-_", validate=True)):
            case [str() as made_for, after] if made_for == listing and isinstance(after, kind):
                return after
    except (binascii.Error, ValueError, NotJson):
        pass
    raise Refusal("InvalidToken", "Invalid Token: 'Invalid token'")
