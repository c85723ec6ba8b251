"""Follows a workflow to its end: what changed between two looks, and how that is shown.

Decides what is worth a line.  A job that was only just queued is not: it gets one when it waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from workflow_manager.cli.output import clock_time, coloured, is_over, parse_time, show_json_line, span
from workflow_manager.kernel.errors import Unavailable

EXIT_CODES: Final = {"succeeded": 0, "failed": 1, "cancelled": 3}

_SHORTEST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 2.0
# After that long in a queue, it is worth saying which worker is missing.
_PATIENCE: Final = timedelta(seconds=3)
_WAITING: Final = frozenset({"created", "queued", "waiting_for_deps"})


@dataclass(frozen=True, slots=True)
class Change:
    """A job that became something; `attempt` counts from 1."""

    job: Any
    status: str
    attempt: int
    at: datetime | None
    took: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Seen:
    status: str
    attempt: int


class Observer:
    """Compares each look at the jobs with the one before.

    A job is known by its place in the list: its id is another one after a retry.
    """

    def __init__(self) -> None:
        self._seen: list[_Seen] = []

    def changes(self, jobs: Sequence[Any]) -> Iterator[Change]:
        for place, job in enumerate(jobs):
            before = self._seen[place] if place < len(self._seen) else _Seen("", 1)
            attempts = job.get("attempts") or []
            yield from _ended_attempts(job, attempts, before)
            now = _Seen(job.get("status", ""), len(attempts) + 1)
            if now != before:
                yield _current(job, now)
            self._seen[place : place + 1] = [now]


def _ended_attempts(job: Any, attempts: Sequence[Any], before: _Seen) -> Iterator[Change]:
    """The attempts that failed since, except for the one whose failure was seen."""
    first = before.attempt + 1 if before.status == "failed" else before.attempt
    for number in range(first, len(attempts) + 1):
        attempt = attempts[number - 1]
        stopped_at = parse_time(attempt.get("stoppedAt"))
        took = span(parse_time(attempt.get("startedAt")), stopped_at)
        yield Change(job, "failed", number, stopped_at, took, attempt.get("reason", ""))


def _current(job: Any, now: _Seen) -> Change:
    started_at, stopped_at = parse_time(job.get("startedAt")), parse_time(job.get("stoppedAt"))
    at = stopped_at or started_at or parse_time(job.get("createdAt"))
    return Change(job, now.status, now.attempt, at, span(started_at, stopped_at), job.get("statusReason", ""))


class Follower:
    """Reads until the workflow is over, and tells of each change.

    `read` gives the workflow with its jobs.  A server that is away for a while is waited for; an
    error that is only at the first look, unless `is_known` says that the workflow is there.
    """

    def __init__(
        self,
        read: Callable[[], Any],
        voice: TextVoice | JsonVoice,
        *,
        is_known: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._read = read
        self._voice = voice
        self._is_known = is_known
        self._sleep = sleep
        self._now = now
        self._observer = Observer()
        self._reported_waits: set[tuple[int, int]] = set()

    def follow(self) -> int:
        """The exit code of the workflow's outcome."""
        workflow = self._read_again() if self._is_known else self._read()
        self._voice.begins(workflow)
        pause = _SHORTEST_PAUSE
        while True:
            # The list is in the order in which jobs began; people read what happened in its own order.
            changes = sorted(self._observer.changes(workflow.get("jobs") or []), key=_moment)
            for change in changes:
                self._voice.changed(change)
            if is_over(workflow):
                self._voice.ended(workflow)
                return EXIT_CODES[workflow["status"]]
            self._tell_waits(workflow)
            pause = _SHORTEST_PAUSE if changes else min(_LONGEST_PAUSE, pause * 1.5)
            self._sleep(pause)
            began_at = time.monotonic()
            workflow = self._read_again()
            # A long history costs the server something; it gets at least as long to rest.
            pause = max(pause, min(30.0, time.monotonic() - began_at))

    def _read_again(self) -> Any:
        is_away = False
        while True:
            try:
                workflow = self._read()
            except Unavailable as error:
                if not is_away:
                    self._voice.lost(error)
                is_away = True
                self._sleep(_LONGEST_PAUSE / 2)
                continue
            if is_away:
                self._voice.back()
            return workflow

    def _tell_waits(self, workflow: Any) -> None:
        for place, job in enumerate(workflow.get("jobs") or []):
            created_at = parse_time(job.get("createdAt"))
            if job.get("status") not in _WAITING or created_at is None:
                continue
            key = place, len(job.get("attempts") or [])
            if key not in self._reported_waits and self._now() - created_at >= _PATIENCE:
                self._reported_waits.add(key)
                self._voice.waits(job)


