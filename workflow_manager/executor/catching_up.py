"""Workflows that run for longer than a moment are recorded as running, though nobody has asked for them.

A start answers before its execution has moved, and most workflows are over soon: their records go
straight to how they ended.  Listings are to find the others by what they do, too.  The first look
after a start of the server finds those as well whose own start was cut short by its end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
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

    For processes whose engine tells of ends alone.  `alone_since` tells that nobody else starts workflows
    from then on: what is older and has no execution never will have one.
    """

    def __init__(
        self,
        executor: Executor,
        clock: Clock,
        moment: timedelta = MOMENT,
        *,
        alone_since: datetime | None = None,
    ) -> None:
        self._executor = executor
        self._clock = clock
        self._moment = moment
        self._cut_short_before = alone_since
        self._trouble = ""
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
                self._executor.catch_up(
                    self._clock.now() - self._moment,
                    until=self._rests(),
                    cut_short_before=self._cut_short_before,
                )
                self._cut_short_before = None  # all of them have been seen
                self._trouble = ""
            except WorkflowManagerError as error:
                if str(error) != self._trouble:  # a disk may be full for hours
                    self._trouble = str(error)
                    _log.warning("not-caught-up", error=self._trouble)
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
