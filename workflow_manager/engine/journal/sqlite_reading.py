"""What is read from the SQLite journal, by connections beside the one that writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import Status
from workflow_manager.engine.frames import Frame, FrameId
from workflow_manager.engine.journal import codec, schema
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import (
    Abandoned,
    Catalogue,
    Child,
    ExecutionRecord,
    ExecutionSummary,
    HistoryPage,
    Key,
    MapRun,
    OpenExecution,
    OpenFrame,
    RunKey,
    Snapshot,
    Unnamed,
    machine_and_name,
)
from workflow_manager.engine.journal.schema import EVENT_BITS, NAMED_BY_CATALOGUE
from workflow_manager.kernel.errors import NotFound, ServiceUnavailable
from workflow_manager.kernel.sqlite import Readers, reason

Row: TypeAlias = "tuple[Any, ...]"

MAX_PAGE: Final = 4 * 2**20  # bytes of history, after which a page is full

_RECORD: Final = "key, status, stopped_at, definition, ending, identity, redrives, redriven_at, redrive_token"


class SqliteReading(Journal):
    """The half of the journal at `path` that only looks; `machines` are the numbers of state machines.

    What it shows is what is committed.
    """

    def __init__(self, path: Path, machines: Mapping[str, int]) -> None:
        self._readers = Readers(lambda: schema.open_for_reading(path))
        self._machines = machines

    def _all(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        try:
            with self._readers.connection() as connection:
                return connection.execute(sql, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            raise _unreadable(error) from error

    def _first(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        return next(iter(self._all(sql, parameters)), None)

    def _each(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[Row]:
        """What may be too much to be had at once."""
        try:
            with (
                self._readers.connection() as connection,
                closing(connection.execute(sql, parameters)) as rows,
            ):
                yield from rows
        except sqlite3.DatabaseError as error:
            raise _unreadable(error) from error

    def catalogue(self) -> Catalogue:
        return Catalogue(
            tuple(codec.decode_resource(body) for (body,) in self._all("SELECT body FROM resource")),
            {arn: codec.decode_tags(body) for arn, body in self._all("SELECT arn, body FROM tag")},
        )

    def definition(self, digest: str) -> str:
        row = self._first("SELECT text FROM definition WHERE digest = ?", (digest,))
        if row is None:
            raise NotFound("definition", digest)
        return str(row[0])

    def unnamed(self, limit: int) -> Unnamed | None:
        # All as of one moment, and the last key first: what has begun since has a higher one.
        after = self.last_key()
        machines = self._all(
            "SELECT arn FROM machine AS m WHERE NOT EXISTS"
            " (SELECT 1 FROM execution WHERE execution.machine = m.id) LIMIT ?",
            (limit,),
        )
        rows = self._all(f"SELECT digest FROM definition WHERE digest NOT IN ({NAMED_BY_CATALOGUE})")
        definitions = {digest for (digest,) in rows}
        if definitions:  # to look through all executions is not for nothing
            named = self._all("SELECT DISTINCT definition FROM execution")
            definitions.difference_update(digest for (digest,) in named)
        if not machines and not definitions:
            return None
        return Unnamed(
            definitions=frozenset(sorted(definitions)[:limit]),
            machines=frozenset(arn for (arn,) in machines),
            after=after,
        )

    def last_key(self) -> Key:
        ((key,),) = self._all("SELECT max(key) FROM execution")
        return key or 0

    def find(self, arn: str) -> ExecutionRecord | None:
        machine_arn, name = machine_and_name(arn)
        machine = self._machines.get(machine_arn)
        if machine is None:
            return None
        return self._record("machine = ? AND name = ?", (machine, name))

    def record(self, key: Key) -> ExecutionRecord | None:
        return self._record("key = ?", (key,))

    def _record(self, where: str, parameters: Sequence[object]) -> ExecutionRecord | None:
        row = self._first(
            f"SELECT {_RECORD} FROM execution WHERE {where}",
            parameters,
        )
        return None if row is None else _record(row)

    def snapshot(self, key: Key) -> Snapshot | None:
        row = self._first(
            "SELECT version, last_event, definition, identity, redrives FROM open_execution"
            " JOIN execution USING (key) WHERE key = ?",
            (key,),
        )
        if row is None:
            return None
        version, last_event, definition, identity, redrives = row
        frames, damage = _frames(self._all("SELECT id, body FROM frame WHERE execution = ?", (key,)))
        return Snapshot(
            key=key,
            identity=codec.decode_identity(identity),
            definition=definition,
            version=version,
            last_event=last_event,
            frames=frames,
            redrives=redrives,
            damage=damage,
        )

    def open_executions(self) -> Iterator[OpenExecution]:
        for key, due in self._each("SELECT key, due_at FROM open_execution"):
            yield OpenExecution(key, codec.moment(due))

    def open_frames(self, key: Key | None = None) -> Iterator[OpenFrame]:
        rows = self._each(
            "SELECT execution, id, visit, waiting, due_at, resource, owed FROM frame"
            " WHERE waiting NOT IN ('joining', 'queued', 'ended')"
            f"{' AND execution = ?' if key is not None else ''} ORDER BY execution, visit",
            () if key is None else (key,),
        )
        for execution, name, visit, waiting, due, resource, owed in rows:
            yield OpenFrame(execution, name, visit, waiting, codec.moment(due), resource, bool(owed))

    def undelivered(self, key: Key | None = None) -> list[tuple[Key, FrameId]]:
        where, parameters = ("", ()) if key is None else (" WHERE execution = ?", (key,))
        return self._all(f"SELECT execution, frame FROM undelivered{where} ORDER BY execution", parameters)

    def abandoned(self, key: Key | None = None) -> list[tuple[Key, Abandoned]]:
        where, parameters = ("", ()) if key is None else (" WHERE execution = ?", (key,))
        found = self._all(f"SELECT execution, body FROM abandoned{where} ORDER BY execution", parameters)
        return [(execution, codec.decode_abandoned(body)) for execution, body in found]

    def executions(
        self,
        machine_arn: str,
        status: Status | None,
        before: Key | None,
        limit: int,
        qualified: str | None = None,
    ) -> list[ExecutionSummary]:
        machine = self._machines.get(machine_arn)
        if machine is None:
            return []
        return self._summaries("machine = ?", machine, machine_arn, status, before, limit, qualified)

    def _summaries(
        self,
        where: str,
        of: int,
        machine_arn: str,
        status: Status | None,
        before: Key | None,
        limit: int,
        qualified: str | None = None,
    ) -> list[ExecutionSummary]:
        parameters: list[object] = [of]
        if status is not None:
            where += " AND status = ?"
            parameters.append(codec.STATUS_NUMBERS[status])
        if before is not None:
            where += " AND key < ?"
            parameters.append(before)
        if qualified is not None:
            where += " AND ? IN (version_arn, alias_arn)"
            parameters.append(qualified)
        rows = self._all(
            "SELECT key, name, status, started_at, stopped_at, version_arn, alias_arn, redrives, redriven_at,"
            f" items FROM execution WHERE {where} ORDER BY key DESC LIMIT ?",
            (*parameters, limit),
        )
        return [
            ExecutionSummary(
                key,
                name,
                machine_arn,
                codec.STATUSES[number],
                _known(started),
                codec.moment(stopped),
                version,
                alias,
                redrives,
                codec.moment(redriven),
                items,
            )
            for key, name, number, started, stopped, version, alias, redrives, redriven, items in rows
        ]

    def map_run(self, arn: str) -> MapRun | None:
        row = self._first("SELECT body FROM map_run WHERE arn = ?", (arn,))
        return None if row is None else codec.decode_map_run(row[0])

    def map_runs(self, execution: Key, before: RunKey | None, limit: int) -> list[MapRun]:
        rows = self._all(
            "SELECT body FROM map_run WHERE execution = ? AND key < coalesce(?, key + 1)"
            " ORDER BY key DESC LIMIT ?",
            (execution, before, limit),
        )
        return [codec.decode_map_run(body) for (body,) in rows]

    def open_map_runs(self) -> list[MapRun]:
        rows = self._all("SELECT body FROM map_run WHERE NOT settled ORDER BY key")
        return [codec.decode_map_run(body) for (body,) in rows]

    def last_map_run(self) -> RunKey:
        # The children of one that was pruned may still be there.
        ((key,),) = self._all(
            "SELECT max(key) FROM (SELECT max(key) AS key FROM map_run"
            " UNION ALL SELECT max(map_run) FROM execution WHERE map_run IS NOT NULL)"
        )
        return key or 0

    def items(self, run: RunKey, page: int) -> str | None:
        row = self._first("SELECT items FROM map_items WHERE map_run = ? AND page = ?", (run, page))
        return None if row is None else str(row[0])

    def children(self, run: RunKey) -> Iterator[Child]:
        rows = self._each(
            "SELECT key, number, items, status, stopped_at FROM execution WHERE map_run = ? ORDER BY number",
            (run,),
        )
        for key, number, items, status, stopped in rows:
            yield Child(key, number, items, codec.STATUSES[status], codec.moment(stopped))

    def child_records(self, run: RunKey, start: int, limit: int) -> list[ExecutionRecord]:
        rows = self._all(
            f"SELECT {_RECORD} FROM execution WHERE map_run = ? AND number >= ? ORDER BY number LIMIT ?",
            (run, start, limit),
        )
        return [_record(row) for row in rows]

    def child_executions(
        self,
        run: RunKey,
        status: Status | None,
        before: Key | None,
        limit: int,
        redriven: bool | None = None,
    ) -> list[ExecutionSummary]:
        row = self._first(
            "SELECT arn FROM machine JOIN execution ON machine.id = machine WHERE map_run = ? LIMIT 1",
            (run,),
        )
        if row is None:
            return []
        where = "map_run = ?"
        if redriven is not None:
            where += f" AND redrives {'>' if redriven else '='} 0"
        return self._summaries(where, run, row[0], status, before, limit)

    def history(
        self, key: Key, *, after: int = 0, before: int | None = None, limit: int, reverse: bool = False
    ) -> HistoryPage:
        lowest, highest = key << EVENT_BITS, (key + 1) << EVENT_BITS
        until = highest if before is None else lowest + before
        chunks = self._each(
            "SELECT events FROM history WHERE id >= coalesce("
            "(SELECT max(id) FROM history WHERE id BETWEEN ? AND ?), ?) AND id < ?"
            f" ORDER BY id {'DESC' if reverse else 'ASC'}",
            (lowest, lowest + after + 1, lowest, until),
        )
        found: list[HistoryEvent] = []
        size = 0
        for (chunk,) in chunks:
            if found and size > MAX_PAGE:
                return HistoryPage(found, True)
            events = codec.decode_history(chunk)
            found += [
                event
                for event in (reversed(events) if reverse else events)
                if event.id > after and (before is None or event.id < before)
            ]
            size += len(chunk)
            if len(found) > limit:
                return HistoryPage(found[:limit], True)
        return HistoryPage(found, False)

    def unannounced(self, limit: int) -> list[Key]:
        rows = self._all("SELECT key FROM unannounced ORDER BY key LIMIT ?", (limit,))
        return [key for (key,) in rows]

    def close(self) -> None:
        self._readers.close()


def _frames(rows: Iterable[Row]) -> tuple[dict[FrameId, Frame], dict[FrameId, str]]:
    """Those that can be read, and why the others cannot."""
    frames: dict[FrameId, Frame] = {}
    damage: dict[FrameId, str] = {}
    for name, body in rows:
        try:
            frames[name] = codec.decode_frame(body)
        except ValueError as error:
            damage[name] = str(error)
    return frames, damage


def _record(row: Row) -> ExecutionRecord:
    key, status, stopped_at, definition, ending, identity, redrives, redriven_at, token = row
    return ExecutionRecord(
        key=key,
        identity=codec.decode_identity(identity),
        definition=definition,
        status=codec.STATUSES[status],
        stopped_at=codec.moment(stopped_at),
        ending=codec.decode_ending(ending) if ending else None,
        redrives=redrives,
        redriven_at=codec.moment(redriven_at),
        redrive_token=token,
    )


def _unreadable(error: sqlite3.DatabaseError) -> ServiceUnavailable:
    return ServiceUnavailable(f"The journal cannot be read: {reason(error)}.")


def _known(at: int) -> datetime:
    known = codec.moment(at)
    assert known is not None
    return known
