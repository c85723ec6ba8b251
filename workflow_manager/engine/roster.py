"""Who works on what: the workers that were heard of lately, and the tasks that they hold.

For people who look; nothing is decided by it, and nothing of it is kept.  After a restart a task is
known to be held, but not by whom, until its worker is done with it.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias, TypeVar

from workflow_manager.engine.activities import Owner

K = TypeVar("K")

LATELY: Final = timedelta(minutes=10)
MOST: Final = 10_000  # workers that are remembered, each with its activity

UNNAMED: Final = ""  # a worker need not say its name

_Worker: TypeAlias = "tuple[str, str | None]"  # activity and name; None for one before the restart


class WorkerSeen(NamedTuple):
    """`seen_at` is when it last asked for a task, or told of one that it held."""

    name: str
    seen_at: datetime
    tasks: int


class _Held(NamedTuple):
    visit: int
    worker: _Worker


class Roster:
    """For use on one event loop."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._seen: OrderedDict[_Worker, datetime] = OrderedDict()
        self._asking: Counter[_Worker] = Counter()
        self._polling: Counter[str] = Counter()
        self._held: dict[Owner, _Held] = {}
        self._tasks: Counter[_Worker] = Counter()
        self._running: Counter[str] = Counter()

    @contextmanager
    def asking(self, activity: str, name: str | None) -> Iterator[None]:
        """While the worker asks for a task."""
        worker = (activity, name or UNNAMED)
        self._asking[worker] += 1
        self._polling[activity] += 1
        try:
            yield
        finally:
            _one_less(self._asking, worker)
            _one_less(self._polling, activity)
            self._see(worker)

    def took(self, owner: Owner, visit: int, activity: str, name: str | None) -> None:
        """The worker has the task."""
        self._hold(owner, visit, (activity, name or UNNAMED))

    def found(self, owner: Owner, visit: int, activity: str) -> None:
        """Somebody took the task before the restart."""
        self._hold(owner, visit, (activity, None))

    def _hold(self, owner: Owner, visit: int, worker: _Worker) -> None:
        self.over(owner)
        self._held[owner] = _Held(visit, worker)
        self._tasks[worker] += 1
        self._running[worker[0]] += 1

    def heard_of(self, owner: Owner) -> None:
        """Its worker told of the task."""
        held = self._held.get(owner)
        if held is not None and held.worker[1] is not None:
            self._see(held.worker)

    def moved(self, owner: Owner, visit: int) -> None:
        """The frame waits for that visit's work now."""
        held = self._held.get(owner)
        if held is not None and held.visit != visit:
            self.over(owner)

    def over(self, owner: Owner) -> None:
        """Nobody holds the task any more, if anybody did."""
        held = self._held.pop(owner, None)
        if held is not None:
            _one_less(self._tasks, held.worker)
            _one_less(self._running, held.worker[0])

    def running(self, activity: str) -> int:
        """How many tasks are held."""
        return self._running[activity]

    def activities(self) -> Collection[str]:
        """Those whose tasks are held."""
        return self._running.keys()

    def polling(self, activity: str) -> int:
        """How many ask for a task now."""
        return self._polling[activity]

    def workers(self) -> dict[str, list[WorkerSeen]]:
        """By activity, those heard of lately and those that hold tasks, by name."""
        now = self._now()
        seen = {worker: at for worker, at in self._seen.items() if self._tasks[worker] or now - at <= LATELY}
        seen.update(dict.fromkeys(self._asking, now))
        found: dict[str, list[WorkerSeen]] = {}
        for worker in sorted(seen, key=lambda each: each[1] or UNNAMED):
            activity, name = worker
            found.setdefault(activity, []).append(
                WorkerSeen(name or UNNAMED, seen[worker], self._tasks[worker])
            )
        return found

    def _see(self, worker: _Worker) -> None:
        self._seen[worker] = self._now()
        self._seen.move_to_end(worker)
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)


def _one_less(counts: Counter[K], key: K) -> None:
    """Without leaving zeros behind: names come and go."""
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
