"""Looking for damage in the file of a SQLite store, from beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from workflow_manager.store.codec import decode_definition, from_micros
from workflow_manager.store.entries import check_readable
from workflow_manager.store.sqlite import agenda
from workflow_manager.store.sqlite.rows import SUMMARY, SUMMARY_FROM, read_summary


def newest(path: Path) -> datetime | None:
    """When the workflow was made that was made last; None when there is none, or it cannot be read."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.execute("PRAGMA query_only = ON")
        row = connection.execute("SELECT created_at FROM workflow ORDER BY seq DESC LIMIT 1").fetchone()
        return from_micros(row[0]) if row else None
    return None


def damages(path: Path) -> Iterator[str]:
    """What is wrong with the records, as sentences; nothing if all is well."""
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.execute("PRAGMA query_only = ON")
        try:
            yield from _damages(connection)
        except sqlite3.DatabaseError as error:
            yield f"reading it ends in: {error}"


def _damages(connection: sqlite3.Connection) -> Iterator[str]:
    for (problem,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
        if problem != "ok":
            yield str(problem)
    for seq, body in connection.execute("SELECT seq, body FROM definition_copy"):
        try:
            decode_definition(body)
        except (ValueError, KeyError, TypeError) as error:
            yield f"definition {seq} cannot be read: {error!r}"
    for row in connection.execute(f"SELECT {SUMMARY} FROM {SUMMARY_FROM}"):
        try:
            read_summary(row)
        except (ValueError, KeyError, TypeError) as error:
            yield f"workflow {row[0]} cannot be read: {error!r}"
    yield from _damaged_entries(connection)


def _damaged_entries(connection: sqlite3.Connection) -> Iterator[str]:
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'agenda'").fetchone() is None:
        return  # a file from before there was one; the server makes it
    for row in connection.execute(f"SELECT {agenda.COLUMNS} FROM agenda"):
        try:
            check_readable(agenda.read(row))
        except (ValueError, TypeError, OverflowError) as error:
            yield f"{row[0]} {row[1]} cannot be read: {error!r}"
