"""Listing and search on DynamoDB: from an index, in the total order (created_at, id).

A query that names a definition reads that definition's index; one that names a status reads the
status index; one that names neither merges the five statuses.  The remaining filters are applied
while reading, until the page is full.  Indexes follow their table with a delay, mostly of
milliseconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from workflow_manager.models.workflow import Workflow, WorkflowStatus, summary
from workflow_manager.store.codec import from_micros, to_micros
from workflow_manager.store.dynamodb import codec
from workflow_manager.store.dynamodb.answers import may_be_key
from workflow_manager.store.dynamodb.tables import Tables
from workflow_manager.store.paging import LATEST, Cursor, decode_token, encode_token
from workflow_manager.store.port import WorkflowPage, WorkflowQuery

_READ_AT_ONCE: Final = 100

# After every fraction of a second that follows the same digits.
_AFTER: Final = "~"


@dataclass(frozen=True, slots=True)
class _Row:
    place: tuple[int, str]
    workflow: Any


class Listing:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def page(self, query: WorkflowQuery) -> WorkflowPage:
        oldest_first = query.oldest_first
        start = None
        if query.page_token is not None:
            start = decode_token(query.page_token, oldest_first=oldest_first)
        found: list[Workflow] = []
        last: _Row | None = None
        for row in self._rows(query, start):
            workflow = codec.workflow_of(row.workflow)
            if not _wanted(workflow, query):
                continue
            if last is not None and len(found) == query.limit:
                return WorkflowPage(found, encode_token(Cursor(*last.place), oldest_first=oldest_first))
            found.append(summary(workflow) if query.summary_only else workflow)
            last = row
        return WorkflowPage(found, None)

    def _rows(self, query: WorkflowQuery, start: Cursor | None) -> Iterator[_Row]:
        for row in self._ordered(query, start):
            if start is None or _is_beyond(row.place, start, oldest_first=query.oldest_first):
                yield row

    def _ordered(self, query: WorkflowQuery, start: Cursor | None) -> Iterator[_Row]:
        workflows = self._tables.workflows
        if query.definition_name is not None:
            return self._read(workflows.by_definition, query.definition_name, query, start)
        if query.status is not None:
            return self._read(workflows.by_status, query.status.value, query, start)
        streams = [self._read(workflows.by_status, status.value, query, start) for status in WorkflowStatus]
        return heapq.merge(*streams, key=lambda row: row.place, reverse=not query.oldest_first)

    def _read(self, index: Any, key: str, query: WorkflowQuery, start: Cursor | None) -> Iterator[_Row]:
        """The rows of one key; those of the very same time put in the order of their ids."""
        lowest = to_micros(query.created_after) if query.created_after else -LATEST
        highest = to_micros(query.created_before) if query.created_before else LATEST
        if start and query.oldest_first:
            lowest = max(lowest, start.created_at)
        elif start:
            highest = min(highest, start.created_at)
        if lowest > highest or not may_be_key(key):
            return
        between = type(index).created_at.between(_digits(lowest), _digits(highest) + _AFTER)
        items = index.query(key, between, scan_index_forward=query.oldest_first, page_size=_READ_AT_ONCE)
        rows = (_Row((_micros(item.created_at), item.id), item.workflow) for item in items)
        for _, same_time in groupby(rows, key=lambda row: row.place[0]):
            yield from sorted(same_time, key=lambda row: row.place[1], reverse=not query.oldest_first)


def _digits(micros: int) -> str:
    """The part of an index's time that has its microseconds: the last is the order within them."""
    return codec.date_text(from_micros(micros))[: len("2026-01-02T03:04:05.000000")] if micros > 0 else "0"


def _micros(text: str) -> int:
    moment = codec.date_of(text)
    return 0 if moment is None else to_micros(moment)


def _is_beyond(place: tuple[int, str], start: Cursor, *, oldest_first: bool) -> bool:
    here, there = place, (start.created_at, start.id)
    return here > there if oldest_first else here < there


def _wanted(workflow: Workflow, query: WorkflowQuery) -> bool:
    created_at = workflow.created_at
    return (
        query.status in (None, workflow.status)
        and query.resolved_by_user in (None, workflow.resolved_by_user)
        and query.namespace in (None, workflow.namespace)
        and all(workflow.tags.get(name) == value for name, value in query.tags)
        and (query.created_after is None or (created_at is not None and created_at > query.created_after))
        and (query.created_before is None or (created_at is not None and created_at < query.created_before))
    )
