"""Entries as rows: statements for one connection, inside whatever transaction it is in."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from workflow_manager.kernel.errors import AlreadyExists, Conflict, NotFound
from workflow_manager.models.workflow import Workflow
from workflow_manager.store.codec import from_micros, to_micros
from workflow_manager.store.entries import READ_WEBHOOKS, WEBHOOK, Entry, deliveries_of_end
from workflow_manager.store.sqlite.listing import Statement

COLUMNS = "kind, id, revision, due_at, body"


def add(db: sqlite3.Connection, entry: Entry) -> Entry:
    if db.execute("SELECT 1 FROM agenda WHERE kind = ? AND id = ?", (entry.kind, entry.id)).fetchone():
        raise AlreadyExists(entry.kind, entry.id)
    values = (entry.kind, entry.id, 1, _micros(entry.due_at), entry.body)
    db.execute(f"INSERT INTO agenda ({COLUMNS}) VALUES (?, ?, ?, ?, ?)", values)
    return replace(entry, revision=1)


def change(db: sqlite3.Connection, entry: Entry) -> Entry:
    changed = db.execute(
        "UPDATE agenda SET revision = revision + 1, due_at = ?, body = ?"
        " WHERE kind = ? AND id = ? AND revision = ?",
        (_micros(entry.due_at), entry.body, entry.kind, entry.id, entry.revision),
    )
    _check_done(db, changed, entry)
    return replace(entry, revision=entry.revision + 1)


def delete(db: sqlite3.Connection, entry: Entry) -> None:
    deleted = db.execute(
        "DELETE FROM agenda WHERE kind = ? AND id = ? AND revision = ?",
        (entry.kind, entry.id, entry.revision),
    )
    _check_done(db, deleted, entry)


def add_deliveries(db: sqlite3.Connection, ended: Workflow, now: datetime) -> None:
    """For every webhook that wants that end."""
    webhooks = db.execute(*listing(WEBHOOK, limit=READ_WEBHOOKS)).fetchall()
    for delivery in deliveries_of_end(map(read, webhooks), ended, now):
        add(db, delivery)


def one(kind: str, id: str) -> Statement:
    return f"SELECT {COLUMNS} FROM agenda WHERE kind = ? AND id = ?", [kind, id]


def listing(kind: str, *, limit: int, beyond: str | None = None, backwards: bool = False) -> Statement:
    bound = "" if beyond is None else f"AND id {'<' if backwards else '>'} ?"
    values: list[str | int] = [kind] if beyond is None else [kind, beyond]
    way = "DESC" if backwards else "ASC"
    sql = f"SELECT {COLUMNS} FROM agenda WHERE kind = ? {bound} ORDER BY id {way} LIMIT ?"
    return sql, [*values, limit]


def due(kind: str, at: datetime, limit: int) -> Statement:
    return (
        f"SELECT {COLUMNS} FROM agenda WHERE kind = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?",
        [kind, to_micros(at), limit],
    )


def read(row: Sequence[Any]) -> Entry:
    kind, key, revision, due_at, body = row
    due = None if due_at is None else from_micros(due_at)
    return Entry(kind=kind, id=key, revision=revision, due_at=due, body=body)


def _check_done(db: sqlite3.Connection, done: sqlite3.Cursor, entry: Entry) -> None:
    if done.rowcount == 1:
        return
    if db.execute(*one(entry.kind, entry.id)).fetchone() is None:
        raise NotFound(entry.kind, entry.id)
    raise Conflict(f"{entry.kind} {entry.id} was changed by someone else")


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)
