"""How long a receiver asks to be left alone: the header Retry-After (RFC 9110, 10.2.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

HEEDED: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
LONGEST: Final = timedelta(hours=2)  # whatever is asked for

_SECONDS: Final = re.compile(r"\d{1,9}", re.ASCII)


def asked_pause(status: int | None, retry_after: str, now: datetime) -> timedelta:
    """At most `LONGEST`; nothing where the header is absent, or neither seconds nor a date."""
    if status not in HEEDED:
        return timedelta()
    if _SECONDS.fullmatch(retry_after):
        return min(timedelta(seconds=int(retry_after)), LONGEST)
    try:
        at = parsedate_to_datetime(retry_after)
        until = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(until - now, timedelta()), LONGEST)
    except (ValueError, OverflowError):
        return timedelta()
