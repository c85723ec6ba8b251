"""`wfm graph`: a definition, or what a workflow made of it, as a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import with_server

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server


@click.command()
@click.argument(
    "source", required=False, metavar="[NAME[@VERSION]|FILE]", shell_complete=completion.files_or_definitions
)
@click.option(
    "--workflow-id",
    metavar="ID",
    shell_complete=completion.workflows,
    help="A workflow: its definition, with what became of each state.",
)
@click.option(
    "--format",
    "-f",
    "drawing",
    type=click.Choice(("text", "svg", "mermaid")),
    default="text",
    show_default=True,
    help="Letters for a terminal, a picture, or words for a page that draws Mermaid.",
)
@with_server
def graph(source: str | None, workflow_id: str | None, drawing: str, server: Server) -> None:
    """Draw a state machine.

    A name with a dot or a slash in it is a file, if there is one; `-` is stdin. For a file no server is
    needed.

    \b
    Examples:
      wfm graph hello
      wfm graph examples/hello/hello.yml
      wfm graph hello@3 -f svg > hello.svg
      wfm graph --workflow-id ID
    """
    if (source is None) == (workflow_id is None):
        raise click.UsageError("give a name, a file, or --workflow-id")
    if workflow_id is not None:
        title, machine, runs = _run(server, workflow_id)
    elif source is not None:
        from workflow_manager.cli.definitions import read_source

        found = read_source(server, source)
        title, machine, runs = found["name"], found["stateMachine"], {}
    from workflow_manager.cli.drawing.model import chart_of

    chart = chart_of(machine, runs)
    if not chart.boxes:
        raise click.UsageError(f"{title} has no states")
    match drawing:
        case "svg":
            from workflow_manager.cli.drawing.svg import draw_svg

            click.echo(draw_svg(chart, title), nl=False)
        case "mermaid":
            from workflow_manager.cli.drawing.mermaid import draw_mermaid

            click.echo(draw_mermaid(chart), nl=False)
        case _:
            from workflow_manager.cli.drawing.text import draw

            click.echo(draw(chart))


def _run(server: Server, workflow_id: str) -> tuple[str, Any, dict[str, tuple[str, str]]]:
    from workflow_manager.cli.http import path

    workflow = server.get(path("workflows", workflow_id), {"fetchHistory": True}, kind="workflow")
    machine = (workflow.get("workflowDefinition") or {}).get("stateMachine")
    return workflow_id, machine, outcomes(workflow.get("jobs") or [])


def outcomes(jobs: list[Any]) -> dict[str, tuple[str, str]]:
    """For each state, over all of its visits: the worst status, and a note of how many and how long."""
    from workflow_manager.cli.output import parse_time, span

    order = ("failed", "running", "queued", "created", "aborted_deps_failed", "aborted_by_user")
    visits: dict[str, list[Any]] = {}
    for job in jobs:
        visits.setdefault(job.get("state", ""), []).append(job)
    found = {}
    for state, all_of_it in visits.items():
        statuses = {job.get("status", "") for job in all_of_it}
        status = next((each for each in order if each in statuses), "succeeded")
        last = all_of_it[-1]
        notes = []
        items = [job["mapItems"] for job in all_of_it if job.get("mapItems")]
        if items:
            succeeded, total = (sum(each[name] for each in items) for name in ("succeeded", "total"))
            notes.append(f"{succeeded}/{total} items")
        elif len(all_of_it) > 1:
            ended = sum(job.get("status") == "succeeded" for job in all_of_it)
            notes.append(f"{ended} of {len(all_of_it)} succeeded")
        else:
            notes.append(span(parse_time(last.get("startedAt")), parse_time(last.get("stoppedAt"))))
        attempts = sum(len(job.get("attempts") or []) for job in all_of_it)
        if attempts:
            notes.append(f"{attempts} {'retry' if attempts == 1 else 'retries'}")
        found[state] = status, ", ".join(each for each in notes if each)
    return found
