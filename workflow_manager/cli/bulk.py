"""`wfm workflows cancel|refresh|resume|resolve`: one thing done to many workflows.

Decides which workflows that are, and shows them before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from workflow_manager.cli import completion
from workflow_manager.cli.bulk_run import Outcome, Run
from workflow_manager.cli.options import Moment, with_output, with_server
from workflow_manager.cli.output import definition_reference, local_time, show, show_table

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

F = TypeVar("F", bound=Callable[..., Any])

STATUSES: Final = ("queued", "running", "failed", "succeeded", "cancelled")

_PAGE: Final = 50
_SHOWN: Final = 10

_KEYS: Final = (
    "definition",
    "status",
    "namespace",
    "resolved",
    "created-after",
    "created-before",
    "tag.NAME",
)


def _on_many(default_statuses: tuple[str, ...], rate: float, *, once: bool = False) -> Callable[[F], F]:
    """Adds what says which workflows; the command gives back what is to be called for each of them.

    With `once`, those that have a retry already are done again only where their ids are given.
    """

    def decorate(command: F) -> F:
        @click.argument("ids", nargs=-1, metavar="[ID…]", shell_complete=completion.workflows)
        @click.option(
            "--where",
            "conditions",
            metavar="KEY=VALUE",
            multiple=True,
            help=f"All that meet this and every other one; KEY is {', '.join(_KEYS)}. "
            f"Without a status: {' and '.join(default_statuses)}.",
        )
        @click.option("--namespace", "-n", metavar="NS", help="Only those; the same as --where namespace=NS.")
        @click.option(
            "--rate-limit",
            default=rate,
            show_default=True,
            type=click.FloatRange(0, min_open=True),
            help="Calls a second.",
        )
        @click.option("--yes", "-y", is_flag=True, help="Do not ask.")
        @click.option("--dry-run", is_flag=True, help="Only show which ones.")
        @with_output
        @with_server
        @wraps(command)
        def wrapped(
            *arguments: Any,
            ids: tuple[str, ...],
            conditions: tuple[str, ...],
            namespace: str | None,
            rate_limit: float,
            yes: bool,
            dry_run: bool,
            output: str,
            server: Server,
            **options: Any,
        ) -> int:
            if namespace is not None:
                conditions = (*conditions, f"namespace={namespace}")
            if bool(ids) == bool(conditions):
                raise click.UsageError("say which ones: either their ids, or --where")
            found = _by_id(server, ids) if ids else list(_matching(server, conditions, default_statuses))
            if once and not ids:
                found = _left(found)
            call = command(*arguments, **options)
            verb = click.get_current_context().info_name or ""
            if not found:
                click.echo("There are no such workflows.", err=True)
                show(output, found, text=lambda: None, names=())
                return 0
            _preview(server, verb, found, options)
            if dry_run:
                names = [each["id"] for each in found]
                show(output, found, text=lambda: click.echo("\n".join(names)), names=names)
                return 0
            if not yes and click.prompt("Continue? (y/n)", default="n", show_default=False, err=True) != "y":
                raise click.Abort
            return Run(server, call, rate_limit, len(found), output).over(found)

        return wrapped  # type: ignore[return-value]

    return decorate


@click.command()
@_on_many(("queued", "running"), rate=180.0)
@click.option("--reason", required=True, help="Shown with each workflow.")
def cancel(reason: str) -> Callable[[Server, Any], Outcome]:
    """End many workflows, oldest first.

    \b
    Example:
      wfm workflows cancel --where definition=hello --where tag.team=infra --reason "wrong input"
    """
    from workflow_manager.cli.http import path

    def call(server: Server, workflow: Any) -> Outcome:
        server.send("DELETE", path("workflows", workflow["id"]), {"reason": reason}, kind="workflow")
        return Outcome("cancelled")

    return call


@click.command()
@_on_many(("queued", "running"), rate=38.0)
def refresh() -> Callable[[Server, Any], Outcome]:
    """Bring the status of many workflows up to date.

    Oldest first.

    \b
    Example:
      wfm workflows refresh --where definition=hello --where status=running
    """
    from workflow_manager.cli.http import path

    def call(server: Server, workflow: Any) -> Outcome:
        where = path("workflows", workflow["id"])
        now = server.get(where, {"fetchHistory": True}, kind="workflow")["status"]
        if now == workflow["status"]:
            return Outcome("", f"status unchanged ID = {workflow['id']}: {now}")
        return Outcome(f"now {now}")

    return call


@click.command()
@_on_many(("failed",), rate=38.0, once=True)
@click.option("--start-at", metavar="STATE", help="Where to go on; the state that failed, if not given.")
def resume(start_at: str | None) -> Callable[[Server, Any], Outcome]:
    """Go on with many workflows where they failed.

    A new workflow is started for each. Each new id is printed after the old one. --where leaves out what
    was resumed before, so that the same command may be given again.

    \b
    Example:
      wfm workflows resume --where definition=hello --where created-after=2026-01-31T12:00:00Z
    """
    from workflow_manager.cli.http import path
    from workflow_manager.cli.jobs import failed_state

    def call(server: Server, workflow: Any) -> Outcome:
        where = path("workflows", workflow["id"])
        begin = start_at or failed_state(server.get(where, {"fetchHistory": True}, kind="workflow"))
        started = server.send("POST", where, {"StartAt": begin}, kind="workflow")
        return Outcome("resumed", f"{workflow['id']}  {started['id']}", started["id"])

    return call


@click.command()
@_on_many(("failed",), rate=180.0)
def resolve() -> Callable[[Server, Any], Outcome]:
    """Note of many that somebody has dealt with them.

    \b
    Example:
      wfm workflows resolve --where definition=hello --where namespace=dev
    """
    from workflow_manager.cli.http import path

    def call(server: Server, workflow: Any) -> Outcome:
        server.send("POST", path("workflows", workflow["id"], "resolved"), kind="workflow")
        return Outcome("resolved")

    return call


def _by_id(server: Server, ids: Sequence[str]) -> list[Any]:
    from workflow_manager.cli.http import path

    return [server.get(path("workflows", each), kind="workflow") for each in dict.fromkeys(ids)]


def _left(found: Sequence[Any]) -> list[Any]:
    """Those without a retry."""
    left = [each for each in found if not each.get("retries")]
    if len(left) < len(found):
        count = len(found) - len(left)
        click.echo(
            f"{count} {'was' if count == 1 else 'were'} resumed before: name their ids to do it again.",
            err=True,
        )
    return left


def _matching(server: Server, conditions: Sequence[str], statuses: Sequence[str]) -> Iterator[Any]:
    from workflow_manager.cli.http import path

    query: dict[str, Any] = {
        "oldestFirst": True,
        "resolvedByUser": False,
        "limit": _PAGE,
        "summaryOnly": True,
    }
    tags: list[str] = []
    definitions: list[str] = []
    wanted: list[str] = []
    for condition in conditions:
        key, equals, value = condition.partition("=")
        if not equals:
            raise click.BadParameter(f"{condition!r} is not of the form KEY=VALUE", param_hint="--where")
        match key:
            case "definition":
                definitions.append(value)
            case "status" if value in STATUSES:
                wanted.append(value)
            case "resolved" if value in ("true", "false"):
                query["resolvedByUser"] = value == "true"
            case "namespace":
                query["namespace"] = value
            case "created-after":
                query["createdAfter"] = _moment(value)
            case "created-before":
                query["createdBefore"] = _moment(value)
            case _ if key.startswith("tag."):
                tags.append(f"{key.removeprefix('tag.')}={value}")
            case "status" | "resolved":
                known = STATUSES if key == "status" else ("true", "false")
                raise click.BadParameter(f"{key} is one of {', '.join(known)}", param_hint="--where")
            case _:
                raise click.BadParameter(f"{key!r} is not one of {', '.join(_KEYS)}", param_hint="--where")
    if tags:
        query["tag"] = tags
    for name in definitions:
        # It may be a slip of the pen.
        server.get(path("workflow-definitions", name), {"latest": True}, kind="definition")
    names = definitions or [each["name"] for each in server.get("/workflow-definitions")]
    for name in names:
        for status in wanted or statuses:
            asked = {**query, "workflowDefinitionName": name, "status": status}
            for page, _ in server.pages("/workflows", asked):
                yield from page


def _moment(value: str) -> str:
    try:
        return Moment().convert(value, None, None)
    except click.BadParameter as error:
        raise click.BadParameter(error.message, param_hint="--where") from error


def _preview(server: Server, verb: str, found: Sequence[Any], settings: dict[str, Any]) -> None:
    noun = "workflow" if len(found) == 1 else "workflows"
    click.echo(f"{verb} {len(found)} {noun} at {server.url}", err=True)
    for name, value in settings.items():
        if value:
            click.echo(f"  {name.replace('_', ' ')}: {value}", err=True)
    counts = Counter((definition_reference(each), each["status"]) for each in found)
    for (definition, status), count in sorted(counts.items()):
        click.echo(f"  {count} × {definition} {status}", err=True)
    rows = [
        (f"  {each['id']}", definition_reference(each), each["status"], local_time(each.get("createdAt")))
        for each in found[:_SHOWN]
    ]
    show_table(("  ID", "DEFINITION", "STATUS", "CREATED"), rows, err=True)
    if len(found) > _SHOWN:
        click.echo(f"  … and {len(found) - _SHOWN} more", err=True)
