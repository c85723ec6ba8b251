"""What map runs need of the runner, and how their children are stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.nodes import Machine
from workflow_manager.engine.calls import Moment
from workflow_manager.engine.events import Event, StopRequested
from workflow_manager.engine.journal.records import Key, MapRun, NewExecution, Write
from workflow_manager.engine.map_progress import Run
from workflow_manager.engine.reopening import Reopening
from workflow_manager.engine.residents import Resident
from workflow_manager.kernel.errors import Unavailable

PAUSE: Final = 0.002  # seconds, before the next look
RETRY_DELAY: Final = 1.0  # seconds, before what the journal failed is tried again
STOPS_A_TURN: Final = 50


class Host(Protocol):
    """What a map run needs of the runner.  The futures are done when it is durable."""

    @property
    def is_open(self) -> bool: ...

    @property
    def backlog(self) -> int: ...

    def moment(self) -> Moment: ...

    def resident(self, key: Key) -> Resident | None:
        """Raises `Unavailable`."""
        ...

    def begin_child(self, started: NewExecution, machine: Machine) -> tuple[Key, asyncio.Future[None]]: ...

    def tell(
        self, resident: Resident, event: Event, *, map_run: MapRun | None = None
    ) -> asyncio.Future[None] | None: ...

    def redrive(self, again: Reopening, limit: int | None) -> asyncio.Future[None]: ...

    def submit(self, write: Write) -> asyncio.Future[None]: ...


class Stopping:
    """Stops children, a few in each turn of the loop; `is_under_way` tells whether a run still is."""

    def __init__(self, host: Host, is_under_way: Callable[[Run], bool]) -> None:
        self._host = host
        self._is_under_way = is_under_way

    def begin(self, run: Run) -> None:
        """Stop all that are open, those whose end cannot be written as often as it takes."""
        self._stop(run, list(run.open))

    def _stop(self, run: Run, keys: list[Key]) -> None:
        for key in keys[:STOPS_A_TURN] if self._host.is_open else ():
            try:
                resident = self._host.resident(key) if key in run.open else None
            except Unavailable:
                asyncio.get_running_loop().call_later(RETRY_DELAY, self._stop, run, keys)
                return
            if resident is not None:
                heed(self._host.tell(resident, StopRequested(**self._host.moment(), failure=Failure())))
        if len(keys) > STOPS_A_TURN:
            asyncio.get_running_loop().call_later(PAUSE, self._stop, run, keys[STOPS_A_TURN:])
        else:
            asyncio.get_running_loop().call_later(RETRY_DELAY, self._stop_others, run)

    def _stop_others(self, run: Run) -> None:
        """Those whose end could not be written."""
        if run.open and self._host.is_open and self._is_under_way(run):
            self.begin(run)


def heed(settled: asyncio.Future[None] | None) -> None:
    """Nobody waits for that: what is not written will be found out anew when it is taken up again."""
    if settled is not None:
        settled.add_done_callback(lambda done: done.cancelled() or done.exception())
