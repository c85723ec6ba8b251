"""`wfm history` and `wfm logs`: what happened in a workflow, event by event or job by job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.letters import cells, plain
from workflow_manager.cli.options import with_output, with_server
from workflow_manager.cli.output import clip, show, show_table

if TYPE_CHECKING:
    from workflow_manager.cli.events import Told
    from workflow_manager.cli.http import Server


@click.command()
@click.argument("workflow_id", metavar="ID", shell_complete=completion.workflows)
@click.option(
    "--type", "types", metavar="TYPE", multiple=True, help="Only those types, such as '*Failed'; repeatable."
)
@click.option(
    "--state",
    "states",
    metavar="STATE",
    multiple=True,
    help="Only those states: Check, or Check[3] for one item.",
)
@click.option("--failed", is_flag=True, help="Only what failed, timed out or was aborted.")
@click.option("--newest-first", is_flag=True, help="Instead of oldest first.")
@click.option("--limit", type=click.IntRange(1), help="How many at most.")
@with_output
@with_server
def history(
    workflow_id: str,
    types: tuple[str, ...],
    states: tuple[str, ...],
    failed: bool,
    newest_first: bool,
    limit: int | None,
    output: str,
    server: Server,
) -> None:
    """Show the events of a workflow's execution.

    As JSON, events are as Step Functions has them, with times as text.

    \b
    Examples:
      wfm history ID
      wfm history ID --failed
      wfm history ID --state Check --type '*Failed' --type '*TimedOut'
      wfm history ID --json | jq '.[-1]'
    """
    from fnmatch import fnmatchcase

    from workflow_manager.cli.events import told
    from workflow_manager.cli.http import path

    def is_wanted(each: Told) -> bool:
        return (
            (not types or any(fnmatchcase(each.type.lower(), pattern.lower()) for pattern in types))
            and (not states or each.state in states or each.label in states)
            and (not failed or each.is_unsuccessful)
        )

    where = path("workflows", workflow_id, "history")
    pages = server.pages(where, {"limit": 1000}, kind="workflow")
    everything = list(told(event for page, _ in pages for event in page))
    found = [each for each in everything if is_wanted(each)]
    if newest_first:
        found.reverse()
    found = found[:limit]
    if not found and output == "table":
        click.echo("There are no such events.", err=True)
    began_at = everything[0].at if everything else None
    show(
        output,
        [each.event for each in found],
        text=lambda: _show_events(found, began_at),
        names=[str(each.event["id"]) for each in found],
    )


def _show_events(found: Sequence[Told], began_at: datetime | None) -> None:
    rows = [
        (
            str(each.event["id"]),
            each.at.astimezone().strftime("%H:%M:%S.%f")[:-3] if each.at else "-",
            f"+{(each.at - began_at).total_seconds():.3f}" if each.at and began_at else "",
            each.type,
            each.label or "-",
            each.detail,
        )
        for each in found
    ]
    show_table(("ID", "TIME", "AFTER", "TYPE", "STATE", "DETAIL"), clip(rows))


@click.command()
@click.argument("workflow_id", metavar="ID", shell_complete=completion.workflows)
@click.option("--state", "states", metavar="STATE", multiple=True, help="Only those states; repeatable.")
@click.option("--failed", is_flag=True, help="Only attempts that did not succeed.")
@click.option("--follow", "-f", is_flag=True, help="Go on until the workflow is over.")
@with_output
@with_server
def logs(
    workflow_id: str, states: tuple[str, ...], failed: bool, follow: bool, output: str, server: Server
) -> int:
    """Show the attempts of a workflow's jobs, oldest first.

    Each with its worker, how long it took, and why it failed.

    With --follow, each line comes when it is known, as JSON an attempt a line; the exit code is the
    workflow's: 0 succeeded, 1 failed, 3 cancelled.

    \b
    Examples:
      wfm logs ID
      wfm logs ID --failed
      wfm logs ID --follow --state Check
      wfm logs ID --state Check --json
    """
    from workflow_manager.cli.http import path
    from workflow_manager.cli.log import LogVoice, attempts, is_unsuccessful, log_lines, show_line

    def is_wanted(entry: dict[str, Any]) -> bool:
        is_named = not states or entry["state"] in states or entry["label"] in states
        return is_named and (not failed or is_unsuccessful(entry))

    def read() -> Any:
        return server.get(path("workflows", workflow_id), {"fetchHistory": True}, kind="workflow")

    if follow:
        from workflow_manager.cli.follow import Follower

        if output not in ("table", "json"):
            raise click.UsageError("what is followed is told in lines: --output table or json")
        return Follower(read, LogVoice(is_wanted, is_json=output == "json")).follow()
    jobs = read().get("jobs") or []
    found = [each for each in attempts(jobs) if is_wanted(each)]
    width = max((cells(plain(each["label"])) for each in found), default=0)

    def tell() -> None:
        for line in log_lines(jobs, is_wanted):
            show_line(line, width)

    show(output, found, text=tell, names=list(dict.fromkeys(each["label"] for each in found)))
    return 0
