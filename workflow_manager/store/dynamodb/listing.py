"""Listing and search on DynamoDB: from an index, in the total order (created_at, id).

A query that names a definition reads that definition's index; one that names a status reads the
status index; one that names neither merges the five statuses.  The remaining filters are applied
while reading, until the page is full.
"""

from __future__ import annotations

import base64
import binascii
import heapq
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.workflow import Workflow, WorkflowStatus
from workflow_manager.store.dynamodb import codec
from workflow_manager.store.dynamodb.tables import Tables
from workflow_manager.store.port import WorkflowPage, WorkflowQuery

READ_AT_ONCE = 100


class Position(NamedTuple):
    """Where a page ended: everything beyond (created_at, id) comes next."""

    created_at: str
    id: str

    def token(self, oldest_first: bool) -> str:
        text = f"{'a' if oldest_first else 'd'}|{self.created_at}|{self.id}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position(token: str, oldest_first: bool) -> Position:
    """What a token says; digits alone are the original's unix milliseconds."""
    if token.isascii() and token.isdigit():
        try:
            at = datetime.fromtimestamp(int(token) / 1000, UTC)
        except (OverflowError, ValueError, OSError):
            raise InvalidRequest(f"invalid page token: {token}") from None
        # Strictly beyond that millisecond: no id sorts after this one, none before "".
        return Position(codec.date_text(at), "\U0010ffff" if oldest_first else "")
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        direction, created_at, workflow_id = text.split("|", 2)
    except (binascii.Error, ValueError):
        raise InvalidRequest(f"invalid page token: {token}") from None
    if direction != ("a" if oldest_first else "d") or codec.date_of(created_at) is None:
        raise InvalidRequest(f"invalid page token: {token}")
    return Position(created_at, workflow_id)


class Listing:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def page(self, query: WorkflowQuery) -> WorkflowPage:
        start = position(query.page_token, query.oldest_first) if query.page_token else None
        found: list[Workflow] = []
        for row in self._rows(query, start):
            workflow = codec.workflow_of(row.workflow)
            if not _wanted(workflow, query):
                continue
            if len(found) == query.limit:
                last = found[-1]
                return WorkflowPage(
                    found, Position(codec.date_text(last.created_at), last.id).token(query.oldest_first)
                )
            found.append(workflow)
        return WorkflowPage(found, None)

    def _rows(self, query: WorkflowQuery, start: Position | None) -> Iterator[Any]:
        for row in self._ordered(query, start):
            if start is None or _beyond(Position(row.created_at, row.id), start, query.oldest_first):
                yield row

    def _ordered(self, query: WorkflowQuery, start: Position | None) -> Iterator[Any]:
        workflows = self._tables.workflows
        if query.definition_name:
            return self._read(workflows.by_definition, query.definition_name, query, start)
        if query.status:
            return self._read(workflows.by_status, query.status.value, query, start)
        streams = [self._read(workflows.by_status, status.value, query, start) for status in WorkflowStatus]
        return heapq.merge(*streams, key=lambda row: (row.created_at, row.id), reverse=not query.oldest_first)

    def _read(self, index: Any, key: str, query: WorkflowQuery, start: Position | None) -> Iterator[Any]:
        """The rows of one key; those of the very same time put in the order of their ids."""
        lowest = codec.date_text(query.created_after) if query.created_after else ""
        highest = codec.date_text(query.created_before) if query.created_before else "9"
        if start and query.oldest_first:
            lowest = max(lowest, start.created_at)
        elif start:
            highest = min(highest, start.created_at)
        if lowest > highest:
            return
        between = type(index).created_at.between(lowest or "0", highest)
        rows = index.query(key, between, scan_index_forward=query.oldest_first, page_size=READ_AT_ONCE)
        for _, same_time in groupby(rows, key=lambda row: row.created_at):
            yield from sorted(same_time, key=lambda row: row.id, reverse=not query.oldest_first)


def _beyond(here: Position, start: Position, oldest_first: bool) -> bool:
    return here > start if oldest_first else here < start


def _wanted(workflow: Workflow, query: WorkflowQuery) -> bool:
    created_at = workflow.created_at
    return (
        (query.status is None or workflow.status is query.status)
        and (query.resolved_by_user is None or workflow.resolved_by_user is query.resolved_by_user)
        and (query.namespace is None or workflow.namespace == query.namespace)
        and all(workflow.tags.get(name) == value for name, value in query.tags)
        and (query.created_after is None or (created_at is not None and created_at >= query.created_after))
        and (query.created_before is None or (created_at is not None and created_at < query.created_before))
    )
