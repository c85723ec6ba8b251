"""The store on SQLite: one file, one writer, readers that do not wait for it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    AlreadyFinished,
    Conflict,
    NotFound,
)
from workflow_manager.kernel.sqlite import Readers, give_back_pages
from workflow_manager.models.workflow import StateResource, Workflow, WorkflowDefinition
from workflow_manager.store.codec import (
    decode_definition,
    decode_tags,
    encode_definition,
    encode_jobs,
    from_micros,
    to_micros,
)
from workflow_manager.store.entries import Entry
from workflow_manager.store.paging import Cursor, decode_token, encode_token
from workflow_manager.store.port import UNCHANGED, Store, WorkflowChange, WorkflowPage, WorkflowQuery
from workflow_manager.store.sqlite import agenda
from workflow_manager.store.sqlite.errors import with_clear_errors
from workflow_manager.store.sqlite.listing import Statement, ended_statement, page_statement
from workflow_manager.store.sqlite.rows import (
    STATUSES,
    SUMMARY,
    SUMMARY_FROM,
    WHOLE,
    WHOLE_FROM,
    DefinitionReader,
    Row,
    decode_retries,
    encode_retries,
    read_state_resource,
    read_summary,
    read_whole,
    write_change,
    write_workflow,
)
from workflow_manager.store.sqlite.schema import SCHEMA_VERSION, connect, open_file
from workflow_manager.store.sqlite.writer import Work, Writer

T = TypeVar("T")

_LARGEST_INTEGER = 2**63 - 1


class SqliteStore(Store):
    def __init__(self, path: Path, *, clock: Clock, synchronous: str = "FULL") -> None:
        """`synchronous` is SQLite's: FULL outlives a power cut, NORMAL only a killed process.

        Raises `Unavailable` when the file cannot be used, with the reason.
        """
        self._clock = clock
        self._writer = Writer(open_file(path, synchronous=synchronous), path)
        self._readers = Readers(lambda: with_clear_errors(lambda: connect(path, synchronous=synchronous)))

    def create_definition(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        def work(db: sqlite3.Connection) -> WorkflowDefinition:
            if db.execute("SELECT 1 FROM definition WHERE name = ?", (definition.name,)).fetchone():
                raise AlreadyExists("definition", definition.name)
            return self._insert_version(db, definition, 0)

        return self._write(work)

    def add_version(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        def work(db: sqlite3.Connection) -> WorkflowDefinition:
            sql = "SELECT max(version) FROM definition WHERE name = ?"
            (latest,) = db.execute(sql, (definition.name,)).fetchone()
            if latest is None:
                raise NotFound("definition", definition.name)
            return self._insert_version(db, definition, latest + 1)

        return self._write(work)

    def _insert_version(
        self, db: sqlite3.Connection, definition: WorkflowDefinition, version: int
    ) -> WorkflowDefinition:
        text = encode_definition(replace(definition, version=version, created_at=self._clock.now()))
        values = (definition.name, version, _copy(db, text))
        db.execute("INSERT INTO definition (name, version, copy) VALUES (?, ?, ?)", values)
        return decode_definition(text)

    def latest_definitions(self) -> Sequence[WorkflowDefinition]:
        return self._definitions(
            "(SELECT name, max(version) AS version FROM definition GROUP BY name)"
            " JOIN definition USING (name, version)",
            "",
            (),
        )

    def definition_versions(self, name: str) -> Sequence[WorkflowDefinition]:
        found = self._definitions("definition", "WHERE name = ?", (name,))
        if not found:
            raise NotFound("definition", name)
        return found

    def get_definition(self, name: str, version: int) -> WorkflowDefinition:
        if 0 <= version <= _LARGEST_INTEGER:
            found = self._definitions("definition", "WHERE name = ? AND version = ?", (name, version))
            if found:
                return found[0]
        raise NotFound("definition", f"{name}@{version}")

    def latest_definition(self, name: str) -> WorkflowDefinition:
        where = "WHERE name = ? AND version = (SELECT max(version) FROM definition WHERE name = ?)"
        found = self._definitions("definition", where, (name, name))
        if not found:
            raise NotFound("definition", name)
        return found[0]

    def _definitions(self, source: str, where: str, values: Sequence[Any]) -> Sequence[WorkflowDefinition]:
        rows = self._read(
            f"SELECT body FROM {source} JOIN definition_copy ON definition_copy.seq = definition.copy"
            f" {where} ORDER BY name, version",
            values,
        )
        return [decode_definition(body) for (body,) in rows]

    def save_state_resource(self, resource: StateResource) -> StateResource:
        def work(db: sqlite3.Connection) -> StateResource:
            now = to_micros(self._clock.now())
            kind = resource.type.value if resource.type else None
            db.execute(
                "INSERT OR REPLACE INTO state_resource (namespace, name, uri, type, last_updated)"
                " VALUES (?, ?, ?, ?, ?)",
                (resource.namespace, resource.name, resource.uri, kind, now),
            )
            return replace(resource, last_updated=from_micros(now))

        return self._write(work)

    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        rows = self._read(
            "SELECT namespace, name, uri, type, last_updated FROM state_resource"
            " WHERE namespace = ? AND name = ?",
            (namespace, name),
        )
        if not rows:
            raise NotFound("state resource", f"{namespace}--{name}")
        return read_state_resource(rows[0])

    def delete_state_resource(self, namespace: str, name: str) -> None:
        def work(db: sqlite3.Connection) -> None:
            sql = "DELETE FROM state_resource WHERE namespace = ? AND name = ?"
            if db.execute(sql, (namespace, name)).rowcount == 0:
                raise NotFound("state resource", f"{namespace}--{name}")

        self._write(work)

    def create_workflow(self, workflow: Workflow) -> Workflow:
        return self._write(lambda db: self._insert(db, workflow))

    def create_retry(self, retry: Workflow, seen_retries: Sequence[str]) -> Workflow:
        def work(db: sqlite3.Connection) -> Workflow:
            sql = "SELECT retries FROM workflow WHERE id = ?"
            retries = decode_retries(_one(db, sql, retry.retry_for)[0])
            if retries != tuple(seen_retries):
                raise Conflict(f"workflow {retry.retry_for} was resumed by someone else")
            self._set_retries(db, retry.retry_for, (*retries, retry.id))
            return self._insert(db, retry)

        return self._write(work)

    def discard_retry(self, retry_id: str) -> None:
        def work(db: sqlite3.Connection) -> None:
            (parent_id,) = _one(db, "SELECT retry_for FROM workflow WHERE id = ?", retry_id)
            _delete_by_id(db, retry_id)
            parent = db.execute("SELECT retries FROM workflow WHERE id = ?", (parent_id,)).fetchone()
            if parent is not None:
                left = [other for other in decode_retries(parent[0]) if other != retry_id]
                self._set_retries(db, parent_id, left)

        self._write(work)

    def _set_retries(self, db: sqlite3.Connection, workflow_id: str, retries: Sequence[str]) -> None:
        db.execute(
            "UPDATE workflow SET retries = ?, last_updated = ? WHERE id = ?",
            (encode_retries(retries), to_micros(self._clock.now()), workflow_id),
        )

    def update_workflow(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        def work(db: sqlite3.Connection) -> Workflow:
            sql = "SELECT seq, status, status_reason FROM workflow WHERE id = ?"
            seq, number, reason = _one(db, sql, workflow_id)
            status = STATUSES[number]
            if change.status not in (UNCHANGED, status) and status.is_terminal:
                raise AlreadyFinished(f"workflow {workflow_id} is {status.value}")
            columns = write_change(change) | {"last_updated": to_micros(self._clock.now())}
            if change.first_status_reason is not UNCHANGED and not reason:
                columns["status_reason"] = change.first_status_reason
            assignments = ", ".join(f"{column} = ?" for column in columns)
            db.execute(f"UPDATE workflow SET {assignments} WHERE seq = ?", (*columns.values(), seq))
            if change.jobs is not UNCHANGED:
                sql = "INSERT OR REPLACE INTO workflow_jobs (seq, body) VALUES (?, ?)"
                db.execute(sql, (seq, encode_jobs(change.jobs)))
            changed = _workflow(db, workflow_id)
            if changed.status.is_terminal and not status.is_terminal:
                agenda.add_deliveries(db, changed, self._clock.now())
            return changed

        return self._write(work)

    def resolve_workflow(self, workflow_id: str) -> Workflow:
        def work(db: sqlite3.Connection) -> Workflow:
            moved = db.execute(
                "UPDATE workflow SET resolved_by_user = 1, last_updated = ?"
                " WHERE id = ? AND resolved_by_user = 0",
                (to_micros(self._clock.now()), workflow_id),
            ).rowcount
            workflow = _workflow(db, workflow_id)
            if not moved:
                raise Conflict(f"workflow {workflow_id} already resolved")
            return workflow

        return self._write(work)

    def delete_workflow(self, workflow_id: str) -> None:
        self._write(lambda db: _delete_by_id(db, workflow_id))

    def _insert(self, db: sqlite3.Connection, workflow: Workflow) -> Workflow:
        if db.execute("SELECT 1 FROM workflow WHERE id = ?", (workflow.id,)).fetchone():
            raise AlreadyExists("workflow", workflow.id)
        now = self._clock.now()
        definition = encode_definition(workflow.workflow_definition)
        columns = write_workflow(workflow, _copy(db, definition), now)
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO workflow ({', '.join(columns)}) VALUES ({marks})"
        seq = db.execute(sql, tuple(columns.values())).lastrowid
        at = columns["created_at"]
        tags = [(k, v, at, workflow.id, seq) for k, v in workflow.tags.items() if isinstance(v, str)]
        if tags:
            sql = "INSERT INTO workflow_tag (name, value, created_at, id, seq) VALUES (?, ?, ?, ?, ?)"
            db.executemany(sql, tags)
        if workflow.jobs is not None:
            sql = "INSERT INTO workflow_jobs (seq, body) VALUES (?, ?)"
            db.execute(sql, (seq, encode_jobs(workflow.jobs)))
        return replace(
            workflow,
            workflow_definition=decode_definition(definition),
            tags=decode_tags(columns["tags"]),
            created_at=now,
            last_updated=now,
        )

    def get_workflow(self, workflow_id: str) -> Workflow:
        sql = f"SELECT {WHOLE} FROM {WHOLE_FROM} WHERE workflow.id = ?"
        rows = self._read(sql, (workflow_id,))
        if not rows:
            raise NotFound("workflow", workflow_id)
        return read_whole(rows[0], DefinitionReader())

    def find_workflows(self, query: WorkflowQuery) -> WorkflowPage:
        cursor = None
        if query.page_token is not None:
            cursor = decode_token(query.page_token, oldest_first=query.oldest_first)
        rows = self._read(*listing_statement(query, cursor))
        definitions = DefinitionReader()
        page = rows[: query.limit]
        found = [read_summary(row) if query.summary_only else read_whole(row, definitions) for row in page]
        if len(rows) <= query.limit:
            return WorkflowPage(found, None)
        last = found[-1]
        assert last.created_at is not None
        end = Cursor(to_micros(last.created_at), last.id)
        return WorkflowPage(found, encode_token(end, oldest_first=query.oldest_first))

    def prune(self, before: datetime, limit: int) -> int:
        def work(db: sqlite3.Connection) -> int:
            rows = db.execute(*ended_statement(before, limit)).fetchall()
            for (seq,) in rows:
                _delete(db, seq)
            return len(rows)

        def give_back() -> None:
            with self._readers.connection() as db:
                give_back_pages(db)

        pruned = self._write(work)
        with_clear_errors(give_back)
        return pruned

    def add_entry(self, entry: Entry) -> Entry:
        return self._write(lambda db: agenda.add(db, entry))

    def replace_entry(self, entry: Entry) -> Entry:
        return self._write(lambda db: agenda.change(db, entry))

    def delete_entry(self, entry: Entry) -> None:
        self._write(lambda db: agenda.delete(db, entry))

    def get_entry(self, kind: str, id: str) -> Entry:
        rows = self._read(*agenda.one(kind, id))
        if not rows:
            raise NotFound(kind, id)
        return agenda.read(rows[0])

    def entries(
        self, kind: str, *, limit: int, beyond: str | None = None, backwards: bool = False
    ) -> Sequence[Entry]:
        rows = self._read(*agenda.listing(kind, limit=limit, beyond=beyond, backwards=backwards))
        return [agenda.read(row) for row in rows]

    def due_entries(self, kind: str, at: datetime, limit: int) -> Sequence[Entry]:
        return [agenda.read(row) for row in self._read(*agenda.due(kind, at, limit))]

    def check(self) -> None:
        self._read("SELECT 1 FROM sqlite_schema LIMIT 1", ())
        # A page that really goes to the disk, which may be full.
        self._write(lambda db: db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}").close())

    def close(self) -> None:
        self._readers.close()
        self._writer.close()

    def _write(self, work: Work[T]) -> T:
        return with_clear_errors(lambda: self._writer.run(work))

    def _read(self, sql: str, values: Sequence[Any]) -> list[Row]:
        def read() -> list[Row]:
            with self._readers.connection() as db:
                return db.execute(sql, values).fetchall()

        return with_clear_errors(read)


def listing_statement(query: WorkflowQuery, cursor: Cursor | None) -> Statement:
    """Rows for `read_summary` or `read_whole`, in the order of the page and one more than it holds."""
    page, values = page_statement(query, cursor)
    columns, source = (SUMMARY, SUMMARY_FROM) if query.summary_only else (WHOLE, WHOLE_FROM)
    # CROSS JOIN keeps the page outside, so its order is that of the result.
    return (
        f"SELECT {columns} FROM ({page}) AS page CROSS JOIN {source} WHERE workflow.seq = page.seq",
        values,
    )


def _copy(db: sqlite3.Connection, text: str) -> int:
    """Where the definition is kept, once for each content."""
    digest = hashlib.sha256(text.encode()).digest()
    row = db.execute("SELECT seq FROM definition_copy WHERE digest = ?", (digest,)).fetchone()
    if row is not None:
        return int(row[0])
    sql = "INSERT INTO definition_copy (digest, body) VALUES (?, ?) RETURNING seq"
    return int(db.execute(sql, (digest, text)).fetchone()[0])


def _one(db: sqlite3.Connection, sql: str, workflow_id: str) -> Row:
    row: Row | None = db.execute(sql, (workflow_id,)).fetchone()
    if row is None:
        raise NotFound("workflow", workflow_id)
    return row


def _workflow(db: sqlite3.Connection, workflow_id: str) -> Workflow:
    row = _one(db, f"SELECT {WHOLE} FROM {WHOLE_FROM} WHERE workflow.id = ?", workflow_id)
    return read_whole(row, DefinitionReader())


def _delete_by_id(db: sqlite3.Connection, workflow_id: str) -> None:
    (seq,) = _one(db, "SELECT seq FROM workflow WHERE id = ?", workflow_id)
    _delete(db, seq)


def _delete(db: sqlite3.Connection, seq: int) -> None:
    db.execute("DELETE FROM workflow_tag WHERE seq = ?", (seq,))
    db.execute("DELETE FROM workflow_jobs WHERE seq = ?", (seq,))
    db.execute("DELETE FROM workflow WHERE seq = ?", (seq,))
