"""Follows a workflow to its end: what changed between two looks, and when to look again.

How it is shown is decided by a voice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from workflow_manager.cli.jobs import WAITING, item_indexes
from workflow_manager.cli.output import is_over, parse_time, span
from workflow_manager.kernel.errors import Unavailable

EXIT_CODES: Final = {"succeeded": 0, "failed": 1, "cancelled": 3}

_SHORTEST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 2.0
# After that long in a queue, it is worth saying which worker is missing.
_PATIENCE: Final = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Change:
    """A job that became something; `attempt` counts from 1, `items` is where in its Maps, outermost first."""

    job: Any
    status: str
    attempt: int
    at: datetime | None
    took: str
    reason: str
    items: tuple[int, ...] = ()


class Voice(Protocol):
    """How a workflow is told of."""

    def begins(self, workflow: Any) -> None: ...

    def looks(self, workflow: Any) -> None:
        """At each look, before the changes."""

    def changed(self, change: Change) -> None: ...

    def waits(self, job: Any, items: tuple[int, ...]) -> None:
        """Once for each attempt that waits for somebody to take it."""

    def lost(self, error: Exception) -> None: ...

    def back(self) -> None: ...

    def ended(self, workflow: Any, cause: str) -> None:
        """`cause` is why it failed, in full; "" where that is not known."""

    def close(self) -> None:
        """However it ended."""


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
        indexes = item_indexes(jobs)
        for place, job in enumerate(jobs):
            items = indexes[place]
            before = self._seen[place] if place < len(self._seen) else _Seen("", 1)
            attempts = job.get("attempts") or []
            yield from _ended_attempts(job, attempts, before, items)
            now = _Seen(job.get("status", ""), len(attempts) + 1)
            if now != before:
                yield _current(job, now, items)
            self._seen[place : place + 1] = [now]


def _ended_attempts(
    job: Any, attempts: Sequence[Any], before: _Seen, items: tuple[int, ...]
) -> Iterator[Change]:
    """The attempts that failed since, except for the one whose failure was seen."""
    first = before.attempt + 1 if before.status == "failed" else before.attempt
    for number in range(first, len(attempts) + 1):
        attempt = attempts[number - 1]
        stopped_at = parse_time(attempt.get("stoppedAt"))
        took = span(parse_time(attempt.get("startedAt")), stopped_at)
        yield Change(job, "failed", number, stopped_at, took, attempt.get("reason", ""), items)


def _current(job: Any, now: _Seen, items: tuple[int, ...]) -> Change:
    started_at, stopped_at = parse_time(job.get("startedAt")), parse_time(job.get("stoppedAt"))
    at = stopped_at or started_at or parse_time(job.get("createdAt"))
    reason = job.get("statusReason", "")
    return Change(job, now.status, now.attempt, at, span(started_at, stopped_at), reason, items)


class Follower:
    """Reads until the workflow is over, and tells of each change.

    `read` gives the workflow with its jobs, `read_cause` why it failed.  A server that is away for a
    while is waited for; an error that is only at the first look, unless `is_known` says that the
    workflow is there.
    """

    def __init__(
        self,
        read: Callable[[], Any],
        voice: Voice,
        *,
        is_known: bool = False,
        read_cause: Callable[[], str] = lambda: "",
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._read = read
        self._voice = voice
        self._is_known = is_known
        self._read_cause = read_cause
        self._sleep = sleep
        self._now = now
        self._observer = Observer()
        self._reported_waits: set[tuple[int, int]] = set()

    def follow(self) -> int:
        """The exit code of the workflow's outcome."""
        try:
            return self._follow()
        finally:
            self._voice.close()

    def _follow(self) -> int:
        workflow = self._read_again() if self._is_known else self._read()
        self._voice.begins(workflow)
        pause = _SHORTEST_PAUSE
        while True:
            self._voice.looks(workflow)
            # The list is in the order in which jobs began; people read what happened in its own order.
            changes = sorted(self._observer.changes(workflow.get("jobs") or []), key=_moment)
            for change in changes:
                self._voice.changed(change)
            if is_over(workflow):
                cause = self._read_cause() if workflow["status"] == "failed" else ""
                self._voice.ended(workflow, cause)
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
        jobs = workflow.get("jobs") or []
        for place, (job, items) in enumerate(zip(jobs, item_indexes(jobs), strict=True)):
            created_at = parse_time(job.get("createdAt"))
            if job.get("status") not in WAITING or created_at is None:
                continue
            key = place, len(job.get("attempts") or [])
            if key not in self._reported_waits and self._now() - created_at >= _PATIENCE:
                self._reported_waits.add(key)
                self._voice.waits(job, items)


def _moment(change: Change) -> datetime:
    return change.at or datetime.max.replace(tzinfo=UTC)