def _moment(change: Change) -> datetime:
    return change.at or datetime.max.replace(tzinfo=UTC)


class JsonVoice:
    """A JSON object a line: each change of a job, then the workflow."""

    def begins(self, workflow: Any) -> None: ...

    def changed(self, change: Change) -> None:
        show_json_line(
            {
                "type": "job",
                "id": change.job.get("id", ""),
                "state": change.job.get("state", ""),
                "status": change.status,
                "attempt": change.attempt,
                "at": change.at.isoformat() if change.at else None,
                "reason": change.reason,
            }
        )

    def waits(self, job: Any) -> None: ...

    def lost(self, error: Exception) -> None:
        click.echo(f"{error}\nTrying again until it answers.", err=True)

    def back(self) -> None:
        click.echo("The server answers again.", err=True)

    def ended(self, workflow: Any) -> None:
        show_json_line({"type": "workflow", **{key: workflow[key] for key in workflow if key != "jobs"}})


class TextVoice:
    """A line a change, in columns; colours where they can be seen."""

    def __init__(self) -> None:
        self._width = 0

    def begins(self, workflow: Any) -> None:
        machine = (workflow.get("workflowDefinition") or {}).get("stateMachine")
        self._width = min(40, max((len(name) for name in _state_names(machine)), default=0))

    def changed(self, change: Change) -> None:
        if change.status in _WAITING:
            return
        attempt = f"attempt {change.attempt}" if change.attempt > 1 or change.status == "failed" else ""
        notes = [each for each in (attempt, headline(change.reason)) if each]
        self._say(change.at, change.job.get("state", ""), change.status, change.took, "  ".join(notes))

    def waits(self, job: Any) -> None:
        advice = _start_worker(job)
        note = f"no worker has taken it. {advice}" if advice else "waiting"
        self._say(parse_time(job.get("createdAt")), job.get("state", ""), job.get("status", ""), "", note)

    def _say(self, at: datetime | None, state: str, status: str, took: str, note: str) -> None:
        columns = (clock_time(at), state.ljust(self._width), coloured(status.ljust(9)), took.rjust(11), note)
        click.echo("  ".join(columns).rstrip())

    def lost(self, error: Exception) -> None:
        click.echo(f"{error}\nTrying again until it answers; Ctrl-C stops that.", err=True)

    def back(self) -> None:
        click.echo("The server answers again.", err=True)

    def ended(self, workflow: Any) -> None:
        status = workflow["status"]
        took = span(parse_time(workflow.get("createdAt")), parse_time(workflow.get("stoppedAt")))
        click.echo(f"{coloured(status)}{f' after {took}' if took else ''}")
        reason = workflow.get("statusReason") or (workflow.get("lastJob") or {}).get("statusReason")
        if status != "succeeded" and reason:
            for line in str(reason).splitlines():
                click.echo(f"  {line}")
        if workflow.get("output"):
            click.echo(workflow["output"])
        last = workflow.get("lastJob") or {}
        failed_at = last.get("state")
        if str(last.get("statusReason", "")).endswith("ActivityDoesNotExist"):
            click.echo(f"No worker has ever served that activity. {_start_worker(last)}", err=True)
        if status == "failed" and failed_at:
            click.echo(
                f"Go on from there with: wfm resume {workflow['id']} --start-at {_quoted(failed_at)}",
                err=True,
            )


def headline(reason: str) -> str:
    """The first line of a reason, and the error's name, which comes last."""
    lines = [line.strip() for line in reason.strip().splitlines() if line.strip()]
    if len(lines) < 2:
        return "".join(lines)
    return f"{lines[0]} ({lines[-1]})"


def _start_worker(job: Any) -> str:
    """How to; "" for a job that is not an activity's."""
    resource = job.get("stateResource") or {}
    name = resource.get("name")
    if not name or resource.get("type") != "ActivityARN":
        return ""
    full_name = name if name.startswith("arn:") else f"{resource.get('namespace', '')}--{name}"
    return f"Start one: wfm worker --activity={_quoted(full_name)} -- COMMAND"


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _state_names(machine: Any) -> Iterator[str]:
    """Of all levels."""
    if not isinstance(machine, dict) or not isinstance(machine.get("States"), dict):
        return
    for name, state in machine["States"].items():
        yield name
        if isinstance(state, dict):
            for inner in (*(state.get("Branches") or ()), state.get("Iterator"), state.get("ItemProcessor")):
                yield from _state_names(inner)
