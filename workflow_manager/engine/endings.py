"""Who hears of an ending: those who watch for it now, and the listeners, until they have noted it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

from workflow_manager.engine.announcer import Announcer, Concern, Listener, LoopAnnouncer, ThreadAnnouncer
from workflow_manager.engine.execution import Ending
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import Announced, Key
from workflow_manager.engine.journal.writer import Done
from workflow_manager.kernel.errors import Unavailable

ANNOUNCE_AGAIN: Final = 1.0  # seconds, before listeners who failed are told once more
MAX_PENDING: Final = 1024  # endings that are being announced; the others wait in the journal
PAGE: Final = 256  # of those, how many are taken up at a time


class End(NamedTuple):
    ending: Ending
    at: datetime


class Endings:
    """`note` writes that an ending was announced; `beside` tells that listeners may be called beside the
    loop.  For use on one event loop.

    Listeners may be slower than executions end.  What is more than `MAX_PENDING` stays in the journal
    alone, which knows what was not announced yet, until there is room for it.
    """

    def __init__(
        self,
        journal: Journal,
        listeners: Sequence[Listener],
        concern: Concern,
        note: Callable[[Announced, Done], None],
        *,
        beside: bool,
    ) -> None:
        self._journal = journal
        self._listeners = tuple(listeners)
        self._concern = concern
        self._note = note
        self._announcers: type[Announcer] = LoopAnnouncer if beside else ThreadAnnouncer
        self._watchers: dict[str, list[asyncio.Future[End]]] = {}
        self._pending: set[Key] = set()  # announced, and not yet written down as announced
        self._has_more = False
        self._is_open = False

    def is_announced(self, arn: str) -> bool:
        """Whether there is a listener who wants to hear of that execution."""
        return bool(self._listeners) and self._concern(arn)

    @property
    def pending(self) -> int:
        """How many endings are being announced."""
        return len(self._pending)

    def open(self) -> None:
        """Begin with what was not announced before."""
        self._loop = asyncio.get_running_loop()
        self._announcer = self._announcers(self._listeners, self._announced)
        self._is_open = True
        if self._listeners:
            self._take_up()

    async def close(self) -> None:
        self._is_open = False
        await self._announcer.close()

    @contextmanager
    def watching(self, arn: str) -> Iterator[asyncio.Future[End]]:
        """How and when the execution ends, if it ends meanwhile, durably."""
        watcher: asyncio.Future[End] = self._loop.create_future()
        watchers = self._watchers.setdefault(arn, [])
        watchers.append(watcher)
        try:
            yield watcher
        finally:
            watchers.remove(watcher)
            if not watchers and self._watchers.get(arn) is watchers:
                del self._watchers[arn]

    def tell_watchers(self, arn: str, end: End) -> None:
        for watcher in self._watchers.get(arn, ()):
            if not watcher.done():
                watcher.set_result(end)

    def announce(self, key: Key, arn: str) -> None:
        """Tell the listeners of an ending that the journal has as one to be announced."""
        if key in self._pending:
            return
        if len(self._pending) < MAX_PENDING:
            self._pending.add(key)
            self._announcer.announce(key, arn)
        else:
            self._has_more = True

    def _take_up(self) -> None:
        """Announce what the journal says was not, as far as there is room."""
        known = self._journal.unannounced(MAX_PENDING)
        found = [key for key in known if key not in self._pending]
        for key in found[:PAGE]:
            record = self._journal.record(key)
            if record is not None:
                self.announce(key, record.identity.arn)
        self._has_more = len(known) == MAX_PENDING or len(found) > PAGE

    def _take_up_or_wait(self) -> None:
        if not self._is_open or not self._has_more or len(self._pending) > MAX_PENDING // 2:
            return
        try:
            self._take_up()
        except Unavailable:
            self._loop.call_later(ANNOUNCE_AGAIN, self._take_up_or_wait)

    def _announced(self, key: Key, arn: str, heard: bool) -> None:
        if heard:
            self._note(Announced(key), partial(self._noted, key))
        elif self._is_open:
            self._loop.call_later(ANNOUNCE_AGAIN, self._announcer.announce, key, arn)

    def _noted(self, key: Key, error: Exception | None) -> None:
        self._pending.discard(key)
        if error is None:
            self._take_up_or_wait()
        else:  # it is told once more, which listeners have to bear
            self._has_more = True
            self._loop.call_later(ANNOUNCE_AGAIN, self._take_up_or_wait)
