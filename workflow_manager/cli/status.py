"""`wfm status` and `wfm events`: is the server there, and what happens on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from workflow_manager.cli import completion
from workflow_manager.cli.events import Chronicle, Told
from workflow_manager.cli.letters import plain
from workflow_manager.cli.options import with_output, with_server
from workflow_manager.cli.output import (
    clock_time,
    coloured,
    definition_reference,
    local_time,
    show,
    show_json_line,
)
from workflow_manager.cli.voices import tell_lost

if TYPE_CHECKING:
    from workflow_manager.cli.http import Query, Server, ServerEvent

_PAUSE_SECONDS: Final = 1.0


@click.command()
@click.option("--metrics", is_flag=True, help="Its meters, as Prometheus reads them.")
@with_output
@with_server
def status(metrics: bool, output: str, server: Server) -> int:
    """Say whether the server is alive and ready.

    Alive is a server that answers; ready is one whose store and engine answer it too. Exit code 0 when
    it is both, else 5.

    \b
    Examples:
      wfm status
      wfm status --metrics | grep wfm_requests_total
    """
    from workflow_manager.kernel.errors import Unavailable

    if metrics:
        click.echo(server.text("/metrics"), nl=False)
        return 0
    server.text("/_health")
    reason = ""
    try:
        server.text("/_ready")
    except Unavailable as error:
        reason = str(error)
    found = {"server": server.url, "alive": True, "ready": not reason, "reason": reason}
    state = f"alive, not ready: {reason}" if reason else "alive and ready"
    show(output, found, text=lambda: click.echo(f"{server.url}  {state}"), names=[server.url])
    return 5 if reason else 0


@click.command()
@click.option(
    "--workflow-id",
    metavar="ID",
    shell_complete=completion.workflows,
    help="The history of this one as it grows, to its end.",
)
@click.option(
    "--definition",
    metavar="NAME",
    shell_complete=completion.definitions,
    help="Only workflows of this definition.",
)
@click.option("--namespace", "-n", metavar="NS", help="Only workflows of this namespace.")
@click.option("--after", metavar="EVENT", help="Go on after this event: its id, or its number in a history.")
@with_output
@with_server
def events(
    workflow_id: str | None,
    definition: str | None,
    namespace: str | None,
    after: str | None,
    output: str,
    server: Server,
) -> None:
    """Print changes of workflows as they happen.

    Each change of a workflow's status is a line, until Ctrl-C. With --workflow-id each event of that
    workflow's history is one, until it has ended. A server that is away for a while is waited for.

    With --json a line is an object with `id`, `event` and `data`; the id is what --after takes.

    \b
    Examples:
      wfm events --definition hello
      wfm events --json | jq 'select(.data.status == "failed") | .data.id'
      wfm events --workflow-id ID --json
    """
    from workflow_manager.cli.http import path

    if output not in ("table", "json"):
        raise click.UsageError("what happens is told in lines: --output table or json")
    if workflow_id is not None and after is not None and not after.isdecimal():
        raise click.BadParameter(f"{after!r} is not the number of an event", param_hint="--after")
    if workflow_id is not None and (definition or namespace):
        raise click.UsageError("give --workflow-id, or what to choose by, not both")
    where = "/events" if workflow_id is None else path("workflows", workflow_id, "events")
    query = {"workflowDefinitionName": definition, "namespace": namespace}
    chronicle = Chronicle()
    for event in resumed(server, where, query, after):
        if output == "json":
            show_json_line({"id": event.id, "event": event.name, "data": event.data})
        elif event.name == "history":
            _tell_history(chronicle.tell(event.data))
        else:
            _tell(event.name, event.data)


def resumed(
    server: Server,
    where: str,
    query: Query,
    after: str | None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ServerEvent]:
    """Events until their end; where a connection ends before, the next one goes on after the last event.

    One that cannot be made in the first place raises `NoAnswer`.
    """
    from workflow_manager.cli.http import NoAnswer

    was_there = is_away = False
    while True:
        try:
            events = server.events(where, query, after=after, kind="workflow")
            was_there = True
            for event in events:
                is_away = False
                after = event.id or after
                yield event
                if event.name == "end":
                    return
            reason = Exception(f"{server.url} has ended the connection.")
        except NoAnswer as error:
            if not was_there:
                raise
            reason = error
        if not is_away:
            tell_lost(reason)
        is_away = True
        sleep(_PAUSE_SECONDS)


def _tell_history(told: Told) -> None:
    label = plain(told.label)
    click.echo(f"{clock_time(told.at)}  {told.event['id']:>5}  {told.type.ljust(22)}  {label}".rstrip())


def _tell(name: str, data: Any) -> None:
    match name:
        case "gap":
            click.echo("Changes are missing here: read the list with `wfm workflows`.", err=True)
        case _:
            status = coloured(data.get("status", "").ljust(9))
            moment = local_time(data.get("lastUpdated"))
            click.echo(f"{moment}  {status}  {data.get('id', '')}  {definition_reference(data)}")
