"""The journal on SQLite: one writing connection, a reading one for each thread, WAL between them.

Statements carry many rows each.  The writing thread gives up the interpreter's lock at every
statement and may wait for milliseconds to get it back, so a batch has to be few statements.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import REDRIVABLE, Status
from workflow_manager.engine.frames import Frame, FrameId
from workflow_manager.engine.journal import codec, schema
from workflow_manager.engine.journal.batch import Batch, collect
from workflow_manager.engine.journal.port import Journal, OutOfStep
from workflow_manager.engine.journal.records import (
    Catalogue,
    CatalogueWrite,
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
    Write,
    machine_and_name,
    open_frame,
)
from workflow_manager.kernel.errors import NotFound, Unavailable
from workflow_manager.kernel.sqlite import begin, roll_back

Row: TypeAlias = "tuple[Any, ...]"

ROWS_A_STATEMENT: Final = 64
MAX_PAGE: Final = 4 * 2**20  # bytes of history, after which a page is full
EVENT_BITS: Final = 24  # of a history row's id: the number of its first event, below the execution's key
LAST_EVENT: Final = (1 << EVENT_BITS) - 1

_STATUS: Final = {status: number for number, status in enumerate(Status)}
_STATUS_OF: Final = dict(enumerate(Status))
_RECORD: Final = "key, status, stopped_at, definition, ending, identity, redrives, redriven_at, redrive_token"


class SqliteJournal(Journal):
    """A journal in the file `path`, for this process alone.

    `synchronous` is SQLite's: with FULL what was written survives the loss of power, with NORMAL
    that of the process.  Raises `Unavailable` when another process holds the file, or when a newer
    release has written it.
    """

    def __init__(self, path: Path, *, synchronous: str = "FULL") -> None:
        self._path = path
        self._lock = schema.lock(path)
        try:
            self._writer = schema.open_for_writing(path, synchronous)
            self._machines = schema.machines(self._writer, path)
        except BaseException:
            self._lock.close()
            raise
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []

    # Writing

    def write(self, writes: Sequence[Write]) -> None:
        batch = collect(writes)
        try:
            begin(self._writer)
            machines = self._write(batch)
            self._writer.execute("COMMIT")
        except BaseException as error:
            roll_back(self._writer)
            if isinstance(error, sqlite3.IntegrityError):
                raise OutOfStep(str(error)) from error
            if isinstance(error, sqlite3.DatabaseError):
                raise Unavailable(f"The journal cannot be written: {error}.") from error
            raise
        self._machines.update(machines)

    def _write(self, batch: Batch) -> dict[str, int]:
        for catalogue in batch.catalogue:
            self._write_catalogue(catalogue)
        machines = self._write_started(batch)
        self._write_redriven(batch)
        self._write_moved(batch)
        self._write_frames(batch)
        self._insert(
            "INSERT INTO history (id, events) VALUES",
            [
                (key << EVENT_BITS | chunk[0].id, codec.encode_json(chunk))
                for key, moves in batch.moves.items()
                for chunk in moves.chunks
            ],
        )
        self._write_map_runs(batch)
        self._write_deliveries(batch)
        self._write_ended(batch)
        self._write_forgotten(batch)
        return machines

    def _write_catalogue(self, write: CatalogueWrite) -> None:
        self._insert(
            "INSERT OR IGNORE INTO definition (digest, text) VALUES", list(write.definitions.items())
        )
        self._insert(
            "INSERT OR REPLACE INTO resource (arn, body) VALUES",
            [(resource.arn, codec.encode_json(resource)) for resource in write.put],
        )
        self._delete("DELETE FROM resource WHERE arn IN", [(arn,) for arn in write.removed])
        self._insert(
            "INSERT OR REPLACE INTO tag (arn, body) VALUES",
            [(arn, codec.encode_json(tags)) for arn, tags in write.tags.items()],
        )

    def _write_started(self, batch: Batch) -> dict[str, int]:
        started = [(key, moves) for key, moves in batch.moves.items() if moves.started is not None]
        machines: dict[str, int] = {}
        rows: list[Row] = []
        for key, moves in started:
            assert moves.started is not None
            identity = moves.started.identity
            machine = self._machine(identity.machine_arn, machines)
            status = moves.ending.status if moves.ending else Status.RUNNING
            rows.append(
                (
                    key,
                    machine,
                    machine_and_name(identity.arn)[1],
                    _STATUS[status],
                    codec.micros(identity.started_at),
                    codec.micros(moves.stopped_at),
                    identity.state_machine_version_arn,
                    identity.state_machine_alias_arn,
                    moves.started.definition,
                    codec.encode_json(moves.ending) if moves.ending else None,
                    codec.encode_json(identity),
                    moves.started.map_run,
                    moves.started.number,
                    moves.started.items,
                )
            )
        self._insert(
            "INSERT INTO execution (key, machine, name, status, started_at, stopped_at, version_arn,"
            " alias_arn, definition, ending, identity, map_run, number, items) VALUES",
            rows,
        )
        self._insert(
            "INSERT INTO open_execution (key, version, last_event, due_at) VALUES",
            [
                (key, moves.version, moves.last_event, codec.micros(moves.started.due_at))
                for key, moves in started
                if moves.ending is None and moves.started is not None
            ],
        )
        return machines

    def _write_redriven(self, batch: Batch) -> None:
        for key, moves in batch.moves.items():
            if (redriven := moves.redriven) is None:
                continue
            failed = tuple(_STATUS[status] for status in REDRIVABLE)
            reopened = self._writer.execute(
                "UPDATE execution SET status = ?, stopped_at = NULL, ending = NULL, redrives = ?,"
                " redriven_at = ?, redrive_token = ? WHERE key = ? AND redrives = ? AND status IN (?, ?, ?)",
                (
                    _STATUS[Status.RUNNING],
                    redriven.number,
                    codec.micros(redriven.at),
                    redriven.token,
                    key,
                    redriven.number - 1,
                    *failed,
                ),
            )
            if reopened.rowcount != 1:
                raise OutOfStep(f"execution {key} cannot be redriven")
            self._writer.execute(
                "INSERT INTO open_execution (key, version, last_event, due_at) VALUES (?, ?, ?, ?)",
                (key, moves.version, moves.last_event, codec.micros(redriven.due_at)),
            )

    def _machine(self, arn: str, fresh: dict[str, int]) -> int:
        number = self._machines.get(arn) or fresh.get(arn)
        if number is None:
            number = len(self._machines) + len(fresh) + 1
            self._writer.execute("INSERT INTO machine (id, arn) VALUES (?, ?)", (number, arn))
            fresh[arn] = number
        return number

    def _write_moved(self, batch: Batch) -> None:
        moved = [
            (key, moves.after, moves.version, moves.last_event)
            for key, moves in batch.moves.items()
            if moves.started is None and moves.redriven is None
        ]
        written = self._insert(
            "UPDATE open_execution SET version = v.column3, last_event = v.column4 FROM (VALUES",
            moved,
            ") AS v WHERE key = v.column1 AND version = v.column2",
        )
        if written != len(moved):
            raise OutOfStep("an execution has moved on meanwhile")

    def _write_frames(self, batch: Batch) -> None:
        put: list[Row] = []
        gone: list[Row] = []
        for key, moves in batch.moves.items():
            if moves.ending is not None:
                continue
            for name, frame in moves.frames.items():
                if frame is not None:
                    put.append(_frame_row(key, name, frame))
                elif moves.started is None:
                    gone.append((key, name))
        self._insert(
            "INSERT OR REPLACE INTO frame (execution, id, waiting, visit, due_at, resource, owed, body)"
            " VALUES",
            put,
        )
        self._delete("DELETE FROM frame WHERE (execution, id) IN", gone)

    def _write_map_runs(self, batch: Batch) -> None:
        self._insert(
            "INSERT OR REPLACE INTO map_items (map_run, page, items) VALUES",
            [(page.run, page.page, page.items) for page in batch.items],
        )
        self._insert(
            "INSERT INTO map_run (key, arn, execution, settled, body) VALUES",
            [
                (run.key, run.arn, run.execution, run.settled, codec.encode_json(run))
                for run in batch.map_runs.values()
            ],
            " ON CONFLICT (key) DO UPDATE SET settled = excluded.settled, body = excluded.body",
        )
        over = [(run.key,) for run in batch.map_runs.values() if run.status is not Status.RUNNING]
        self._delete("DELETE FROM map_items WHERE map_run IN", over)

    def _write_deliveries(self, batch: Batch) -> None:
        self._insert(
            "INSERT OR IGNORE INTO undelivered (execution, frame) VALUES",
            [
                (key, name)
                for key, moves in batch.moves.items()
                if moves.ending is None
                for name in moves.taken
                if (key, name) not in batch.delivered
            ],
        )
        self._delete("DELETE FROM undelivered WHERE (execution, frame) IN", list(batch.delivered))

    def _write_ended(self, batch: Batch) -> None:
        ended = [(key, moves) for key, moves in batch.moves.items() if moves.ending is not None]
        opened_before = [(key,) for key, moves in ended if moves.started is None]
        self._delete("DELETE FROM open_execution WHERE key IN", opened_before)
        self._delete("DELETE FROM frame WHERE execution IN", opened_before)
        self._delete("DELETE FROM undelivered WHERE execution IN", opened_before)
        self._insert(
            "UPDATE execution SET status = v.column2, stopped_at = v.column3, ending = v.column4"
            " FROM (VALUES",
            [
                (
                    key,
                    _STATUS[moves.ending.status],
                    codec.micros(moves.stopped_at),
                    codec.encode_json(moves.ending),
                )
                for key, moves in ended
                if moves.started is None and moves.ending is not None
            ],
            ") AS v WHERE key = v.column1",
        )
        self._insert(
            "INSERT OR IGNORE INTO unannounced (key) VALUES",
            [(key,) for key, moves in ended if moves.announce],
        )
        self._delete("DELETE FROM unannounced WHERE key IN", [(key,) for key in batch.announced])

    def _write_forgotten(self, batch: Batch) -> None:
        for key, after in batch.forgotten.items():
            gone = self._writer.execute(
                "DELETE FROM open_execution WHERE key = ? AND version = ?", (key, after)
            )
            if gone.rowcount != 1:
                raise OutOfStep(f"execution {key} has moved on meanwhile")
            self._writer.execute("DELETE FROM frame WHERE execution = ?", (key,))
            self._writer.execute("DELETE FROM undelivered WHERE execution = ?", (key,))
            self._writer.execute("DELETE FROM execution WHERE key = ?", (key,))
            first = key << EVENT_BITS
            self._writer.execute("DELETE FROM history WHERE id BETWEEN ? AND ?", (first, first + LAST_EVENT))

    def _insert(self, head: str, rows: Sequence[Row], tail: str = "") -> int:
        """Run a statement over all rows, many at a time; the number of rows it changed."""
        changed = 0
        for part in _parts(rows):
            values = ", ".join([f"({', '.join('?' * len(part[0]))})"] * len(part))
            cursor = self._writer.execute(f"{head} {values}{tail}", [value for row in part for value in row])
            changed += cursor.rowcount
        return changed

    def _delete(self, head: str, rows: Sequence[Row]) -> None:
        self._insert(f"{head} (VALUES", rows, ")")

    # Reading

    def _read(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        try:
            connection: sqlite3.Connection = self._local.connection
        except AttributeError:
            connection = self._local.connection = schema.open_for_reading(self._path)
            self._readers.append(connection)
        try:
            return connection.cursor(_Rows).execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise _unreadable(error) from error

    def catalogue(self) -> Catalogue:
        return Catalogue(
            tuple(codec.decode_resource(body) for (body,) in self._read("SELECT body FROM resource")),
            {arn: codec.decode_tags(body) for arn, body in self._read("SELECT arn, body FROM tag")},
        )

    def definition(self, digest: str) -> str:
        row = self._read("SELECT text FROM definition WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            raise NotFound("definition", digest)
        return str(row[0])

    def last_key(self) -> Key:
        (key,) = self._read("SELECT max(key) FROM execution").fetchone()
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
        row = self._read(
            f"SELECT {_RECORD} FROM execution WHERE {where}",
            parameters,
        ).fetchone()
        return None if row is None else _record(row)

    def snapshot(self, key: Key) -> Snapshot | None:
        row = self._read(
            "SELECT version, last_event, definition, identity, redrives FROM open_execution"
            " JOIN execution USING (key) WHERE key = ?",
            (key,),
        ).fetchone()
        if row is None:
            return None
        version, last_event, definition, identity, redrives = row
        frames = self._read("SELECT id, body FROM frame WHERE execution = ?", (key,))
        return Snapshot(
            key=key,
            identity=codec.decode_identity(identity),
            definition=definition,
            version=version,
            last_event=last_event,
            frames={name: codec.decode_frame(body) for name, body in frames},
            redrives=redrives,
        )

    def open_executions(self) -> Iterator[OpenExecution]:
        for key, due in self._read("SELECT key, due_at FROM open_execution"):
            yield OpenExecution(key, codec.moment(due))

    def open_frames(self, key: Key | None = None) -> Iterator[OpenFrame]:
        rows = self._read(
            "SELECT execution, id, visit, waiting, due_at, resource, owed FROM frame"
            " WHERE waiting NOT IN ('joining', 'queued', 'ended')"
            f"{' AND execution = ?' if key is not None else ''} ORDER BY execution",
            () if key is None else (key,),
        )
        for execution, name, visit, waiting, due, resource, owed in rows:
            yield OpenFrame(execution, name, visit, waiting, codec.moment(due), resource, bool(owed))

    def undelivered(self, key: Key | None = None) -> list[tuple[Key, FrameId]]:
        where, parameters = ("", ()) if key is None else (" WHERE execution = ?", (key,))
        found = self._read(f"SELECT execution, frame FROM undelivered{where} ORDER BY execution", parameters)
        return list(found)

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
            parameters.append(_STATUS[status])
        if before is not None:
            where += " AND key < ?"
            parameters.append(before)
        if qualified is not None:
            where += " AND ? IN (version_arn, alias_arn)"
            parameters.append(qualified)
        rows = self._read(
            "SELECT key, name, status, started_at, stopped_at, version_arn, alias_arn, redrives, redriven_at,"
            f" items FROM execution WHERE {where} ORDER BY key DESC LIMIT ?",
            (*parameters, limit),
        )
        return [
            ExecutionSummary(
                key,
                name,
                machine_arn,
                _STATUS_OF[number],
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
        row = self._read("SELECT body FROM map_run WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else codec.decode_map_run(row[0])

    def map_runs(self, execution: Key, before: RunKey | None, limit: int) -> list[MapRun]:
        rows = self._read(
            "SELECT body FROM map_run WHERE execution = ? AND key < coalesce(?, key + 1)"
            " ORDER BY key DESC LIMIT ?",
            (execution, before, limit),
        )
        return [codec.decode_map_run(body) for (body,) in rows]

    def open_map_runs(self) -> list[MapRun]:
        rows = self._read("SELECT body FROM map_run WHERE NOT settled ORDER BY key")
        return [codec.decode_map_run(body) for (body,) in rows]

    def last_map_run(self) -> RunKey:
        # The children of one that was pruned may still be there.
        (key,) = self._read(
            "SELECT max(key) FROM (SELECT max(key) AS key FROM map_run"
            " UNION ALL SELECT max(map_run) FROM execution WHERE map_run IS NOT NULL)"
        ).fetchone()
        return key or 0

    def items(self, run: RunKey, page: int) -> str | None:
        row = self._read("SELECT items FROM map_items WHERE map_run = ? AND page = ?", (run, page)).fetchone()
        return None if row is None else str(row[0])

    def children(self, run: RunKey) -> Iterator[Child]:
        rows = self._read(
            "SELECT key, number, items, status FROM execution WHERE map_run = ? ORDER BY number", (run,)
        )
        for key, number, items, status in rows:
            yield Child(key, number, items, _STATUS_OF[status])

    def child_records(self, run: RunKey, start: int, limit: int) -> list[ExecutionRecord]:
        rows = self._read(
            f"SELECT {_RECORD} FROM execution WHERE map_run = ? AND number >= ? ORDER BY number LIMIT ?",
            (run, start, limit),
        )
        return [_record(row) for row in rows]

    def child_executions(
        self, run: RunKey, status: Status | None, before: Key | None, limit: int
    ) -> list[ExecutionSummary]:
        row = self._read(
            "SELECT arn FROM machine JOIN execution ON machine.id = machine WHERE map_run = ? LIMIT 1",
            (run,),
        ).fetchone()
        if row is None:
            return []
        return self._summaries("map_run = ?", run, row[0], status, before, limit)

    def history(
        self, key: Key, *, after: int = 0, before: int | None = None, limit: int, reverse: bool = False
    ) -> HistoryPage:
        lowest, highest = key << EVENT_BITS, (key + 1) << EVENT_BITS
        until = highest if before is None else lowest + before
        chunks = self._read(
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

    def unannounced(self) -> list[Key]:
        return [key for (key,) in self._read("SELECT key FROM unannounced ORDER BY key")]

    def close(self) -> None:
        for connection in (*self._readers, self._writer, self._lock):
            connection.close()


def _record(row: Row) -> ExecutionRecord:
    key, status, stopped_at, definition, ending, identity, redrives, redriven_at, token = row
    return ExecutionRecord(
        key=key,
        identity=codec.decode_identity(identity),
        definition=definition,
        status=_STATUS_OF[status],
        stopped_at=codec.moment(stopped_at),
        ending=codec.decode_ending(ending) if ending else None,
        redrives=redrives,
        redriven_at=codec.moment(redriven_at),
        redrive_token=token,
    )


class _Rows(sqlite3.Cursor):
    """A damaged page may come up at any row."""

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise _unreadable(error) from error


def _unreadable(error: sqlite3.DatabaseError) -> Unavailable:
    return Unavailable(f"The journal cannot be read: {error}.")


def _known(at: int) -> datetime:
    known = codec.moment(at)
    assert known is not None
    return known


def _parts(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        yield rows[start : start + ROWS_A_STATEMENT]


def _frame_row(key: Key, id: FrameId, frame: Frame) -> Row:
    found = open_frame(key, id, frame)
    return (
        key,
        id,
        found.waiting,
        found.visit,
        codec.micros(found.due_at),
        found.resource,
        found.owed,
        codec.encode_frame(frame),
    )
