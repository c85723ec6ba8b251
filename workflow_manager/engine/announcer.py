"""Tells listeners of each ending, off the event loop, until they have taken note of it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from workflow_manager.engine.journal.records import Key

Listener: TypeAlias = "Callable[[str], None]"

_log = logging.getLogger(__name__)


class _Ending(NamedTuple):
    key: Key
    arn: str


class Announcer:
    """Calls every listener with the ARN of each ended execution, in order, on a thread of its own.

    `done` is called on that thread with the key, and whether all listeners took note.
    """

    def __init__(self, listeners: Sequence[Listener], done: Callable[[Key, bool], None]) -> None:
        self._listeners = tuple(listeners)
        self._done = done
        self._endings: queue.SimpleQueue[_Ending | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
        self._thread.start()

    def announce(self, key: Key, arn: str) -> None:
        self._endings.put(_Ending(key, arn))

    def close(self) -> None:
        """Finish what is announced already, and stop."""
        self._endings.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (ending := self._endings.get()) is not None:
            self._done(ending.key, self._tell(ending.arn))

    def _tell(self, arn: str) -> bool:
        try:
            for listener in self._listeners:
                listener(arn)
        except Exception:  # the next ending has to be announced all the same, and this one again
            _log.exception("a listener failed at the end of %s", arn)
            return False
        return True
