"""Which times a schedule has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.schedule import Timing
from workflow_manager.schedules.calendar import (
    between,
    check_timing,
    following,
    preceding,
    zone_of,
)

NEW_YORK = "America/New_York"
BERLIN = "Europe/Berlin"
LORD_HOWE = "Australia/Lord_Howe"  # changes its clocks by half an hour
APIA = "Pacific/Apia"  # had no 30 December 2011
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# Cron line, zone, a local time, and the local times after it with their offsets.
LINES = [
    ("0 9 * * mon-fri", BERLIN, "2026-01-02T10:00", ["2026-01-05T09:00+01:00", "2026-01-06T09:00+01:00"]),
    ("0 9 * * 1-5", BERLIN, "2026-03-27T10:00", ["2026-03-30T09:00+02:00"]),
    ("*/20 * * * *", "UTC", "2026-01-01T00:00", ["2026-01-01T00:20+00:00", "2026-01-01T00:40+00:00"]),
    ("0 0 31 * *", "UTC", "2026-01-31T12:00", ["2026-03-31T00:00+00:00", "2026-05-31T00:00+00:00"]),
    ("0 0 29 feb *", "UTC", "2026-01-01T00:00", ["2028-02-29T00:00+00:00", "2032-02-29T00:00+00:00"]),
    ("0 0 L * *", "UTC", "2026-01-31T12:00", ["2026-02-28T00:00+00:00", "2026-03-31T00:00+00:00"]),
    ("0 0 * * fri#2", "UTC", "2026-01-01T00:00", ["2026-01-09T00:00+00:00", "2026-02-13T00:00+00:00"]),
    ("0 0 * * 7", "UTC", "2026-01-01T00:00", ["2026-01-04T00:00+00:00"]),
    ("@weekly", "UTC", "2026-01-01T00:00", ["2026-01-04T00:00+00:00"]),
    # Both days restricted: either will do.
    ("0 0 13 * fri", "UTC", "2026-01-01T00:00", ["2026-01-02T00:00+00:00", "2026-01-09T00:00+00:00"]),
    # The clock is put forward over a fixed time: it comes at the end of the gap, once.
    ("30 2 * * *", NEW_YORK, "2026-03-07T12:00", ["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"]),
    ("30 2 * * *", BERLIN, "2026-03-28T12:00", ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]),
    ("0,30 2-3 * * *", BERLIN, "2026-03-29T00:00", ["2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00"]),
    ("15 2 * * *", LORD_HOWE, "2026-10-03T12:00", ["2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"]),
    # The clock is put back over a fixed time: it counts the first time, and not again.
    ("30 1 * * *", NEW_YORK, "2026-10-31T12:00", ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"]),
    ("30 2 * * *", BERLIN, "2026-10-24T12:00", ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
    # What follows the clock as it goes has neither gap nor repetition.
    ("30 * * * *", NEW_YORK, "2026-03-08T01:00", ["2026-03-08T01:30-05:00", "2026-03-08T03:30-04:00"]),
    (
        "*/30 * * * *",
        NEW_YORK,
        "2026-11-01T01:00-04:00",
        ["2026-11-01T01:30-04:00", "2026-11-01T01:00-05:00", "2026-11-01T01:30-05:00"],
    ),
    # A day that is left out altogether.
    ("0 12 * * *", APIA, "2011-12-29T13:00", ["2011-12-31T00:00+14:00", "2011-12-31T12:00+14:00"]),
]


@pytest.mark.parametrize(("line", "zone", "after", "expected"), LINES)
def test_a_cron_line_has_its_times_in_its_zone(line: str, zone: str, after: str, expected: list[str]) -> None:
    begin = local(after, zone)
    found = list(islice(following(Timing(cron=line, time_zone=zone), NOW, begin), len(expected)))
    assert [at.astimezone(zone_of(zone)).isoformat(timespec="minutes") for at in found] == expected


@pytest.mark.parametrize(("line", "zone", "after", "expected"), LINES)
def test_going_back_finds_the_same_times(line: str, zone: str, after: str, expected: list[str]) -> None:
    timing = Timing(cron=line, time_zone=zone)
    times = [datetime.fromisoformat(text).astimezone(UTC) for text in expected]
    back = list(preceding(timing, NOW, times[-1], local(after, zone)))
    assert back == times[::-1]


def test_who_looks_between_the_two_halves_of_a_repeated_hour_finds_no_time_twice() -> None:
    timing = Timing(cron="30 1 * * *", time_zone=NEW_YORK)
    second_half = datetime.fromisoformat("2026-11-01T01:15-05:00")
    assert next(following(timing, NOW, second_half)) == datetime.fromisoformat("2026-11-02T01:30-05:00")
    assert next(preceding(timing, NOW, second_half, NEVER)) == datetime.fromisoformat(
        "2026-11-01T01:30-04:00"
    )


def test_an_interval_counts_real_time_from_its_anchor() -> None:
    timing = Timing(every=timedelta(hours=6), time_zone=BERLIN)
    anchor = datetime(2026, 3, 28, 18, tzinfo=UTC)
    found = list(islice(following(timing, anchor, anchor), 3))
    assert found == [anchor + n * timedelta(hours=6) for n in (1, 2, 3)]
    assert list(preceding(timing, anchor, found[-1], NEVER)) == [*found[::-1], anchor]
    assert next(following(timing, anchor, NEVER)) == anchor


def test_start_and_end_bound_the_times_and_are_times_themselves() -> None:
    start, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC)
    timing = Timing(cron="@daily", start_at=start, end_at=end)
    days = [start, start + timedelta(days=1), end]
    assert list(following(timing, NOW, NEVER)) == days
    assert list(preceding(timing, NOW, end + timedelta(days=9), NEVER)) == days[::-1]
    assert between(timing, NOW, NEVER, end, 2) == days[:2]
    assert between(timing, NOW, days[1], days[1], 9) == days[1:2]


@pytest.mark.parametrize(
    "timing", [Timing(cron="0 0 29 2 */7"), Timing(every=timedelta(days=3660)), Timing(cron="@yearly")]
)
def test_times_end_before_dates_do(timing: Timing) -> None:
    times = list(islice(following(timing, NOW, NOW), 1000))
    assert 0 < len(times) < 200
    assert times[-1] < datetime(2200, 1, 2, tzinfo=UTC)


def test_a_range_may_begin_before_there_were_computers() -> None:
    beginning = datetime(1, 1, 1, tzinfo=UTC)
    assert between(Timing(cron="@yearly"), NOW, beginning, beginning, 5) == []
    assert len(between(Timing(cron="@yearly"), NOW, beginning, NOW, 1000)) == 57


def test_a_year_of_minutes_is_not_walked_through_to_find_the_last() -> None:
    timing = Timing(cron="* * * * *", time_zone=BERLIN)
    found = islice(preceding(timing, NOW, NOW, NOW - timedelta(days=365)), 3)
    assert list(found) == [NOW - timedelta(minutes=n) for n in (0, 1, 2)]


@pytest.mark.parametrize(
    ("timing", "message"),
    [
        (Timing(), "one of cron and everySeconds"),
        (Timing(cron="@daily", every=timedelta(hours=1)), "and not both"),
        (Timing(every=timedelta(0)), "everySeconds in body should be from 1"),
        (Timing(every=timedelta(days=9999)), "everySeconds in body"),
        (Timing(cron="0 0 * *"), "cron in body: wrong number of fields"),
        (Timing(cron="* * * * * *"), "cron in body: wrong number of fields"),
        (Timing(cron="60 * * * *"), "cron in body: bad minute"),
        (Timing(cron="0 0 30 feb *"), "cron in body: bad day-of-month"),
        (Timing(cron="0 " * 200), "cron in body should be at most 200"),
        (Timing(cron="@reboot"), "cron in body"),
        (Timing(cron="@daily", time_zone="Mars/Olympus"), "timeZone in body: there is no time zone 'Mars"),
        (Timing(cron="@daily", time_zone="../../etc/passwd"), "timeZone in body"),
        (Timing(cron="@daily", time_zone="localtime"), "timeZone in body"),
        (Timing(cron="@daily", start_at=NOW, end_at=NOW), "endAt in body should be after startAt"),
        (Timing(cron="@daily", start_at=datetime.max.replace(tzinfo=UTC)), "startAt in body should be from"),
    ],
)
def test_what_has_no_times_is_refused_with_field_and_reason(timing: Timing, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message.replace("*", r"\*")):
        check_timing(timing, NOW)


def local(text: str, zone: str) -> datetime:
    """A local time; with an offset where there are two of that name."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=zone_of(zone)).astimezone(UTC)
