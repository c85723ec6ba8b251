"""Which ended executions and workflows are kept: those that ended less than so many days ago.

What only they named goes with them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.engine.journal import upkeep
from workflow_manager.engine.journal.schema import InUse
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.machines import UNNAMED_A_WRITE
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import InvalidRequest, WorkflowManagerError
from workflow_manager.store.port import Store
from workflow_manager.store.sqlite import SqliteStore

EVERY: Final = timedelta(hours=1)
BATCH: Final = 100  # workflows a transaction
PAUSE_SECONDS: Final = 0.02  # between two batches, for those who have something to write

_log = structlog.get_logger("retention")


class Pruned(NamedTuple):
    workflows: int
    executions: int


def prune(
    store: Store | None,
    journal: Path | None,
    before: datetime,
    *,
    forget: Callable[[], bool] = lambda: False,
    pause: Callable[[], bool] = lambda: False,
) -> Pruned:
    """Take away what ended before then, in small steps.  `pause` comes after each, and ends it with True.

    Workflows go first: one that is still listed has its execution.  `forget` takes away some of what
    nothing names any more, and tells whether there was any.
    """
    workflows = executions = 0
    while store is not None and (found := store.prune(before, BATCH)):
        workflows += found
        if pause():
            return Pruned(workflows, executions)
    for found in upkeep.prune(journal, before) if journal is not None else ():
        executions += found
        if pause():
            return Pruned(workflows, executions)
    while forget() and not pause():
        pass
    return Pruned(workflows, executions)


def prune_directory(data: Path, clock: Clock, before: datetime) -> Pruned:
    """Prune the databases in a directory, beside a server or without one.

    Raises `InvalidRequest` when there are none, `Unavailable`.
    """
    records, journal = records_of(data), journal_of(data)
    if not records.exists() and not journal.exists():
        raise InvalidRequest(f"there is nothing to prune in {data}")
    store = SqliteStore(records, clock=clock, synchronous="NORMAL") if records.exists() else None
    try:
        if not journal.exists():
            return prune(store, None, before)
        return prune(store, journal, before, forget=lambda: _forget_alone(journal))
    finally:
        if store is not None:
            store.close()


def _forget_alone(journal: Path) -> bool:
    """Unless a server has the journal: that does it by itself, and what it has in mind nobody else knows."""
    try:
        opened = SqliteJournal(journal)
    except InUse:
        return False
    with closing(opened):
        unnamed = opened.unnamed(UNNAMED_A_WRITE)
        if unnamed is not None:
            opened.write([unnamed])
        return unnamed is not None


@asynccontextmanager
async def pruning(
    store: Store | None,
    journal: Path | None,
    clock: Clock,
    days: int,
    forget: Callable[[], bool] = lambda: False,
) -> AsyncIterator[None]:
    """Prune now and then, on a thread of its own; for ever keep what there is when `days` is 0."""
    if not days or (store is None and journal is None):
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(
        target=_prune_now_and_then,
        args=(store, journal, clock, timedelta(days=days), forget, stop),
        name="retention",
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        # `forget` may be asking the engine, which answers on this loop.
        await asyncio.to_thread(thread.join)


def _prune_now_and_then(
    store: Store | None,
    journal: Path | None,
    clock: Clock,
    age: timedelta,
    forget: Callable[[], bool],
    stop: threading.Event,
) -> None:
    def pause() -> bool:
        return stop.wait(PAUSE_SECONDS)

    while True:
        try:
            pruned = prune(store, journal, clock.now() - age, forget=forget, pause=pause)
        except WorkflowManagerError as error:
            _log.warning("not-pruned", error=str(error))
        else:
            if any(pruned):
                _log.info("pruned", workflows=pruned.workflows, executions=pruned.executions)
        if stop.wait(EVERY.total_seconds()):
            return
