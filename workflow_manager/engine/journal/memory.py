"""The journal on memory: for tests, and for engines that need not survive their process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import Ending, Status
from workflow_manager.engine.frames import Ended, Frame, FrameId, Joining, Queued
from workflow_manager.engine.journal.batch import Batch, Moves, collect
from workflow_manager.engine.journal.port import Journal, OutOfStep
from workflow_manager.engine.journal.records import (
    Catalogue,
    ExecutionRecord,
    ExecutionSummary,
    HistoryPage,
    Key,
    OpenExecution,
    OpenFrame,
    Resource,
    Snapshot,
    Write,
    open_frame,
)
from workflow_manager.kernel.errors import NotFound


@dataclass(slots=True)
class _Execution:
    record: ExecutionRecord
    due_at: datetime | None
    version: int = 0
    last_event: int = 0
    frames: dict[FrameId, Frame] = field(default_factory=dict)
    history: list[HistoryEvent] = field(default_factory=list)

    def move(self, moves: Moves) -> None:
        self.version, self.last_event = moves.version, moves.last_event
        for name, frame in moves.frames.items():
            if frame is None:
                self.frames.pop(name, None)
            else:
                self.frames[name] = frame
        for chunk in moves.chunks:
            self.history += chunk
        if moves.ending is not None:
            self.end(moves.ending, moves.stopped_at)

    def end(self, ending: Ending, stopped_at: datetime | None) -> None:
        self.record = replace(self.record, status=ending.status, stopped_at=stopped_at, ending=ending)
        self.frames.clear()


class MemoryJournal(Journal):
    def __init__(self) -> None:
        self._executions: dict[Key, _Execution] = {}
        self._keys: dict[str, Key] = {}
        self._resources: dict[str, Resource] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._definitions: dict[str, str] = {}
        self._unannounced: set[Key] = set()
        self._undelivered: set[tuple[Key, FrameId]] = set()

    def write(self, writes: Sequence[Write]) -> None:
        batch = collect(writes)
        self._check(batch)
        for catalogue in batch.catalogue:
            self._definitions.update(catalogue.definitions)
            self._resources.update((resource.arn, resource) for resource in catalogue.put)
            for arn in catalogue.removed:
                self._resources.pop(arn, None)
            self._tags.update((arn, dict(tags)) for arn, tags in catalogue.tags.items())
        for key, moves in batch.moves.items():
            if moves.started is not None:
                identity = moves.started.identity
                self._keys[identity.arn] = key
                self._executions[key] = _Execution(
                    ExecutionRecord(
                        key=key,
                        identity=identity,
                        definition=moves.started.definition,
                        status=Status.RUNNING,
                    ),
                    moves.started.due_at,
                )
            self._executions[key].move(moves)
            if moves.announce:
                self._unannounced.add(key)
            if moves.ending is not None:
                self._undelivered = {place for place in self._undelivered if place[0] != key}
            else:
                self._undelivered.update((key, name) for name in moves.taken)
        for key in batch.forgotten:
            del self._keys[self._executions.pop(key).record.identity.arn]
            self._undelivered = {place for place in self._undelivered if place[0] != key}
        self._unannounced.difference_update(batch.announced)
        self._undelivered.difference_update(batch.delivered)

    def _check(self, batch: Batch) -> None:
        for key, after in batch.forgotten.items():
            if key not in self._executions or self._executions[key].version != after:
                raise OutOfStep(f"execution {key} has moved on meanwhile")
        arns: set[str] = set()
        for key, moves in batch.moves.items():
            found = self._executions.get(key)
            if moves.started is not None:
                arn = moves.started.identity.arn
                if found is not None or arn in self._keys or arn in arns:
                    raise OutOfStep(f"execution {arn} is there already")
                arns.add(arn)
            elif found is None or found.record.status.is_terminal or found.version != moves.after:
                raise OutOfStep(f"execution {key} has moved on meanwhile")

    def catalogue(self) -> Catalogue:
        return Catalogue(
            tuple(self._resources.values()), {arn: dict(tags) for arn, tags in self._tags.items()}
        )

    def definition(self, digest: str) -> str:
        try:
            return self._definitions[digest]
        except KeyError:
            raise NotFound("definition", digest) from None

    def last_key(self) -> Key:
        return max(self._executions, default=0)

    def find(self, arn: str) -> ExecutionRecord | None:
        key = self._keys.get(arn)
        return None if key is None else self.record(key)

    def record(self, key: Key) -> ExecutionRecord | None:
        found = self._executions.get(key)
        return found.record if found else None

    def snapshot(self, key: Key) -> Snapshot | None:
        found = self._executions.get(key)
        if found is None or found.record.status.is_terminal:
            return None
        return Snapshot(
            key=key,
            identity=found.record.identity,
            definition=found.record.definition,
            version=found.version,
            last_event=found.last_event,
            frames=dict(found.frames),
        )

    def open_executions(self) -> Iterator[OpenExecution]:
        for key, found in list(self._executions.items()):
            if not found.record.status.is_terminal:
                yield OpenExecution(key, found.due_at)

    def open_frames(self, key: Key | None = None) -> Iterator[OpenFrame]:
        for number in sorted(self._executions) if key is None else [key]:
            found = self._executions.get(number)
            for name, frame in list(found.frames.items()) if found else ():
                if not isinstance(frame.waiting, Joining | Queued | Ended):
                    yield open_frame(number, name, frame)

    def undelivered(self, key: Key | None = None) -> list[tuple[Key, FrameId]]:
        return sorted(place for place in self._undelivered if key in (None, place[0]))

    def executions(
        self, machine_arn: str, status: Status | None, before: Key | None, limit: int
    ) -> list[ExecutionSummary]:
        found = (
            self._executions[key].record
            for key in sorted(self._executions, reverse=True)
            if before is None or key < before
        )
        chosen = (
            record
            for record in found
            if record.identity.machine_arn == machine_arn and status in (None, record.status)
        )
        return [_summary(record) for record, _ in zip(chosen, range(limit), strict=False)]

    def history(
        self, key: Key, *, after: int = 0, before: int | None = None, limit: int, reverse: bool = False
    ) -> HistoryPage:
        found = self._executions.get(key)
        events = found.history[after : None if before is None else max(before - 1, 0)] if found else []
        if reverse:
            events = events[::-1]
        return HistoryPage(events[:limit], len(events) > limit)

    def unannounced(self) -> list[Key]:
        return sorted(self._unannounced)

    def close(self) -> None:
        """Nothing to let go of: what was written can still be read."""


def _summary(record: ExecutionRecord) -> ExecutionSummary:
    identity = record.identity
    return ExecutionSummary(
        record.key,
        identity.name,
        identity.machine_arn,
        record.status,
        identity.started_at,
        record.stopped_at,
        identity.state_machine_version_arn,
        identity.state_machine_alias_arn,
    )
