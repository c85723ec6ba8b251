"""Many writes as one: what a transaction has to do to each execution, however often it moved.

Pure.  An execution that starts and ends within one batch never touches the tables of what is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import Ending
from workflow_manager.engine.frames import Frame, FrameId
from workflow_manager.engine.journal.port import OutOfStep
from workflow_manager.engine.journal.records import (
    Abandoned,
    AbandonedEnded,
    Announced,
    CatalogueWrite,
    Delivered,
    ExecutionWrite,
    ItemsRead,
    Key,
    MapRun,
    MapRunWrite,
    NewExecution,
    Redrive,
    RunKey,
    Unnamed,
    Write,
)


@dataclass(slots=True)
class Moves:
    """Everything that happens to one execution: from version `after` to version `version`."""

    after: int
    version: int
    last_event: int
    started: NewExecution | None = None
    redriven: Redrive | None = None
    frames: dict[FrameId, Frame | None] = field(default_factory=dict)
    chunks: list[tuple[HistoryEvent, ...]] = field(default_factory=list)
    ending: Ending | None = None
    stopped_at: datetime | None = None
    announce: bool = False
    forget: bool = False
    taken: list[FrameId] = field(default_factory=list)

    def add(self, write: ExecutionWrite) -> None:
        """Raises `OutOfStep` when the write does not follow the ones before it."""
        if write.after != self.version or self.ending is not None:
            raise OutOfStep(f"execution {write.key} moved from {write.after}, not from {self.version}")
        self.version += 1
        self.last_event = write.last_event
        self.frames.update(write.frames)
        if write.history:
            self.chunks.append(write.history)
        if write.taken is not None:
            self.taken.append(write.taken)
        if write.ending is not None:
            self.ending, self.stopped_at = write.ending, write.stopped_at
            self.announce, self.forget = write.announce, write.forget


@dataclass(slots=True)
class Batch:
    """`forgotten` are executions that end and leave nothing behind, with the version they were at;
    `delivered` the frames whose latest task was delivered after it was taken.
    """

    moves: dict[Key, Moves] = field(default_factory=dict)
    forgotten: dict[Key, int] = field(default_factory=dict)
    catalogue: list[CatalogueWrite] = field(default_factory=list)
    announced: list[Key] = field(default_factory=list)
    delivered: dict[tuple[Key, FrameId], None] = field(default_factory=dict)
    map_runs: dict[RunKey, MapRun] = field(default_factory=dict)
    items: list[ItemsRead] = field(default_factory=list)
    abandoned: dict[tuple[Key, str], Abandoned] = field(default_factory=dict)
    ended: list[tuple[Key, str]] = field(default_factory=list)
    unnamed: list[Unnamed] = field(default_factory=list)


def collect(writes: Iterable[Write]) -> Batch:
    """Raises `OutOfStep` when two writes of one execution do not follow each other."""
    batch = Batch()
    for write in writes:
        match write:
            case ExecutionWrite():
                moves = batch.moves.get(write.key)
                if moves is None:
                    moves = Moves(write.after, write.after, write.last_event, write.started, write.redriven)
                    batch.moves[write.key] = moves
                elif write.started is not None or write.redriven is not None:
                    raise OutOfStep(f"execution {write.key} starts twice")
                moves.add(write)
                if write.taken is not None:
                    batch.delivered.pop((write.key, write.taken), None)
                for run in write.map_runs:
                    batch.map_runs[run.key] = run
                for job in write.abandoned:
                    batch.abandoned[write.key, job.token] = job
            case CatalogueWrite():
                batch.catalogue.append(write)
            case Announced():
                batch.announced.append(write.key)
            case Delivered():
                batch.delivered[write.key, write.frame] = None
            case MapRunWrite():
                batch.map_runs[write.run.key] = write.run
            case AbandonedEnded():
                batch.ended.append((write.key, write.token))
            case ItemsRead():
                batch.items.append(write)
            case Unnamed():
                batch.unnamed.append(write)
    for key in [key for key, moves in batch.moves.items() if moves.forget]:
        moves = batch.moves.pop(key)
        if moves.started is None:
            batch.forgotten[key] = moves.after
    return batch
