from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workflow_manager.asl.timestamps import parse_timestamp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-03-14T01:59:00Z", datetime(2016, 3, 14, 1, 59, tzinfo=UTC)),
        ("2016-03-14t01:59:00z", datetime(2016, 3, 14, 1, 59, tzinfo=UTC)),
        ("2016-03-14T01:59Z", datetime(2016, 3, 14, 1, 59, tzinfo=UTC)),
        ("2016-03-14T01:59:00+01:30", datetime(2016, 3, 14, 0, 29, tzinfo=UTC)),
        ("2016-03-14T01:59:00-18:00", datetime(2016, 3, 14, 19, 59, tzinfo=UTC)),
        ("2016-03-14T01:59:00.123456789Z", datetime(2016, 3, 14, 1, 59, 0, 123456, tzinfo=UTC)),
        ("1969-12-31T23:59:59.5Z", datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_a_moment(text: str, expected: datetime) -> None:
    moment = parse_timestamp(text)
    assert moment is not None
    assert moment.to_datetime() == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2016-03-14",
        "2016-03-14T01:59:00",
        "2016-03-14 01:59:00Z",
        "2016-13-14T01:59:00Z",
        "2023-02-29T01:59:00Z",
        "2016-03-14T25:59:00Z",
        "2016-03-14T01:59:60Z",
        "2016-03-14T01:59:00.Z",
        "2016-03-14T01:59:00.1234567890Z",
        "2016-03-14T01:59:00+0100",
        "2016-03-14T01:59:00+18:01",
        "05-12-2016T21:29:29Z",
        "２016-03-14T01:59:00Z",
        "2016-03-14T01:59:00Z\n",
    ],
)
def test_other_texts_are_not_timestamps(text: str) -> None:
    assert parse_timestamp(text) is None


def test_moments_differ_by_nanoseconds() -> None:
    earlier, later = (parse_timestamp(f"2016-03-14T01:59:00.00000000{digit}Z") for digit in "12")
    assert earlier is not None
    assert later is not None
    assert earlier < later
