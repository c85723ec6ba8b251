"""`wfm workflows cancel|refresh|resume|resolve`: one thing done to many workflows.

Decides which workflows that are, shows them before, and does not overload the server.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from workflow_manager.cli.options import with_server
from workflow_manager.cli.output import definition_reference, local_time, show_table

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

F = TypeVar("F", bound=Callable[..., Any])

STATUSES: Final = ("queued", "running", "failed", "succeeded", "cancelled")

_PAGE: Final = 50
_CALLERS: Final = 50
_REPORT_SECONDS: Final = 5.0
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


def _on_many(default_statuses: tuple[str, ...], rate: float) -> Callable[[F], F]:
    """Adds what says which workflows, and hands the command a `run` that calls for each of them."""

    def decorate(command: F) -> F:
        @click.argument("ids", nargs=-1, metavar="[ID…]")
        @click.option(
            "--where",
            "conditions",
            metavar="KEY=VALUE",
            multiple=True,
            help=f"All that meet this and every other one; KEY is {', '.join(_KEYS)}. "
            f"Without a status: {' and '.join(default_statuses)}.",
        )
        @click.option(
            "--rate-limit",
            default=rate,
            show_default=True,
            type=click.FloatRange(0, min_open=True),
            help="Calls a second.",
        )
        @click.option("--yes", "-y", is_flag=True, help="Do not ask.")
        @click.option("--dry-run", is_flag=True, help="Only show which ones.")
        @with_server
        @wraps(command)
        def wrapped(
            *arguments: Any,
            ids: tuple[str, ...],
            conditions: tuple[str, ...],
            rate_limit: float,
            yes: bool,
            dry_run: bool,
            server: Server,
            **options: Any,
        ) -> int:
            if bool(ids) == bool(conditions):
                raise click.UsageError("say which ones: either their ids, or --where")
            found = _by_id(server, ids) if ids else list(_matching(server, conditions, default_statuses))
            call = command(*arguments, **options)
            verb = click.get_current_context().info_name or ""
            if not found:
                click.echo("There are no such workflows.", err=True)
                return 0
            _preview(server, verb, found, options)
            if dry_run:
                for workflow in found:
                    click.echo(workflow["id"])
                return 0
            if not yes and click.prompt("Continue? (y/n)", default="n", show_default=False, err=True) != "y":
                raise click.Abort
            return _Run(server, call, rate_limit, len(found)).over(found)

        return wrapped  # type: ignore[return-value]

    return decorate


@click.command()
@_on_many(("queued", "running"), rate=180.0)
@click.option("--reason", required=True, help="Shown with each workflow.")
def cancel(reason: str) -> Callable[[Server, Any], str]:
    """End many workflows, oldest first.

    \b
    Example:
      wfm workflows cancel --where definition=hello --where tag.team=infra --reason "wrong input"
    """
    from workflow_manager.cli.http import path

    def call(server: Server, workflow: Any) -> str:
        server.send("DELETE", path("workflows", workflow["id"]), {"reason": reason}, kind="workflow")
        return "cancelled"

    return call


@click.command()
@_on_many(("queued", "running"), rate=38.0)
def refresh() -> Callable[[Server, Any], str]:
    """Bring the status of many workflows up to date.

    Oldest first.

    \b
    Example:
      wfm workflows refresh --where definition=hello --where status=running
    """
    from workflow_manager.cli.http import path

    def call(server: Server, workflow: Any) -> str:
        where = path("workflows", workflow["id"])
        now = server.get(where, {"fetchHistory": True}, kind="workflow")["status"]
        if now == workflow["status"]:
            click.echo(f"status unchanged ID = {workflow['id']}: {now}")
            return ""
        return f"now {now}"

    return call


@click.command()
@_on_many(("failed",), rate=38.0)
@click.option("--start-at", metavar="STATE", help="Where to go on; the state that failed, if not given.")
def resume(start_at: str | None) -> Callable[[Server, Any], str]:
    """Go on with many workflows where they failed.

    A new workflow is started for each. Each new id is printed after the old one.

    \b
    Example:
      wfm workflows resume --where definition=hello --where created-after=2026-01-31T12:00:00Z
    """
    from workflow_manager.cli.http import path
    from workflow_manager.cli.jobs import failed_state

    def call(server: Server, workflow: Any) -> str:
        where = path("workflows", workflow["id"])
        begin = start_at or failed_state(server.get(where, {"fetchHistory": True}, kind="workflow"))
        started = server.send("POST", where, {"StartAt": begin}, kind="workflow")
        click.echo(f"{workflow['id']}  {started['id']}")
        return "resumed"

    return call


@click.command()
@_on_many(("failed",), rate=180.0)
def resolve() -> Callable[[Server, Any], str]:
    """Note of many that somebody has dealt with them.

    \b
    Example:
      wfm workflows resolve --where definition=hello --where namespace=dev
    """
    from workflow_manager.cli.http import path

    def call(server: Server, workflow: Any) -> str:
        server.send("POST", path("workflows", workflow["id"], "resolved"), kind="workflow")
        return "resolved"

    return call


def _by_id(server: Server, ids: Sequence[str]) -> list[Any]:
    from workflow_manager.cli.http import path

    return [server.get(path("workflows", each), kind="workflow") for each in dict.fromkeys(ids)]


def _matching(server: Server, conditions: Sequence[str], statuses: Sequence[str]) -> Iterator[Any]:
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
                query["createdAfter"] = value
            case "created-before":
                query["createdBefore"] = value
            case _ if key.startswith("tag."):
                tags.append(f"{key.removeprefix('tag.')}={value}")
            case "status" | "resolved":
                known = STATUSES if key == "status" else ("true", "false")
                raise click.BadParameter(f"{key} is one of {', '.join(known)}", param_hint="--where")
            case _:
                raise click.BadParameter(f"{key!r} is not one of {', '.join(_KEYS)}", param_hint="--where")
    if tags:
        query["tag"] = tags
    names = definitions or [each["name"] for each in server.get("/workflow-definitions")]
    for name in names:
        for status in wanted or statuses:
            asked = {**query, "workflowDefinitionName": name, "status": status}
            for page, _ in server.pages("/workflows", asked):
                yield from page


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


class _Run:
    """Calls for each workflow, many at once and not too many a second; each caller has its own
    connection.  Single errors are told, and the run goes on."""

    def __init__(self, server: Server, call: Callable[[Server, Any], str], rate: float, total: int) -> None:
        self._server = server
        self._call = call
        self._between = 1.0 / rate
        self._total = total
        self._waiting: queue.Queue[Any] = queue.Queue(maxsize=_CALLERS)
        self._counting = threading.Lock()
        self._outcomes: Counter[str] = Counter()
        self._failed = 0
        self._over = 0

    def over(self, workflows: Sequence[Any]) -> int:
        """1 if any call failed, else 0; returns when all callers are done."""
        count = min(_CALLERS, len(workflows))
        callers = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for caller in callers:
            caller.start()
        try:
            self._feed(workflows)
        finally:
            for _ in callers:
                self._waiting.put(None)
        while any(caller.is_alive() for caller in callers):
            callers[0].join(0.1)
            callers = [caller for caller in callers if caller.is_alive()] or callers[:1]
            self._paint()
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
        self._report()
        return 1 if self._failed else 0

    def _feed(self, workflows: Sequence[Any]) -> None:
        next_report = time.monotonic() + _REPORT_SECONDS
        next_call = time.monotonic()
        for workflow in workflows:
            next_call = max(next_call, time.monotonic())
            time.sleep(max(0.0, next_call - time.monotonic()))
            next_call += self._between
            self._waiting.put(workflow)
            self._paint()
            if not sys.stderr.isatty() and time.monotonic() >= next_report:
                self._report()
                next_report += _REPORT_SECONDS

    def _work(self) -> None:
        from workflow_manager.kernel.errors import WorkflowManagerError

        with self._server.another() as connection:
            while (workflow := self._waiting.get()) is not None:
                outcome = ""
                try:
                    outcome = self._call(connection, workflow)
                except WorkflowManagerError as error:
                    click.echo(f"{workflow['id']}: {error}", err=True)
                    with self._counting:
                        self._failed += 1
                with self._counting:
                    self._over += 1
                    if outcome:
                        self._outcomes[outcome] += 1

    def _paint(self) -> None:
        """A bar in place, where somebody looks."""
        if not sys.stderr.isatty():
            return
        width = 30
        full = width * self._over // max(1, self._total)
        bar = "━" * full + "─" * (width - full)
        click.echo(f"\r\x1b[K{bar} {self._over}/{self._total}, {self._failed} failed", nl=False, err=True)

    def _report(self) -> None:
        succeeded = sum(self._outcomes.values())
        click.echo(f"{succeeded} done, {self._failed} failed, {self._waiting.qsize()} in the queue", err=True)
        if self._over == self._total and len(self._outcomes) > 1:
            for outcome, count in sorted(self._outcomes.items()):
                click.echo(f"  {count} {outcome}", err=True)
