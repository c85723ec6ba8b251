"""What a redrive begins with, out of the journal; and why an execution cannot be redriven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workflow_manager.asl.nodes import Machine
from workflow_manager.engine.arns import is_express
from workflow_manager.engine.draft import MAX_HISTORY
from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import REDRIVABLE
from workflow_manager.engine.frames import Frame, FrameId
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import ExecutionRecord, Key, MapRun
from workflow_manager.engine.redrive import reopened, restarted

REDRIVABLE_PERIOD: Final = timedelta(days=14)  # after the end (API Reference, RedriveExecution)
LONGEST_EXECUTION: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """An execution that is to go on with `frames`; `map_runs` are those that frames waited for, as
    they ended.
    """

    record: ExecutionRecord
    machine: Machine
    frames: Mapping[FrameId, Frame]
    map_runs: Mapping[FrameId, MapRun]
    last_event: int


def reopen(journal: Journal, record: ExecutionRecord, machine: Machine, at: datetime) -> Reopening:
    """`machine` is the execution's own: a map run's child has that of its Map state.  Blocks.

    Raises `Unavailable`.
    """
    history = _whole_history(journal, record.key)
    if is_express(record.identity.arn):
        found = restarted(record.identity, machine, at)
    else:
        found = reopened(record.identity, machine, history, at)
    runs = {frame: journal.map_run(arn) for frame, arn in found.map_runs.items()}
    return Reopening(
        record=record,
        machine=machine,
        frames=found.frames,
        map_runs={frame: run for frame, run in runs.items() if run is not None},
        last_event=history[-1].id,
    )


def why_not_redrivable(record: ExecutionRecord, last_event: int, at: datetime) -> str | None:
    """AWS's reason; None where the execution can be redriven."""
    if record.status not in REDRIVABLE:
        return f"Execution is {record.status.value} and cannot be redriven"
    # ExecutionRedriven and one event more have to fit.
    if last_event >= MAX_HISTORY - 1:
        return "Execution history event limit exceeded"
    if at - record.identity.started_at > LONGEST_EXECUTION:
        return "Execution has exceeded the max execution time"
    if record.stopped_at is not None and at - record.stopped_at > REDRIVABLE_PERIOD:
        return "Execution redrivable period exceeded"
    return None


def _whole_history(journal: Journal, key: Key) -> list[HistoryEvent]:
    events: list[HistoryEvent] = []
    more = True
    while more:
        page = journal.history(key, after=len(events), limit=MAX_HISTORY)
        events += page.events
        more = page.more
    return events
