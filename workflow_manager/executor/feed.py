"""What became of workflows, as it happens: the latest changes of status, for whoever follows them.

A bounded memory of this process, not a record: the store is that.  A follower who was away for too
long is told so, and reads the list.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from workflow_manager.models.workflow import Workflow, summary

KEPT: Final = 10_000
MAX_WEIGHT: Final = 32 * 2**20  # bytes, roughly, of all that are kept
_OWN_WEIGHT: Final = 2048


@dataclass(frozen=True, slots=True)
class Change:
    """`number` counts from 1, without a gap; `weight` is about what it costs to keep, in bytes."""

    number: int
    workflow: Workflow
    weight: int


class Feed:
    """Safe for use by many threads.  Keeps the latest change, and as many before it as fit."""

    def __init__(self, kept: int = KEPT, max_weight: int = MAX_WEIGHT) -> None:
        self._changes: deque[Change] = deque()
        self._kept = kept
        self._max_weight = max_weight
        self._weight = 0
        self._last = 0
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def last(self) -> int:
        """The number of the latest change."""
        return self._last

    def publish(self, workflow: Workflow) -> None:
        """Called with the workflow as it is stored, after each change of its status."""
        shown = summary(workflow)
        weight = _weight(shown)
        with self._lock:
            self._last += 1
            self._changes.append(Change(self._last, shown, weight))
            self._weight += weight
            while len(self._changes) > 1 and (
                len(self._changes) > self._kept or self._weight > self._max_weight
            ):
                self._weight -= self._changes.popleft().weight
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def after(self, number: int, limit: int = 100) -> tuple[Sequence[Change], bool]:
        """The changes above that number, oldest first, and whether none between is lost."""
        with self._lock:
            first = self._changes[0].number if self._changes else self._last + 1
            begin = max(0, number + 1 - first)
            found = [self._changes[index] for index in range(begin, min(begin + limit, len(self._changes)))]
        return found, number + 1 >= first

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call it after each change, from any thread; the result ends that."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return end


def _weight(workflow: Workflow) -> int:
    job = workflow.last_job
    payloads = len(workflow.input) + (0 if job is None else len(job.input) + len(job.output))
    return _OWN_WEIGHT + payloads + len(str(workflow.tags))
