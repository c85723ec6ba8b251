"""Where the server's meters are read: which of them there are depends on what runs here."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from workflow_manager.api.observation import Source
from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.assembly.meters import (
    DATA,
    ENGINE,
    OUTREACH,
    TRAFFIC,
    DataFigures,
    Group,
    OutreachFigures,
    Traffic,
)
from workflow_manager.engine.runtime import Engine
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.tally import Tally
from workflow_manager.schedules.firing import Firer
from workflow_manager.store.entries import SCHEDULE
from workflow_manager.store.port import Store
from workflow_manager.webhooks.outbox import Outbox
from workflow_manager.webhooks.watching import standings

# The store is not read more often, however many there are who look.
OUTREACH_HOLDS: Final = timedelta(seconds=10)


def engine_source(engine: Engine) -> Source:
    return Group(ENGINE, engine.figures)


def traffic_source(protocol: Tally | None, refused: Tally, streams: Callable[[], int]) -> Source:
    async def look() -> Traffic:
        return Traffic(protocol=protocol, refused=refused, streams=streams())

    return Group(TRAFFIC, look)


def data_source(data: Path) -> Source:
    return Group(DATA, lambda: asyncio.to_thread(_data, data))


def _data(data: Path) -> DataFigures:
    files = {}
    for path in (journal_of(data), records_of(data)):
        for each in (path, path.with_name(f"{path.name}-wal")):
            if each.exists():
                files[each.name] = each.stat().st_size
    try:
        disk = shutil.disk_usage(data)
    except OSError as error:
        raise Unavailable(f"cannot look at the data directory {data}: {error.strerror}") from None
    return DataFigures(files, disk.total, disk.free)


def outreach_source(store: Store, firer: Firer, outbox: Outbox, clock: Clock) -> Source:
    kept: OutreachFigures | None = None

    def read() -> OutreachFigures:
        nonlocal kept
        now = clock.now()
        if kept is not None and timedelta() <= now - kept.at < OUTREACH_HOLDS:
            return kept
        due = [entry.due_at for entry in store.due_entries(SCHEDULE, now, 1)]
        overdue = (now - due[0]).total_seconds() if due and due[0] is not None else 0.0
        kept = OutreachFigures(
            outcomes=firer.outcomes,
            delays=firer.delays,
            overdue=overdue,
            attempts=outbox.attempts,
            webhooks=standings(store, now),
            at=now,
        )
        return kept

    return Group(OUTREACH, lambda: asyncio.to_thread(read))
