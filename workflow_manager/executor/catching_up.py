"""Workflows that run for longer than a moment are recorded as running, though nobody has asked for them.

A start answers before its execution has moved, and most workflows are over soon: their records go
straight to how they ended.  Listings are to find the others by what they do, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import WorkflowManagerError

MOMENT: Final = timedelta(seconds=2)
REST: Final = 9  # times as long as a look took: where that is long, others have more urgent work

_log = structlog.get_logger()


class CatchingUp:
    """Looks a moment after each start, on a thread of its own, from `start` to `stop`.

    For processes whose engine tells of ends alone.
    """

    def __init__(self, executor: Executor, clock: Clock, moment: timedelta = MOMENT) -> None:
        self._executor = executor
        self._clock = clock
        self._moment = moment
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catching-up", daemon=True)

    def start(self) -> None:
        """Begin with what was started before."""
        self._end_listening = self._executor.feed.listen(self._woken.set)
        self._woken.set()
        self._thread.start()

    def stop(self) -> None:
        self._end_listening()
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while self._woken.wait() and not self._stopped.is_set():
            self._woken.clear()
            # What is started meanwhile wakes it once more.
            self._stopped.wait(self._moment.total_seconds())
            try:
                self._executor.catch_up(self._clock.now() - self._moment, until=self._rests())
            except WorkflowManagerError as error:
                _log.warning("not-caught-up", error=str(error))
                self._woken.set()
            except Exception:  # a bug; the next workflows may do better
                _log.exception("not-caught-up")

    def _rests(self) -> Callable[[], bool]:
        """Called between two looks: waits, and tells whether they are to end."""
        since = time.monotonic()

        def rest() -> bool:
            nonlocal since
            stopped = self._stopped.wait(REST * (time.monotonic() - since))
            since = time.monotonic()
            return stopped

        return rest
