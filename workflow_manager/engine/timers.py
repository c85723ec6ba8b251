"""Which timers are set, and which is due next.  Knows nothing of what they are for.

One heap; a timer that was moved or cleared leaves its old entry behind, and when more than half of
the heap is such entries it is built anew.  So the memory is that of the timers that are set.
"""

from __future__ import annotations

import heapq
from typing import Final, Generic, TypeVar

Owner = TypeVar("Owner", bound=tuple[int, str])

SLACK: Final = 1024


class Timers(Generic[Owner]):
    """At most one timer for each owner.  Times are seconds since 1970."""

    def __init__(self) -> None:
        self._due: dict[Owner, float] = {}
        self._heap: list[tuple[float, Owner]] = []

    def __len__(self) -> int:
        return len(self._due)

    def set(self, owner: Owner, due: float) -> None:
        if self._due.get(owner) == due:
            return
        self._due[owner] = due
        heapq.heappush(self._heap, (due, owner))
        self._shrink()

    def clear(self, owner: Owner) -> None:
        if self._due.pop(owner, None) is not None:
            self._shrink()

    def next_due(self) -> float | None:
        while self._heap:
            due, owner = self._heap[0]
            if self._due.get(owner) == due:
                return due
            heapq.heappop(self._heap)
        return None

    def pop_due(self, now: float, limit: int) -> list[Owner]:
        """The owners whose time has come, earliest first, at most `limit`; they are cleared."""
        found: list[Owner] = []
        while len(found) < limit:
            due = self.next_due()
            if due is None or due > now:
                break
            owner = heapq.heappop(self._heap)[1]
            del self._due[owner]
            found.append(owner)
        return found

    def _shrink(self) -> None:
        if len(self._heap) > 2 * len(self._due) + SLACK:
            self._heap = [(due, owner) for owner, due in self._due.items()]
            heapq.heapify(self._heap)
