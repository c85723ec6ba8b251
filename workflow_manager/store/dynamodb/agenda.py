"""Entries as items of one table: the kind is the hash key, the id the range key.

Reads by key are strongly consistent.  What is due comes from an index that holds only what has a time,
and may lag behind; the revision guards whatever is done on its word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, QueryError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.transactions import TransactWrite

from workflow_manager.kernel.errors import AlreadyExists, Conflict, InvalidRequest, NotFound
from workflow_manager.store.dynamodb import codec
from workflow_manager.store.dynamodb.answers import (
    HASH_KEY_BYTES,
    RANGE_KEY_BYTES,
    check_text,
    condition_failed,
    may_be_key,
    too_large,
    translated,
)
from workflow_manager.store.dynamodb.tables import Tables
from workflow_manager.store.entries import READ_WEBHOOKS, WEBHOOK, Entry

_PAGE: Final = 100


class Agenda:
    def __init__(self, tables: Tables) -> None:
        self._table = tables.agenda

    def add(self, entry: Entry) -> Entry:
        stored = replace(entry, revision=1)
        if not self._put(stored, Path("id").does_not_exist()) and self._find(stored) != stored:
            raise AlreadyExists(entry.kind, entry.id)
        return stored

    def replace(self, entry: Entry) -> Entry:
        stored = replace(entry, revision=entry.revision + 1)
        # One that is there as it should become: the answer to an earlier attempt of this call was lost.
        if not self._put(stored, Path("revision") == entry.revision) and self._find(stored) != stored:
            raise self._refusal(entry)
        return stored

    def _put(self, entry: Entry, condition: Condition) -> bool:
        """False when the condition does not hold."""
        with translated():
            try:
                self.row(entry).save(condition=condition)
            except PutError as error:
                if too_large(error):
                    raise InvalidRequest(
                        f"the {entry.kind} is larger than the 400 KB that DynamoDB has for one record"
                    ) from None
                if not condition_failed(error):
                    raise
                return False
        return True

    def delete(self, entry: Entry) -> None:
        with translated():
            try:
                self.row(entry).delete(condition=Path("revision") == entry.revision)
            except DeleteError as error:
                if not condition_failed(error):
                    raise
                raise self._refusal(entry) from None

    def _refusal(self, entry: Entry) -> Exception:
        if self._find(entry) is None:
            return NotFound(entry.kind, entry.id)
        return Conflict(f"{entry.kind} {entry.id} was changed by someone else")

    def _find(self, entry: Entry) -> Entry | None:
        try:
            return self.get(entry.kind, entry.id)
        except NotFound:
            return None

    def get(self, kind: str, id: str) -> Entry:
        if not may_be_key(kind) or not may_be_key(id, RANGE_KEY_BYTES):
            raise NotFound(kind, id)
        with translated():
            try:
                return _entry(self._table.get(kind, id, consistent_read=True))
            except DoesNotExist:
                raise NotFound(kind, id) from None

    def list(self, kind: str, *, limit: int, beyond: str | None, backwards: bool) -> Sequence[Entry]:
        bound: Condition | None = None
        if beyond is not None:
            if not may_be_key(beyond, RANGE_KEY_BYTES):
                raise InvalidRequest(f"an id has 1 to {RANGE_KEY_BYTES} bytes of UTF-8")
            bound = self._table.id < beyond if backwards else self._table.id > beyond
        with translated():
            found = self._table.query(
                kind,
                bound,
                consistent_read=True,
                scan_index_forward=not backwards,
                limit=limit,
                page_size=min(limit, _PAGE),
            )
            return [_entry(row) for row in found]

    def due(self, kind: str, at: datetime, limit: int) -> Sequence[Entry]:
        with translated():
            index = self._table.by_time
            found = index.query(
                kind, type(index).due_at <= codec.date_text(at), limit=limit, page_size=min(limit, _PAGE)
            )
            return [_entry(row) for row in found]

    def webhooks(self) -> Sequence[Entry]:
        """All of them; none where the tables were made by a release that knew no webhooks."""
        with translated():
            try:
                return [
                    _entry(row)
                    for row in self._table.query(WEBHOOK, consistent_read=True, limit=READ_WEBHOOKS)
                ]
            except QueryError as error:
                if error.cause_response_code != "ResourceNotFoundException":
                    raise
                return ()

    def add_in(self, transaction: TransactWrite, entry: Entry) -> None:
        transaction.save(self.row(replace(entry, revision=1)), condition=Path("id").does_not_exist())

    def row(self, entry: Entry) -> Any:
        if not may_be_key(entry.kind) or not may_be_key(entry.id, RANGE_KEY_BYTES):
            raise InvalidRequest(
                f"a kind has 1 to {HASH_KEY_BYTES} bytes of UTF-8, an id 1 to {RANGE_KEY_BYTES}"
            )
        check_text(entry.body)
        return self._table(
            kind=entry.kind,
            id=entry.id,
            revision=entry.revision,
            due_at=None if entry.due_at is None else codec.date_text(entry.due_at),
            body=entry.body,
        )


def _entry(row: Any) -> Entry:
    due_at = None if row.due_at is None else codec.date_of(row.due_at)
    return Entry(kind=row.kind, id=row.id, revision=int(row.revision), due_at=due_at, body=row.body)
