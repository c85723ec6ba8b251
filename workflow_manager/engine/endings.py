"""Who hears of an ending: those who watch for it now, and the listeners, until they have noted it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from workflow_manager.engine.announcer import Announcer, Listener, LoopAnnouncer, ThreadAnnouncer
from workflow_manager.engine.execution import Ending
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import Announced, Key

ANNOUNCE_AGAIN: Final = 1.0  # seconds, before listeners who failed are told once more


class End(NamedTuple):
    ending: Ending
    at: datetime


class Endings:
    """`note` writes that an ending was announced; `beside` tells that listeners may be called beside the
    loop.  For use on one event loop.
    """

    def __init__(
        self,
        journal: Journal,
        listeners: Sequence[Listener],
        note: Callable[[Announced], None],
        *,
        beside: bool,
    ) -> None:
        self._journal = journal
        self._listeners = tuple(listeners)
        self._note = note
        self._announcers: type[Announcer] = LoopAnnouncer if beside else ThreadAnnouncer
        self._watchers: dict[str, list[asyncio.Future[End]]] = {}
        self._is_open = False

    @property
    def are_announced(self) -> bool:
        return bool(self._listeners)

    def open(self) -> None:
        """Begin with what was not announced before."""
        self._loop = asyncio.get_running_loop()
        self._announcer = self._announcers(self._listeners, self._announced)
        self._is_open = True
        if self._listeners:
            for key in self._journal.unannounced():
                self._announce_again(key)

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
        if self._listeners:
            self._announcer.announce(key, arn)

    def _announce_again(self, key: Key) -> None:
        record = self._journal.record(key)
        if record is not None and self._is_open:
            self._announcer.announce(key, record.identity.arn)

    def _announced(self, key: Key, heard: bool) -> None:
        if heard:
            self._note(Announced(key))
        elif self._is_open:
            self._loop.call_later(ANNOUNCE_AGAIN, self._announce_again, key)
