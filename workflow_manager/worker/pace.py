"""The worker's spans of time: how often, how long, and how soon again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What may be chosen."""

    heartbeat: timedelta = timedelta(seconds=20)
    """The longest time between two heartbeats; a state's own interval may make it shorter."""
    between_polls: timedelta = timedelta(0)
    """From the start of one poll to the start of the next, at least."""
    after_nothing: timedelta = timedelta(seconds=1)
    """The same after a poll that brought no task: a server need not hold it."""
    arrival: timedelta = timedelta(seconds=60)
    """How long to wait at the start for a server that does not answer yet."""
    first_retry: timedelta = timedelta(milliseconds=200)
    longest_retry: timedelta = timedelta(seconds=3)
    report: timedelta = timedelta(minutes=10)
    """How long to go on trying to report an outcome."""
    last_report: timedelta = timedelta(seconds=30)
    """The same once the worker is going down."""
    stop: timedelta = timedelta(seconds=27)
    """How long running tasks may take to end after that; a command's grace is 25 seconds."""
    killed: timedelta = timedelta(seconds=2)
    """The same after a kill: what the kernel and the pipes take to tell of it."""


class Backoff:
    """Growing pauses, each drawn from the upper half of its span, so that workers spread out."""

    def __init__(self, pace: Pace) -> None:
        self.tries = 0
        self._first = pace.first_retry.total_seconds()
        self._longest = pace.longest_retry.total_seconds()

    def next(self) -> float:
        span = min(self._longest, self._first * 2.0 ** min(self.tries, 30))
        self.tries += 1
        return span * random.uniform(0.5, 1.0)
