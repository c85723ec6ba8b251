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


@dataclass(frozen=True, slots=True)
class Change:
    """`number` counts from 1, without a gap."""

    number: int
    workflow: Workflow


class Feed:
    """Safe for use by many threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._changes: deque[Change] = deque(maxlen=kept)
        self._last = 0
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def last(self) -> int:
        """The number of the latest change."""
        return self._last

    def publish(self, workflow: Workflow) -> None:
        """Called with the workflow as it is stored, after each change of its status."""
        with self._lock:
            self._last += 1
            self._changes.append(Change(self._last, summary(workflow)))
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
