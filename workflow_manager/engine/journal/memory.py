"""The journal on memory: for tests, and for engines that need not survive their process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from msgspec import structs

from workflow_manager.engine.draft import MAX_HISTORY
from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import REDRIVABLE, REOPENABLE, Ending, Status
from workflow_manager.engine.frames import Ended, Frame, FrameId, Joining, Queued
from workflow_manager.engine.journal.batch import Batch, Moves, collect
from workflow_manager.engine.journal.port import Journal, NamesTaken, OutOfStep
from workflow_manager.engine.journal.records import (
    Abandoned,
    Catalogue,
    Child,
    ExecutionRecord,
    ExecutionSummary,
    HistoryPage,
    Key,
    MapRun,
    NewExecution,
    OpenExecution,
    OpenFrame,
    Resource,
    RunKey,
    Snapshot,
    Unnamed,
    Write,
    definitions_of,
    open_frame,
)
from workflow_manager.kernel.errors import NotFound


@dataclass(slots=True)
class _Execution:
    record: ExecutionRecord
    begun: NewExecution
    version: int = 0
    last_event: int = 0
    frames: dict[FrameId, Frame] = field(default_factory=dict)
    history: list[HistoryEvent] = field(default_factory=list)

    def move(self, moves: Moves) -> None:
        if moves.redriven is not None:
            self.record = replace(
                self.record,
                status=Status.RUNNING,
                stopped_at=None,
                ending=None,
                redrives=moves.redriven.number,
                redriven_at=moves.redriven.at,
                redrive_token=moves.redriven.token,
            )
            self.begun = structs.replace(self.begun, due_at=moves.redriven.due_at)
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
        self._abandoned: dict[tuple[Key, str], Abandoned] = {}
        self._map_runs: dict[RunKey, MapRun] = {}
        self._items: dict[RunKey, dict[int, str]] = {}
        self._children: dict[RunKey, dict[int, Key]] = {}

    def write(self, writes: Sequence[Write]) -> None:
        batch = collect(writes)
        self._check(batch)
        for catalogue in batch.catalogue:
            self._definitions.update(catalogue.definitions)
            self._resources.update((resource.arn, resource) for resource in catalogue.put)
            for arn in catalogue.removed:
                self._resources.pop(arn, None)
            for arn, tags in catalogue.tags.items():
                if tags:
                    self._tags[arn] = dict(tags)
                else:
                    self._tags.pop(arn, None)
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
                    moves.started,
                )
                if moves.started.map_run is not None and moves.started.number is not None:
                    self._children.setdefault(moves.started.map_run, {})[moves.started.number] = key
            self._executions[key].move(moves)
            if moves.redriven is not None:
                self._await_redrive(moves.redriven.map_runs)
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
        self._abandoned.update(batch.abandoned)
        for ended in batch.ended:
            self._abandoned.pop(ended, None)
        self._map_runs.update(batch.map_runs)
        for page in batch.items:
            self._items.setdefault(page.run, {})[page.page] = page.items
        for run in batch.map_runs.values():
            if run.status is Status.SUCCEEDED:
                self._items.pop(run.key, None)
        for unnamed in batch.unnamed:
            for digest in unnamed.definitions - self._named():
                self._definitions.pop(digest, None)

    def _await_redrive(self, runs: tuple[RunKey, ...]) -> None:
        for run in runs:
            for key in self._children.get(run, {}).values():
                child = self._executions[key]
                if child.record.status in REDRIVABLE and child.last_event < MAX_HISTORY - 1:
                    child.record = replace(child.record, status=Status.PENDING_REDRIVE)

    def _check(self, batch: Batch) -> None:
        for key, after in batch.forgotten.items():
            if key not in self._executions or self._executions[key].version != after:
                raise OutOfStep(f"execution {key} has moved on meanwhile")
        arns: set[str] = set()
        taken: list[Key] = []
        numbers: set[tuple[RunKey, int]] = set()
        for key, moves in batch.moves.items():
            found = self._executions.get(key)
            if moves.started is not None:
                arn = moves.started.identity.arn
                if found is not None:
                    raise OutOfStep(f"execution {key} is there already")
                if arn in self._keys or arn in arns:
                    taken.append(key)
                arns.add(arn)
                if moves.started.map_run is not None and moves.started.number is not None:
                    place = moves.started.map_run, moves.started.number
                    if place in numbers or place[1] in self._children.get(place[0], ()):
                        raise OutOfStep(f"execution {arn} is there already")
                    numbers.add(place)
            elif moves.redriven is not None:
                if found is None or not can_redrive(found.record.status, found.record.redrives, moves):
                    raise OutOfStep(f"execution {key} cannot be redriven")
            elif found is None or found.record.status is not Status.RUNNING or found.version != moves.after:
                raise OutOfStep(f"execution {key} has moved on meanwhile")
        if taken:
            raise NamesTaken(taken)

    def catalogue(self) -> Catalogue:
        return Catalogue(
            tuple(self._resources.values()), {arn: dict(tags) for arn, tags in self._tags.items()}
        )

    def _named(self) -> set[str]:
        executions = {execution.record.definition for execution in self._executions.values()}
        return executions | definitions_of(self._resources.values())

    def unnamed(self, limit: int) -> Unnamed | None:
        found = sorted(self._definitions.keys() - self._named())[:limit]
        return Unnamed(definitions=frozenset(found), after=self.last_key()) if found else None

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
        if found is None or found.record.status is not Status.RUNNING:
            return None
        return Snapshot(
            key=key,
            identity=found.record.identity,
            definition=found.record.definition,
            version=found.version,
            last_event=found.last_event,
            frames=dict(found.frames),
            redrives=found.record.redrives,
        )

    def open_executions(self) -> Iterator[OpenExecution]:
        for key, found in list(self._executions.items()):
            if found.record.status is Status.RUNNING:
                yield OpenExecution(key, found.begun.due_at)

    def open_frames(self, key: Key | None = None) -> Iterator[OpenFrame]:
        for number in sorted(self._executions) if key is None else [key]:
            found = self._executions.get(number)
            frames = sorted(found.frames.items(), key=lambda item: item[1].visit) if found else []
            for name, frame in frames:
                if not isinstance(frame.waiting, Joining | Queued | Ended):
                    yield open_frame(number, name, frame)

    def undelivered(self, key: Key | None = None) -> list[tuple[Key, FrameId]]:
        return sorted(place for place in self._undelivered if key in (None, place[0]))

    def abandoned(self, key: Key | None = None) -> list[tuple[Key, Abandoned]]:
        found = sorted(self._abandoned.items(), key=lambda item: item[0])
        return [(execution, job) for (execution, _), job in found if key in (None, execution)]

    def executions(
        self,
        machine_arn: str,
        status: Status | None,
        before: Key | None,
        limit: int,
        qualified: str | None = None,
    ) -> list[ExecutionSummary]:
        found = (
            self._executions[key].record
            for key in sorted(self._executions, reverse=True)
            if before is None or key < before
        )
        chosen = (
            record
            for record in found
            if record.identity.machine_arn == machine_arn
            and status in (None, record.status)
            and (qualified is None or qualified in _qualifiers(record))
        )
        return [_summary(record) for record, _ in zip(chosen, range(limit), strict=False)]

    def map_run(self, arn: str) -> MapRun | None:
        return next((run for run in self._map_runs.values() if run.arn == arn), None)

    def map_runs(self, execution: Key, before: RunKey | None, limit: int) -> list[MapRun]:
        found = [
            run
            for run in self._map_runs.values()
            if run.execution == execution and (before is None or run.key < before)
        ]
        return sorted(found, key=lambda run: run.key, reverse=True)[:limit]

    def open_map_runs(self) -> list[MapRun]:
        return [self._map_runs[key] for key in sorted(self._map_runs) if not self._map_runs[key].settled]

    def last_map_run(self) -> RunKey:
        return max(self._map_runs, default=0)

    def items(self, run: RunKey, page: int) -> str | None:
        return self._items.get(run, {}).get(page)

    def children(self, run: RunKey) -> Iterator[Child]:
        for number, key in sorted(self._children.get(run, {}).items()):
            found = self._executions[key]
            record = found.record
            yield Child(key, number, found.begun.items or 0, record.status, record.stopped_at)

    def child_records(self, run: RunKey, start: int, limit: int) -> list[ExecutionRecord]:
        numbers = sorted(number for number in self._children.get(run, {}) if number >= start)
        return [self._executions[self._children[run][number]].record for number in numbers[:limit]]

    def child_executions(
        self,
        run: RunKey,
        status: Status | None,
        before: Key | None,
        limit: int,
        redriven: bool | None = None,
    ) -> list[ExecutionSummary]:
        found = [
            self._executions[child.key]
            for child in self.children(run)
            if status in (None, child.status) and (before is None or child.key < before)
        ]
        if redriven is not None:
            found = [each for each in found if bool(each.record.redrives) is redriven]
        found.sort(key=lambda execution: execution.record.key, reverse=True)
        return [_summary(each.record)._replace(items=each.begun.items) for each in found[:limit]]

    def history(
        self, key: Key, *, after: int = 0, before: int | None = None, limit: int, reverse: bool = False
    ) -> HistoryPage:
        found = self._executions.get(key)
        events = found.history[after : None if before is None else max(before - 1, 0)] if found else []
        if reverse:
            events = events[::-1]
        return HistoryPage(events[:limit], len(events) > limit)

    def unannounced(self, limit: int) -> list[Key]:
        return sorted(self._unannounced)[:limit]

    def close(self) -> None:
        """Nothing to let go of: what was written can still be read."""


def _qualifiers(record: ExecutionRecord) -> tuple[str | None, str | None]:
    return record.identity.state_machine_version_arn, record.identity.state_machine_alias_arn


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
        record.redrives,
        record.redriven_at,
    )


def can_redrive(status: Status, redrives: int, moves: Moves) -> bool:
    return status in REOPENABLE and moves.redriven is not None and redrives == moves.redriven.number - 1
