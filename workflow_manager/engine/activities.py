"""Which worker gets which activity task: one queue for each activity, first come, first served.

A queue only holds the place of a task (execution, frame, visit); what is in it stays in the journal.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from workflow_manager.engine.frames import FrameId
from workflow_manager.engine.journal.records import Key
from workflow_manager.kernel.errors import Throttled

Owner: TypeAlias = "tuple[Key, FrameId]"

MAX_POLLERS: Final = 1000  # on one activity; AWS's default limit


class Offer(NamedTuple):
    """`taken` tells that the task was started, and that its worker went away before it got it."""

    key: Key
    frame: FrameId
    visit: int
    taken: bool = False


class Line(NamedTuple):
    """Those that wait in a queue: how many, and the first of them with when it was offered.

    `since` is None where that is not known: the offer was found in the journal.
    """

    length: int
    first: Offer
    since: datetime | None


class _Queue:
    def __init__(self) -> None:
        self.offers: OrderedDict[Owner, Offer] = OrderedDict()
        self.since: dict[Owner, datetime] = {}
        self.pollers: deque[asyncio.Future[Offer | None]] = deque()


class ActivityQueues:
    """For use on one event loop."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self._activities: dict[Owner, str] = {}

    def offer(
        self, activity: str, offer: Offer, *, first: bool = False, since: datetime | None = None
    ) -> None:
        """Hand it to the poller that has waited longest, or keep it; `first` puts it ahead.

        `since` is when the task came to be, for those who look at the queue.
        """
        queue = self._queues.setdefault(activity, _Queue())
        while queue.pollers:
            poller = queue.pollers.popleft()
            if not poller.done():
                poller.set_result(offer)
                return
        owner = (offer.key, offer.frame)
        if self._activities.get(owner, activity) != activity:
            self.withdraw(owner)
        queue.offers[owner] = offer
        queue.offers.move_to_end(owner, last=not first)
        if since is not None:
            queue.since[owner] = since
        self._activities[owner] = activity

    def withdraw(self, owner: Owner) -> None:
        """Nobody waits for the task any more."""
        activity = self._activities.pop(owner, None)
        if activity is not None:
            self._queues[activity].offers.pop(owner, None)
            self._queues[activity].since.pop(owner, None)
            self._tidy(activity)

    def activities(self) -> Collection[str]:
        """Those that somebody waits for, a task or a worker."""
        return self._queues.keys()

    def line(self, activity: str) -> Line | None:
        """None when nothing waits."""
        queue = self._queues.get(activity)
        if queue is None or not queue.offers:
            return None
        owner, offer = next(iter(queue.offers.items()))
        return Line(len(queue.offers), offer, queue.since.get(owner))

    async def take(self, activity: str, wait: float) -> Offer | None:
        """The next task, waiting up to `wait` seconds.  A cancelled caller takes none with it."""
        queue = self._queues.setdefault(activity, _Queue())
        if queue.offers:
            owner, offer = queue.offers.popitem(last=False)
            queue.since.pop(owner, None)
            del self._activities[owner]
            self._tidy(activity)
            return offer
        if wait <= 0:
            return None
        if len(queue.pollers) >= MAX_POLLERS:
            raise Throttled(f"More than {MAX_POLLERS} workers are polling the activity '{activity}'.")
        loop = asyncio.get_running_loop()
        poller: asyncio.Future[Offer | None] = loop.create_future()
        queue.pollers.append(poller)
        alarm = loop.call_later(wait, _dismiss, poller)
        try:
            return await poller
        except asyncio.CancelledError:
            # The task may have been handed over already, and not be picked up any more.
            if not poller.cancelled() and (handed := poller.result()) is not None:
                self.offer(activity, handed, first=True)
            raise
        finally:
            alarm.cancel()
            self._leave(activity, poller)

    def dismiss_pollers(self) -> None:
        """Let everybody who waits go without a task."""
        for queue in self._queues.values():
            for poller in queue.pollers:
                _dismiss(poller)

    def _leave(self, activity: str, poller: asyncio.Future[Offer | None]) -> None:
        queue = self._queues.get(activity)
        if queue is not None and poller in queue.pollers:
            queue.pollers.remove(poller)
            self._tidy(activity)

    def _tidy(self, activity: str) -> None:
        queue = self._queues[activity]
        if not queue.offers and not queue.pollers:
            del self._queues[activity]


def _dismiss(poller: asyncio.Future[Offer | None]) -> None:
    if not poller.done():
        poller.set_result(None)
