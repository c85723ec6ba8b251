"""Tells listeners of each ending, without holding up the event loop, until they have taken note of it."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from workflow_manager.engine.journal.records import Key
from workflow_manager.kernel.beside import Beside

Listener: TypeAlias = "Callable[[str], None]"
Concern: TypeAlias = "Callable[[str], bool]"  # whether listeners want to hear of an execution, by its ARN

THREADS: Final = 4
CALLS: Final = 32  # under way at the same time beside the loop; those that commit share the commit

_log = logging.getLogger(__name__)


class _Ending(NamedTuple):
    key: Key
    arn: str


class Announcer(ABC):
    """Calls every listener with the ARN of each ended execution, several at a time, in no order.

    `done` is called with the key and the ARN, on the loop, and whether all listeners took note.
    """

    def __init__(self, listeners: Sequence[Listener], done: Callable[[Key, str, bool], None]) -> None:
        self._listeners = tuple(listeners)
        self._done = done

    @abstractmethod
    def announce(self, key: Key, arn: str) -> None: ...

    @abstractmethod
    async def close(self) -> None:
        """Finish what is being told, and stop; the rest was not noted, and is told after the next start."""

    def _tell(self, arn: str) -> bool:
        try:
            for listener in self._listeners:
                listener(arn)
        except Exception:  # the next ending has to be announced all the same, and this one again
            _log.exception("a listener failed at the end of %s", arn)
            return False
        return True


class ThreadAnnouncer(Announcer):
    """On threads of its own: listeners may take their time."""

    def __init__(self, listeners: Sequence[Listener], done: Callable[[Key, str, bool], None]) -> None:
        super().__init__(listeners, done)
        self._loop = asyncio.get_running_loop()
        self._endings: queue.SimpleQueue[_Ending | None] = queue.SimpleQueue()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._run, name=f"announcer-{number}", daemon=True)
            for number in range(THREADS if listeners else 0)
        ]
        for thread in self._threads:
            thread.start()

    def announce(self, key: Key, arn: str) -> None:
        self._endings.put(_Ending(key, arn))

    async def close(self) -> None:
        self._is_closed = True
        for _ in self._threads:
            self._endings.put(None)
        for thread in self._threads:
            await self._loop.run_in_executor(None, thread.join)

    def _run(self) -> None:
        while (ending := self._endings.get()) is not None and not self._is_closed:
            heard = self._tell(ending.arn)
            self._loop.call_soon_threadsafe(self._done, *ending, heard)


class LoopAnnouncer(Announcer):
    """Beside the loop: listeners wait by `kernel.beside` alone."""

    def __init__(self, listeners: Sequence[Listener], done: Callable[[Key, str, bool], None]) -> None:
        super().__init__(listeners, done)
        self._waiting: deque[_Ending] = deque()
        self._under_way = 0
        self._calls = Beside()

    def announce(self, key: Key, arn: str) -> None:
        self._waiting.append(_Ending(key, arn))
        if self._under_way < CALLS:
            self._under_way += 1
            self._begin_next()

    async def close(self) -> None:
        self._waiting.clear()
        await self._calls.finish()

    def _begin_next(self) -> None:
        ending = self._waiting.popleft()
        self._calls.begin(partial(self._tell, ending.arn)).add_done_callback(partial(self._told, ending))

    def _told(self, ending: _Ending, telling: asyncio.Task[bool]) -> None:
        self._done(*ending, not telling.cancelled() and telling.result())
        if self._waiting:
            self._begin_next()
        else:
            self._under_way -= 1
