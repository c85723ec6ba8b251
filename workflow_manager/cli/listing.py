"""Workflows as a list: of one definition, or of all of them."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

import click

from workflow_manager.cli.options import parse_tags
from workflow_manager.cli.output import definition_reference, local_time, parse_time, show_rows, span

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

# What the server gives workflows for ids.
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def list_them(server: Server, definition: str | None, filters: dict[str, Any], output: str) -> None:
    if definition is not None:
        found, next_token = _found(server, definition, filters)
    else:
        found, next_token = _found_anywhere(server, filters), None
    if not found and definition is not None:
        from workflow_manager.cli.http import path
        from workflow_manager.kernel.errors import NotFound

        # It may be a word that was meant otherwise.
        try:
            server.get(path("workflow-definitions", definition), kind="definition")
        except NotFound:
            if _ID.fullmatch(definition) is None:
                raise
            raise click.UsageError(
                f"{definition} is no definition; one workflow is shown by: wfm workflows show {definition}"
            ) from None
    show_rows(
        output,
        found,
        ("ID", "DEFINITION", "NAMESPACE", "STATUS", "CREATED", "TOOK"),
        [_row(each) for each in found],
        spare=("NAMESPACE", "TOOK"),
        names=[each["id"] for each in found],
        none="There are no such workflows.",
    )
    if next_token:
        click.echo(f"There are more: add --page-token {next_token}", err=True)


def _row(workflow: Any) -> tuple[str, ...]:
    took = span(parse_time(workflow.get("createdAt")), parse_time(workflow.get("stoppedAt")))
    return (
        workflow.get("id", ""),
        definition_reference(workflow),
        workflow.get("namespace") or "-",
        workflow.get("status", ""),
        local_time(workflow.get("createdAt")),
        took or "-",
    )


def _found(server: Server, definition: str, filters: dict[str, Any]) -> tuple[list[Any], str | None]:
    """The workflows and, when there are more, the token to go on with."""
    limit = filters["limit"]
    query = {
        "workflowDefinitionName": definition,
        "summaryOnly": True,
        "limit": min(limit, 1000),
        "status": filters["status"],
        "resolvedByUser": filters["resolved"],
        "namespace": filters["namespace"],
        "tag": [f"{key}={value}" for key, value in parse_tags(filters["tags"]).items()] or None,
        "createdAfter": filters["created_after"],
        "createdBefore": filters["created_before"],
        "oldestFirst": filters["oldest_first"] or None,
        "pageToken": filters["page_token"],
    }
    found: list[Any] = []
    for page, following in server.pages("/workflows", query):
        found.extend(page)
        if len(found) >= limit:
            return found[:limit], _token(following) if len(found) == limit else None
    return found, None


def _token(next_path: str | None) -> str | None:
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(next_path).query).get("pageToken", [None])[0] if next_path else None


def _found_anywhere(server: Server, filters: dict[str, Any]) -> list[Any]:
    if filters["page_token"]:
        raise click.UsageError("--page-token belongs to the list of one definition")
    names = [each["name"] for each in server.get("/workflow-definitions")]
    found = itertools.chain.from_iterable(_found(server, name, filters)[0] for name in names)
    ordered = sorted(found, key=lambda each: (each.get("createdAt", ""), each.get("id", "")))
    if not filters["oldest_first"]:
        ordered.reverse()
    return ordered[: filters["limit"]]


def newest(server: Server, limit: int) -> list[Any]:
    """Of all definitions."""
    nothing = ("status", "resolved", "namespace", "created_after", "created_before", "page_token")
    filters = {**dict.fromkeys(nothing), "tags": (), "oldest_first": False, "limit": limit}
    return _found_anywhere(server, filters)
