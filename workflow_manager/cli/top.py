"""`wfm top`: what waits for each activity, and who works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli.options import with_output, with_server
from workflow_manager.cli.output import show, show_table, shows_trees

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server


@click.command()
@click.option("--namespace", "-n", metavar="NS", help="Only the activities of this namespace.")
@click.option("--once", is_flag=True, help="One look, on a terminal too.")
@click.option(
    "--interval",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0.2),
    help="Seconds between two looks.",
)
@with_output
@with_server
def top(namespace: str | None, once: bool, interval: float, output: str, server: Server) -> None:
    """Show the queues of activities and their workers.

    On a terminal it looks again every other second, until Ctrl-C. In a pipe, with --once or with
    --output, it is one look.

    WAITING tasks have been taken by no worker, SINCE is how long the next one in line has waited.
    RUNNING tasks are in the hands of workers, POLLING ones ask for a task at this moment, and WORKERS
    were heard of in the last ten minutes. Where state machines run on AWS, nobody tells these numbers.

    \b
    Examples:
      wfm top
      wfm top --namespace dev --once
      wfm top --json | jq '.[] | select(.load.waiting > 100) | .name'
    """
    read = partial(_activities, server, namespace)
    if output == "table" and not once and shows_trees():
        from workflow_manager.cli.top_screen import watch

        watch(read, interval, server.url)
        return
    found = read()
    show(output, found, text=lambda: _tell(found), names=[each["name"] for each in found])


def _activities(server: Server, namespace: str | None) -> list[Any]:
    pages = server.pages("/activities", {"limit": 1000, "namespace": namespace})
    return [each for page, _ in pages for each in page]


def _tell(found: Sequence[Any]) -> None:
    from workflow_manager.cli.load import HEADINGS, NOT_TOLD, WORKER_HEADINGS, advice, lines, worker_rows

    now = datetime.now(UTC)
    if not found:
        click.echo("There are no activities: no worker has served one, and no workflow needed one.", err=True)
    elif not any("load" in each for each in found):
        click.echo(NOT_TOLD, err=True)
    shown = lines(found, now)
    show_table(HEADINGS, [each.cells for each in shown])
    for line in shown:
        if line.is_stuck:
            click.echo(advice(line), err=True)
    if workers := worker_rows(found, now):
        click.echo()
        show_table(WORKER_HEADINGS, workers)
