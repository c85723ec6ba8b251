"""Which times a schedule has: cron lines in a time zone, and fixed intervals.

What a cron line means when clocks are changed is what Debian's cron does.  A line with fixed hours runs
once a day all the same: a time that the change leaves out comes at the end of the gap, one that comes
twice counts the first time.  A line whose minutes or hours begin with `*` follows the clock as it goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.schedule import Timing

MAX_CRON: Final = 200  # characters
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=3660)

# Far enough for every plan, and for what is added to it.
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)

# In lines with fixed hours the library reckons in local times, and so may begin on the wrong side of a
# change of clocks: it begins further off, and what is not beyond the limit is left out.
_CLOCK_CHANGE: Final = timedelta(hours=3)

_NICKNAMES: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


def check_timing(timing: Timing, now: datetime) -> None:
    """Raises `InvalidRequest`, which names the field, for what has no times."""
    if bool(timing.cron) == (timing.every is not None):
        raise InvalidRequest("one of cron and everySeconds in body is required, and not both")
    if timing.every is not None and not SHORTEST <= timing.every <= LONGEST:
        raise InvalidRequest(f"everySeconds in body should be from 1 to {LONGEST // SHORTEST}")
    zone_of(timing.time_zone)
    if timing.cron:
        _check_cron(timing.cron, now)
    for name, at in (("startAt", timing.start_at), ("endAt", timing.end_at)):
        if at is not None and not EARLIEST <= at <= LATEST:
            raise InvalidRequest(f"{name} in body should be from {EARLIEST:%Y} to {LATEST:%Y}")
    if timing.start_at and timing.end_at and timing.end_at <= timing.start_at:
        raise InvalidRequest("endAt in body should be after startAt")


def _check_cron(line: str, now: datetime) -> None:
    if len(line) > MAX_CRON:
        raise InvalidRequest(f"cron in body should be at most {MAX_CRON} chars long")
    try:
        fields = cron_fields(line)
        found = next(CronSim(fields, now.astimezone(UTC)), None)
    except CronSimError as error:
        raise InvalidRequest(f"cron in body: {str(error)[:1].lower()}{str(error)[1:]} in {line!r}") from None
    except (AssertionError, OverflowError, TypeError, ValueError):
        raise InvalidRequest(f"cron in body: {line!r} cannot be understood") from None
    if found is None:
        raise InvalidRequest(f"cron in body: {line!r} has no time in the next 50 years")


def cron_fields(line: str) -> str:
    """The five fields of a line, its nickname replaced.  Raises `CronSimError`."""
    line = _NICKNAMES.get(line.strip().lower(), line)
    if len(line.split()) != 5:
        raise CronSimError("wrong number of fields, there must be five,")
    return line


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo:
    """Raises `InvalidRequest` for a name that IANA's database does not have."""
    if name == "UTC":
        return UTC
    if name not in _zone_names():
        raise InvalidRequest(f"timeZone in body: there is no time zone {name[:100]!r}")
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    """Without those that mean another thing on every machine."""
    return frozenset(available_timezones() - {"Factory", "localtime", "posixrules"})


def following(timing: Timing, anchor: datetime, after: datetime) -> Iterator[datetime]:
    """The times above that one, in UTC, oldest first; none after `LATEST`."""
    beginning = timing.start_at
    if beginning is not None and after < beginning:
        # The first time may be the very start.
        after = beginning - timedelta(microseconds=1)
    for at in _all_following(timing, anchor, after):
        if at > (timing.end_at or LATEST):
            return
        yield at


def preceding(timing: Timing, anchor: datetime, until: datetime, after: datetime) -> Iterator[datetime]:
    """The times up to `until` and above `after`, in UTC, newest first."""
    if timing.end_at is not None:
        until = min(until, timing.end_at)
    if timing.start_at is not None:
        after = max(after, timing.start_at - timedelta(microseconds=1))
    for at in _all_preceding(timing, anchor, until):
        if at <= after:
            return
        yield at


def between(timing: Timing, anchor: datetime, start: datetime, end: datetime, limit: int) -> list[datetime]:
    """The times from `start` to `end`, both included, oldest first; at most so many."""
    times = following(timing, anchor, max(start, EARLIEST) - timedelta(microseconds=1))
    return [at for at in islice(times, limit) if at <= end]


def _all_following(timing: Timing, anchor: datetime, after: datetime) -> Iterator[datetime]:
    if timing.every is not None:
        number = max((after - anchor) // timing.every + 1, 0)
        while True:
            yield anchor + number * timing.every
            number += 1
    last = after
    for local in CronSim(*_begun(timing, after, -_CLOCK_CHANGE)):
        at = local.astimezone(UTC)
        if at > last:
            last = at
            yield at


def _all_preceding(timing: Timing, anchor: datetime, until: datetime) -> Iterator[datetime]:
    if timing.every is not None:
        number = (until - anchor) // timing.every
        while number >= 0:
            yield anchor + number * timing.every
            number -= 1
        return
    last = until + timedelta(microseconds=1)
    for local in CronSim(*_begun(timing, last, _CLOCK_CHANGE), reverse=True):
        at = local.astimezone(UTC)
        if at < last:
            last = at
            yield at


def _begun(timing: Timing, at: datetime, further: timedelta) -> tuple[str, datetime]:
    """The fields, and the local time to begin at; where the clock is followed as it goes, at that one."""
    fields = cron_fields(timing.cron)
    follows_clock = any(field.startswith("*") for field in fields.split()[:2])
    return fields, (at if follows_clock else at + further).astimezone(zone_of(timing.time_zone))
