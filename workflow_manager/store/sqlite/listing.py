"""Which statement finds a page, so that no page reads more of the table than it shows.

Every filter is an equality on the front of some index that ends in (created_at, id).  A status or a
resolution that is not asked for is every value of it: one range each, merged in order.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from workflow_manager.store.codec import to_micros
from workflow_manager.store.paging import Cursor
from workflow_manager.store.port import WorkflowQuery
from workflow_manager.store.sqlite.rows import STATUS_NUMBERS

Statement = tuple[str, list[str | int]]

# By what is filtered: (definition name, namespace).
INDEXES: Final = {
    (True, True): "workflow_of_definition_and_namespace",
    (True, False): "workflow_of_definition",
    (False, True): "workflow_of_namespace",
    (False, False): "workflow_of_any",
}


def page_statement(query: WorkflowQuery, cursor: Cursor | None) -> Statement:
    """Finds `seq, created_at, id` of one workflow more than the page holds, in its order."""
    sql, values = _by_tag(query, cursor) if query.tags else _by_columns(query, cursor)
    way = "ASC" if query.oldest_first else "DESC"
    return f"{sql} ORDER BY created_at {way}, id {way} LIMIT ?", [*values, query.limit + 1]


def ended_statement(before: datetime, limit: int) -> Statement:
    """Finds `seq` of workflows that ended before then, along those that were created before then."""
    at = to_micros(before)
    branches = [
        "SELECT seq FROM workflow INDEXED BY workflow_of_any"
        f" WHERE status = {number} AND resolved_by_user = {resolved} AND created_at < ?"
        " AND coalesce(stopped_at, last_updated) < ?"
        for status, number in STATUS_NUMBERS.items()
        if status.is_terminal
        for resolved in (0, 1)
    ]
    return f"{' UNION ALL '.join(branches)} LIMIT ?", [*[at, at] * len(branches), limit]


def _by_columns(query: WorkflowQuery, cursor: Cursor | None) -> Statement:
    name, namespace = query.definition_name, query.namespace
    index = INDEXES[name is not None, namespace is not None]
    equal: list[str] = []
    values: list[str | int] = []
    for column, value in (("definition_name", name), ("namespace", namespace)):
        if value is not None:
            equal.append(f"{column} = ?")
            values.append(value)
    bounds, bound_values = _bounds(query, cursor, "")
    branches = [
        f"SELECT seq, created_at, id FROM workflow INDEXED BY {index} WHERE "
        + " AND ".join([*equal, f"status = {status}", f"resolved_by_user = {resolved}", *bounds])
        for status in _statuses(query)
        for resolved in _resolutions(query)
    ]
    return " UNION ALL ".join(branches), [*values, *bound_values] * len(branches)


def _by_tag(query: WorkflowQuery, cursor: Cursor | None) -> Statement:
    """Along the workflows that carry the first tag, leaving out what another filter excludes."""
    (name, value), *others = query.tags
    conditions = ["tag.name = ?", "tag.value = ?"]
    values: list[str | int] = [name, value]
    bounds, bound_values = _bounds(query, cursor, "tag.")
    conditions += bounds
    values += bound_values
    for column, wanted in _wanted(query).items():
        conditions.append(f"workflow.{column} = ?")
        values.append(wanted)
    for other in others:
        conditions.append(
            "EXISTS (SELECT 1 FROM workflow_tag AS other WHERE other.name = ? AND other.value = ?"
            " AND other.created_at = tag.created_at AND other.id = tag.id)"
        )
        values += other
    return (
        "SELECT tag.seq AS seq, tag.created_at AS created_at, tag.id AS id FROM workflow_tag AS tag"
        f" CROSS JOIN workflow ON workflow.seq = tag.seq WHERE {' AND '.join(conditions)}",
        values,
    )


def _wanted(query: WorkflowQuery) -> dict[str, str | int]:
    wanted: dict[str, str | int] = {}
    if query.definition_name is not None:
        wanted["definition_name"] = query.definition_name
    if query.namespace is not None:
        wanted["namespace"] = query.namespace
    if query.status is not None:
        wanted["status"] = STATUS_NUMBERS[query.status]
    if query.resolved_by_user is not None:
        wanted["resolved_by_user"] = int(query.resolved_by_user)
    return wanted


def _bounds(query: WorkflowQuery, cursor: Cursor | None, prefix: str) -> tuple[list[str], list[str | int]]:
    bounds: list[str] = []
    values: list[str | int] = []
    if query.created_after is not None:
        bounds.append(f"{prefix}created_at > ?")
        values.append(to_micros(query.created_after))
    if query.created_before is not None:
        bounds.append(f"{prefix}created_at < ?")
        values.append(to_micros(query.created_before))
    if cursor is not None:
        bounds.append(f"({prefix}created_at, {prefix}id) {'>' if query.oldest_first else '<'} (?, ?)")
        values += [cursor.created_at, cursor.id]
    return bounds, values


def _statuses(query: WorkflowQuery) -> list[int]:
    return sorted(STATUS_NUMBERS.values()) if query.status is None else [STATUS_NUMBERS[query.status]]


def _resolutions(query: WorkflowQuery) -> list[int]:
    return [0, 1] if query.resolved_by_user is None else [int(query.resolved_by_user)]
