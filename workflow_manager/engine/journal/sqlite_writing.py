"""How a batch of writes becomes rows.

Statements carry many rows each.  The writing thread gives up the interpreter's lock at every
statement and may wait for milliseconds to get it back, so a batch has to be few statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeAlias

from workflow_manager.engine.draft import MAX_HISTORY
from workflow_manager.engine.execution import REDRIVABLE, REOPENABLE, Status
from workflow_manager.engine.frames import Frame, FrameId
from workflow_manager.engine.journal import codec
from workflow_manager.engine.journal.batch import Batch
from workflow_manager.engine.journal.port import NamesTaken, OutOfStep
from workflow_manager.engine.journal.records import (
    CatalogueWrite,
    Key,
    RunKey,
    Unnamed,
    machine_and_name,
    open_frame,
)
from workflow_manager.engine.journal.schema import EVENT_BITS, LAST_EVENT, NAMED_BY_CATALOGUE
from workflow_manager.kernel.json import dumps

Row: TypeAlias = "tuple[Any, ...]"

ROWS_A_STATEMENT: Final = 64


class Writing:
    """Within a transaction of `connection`; `machines` are the numbers of state machines so far."""

    def __init__(self, connection: sqlite3.Connection, machines: Mapping[str, int]) -> None:
        self._writer = connection
        self._machines = machines
        # None is given twice: who has just looked one up must not find another machine by it.
        self._last_number = max(machines.values(), default=0)

    def write(self, batch: Batch) -> dict[str, int | None]:
        """The numbers of new state machines, None for those that are gone.  Raises `OutOfStep`."""
        for catalogue in batch.catalogue:
            self._write_catalogue(catalogue)
        machines: dict[str, int | None] = {**self._write_started(batch)}
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
        self._write_abandoned(batch)
        self._write_ended(batch)
        self._write_forgotten(batch)
        # Last, so that what begins in the same batch has what it names.
        for unnamed in batch.unnamed:
            machines.update(self._write_unnamed(unnamed))
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
            [(arn, codec.encode_json(tags)) for arn, tags in write.tags.items() if tags],
        )
        self._delete("DELETE FROM tag WHERE arn IN", [(arn,) for arn, tags in write.tags.items() if not tags])

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
                    codec.STATUS_NUMBERS[status],
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
        written = self._insert(
            "INSERT INTO execution (key, machine, name, status, started_at, stopped_at, version_arn,"
            " alias_arn, definition, ending, identity, map_run, number, items) VALUES",
            rows,
            " ON CONFLICT (machine, name) DO NOTHING",
        )
        if written != len(rows):
            raise NamesTaken([key for key, _ in started if not self._is_there(key)])
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
            failed = tuple(codec.STATUS_NUMBERS[status] for status in REOPENABLE)
            reopened = self._writer.execute(
                "UPDATE execution SET status = ?, stopped_at = NULL, ending = NULL, redrives = ?,"
                " redriven_at = ?, redrive_token = ? WHERE key = ? AND redrives = ?"
                f" AND status IN ({', '.join('?' * len(failed))})",
                (
                    codec.STATUS_NUMBERS[Status.RUNNING],
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
            for run in redriven.map_runs:
                self._await_redrive(run)

    def _await_redrive(self, run: RunKey) -> None:
        """Its children that failed have yet to be redriven, as far as their histories have room."""
        failed = tuple(codec.STATUS_NUMBERS[status] for status in REDRIVABLE)
        # A chunk of history is a JSON array; its row's id ends in the number of its first event.  How many
        # there are in the last one matters only where that number is large.
        self._writer.execute(
            "UPDATE execution SET status = ? WHERE map_run = ?"
            f" AND status IN ({', '.join('?' * len(failed))}) AND coalesce(("
            "SELECT CASE WHEN id & ? < ? THEN 0"
            " ELSE (id & ?) + json_array_length(CAST(events AS TEXT)) - 1 END FROM history"
            " WHERE id BETWEEN execution.key << ? AND (execution.key << ?) + ?"
            " ORDER BY id DESC LIMIT 1), 0) < ?",
            (
                codec.STATUS_NUMBERS[Status.PENDING_REDRIVE],
                run,
                *failed,
                LAST_EVENT,
                MAX_HISTORY // 2,
                LAST_EVENT,
                EVENT_BITS,
                EVENT_BITS,
                LAST_EVENT,
                MAX_HISTORY - 1,
            ),
        )

    def _is_there(self, key: Key) -> bool:
        return self._writer.execute("SELECT 1 FROM execution WHERE key = ?", (key,)).fetchone() is not None

    def _machine(self, arn: str, fresh: dict[str, int]) -> int:
        number = self._machines.get(arn) or fresh.get(arn)
        if number is None:
            number = fresh[arn] = self._last_number = self._last_number + 1
            self._writer.execute("INSERT INTO machine (id, arn) VALUES (?, ?)", (number, arn))
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
        # One that failed may be redriven, and begins with the rest of its items then.
        over = [(run.key,) for run in batch.map_runs.values() if run.status is Status.SUCCEEDED]
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

    def _write_abandoned(self, batch: Batch) -> None:
        self._insert(
            "INSERT OR REPLACE INTO abandoned (execution, token, body) VALUES",
            [(key, token, codec.encode_json(job)) for (key, token), job in batch.abandoned.items()],
        )
        self._delete("DELETE FROM abandoned WHERE (execution, token) IN", batch.ended)

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
                    codec.STATUS_NUMBERS[moves.ending.status],
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

    def _write_unnamed(self, unnamed: Unnamed) -> dict[str, None]:
        """The state machines that are gone."""
        self._writer.execute(
            "DELETE FROM definition WHERE digest IN (SELECT value FROM json_each(?))"
            " AND digest NOT IN (SELECT definition FROM execution WHERE key > ?)"
            f" AND digest NOT IN ({NAMED_BY_CATALOGUE})",
            (dumps(list(unnamed.definitions)), unnamed.after),
        )
        gone = self._writer.execute(
            "DELETE FROM machine WHERE arn IN (SELECT value FROM json_each(?)) AND NOT EXISTS"
            " (SELECT 1 FROM execution WHERE execution.machine = machine.id) RETURNING arn",
            (dumps(list(unnamed.machines)),),
        )
        return {arn: None for (arn,) in gone.fetchall()}

    def _insert(self, head: str, rows: Sequence[Row], tail: str = "") -> int:
        """Run a statement over all rows, many at a time; the number of rows it changed."""
        changed = 0
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            part = rows[start : start + ROWS_A_STATEMENT]
            statement = _statement(head, len(part[0]), len(part), tail)
            changed += self._writer.execute(statement, list(chain.from_iterable(part))).rowcount
        return changed

    def _delete(self, head: str, rows: Sequence[Row]) -> None:
        self._insert(f"{head} (VALUES", rows, ")")


@lru_cache(maxsize=1024)
def _statement(head: str, columns: int, rows: int, tail: str) -> str:
    """Kept, because SQLite's own cache looks each text up by its hash, which a text counts only once."""
    row = f"({', '.join('?' * columns)})"
    return f"{head} {', '.join([row] * rows)}{tail}"


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
