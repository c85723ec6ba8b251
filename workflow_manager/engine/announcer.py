"""Tells listeners of each ending, off the event loop, until they have taken note of it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from workflow_manager.engine.journal.records import Key

Listener: TypeAlias = "Callable[[str], None]"

THREADS: Final = 4

_log = logging.getLogger(__name__)


class _Ending(NamedTuple):
    key: Key
    arn: str


class Announcer:
    """Calls every listener with the ARN of each ended execution, on threads of its own.

    Several at a time, in no order: a listener that commits what it noted shares the commit with
    others.  `done` is called on such a thread with the key, the ARN, and whether all listeners took note.
    """

    def __init__(self, listeners: Sequence[Listener], done: Callable[[Key, str, bool], None]) -> None:
        self._listeners = tuple(listeners)
        self._done = done
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

    def close(self) -> None:
        """Finish what is being told, and stop; the rest was not noted, and is told after the next start."""
        self._is_closed = True
        for _ in self._threads:
            self._endings.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (ending := self._endings.get()) is not None and not self._is_closed:
            self._done(ending.key, ending.arn, self._tell(ending.arn))

    def _tell(self, arn: str) -> bool:
        try:
            for listener in self._listeners:
                listener(arn)
        except Exception:  # the next ending has to be announced all the same, and this one again
            _log.exception("a listener failed at the end of %s", arn)
            return False
        return True
