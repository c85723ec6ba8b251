"""How a workflow that is followed is told of in lines: as text, or as JSON.

Decides what is worth a line.  A job that was only just queued is not: it gets one when it waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli.jobs import WAITING, label, outermost
from workflow_manager.cli.letters import cells, pad, plain, plain_lines
from workflow_manager.cli.output import (
    clock_time,
    coloured,
    headline,
    parse_time,
    short_status,
    show_json_line,
    span,
)

if TYPE_CHECKING:
    from workflow_manager.cli.follow import Change


class JsonVoice:
    """A JSON object a line: each change of a job, then the workflow."""

    def begins(self, workflow: Any) -> None: ...

    def looks(self, workflow: Any) -> None: ...

    def changed(self, change: Change) -> None:
        shown = {
            "type": "job",
            "id": change.job.get("id", ""),
            "state": change.job.get("state", ""),
            "status": change.status,
            "attempt": change.attempt,
            "at": change.at.isoformat() if change.at else None,
            "reason": change.reason,
        }
        if change.items:
            shown["mapIndexes"] = list(change.items)
        show_json_line(shown)

    def waits(self, job: Any, items: tuple[int, ...]) -> None: ...

    def lost(self, error: Exception) -> None:
        tell_lost(error)

    def back(self) -> None:
        click.echo("The server answers again.", err=True)

    def ended(self, workflow: Any, cause: str) -> None:
        show_json_line({"type": "workflow", **{key: workflow[key] for key in workflow if key != "jobs"}})

    def close(self) -> None: ...


class TextVoice:
    """A line a change, in columns; colours where they can be seen."""

    def __init__(self) -> None:
        self._width = 0

    def begins(self, workflow: Any) -> None:
        machine = (workflow.get("workflowDefinition") or {}).get("stateMachine")
        self._width = min(40, max((cells(plain(name)) for name in _state_names(machine)), default=0))

    def looks(self, workflow: Any) -> None: ...

    def changed(self, change: Change) -> None:
        if change.status in WAITING:
            return
        attempt = f"attempt {change.attempt}" if change.attempt > 1 or change.status == "failed" else ""
        notes = [each for each in (attempt, headline(change.reason)) if each]
        self._say(change.at, label(change.job, change.items), change.status, change.took, "  ".join(notes))

    def waits(self, job: Any, items: tuple[int, ...]) -> None:
        advice = start_worker(job)
        note = f"no worker has taken it. {advice}" if advice else "waiting"
        self._say(parse_time(job.get("createdAt")), label(job, items), job.get("status", ""), "", note)

    def _say(self, at: datetime | None, state: str, status: str, took: str, note: str) -> None:
        columns = (
            clock_time(at),
            pad(plain(state), self._width),
            coloured(short_status(status).ljust(9)),
            took.rjust(11),
            note,
        )
        click.echo("  ".join(columns).rstrip())

    def lost(self, error: Exception) -> None:
        tell_lost(error)

    def back(self) -> None:
        click.echo("The server answers again.", err=True)

    def ended(self, workflow: Any, cause: str) -> None:
        tell_outcome(workflow, cause)

    def close(self) -> None: ...


def tell_lost(error: Exception) -> None:
    click.echo(f"{error}\nTrying again until it answers; Ctrl-C stops that.", err=True)


def tell_outcome(workflow: Any, cause: str) -> None:
    """The last lines about a workflow: how it ended, why, with what, and how to go on."""
    status = workflow["status"]
    took = span(parse_time(workflow.get("createdAt")), parse_time(workflow.get("stoppedAt")))
    click.echo(f"{coloured(status)}{f' after {took}' if took else ''}")
    last = workflow.get("lastJob") or {}
    reason = cause or workflow.get("statusReason") or last.get("statusReason")
    if status != "succeeded" and reason:
        for line in plain_lines(str(reason)):
            click.echo(f"  {line}".rstrip())
    if workflow.get("output"):
        click.echo("\n".join(plain_lines(workflow["output"])))
    failed_at = last.get("state")
    if str(last.get("statusReason", "")).endswith("ActivityDoesNotExist"):
        click.echo(f"No worker has ever served that activity. {start_worker(last)}", err=True)
    if status == "failed" and failed_at:
        # Inside a Parallel or a Map nothing can be begun alone.
        start_at = outermost(workflow.get("jobs") or [], last) or failed_at
        click.echo(f"Go on with: wfm resume {workflow['id']} --start-at {_quoted(start_at)}", err=True)


def start_worker(job: Any) -> str:
    """How to; "" for a job that is not an activity's."""
    resource = job.get("stateResource") or {}
    name = resource.get("name")
    if not name or resource.get("type") != "ActivityARN":
        return ""
    full_name = name if name.startswith("arn:") else f"{resource.get('namespace', '')}--{name}"
    return f"Start one: wfm worker --activity={_quoted(full_name)} -- COMMAND"


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _state_names(machine: Any) -> Iterator[str]:
    """Of all levels."""
    if not isinstance(machine, dict) or not isinstance(machine.get("States"), dict):
        return
    for name, state in machine["States"].items():
        yield name
        if isinstance(state, dict):
            for inner in (*(state.get("Branches") or ()), state.get("Iterator"), state.get("ItemProcessor")):
                yield from _state_names(inner)
