"""Which texts are timestamps, and which moment they mean.

The form is RFC 3339's date-time as Step Functions takes it: an ISO 8601 extended date and time
with an offset (`2016-03-14T01:59:00Z`, `…T01:59:00.123456789+01:00`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
MAX_OFFSET_SECONDS = 18 * 3600  # java.time knows no more

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(NamedTuple):
    """A point in time to the nanosecond; moments compare as time does."""

    seconds: int
    nanoseconds: int

    def to_datetime(self) -> datetime:
        """Rounded down to microseconds.  Raises OverflowError outside of the years 1 to 9999."""
        return _EPOCH + timedelta(seconds=self.seconds, microseconds=self.nanoseconds // 1000)


def parse_timestamp(text: str) -> Moment | None:
    """The moment a text means, None when it is not a timestamp."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, _, sign, hours, minutes = match.groups()
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    if offset > MAX_OFFSET_SECONDS or int(minutes or 0) > 59:
        return None
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    seconds = (local - _EPOCH) // timedelta(seconds=1) - (-offset if sign == "-" else offset)
    return Moment(seconds, int((fraction or "").ljust(9, "0")))
