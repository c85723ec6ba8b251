"""Histories written down: one line an event, in boto3's shape."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

BEGIN = datetime(2026, 1, 5, 10, tzinfo=UTC)


def at(id: int) -> datetime:
    """Every event is as many seconds after the beginning as its id says."""
    return BEGIN + timedelta(seconds=id)


def event(id: int, type: str, previous: int | None = None, **details: Any) -> dict[str, Any]:
    """By default an event follows the one before it."""
    key = f"{type[0].lower()}{type[1:]}EventDetails"
    for suffix in ("StateEntered", "StateExited"):
        if type.endswith(suffix):
            key = f"s{suffix[1:]}EventDetails"
    made = {"id": id, "previousEventId": id - 1 if previous is None else previous, "type": type}
    return {**made, "timestamp": at(id), **({key: details} if details else {})}


def entered(
    id: int, name: str, type: str = "Task", previous: int | None = None, input: str = "{}"
) -> dict[str, Any]:
    return event(id, f"{type}StateEntered", previous, name=name, input=input)


def exited(
    id: int, name: str, type: str = "Task", previous: int | None = None, output: str = "{}"
) -> dict[str, Any]:
    return event(id, f"{type}StateExited", previous, name=name, output=output)


def a_failed_task(
    name: str, *, input: str = "{}", error: str = "my.error", cause: str = "why"
) -> list[dict[str, Any]]:
    return [
        event(1, "ExecutionStarted", 0),
        entered(2, name, previous=0, input=input),
        event(3, "ActivityScheduled"),
        event(4, "ActivityStarted", workerName="worker-1"),
        event(5, "ActivityFailed", error=error, cause=cause),
        event(6, "ExecutionFailed", error=error, cause=cause),
    ]
