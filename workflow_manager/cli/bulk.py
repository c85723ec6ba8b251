"""`wfm bulk`: cancel or refresh all workflows of a definition that are in some status."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli.options import with_server

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

_PAGE = 50
_CALLERS = 50
_REPORT_SECONDS = 5.0


@click.group()
def bulk() -> None:
    """Cancel or refresh many workflows at once."""


_definition = click.argument("definition")
_status = click.option(
    "--status", type=click.Choice(("queued", "running")), required=True, help="Which of its workflows."
)
_yes = click.option("--yes", is_flag=True, help="Do not ask.")
_dry_run = click.option("--dry-run", is_flag=True, help="Only show which ones.")


@bulk.command("cancel")
@_definition
@_status
@click.option("--reason", required=True, help="Shown with each workflow.")
@click.option(
    "--rate-limit",
    default=180.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Calls a second.",
)
@_yes
@_dry_run
@with_server
def bulk_cancel(
    definition: str, status: str, reason: str, rate_limit: float, yes: bool, dry_run: bool, server: Server
) -> int:
    """End all workflows of a definition, oldest first."""
    from workflow_manager.cli.http import path

    def call(connection: Server, workflow: Any) -> bool:
        connection.send("DELETE", path("workflows", workflow["id"]), {"reason": reason}, kind="workflow")
        return True

    _confirm(server, yes or dry_run, action="cancel", definition=definition, status=status, reason=reason)
    return _Run(server, call, rate_limit, dry_run).over(_matching(server, definition, status))


@bulk.command("refresh")
@_definition
@_status
@click.option(
    "--rate-limit",
    default=38.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Calls a second.",
)
@_yes
@_dry_run
@with_server
def bulk_refresh(
    definition: str, status: str, rate_limit: float, yes: bool, dry_run: bool, server: Server
) -> int:
    """Bring the status of all workflows of a definition up to date, oldest first."""
    from workflow_manager.cli.http import path

    def call(connection: Server, workflow: Any) -> bool:
        where = path("workflows", workflow["id"])
        now = connection.get(where, {"fetchHistory": True}, kind="workflow")["status"]
        if now == workflow["status"]:
            click.echo(f"status unchanged ID = {workflow['id']}: {now}")
        return bool(now != workflow["status"])

    _confirm(server, yes or dry_run, action="refresh", definition=definition, status=status)
    return _Run(server, call, rate_limit, dry_run).over(_matching(server, definition, status))


def _confirm(server: Server, is_agreed: bool, **settings: str) -> None:
    for name, value in {"server": server.url, **settings}.items():
        click.echo(f"{name.ljust(11)} {value}", err=True)
    if not is_agreed and click.prompt("Continue? (y/n)", default="n", show_default=False, err=True) != "y":
        raise click.Abort


def _matching(server: Server, definition: str, status: str) -> Iterator[Any]:
    query: dict[str, str | int | bool] = {
        "workflowDefinitionName": definition,
        "status": status,
        "oldestFirst": True,
        "resolvedByUser": False,
        "limit": _PAGE,
        "summaryOnly": True,
    }
    for page, _ in server.pages("/workflows", query):
        yield from page


class _Run:
    """Calls for each workflow, many at once and not too many a second; each caller has its own
    connection.  Single errors are told, and the run goes on."""

    def __init__(
        self, server: Server, call: Callable[[Server, Any], bool], rate: float, dry_run: bool
    ) -> None:
        self._server = server
        self._call = call
        self._between = 1.0 / rate
        self._dry_run = dry_run
        self._waiting: queue.Queue[Any] = queue.Queue(maxsize=_CALLERS)
        self._counting = threading.Lock()
        self._succeeded = 0
        self._failed = 0

    def over(self, workflows: Iterator[Any]) -> int:
        """1 if any call failed, else 0; returns when all callers are done."""
        if self._dry_run:
            for workflow in workflows:
                click.echo(f"would call for {workflow['id']}")
            return 0
        callers = [threading.Thread(target=self._work, daemon=True) for _ in range(_CALLERS)]
        for caller in callers:
            caller.start()
        try:
            self._feed(workflows)
        finally:
            for _ in callers:
                self._waiting.put(None)
        for caller in callers:
            caller.join()
        self._report()
        return 1 if self._failed else 0

    def _feed(self, workflows: Iterator[Any]) -> None:
        next_report = time.monotonic() + _REPORT_SECONDS
        next_call = time.monotonic()
        for workflow in workflows:
            next_call = max(next_call, time.monotonic())
            time.sleep(max(0.0, next_call - time.monotonic()))
            next_call += self._between
            self._waiting.put(workflow)
            if time.monotonic() >= next_report:
                self._report()
                next_report += _REPORT_SECONDS

    def _work(self) -> None:
        from workflow_manager.kernel.errors import WorkflowManagerError

        with self._server.another() as connection:
            while (workflow := self._waiting.get()) is not None:
                try:
                    is_counted = self._call(connection, workflow)
                except WorkflowManagerError as error:
                    click.echo(f"{workflow['id']}: {error}", err=True)
                    with self._counting:
                        self._failed += 1
                else:
                    with self._counting:
                        self._succeeded += is_counted

    def _report(self) -> None:
        click.echo(
            f"{self._succeeded} done, {self._failed} failed, {self._waiting.qsize()} in the queue", err=True
        )
