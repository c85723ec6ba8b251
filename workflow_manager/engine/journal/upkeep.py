"""Care for a SQLite journal from beside the engine: pruning what has ended, and looking for damage.

Works on connections of its own, in short transactions, whether or not an engine has the journal
open: it takes away ended executions only, which no engine moves any more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from workflow_manager.asl.parse import parse
from workflow_manager.engine.journal import codec, schema
from workflow_manager.engine.journal.schema import EVENT_BITS, LAST_EVENT
from workflow_manager.kernel.errors import Unavailable, WorkflowManagerError
from workflow_manager.kernel.sqlite import begin, give_back_pages, reason, roll_back

BATCH: Final = 50  # executions a transaction; others write in between
SCANNED: Final = 2000  # executions looked at for one batch, at most


def prune(path: Path, before: datetime) -> Iterator[int]:
    """Take away the executions that ended before then, with their histories; yields how many, by batch.

    Their names may be used again.  Raises `Unavailable`.
    """
    connection = schema.open_beside(path)
    try:
        limit = codec.micros(before)
        assert limit is not None
        after: int | None = 0
        while after is not None:
            found, after = _ended(connection, limit, after)
            if found:
                yield _take_away(connection, found)
        _take_away_map_runs(connection)
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"The journal {path} cannot be pruned: {reason(error, path)}.") from error
    finally:
        connection.close()


def _ended(connection: sqlite3.Connection, limit: int, after: int) -> tuple[list[int], int | None]:
    """Keys above `after` of what ended before `limit`, and where to go on; None at the end.

    Keys grow with the time of the start, and nothing ends before it has started.  The executions of
    a map run belong to the one that has run it, and stay as long as that does.
    """
    rows = connection.execute(
        "SELECT key, started_at, stopped_at < ? AND NOT EXISTS ("
        "SELECT 1 FROM map_run JOIN execution AS parent ON parent.key = map_run.execution"
        " WHERE map_run.key = execution.map_run AND coalesce(parent.stopped_at >= ?, TRUE))"
        " FROM execution WHERE key > ? ORDER BY key LIMIT ?",
        (limit, limit, after, SCANNED),
    ).fetchall()
    found: list[int] = []
    for key, started_at, is_over in rows:
        if started_at >= limit:
            return found, None
        if is_over:
            found.append(key)
            if len(found) == BATCH:
                return found, key
    return found, rows[-1][0] if len(rows) == SCANNED else None


def _take_away(connection: sqlite3.Connection, keys: list[int]) -> int:
    """How many it were: one that is redriven meanwhile stays."""
    taken = 0
    begin(connection)
    try:
        for key in keys:
            gone = connection.execute(
                "DELETE FROM execution WHERE key = ? AND key NOT IN (SELECT key FROM open_execution)", (key,)
            )
            if gone.rowcount:
                taken += 1
                connection.execute("DELETE FROM unannounced WHERE key = ?", (key,))
                first = key << EVENT_BITS
                connection.execute(
                    "DELETE FROM history WHERE id BETWEEN ? AND ?", (first, first + LAST_EVENT)
                )
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise
    give_back_pages(connection)
    return taken


def _take_away_map_runs(connection: sqlite3.Connection) -> None:
    """Those whose execution is gone, and their own executions with it; then their items too."""
    connection.execute(
        "DELETE FROM map_run WHERE settled AND execution NOT IN (SELECT key FROM execution)"
        " AND key NOT IN (SELECT map_run FROM execution WHERE map_run IS NOT NULL)"
    )
    connection.execute("DELETE FROM map_items WHERE map_run NOT IN (SELECT key FROM map_run)")


def newest(path: Path) -> datetime | None:
    """When the execution began that began last; None when there is none, or it cannot be read."""
    with suppress(sqlite3.Error), closing(schema.open_for_reading(path)) as connection:
        row = connection.execute("SELECT started_at FROM execution ORDER BY key DESC LIMIT 1").fetchone()
        return codec.moment(row[0]) if row else None
    return None


class Damage(NamedTuple):
    """What is wrong, as a sentence.  `execution` is the ARN of the one that it is confined to, if any:
    that one cannot go on, but it can be stopped.
    """

    text: str
    execution: str = ""


def damages(path: Path) -> Iterator[Damage]:
    """What is wrong with the journal; nothing if all is well.

    Reads everything that is open, and the shape of the rest.  Raises `Unavailable` when the file
    cannot be read at all.
    """
    connection = schema.open_for_reading(path)
    try:
        yield from _damages(connection)
    except sqlite3.DatabaseError as error:
        yield Damage(f"reading it ends in: {error}")
    finally:
        connection.close()


def _damages(connection: sqlite3.Connection) -> Iterator[Damage]:
    for (problem,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
        if problem != "ok":
            yield Damage(str(problem))
    lost = connection.execute(
        "SELECT count(*) FROM open_execution LEFT JOIN execution USING (key) WHERE execution.key IS NULL"
    ).fetchone()[0]
    if lost:
        yield Damage(f"{lost} open executions have no record")
    unparsed: dict[str, str] = {}
    for digest, text in connection.execute(
        "SELECT DISTINCT definition.digest, definition.text FROM open_execution JOIN execution USING (key)"
        " JOIN definition ON definition.digest = execution.definition"
    ):
        try:
            parse(text)
        except WorkflowManagerError as error:
            unparsed[digest] = str(error)
    for digest, why in unparsed.items():
        yield Damage(f"the definition {digest} of open executions: {why}")
    for key, body in connection.execute("SELECT execution, body FROM frame"):
        try:
            codec.decode_frame(body)
        except ValueError as error:
            text = f"a frame of execution {key} cannot be read: {error}"
            yield Damage(text, _arn(connection, key))
    for key, last in connection.execute("SELECT key, last_event FROM open_execution"):
        row = connection.execute(
            "SELECT events FROM history WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1",
            (key << EVENT_BITS, (key + 1) << EVENT_BITS),
        ).fetchone()
        recorded = codec.decode_history(row[0])[-1].id if row else 0
        if recorded != last:
            yield Damage(f"the history of execution {key} ends at event {recorded}, not at {last}")


def _arn(connection: sqlite3.Connection, key: int) -> str:
    """Empty where the record of the execution is damaged too."""
    row = connection.execute("SELECT identity FROM execution WHERE key = ?", (key,)).fetchone()
    try:
        return codec.decode_identity(row[0]).arn if row else ""
    except ValueError:
        return ""
