"""The log of a workflow: what became of each attempt of each job, in the order of time.

Decides what is a line.  What takes no time, or never began, is one; everything else is two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import click

from workflow_manager.cli.follow import Change
from workflow_manager.cli.jobs import WAITING, item_indexes, label
from workflow_manager.cli.letters import cells, pad, plain, plain_lines
from workflow_manager.cli.output import coloured, parse_time, short_status, show_json_line, span
from workflow_manager.cli.voices import start_worker, tell_lost

Entry = dict[str, Any]

_WIDEST: Final = 40


class LogLine(NamedTuple):
    """`key` tells it from every other line of the workflow; `reason` may have several lines."""

    at: datetime
    key: tuple[int, int, str]
    entry: Entry
    status: str
    took: str
    reason: str


def attempts(jobs: Sequence[Any]) -> list[Entry]:
    """One entry for each attempt of each job, by when it began."""
    return sorted(
        (entry for _, entry in _numbered(jobs)), key=lambda each: each["startedAt"] or each["createdAt"] or ""
    )


def is_unsuccessful(entry: Entry) -> bool:
    return str(entry["status"]).startswith(("failed", "aborted"))


def log_lines(jobs: Sequence[Any], is_wanted: Callable[[Entry], bool]) -> list[LogLine]:
    """In the order of time."""
    found = [line for place, entry in _numbered(jobs) if is_wanted(entry) for line in _lines(place, entry)]
    # What ended at the same moment as something else began comes first, and stays in its order.
    return sorted(found, key=lambda line: line.at)


def show_line(line: LogLine, width: int) -> None:
    shown = coloured(short_status(line.status).ljust(9))
    at = line.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    name = pad(plain(line.entry["label"]), min(width, _WIDEST))
    click.echo(f"{at}  {name}  {shown}  {line.took.rjust(11)}  {plain(_who(line.entry))}".rstrip())
    for text in plain_lines(line.reason) if line.reason else ():
        click.echo(f"{' ' * 25}{text}".rstrip())


class LogVoice:
    """Says each line once, as soon as it is known; `is_json` for entries as JSON, one a line."""

    def __init__(self, is_wanted: Callable[[Entry], bool], *, is_json: bool) -> None:
        self._is_wanted = is_wanted
        self._is_json = is_json
        self._said: set[tuple[int, int, str]] = set()
        self._width = 0

    def begins(self, workflow: Any) -> None: ...

    def looks(self, workflow: Any) -> None:
        for line in log_lines(workflow.get("jobs") or [], self._is_wanted):
            # As JSON both lines of an attempt say all there is, so one that has ended has one.
            key = (*line.key[:2], line.entry["status"]) if self._is_json else line.key
            # One that waits is told by what becomes of it.
            if key in self._said or line.status in WAITING:
                continue
            self._said.add(key)
            self._width = max(self._width, cells(plain(line.entry["label"])))
            if self._is_json:
                show_json_line(line.entry)
            else:
                show_line(line, self._width)

    def changed(self, change: Change) -> None: ...

    def waits(self, job: Any, items: tuple[int, ...]) -> None:
        if advice := start_worker(job):
            click.echo(f"{plain(label(job, items))}: no worker has taken it. {advice}", err=True)

    def lost(self, error: Exception) -> None:
        tell_lost(error)

    def back(self) -> None:
        click.echo("The server answers again.", err=True)

    def ended(self, workflow: Any, cause: str) -> None:
        click.echo(f"The workflow has {coloured(workflow['status'])}.", err=True)

    def close(self) -> None: ...


def _numbered(jobs: Sequence[Any]) -> Iterator[tuple[int, Entry]]:
    """Each attempt, with the place of its job: its id is another one after a retry."""
    for place, (job, items) in enumerate(zip(jobs, item_indexes(jobs), strict=True)):
        for attempt in _attempts_of(job):
            yield place, {**attempt, "state": job.get("state", ""), "label": label(job, items)}


def _attempts_of(job: Any) -> Iterator[Entry]:
    before = job.get("attempts") or []
    for number, attempt in enumerate(before, 1):
        yield _entry(attempt, number, "failed", attempt.get("taskARN"), attempt.get("reason"))
    yield _entry(job, len(before) + 1, job.get("status", ""), job.get("container"), job.get("statusReason"))


def _entry(times: Any, number: int, status: str, worker: str | None, reason: str | None) -> Entry:
    def time(name: str) -> str | None:
        return times[name] if parse_time(times.get(name)) else None

    return {
        "attempt": number,
        "status": status,
        "worker": worker or None,
        "createdAt": time("createdAt"),
        "startedAt": time("startedAt"),
        "stoppedAt": time("stoppedAt"),
        "reason": reason or "",
    }


def _lines(place: int, entry: Entry) -> Iterator[LogLine]:
    started_at, stopped_at = parse_time(entry["startedAt"]), parse_time(entry["stoppedAt"])
    key = (place, entry["attempt"])
    if started_at and started_at != stopped_at:
        yield LogLine(started_at, (*key, "started"), entry, "started", "", "")
    if stopped_at:
        took = span(started_at, stopped_at)
        yield LogLine(stopped_at, (*key, "ended"), entry, entry["status"], took, entry["reason"])
    elif not started_at:
        created_at = parse_time(entry["createdAt"]) or datetime.min.replace(tzinfo=UTC)
        yield LogLine(created_at, (*key, "ended"), entry, entry["status"], "", entry["reason"])


def _who(entry: Entry) -> str:
    attempt = f"attempt {entry['attempt']}" if entry["attempt"] > 1 or entry["status"] == "failed" else ""
    worker = f"by {entry['worker']}" if entry["worker"] else ""
    return " ".join(each for each in (attempt, worker) if each)
