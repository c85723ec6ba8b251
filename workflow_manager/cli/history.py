"""`wfm history` and `wfm logs`: what happened in a workflow, event by event or job by job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli.options import with_output, with_server
from workflow_manager.cli.output import clip, coloured, parse_time, short_status, show, show_table, span

if TYPE_CHECKING:
    from workflow_manager.cli.events import Told
    from workflow_manager.cli.http import Server


@click.command()
@click.argument("workflow_id", metavar="ID")
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
@click.argument("workflow_id", metavar="ID")
@click.option("--state", "states", metavar="STATE", multiple=True, help="Only those states; repeatable.")
@click.option("--failed", is_flag=True, help="Only attempts that did not succeed.")
@with_output
@with_server
def logs(workflow_id: str, states: tuple[str, ...], failed: bool, output: str, server: Server) -> None:
    """Show the attempts of a workflow's jobs in the order of time, with workers and reasons.

    \b
    Examples:
      wfm logs ID
      wfm logs ID --failed
      wfm logs ID --state Check --json
    """
    from workflow_manager.cli.http import path

    workflow = server.get(path("workflows", workflow_id), {"fetchHistory": True}, kind="workflow")
    found = [
        each
        for each in attempts(workflow.get("jobs") or [])
        if (not states or each["state"] in states or each["label"] in states)
        and (not failed or each["status"].startswith(("failed", "aborted")))
    ]
    show(
        output,
        found,
        text=lambda: _show_log(found),
        names=list(dict.fromkeys(each["label"] for each in found)),
    )


def attempts(jobs: Sequence[Any]) -> list[dict[str, Any]]:
    """One entry for each attempt of each job, by when it began."""
    from workflow_manager.cli.jobs import item_indexes, label

    found = [
        {**attempt, "state": job.get("state", ""), "label": label(job, items)}
        for job, items in zip(jobs, item_indexes(jobs), strict=True)
        for attempt in _attempts_of(job)
    ]
    return sorted(found, key=lambda each: each["startedAt"] or each["createdAt"] or "")


def _attempts_of(job: Any) -> Iterator[dict[str, Any]]:
    before = job.get("attempts") or []
    for number, attempt in enumerate(before, 1):
        yield _entry(attempt, number, "failed", attempt.get("taskARN"), attempt.get("reason"))
    yield _entry(job, len(before) + 1, job.get("status", ""), job.get("container"), job.get("statusReason"))


def _entry(times: Any, number: int, status: str, worker: str | None, reason: str | None) -> dict[str, Any]:
    def time(name: str) -> str | None:
        return times[name] if parse_time(times.get(name)) else None

    return {
        "attempt": number,
        "status": status,
        "worker": worker or None,
        "createdAt": time("createdAt"),
        "startedAt": time("startedAt"),
        "stoppedAt": time("stoppedAt"),
        "reason": reason or "",
    }


def _show_log(found: Sequence[dict[str, Any]]) -> None:
    lines: list[tuple[datetime, tuple[str, ...], str]] = []
    width = min(40, max((len(each["label"]) for each in found), default=0))
    for each in found:
        started_at, stopped_at = parse_time(each["startedAt"]), parse_time(each["stoppedAt"])
        # What takes no time, or never began, is one line.
        if started_at and started_at != stopped_at:
            lines.append((started_at, (each["label"], "started", "", _who(each)), ""))
        if stopped_at:
            cells = (each["label"], each["status"], span(started_at, stopped_at), _who(each))
            lines.append((stopped_at, cells, each["reason"]))
        elif not started_at:
            created_at = parse_time(each["createdAt"]) or datetime.min.replace(tzinfo=UTC)
            lines.append((created_at, (each["label"], each["status"], "", ""), each["reason"]))
    # What ended at the same moment as something else began comes first, and stays in its order.
    for at, (label, status, took, who), reason in sorted(lines, key=lambda line: line[0]):
        shown = coloured(short_status(status).ljust(9))
        click.echo(f"{_moment(at)}  {label.ljust(width)}  {shown}  {took.rjust(11)}  {who}".rstrip())
        for line in reason.splitlines():
            click.echo(f"{' ' * 25}{line}".rstrip())


def _moment(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _who(entry: dict[str, Any]) -> str:
    attempt = f"attempt {entry['attempt']}" if entry["attempt"] > 1 or entry["status"] == "failed" else ""
    worker = f"by {entry['worker']}" if entry["worker"] else ""
    return " ".join(each for each in (attempt, worker) if each)
