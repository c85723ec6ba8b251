"""What activities have to do and who does it, as lines: what is worth telling, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from typing import Any, Final

from workflow_manager.cli.output import parse_time, span

HEADINGS: Final = ("ACTIVITY", "WAITING", "SINCE", "RUNNING", "POLLING", "WORKERS")
WORKER_HEADINGS: Final = ("WORKER", "ACTIVITY", "TASKS", "SEEN")

NOT_TOLD: Final = "AWS does not tell what waits for an activity, nor who works for it."


@dataclass(frozen=True, slots=True)
class Line:
    """`is_stuck` where tasks wait, and nobody has been there for them."""

    name: str
    cells: tuple[str, ...]
    is_stuck: bool


def lines(activities: Sequence[Any], now: datetime) -> list[Line]:
    """One for each activity: those with most to do first."""
    return [_line(each, now) for each in sorted(activities, key=_weight)]


def _weight(activity: Any) -> tuple[int, int, str]:
    load = activity.get("load") or {}
    return (-load.get("waiting", 0), -load.get("running", 0), activity["name"])


def _line(activity: Any, now: datetime) -> Line:
    name, load = activity["name"], activity.get("load")
    if load is None:
        return Line(name, (name, *["?"] * 5), is_stuck=False)
    since = span(parse_time(load.get("waitingSince")), now)
    counts = (str(load["waiting"]), since or "-", str(load["running"]), str(load["pollers"]))
    workers = load["workers"]
    return Line(name, (name, *counts, str(len(workers))), is_stuck=bool(load["waiting"]) and not workers)


def advice(line: Line) -> str:
    """What to do about one that is stuck."""
    return f"Nobody serves it: wfm worker --activity={quote(line.name)} -- COMMAND"


def worker_rows(activities: Sequence[Any], now: datetime) -> list[tuple[str, ...]]:
    """One for each worker of each activity: the busiest first."""
    found = [
        (-worker["tasks"], activity["name"], worker["name"], worker["lastSeen"])
        for activity in activities
        for worker in (activity.get("load") or {}).get("workers", ())
    ]
    return [
        (worker or "(unnamed)", activity, str(-tasks), _ago(seen, now))
        for tasks, activity, worker, seen in sorted(found)
    ]


def _ago(text: str, now: datetime) -> str:
    seen_at = parse_time(text)
    if seen_at is None:
        return "-"
    return "now" if (now - seen_at).total_seconds() < 1 else f"{span(seen_at, now)} ago"


def totals(activities: Sequence[Any]) -> str:
    """In a line; "" where nothing of them is known."""
    loads = [each["load"] for each in activities if "load" in each]
    if not loads:
        return ""
    waiting, running = (sum(load[name] for load in loads) for name in ("waiting", "running"))
    workers = len({worker["name"] for load in loads for worker in load["workers"]})
    return f"{waiting} waiting, {running} running, {workers} worker{'' if workers == 1 else 's'}"
