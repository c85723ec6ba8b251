"""Functions on time.  The present is that of the evaluation: it stands still while one runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workflow_manager.asl.jsonata.calls import Native, Run
from workflow_manager.asl.jsonata.pictures.times import format_time, parse_time
from workflow_manager.asl.jsonata.values import UNDEFINED, Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now(run: Run, picture: Value, timezone: Value) -> Value:
    return from_millis(millis(run), picture, timezone)


def millis(run: Run) -> Value:
    return (run.now - _EPOCH) // timedelta(milliseconds=1)


def from_millis(value: Value, picture: Value, timezone: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    return format_time(value, _given(picture), _given(timezone))


def to_millis(run: Run, text: Value, picture: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    parsed = parse_time(text, _given(picture), run.now)
    return UNDEFINED if parsed is None else parsed


def _given(text: Value) -> str | None:
    return None if text is UNDEFINED else text


FUNCTIONS = {
    "now": Native(now, "<s?s?:s>"),
    "millis": Native(millis, "<:n>"),
    "fromMillis": Native(from_millis, "<n-s?s?:s>"),
    "toMillis": Native(to_millis, "<s-s?:n>"),
}
