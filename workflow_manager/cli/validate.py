"""`wfm definitions validate`: everything that is wrong with definitions, before they are stored.

Nothing is sent: the judge is the one that the server asks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import with_output
from workflow_manager.cli.output import coloured, show

if TYPE_CHECKING:
    from workflow_manager.cli.places import Position
    from workflow_manager.kernel.errors import Problem

_INVALID = 2
_SPOT = re.compile(r"line: (\d+), column: (\d+)\]$")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=completion.files)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(("standard", "express"), case_sensitive=False),
    default="standard",
    show_default=True,
    help="Of state machine: express ones wait for nobody outside.",
)
@with_output
def validate(files: tuple[str, ...], strict: bool, kind: str, output: str) -> int:
    """Tell everything that is wrong with definitions.

    In these files, of which `-` is stdin; no server is needed. Each problem has its line and column, its
    place in the state machine, and AWS's code and text. A resource may be a short name or an ARN.

    \b
    Examples:
      wfm definitions validate hello.yml
      wfm definitions validate --strict definitions/*.yml
      wfm definitions validate machine.asl.json --json

    \b
    Exit codes:
      0  nothing is wrong, or there are only warnings
      2  there are errors, or a file cannot be read
    """
    from workflow_manager.cli.definitions import read_text
    from workflow_manager.library.documents import read_definitions

    found: list[dict[str, Any]] = []
    count = 0
    for file in files:
        text = read_text(file)
        if file.endswith(".json") and (problem := _no_json(file, text)):
            count += 1
            found.append(problem)
            continue
        given = read_definitions(file, text, nameless="machine")
        count += len(given)
        found += problems_of(file, text, given, express=kind == "express")
    errors = sum(each["severity"] == "ERROR" for each in found)
    show(
        output,
        found,
        text=lambda: tell_problems(found, count, errors),
        names=list(dict.fromkeys(each["definition"] for each in found)),
    )
    return _INVALID if errors or (strict and found) else 0


def _no_json(file: str, text: str) -> dict[str, Any] | None:
    """The one problem of a text that is no JSON at all."""
    from pathlib import Path

    from workflow_manager.asl.judging import INVALID_JSON
    from workflow_manager.asl.validate import diagnose
    from workflow_manager.cli.places import Position
    from workflow_manager.kernel.errors import Problem

    for problem in diagnose(text.lstrip("\ufeff")):
        if problem.code == INVALID_JSON:
            message = problem.message.partition("\n at [Source")[0]
            at = _SPOT.search(problem.place)
            position = Position(int(at[1]), int(at[2])) if at else None
            return _row(file, Path(file).name.split(".")[0], Problem(message, "/", problem.code), position)
    return None


def problems_of(file: str, text: str, given: Sequence[Any], *, express: bool = False) -> list[dict[str, Any]]:
    """In the order they stand in the text; without one they have no positions."""
    from workflow_manager.cli.places import Places
    from workflow_manager.executor.definitions import check_manager, check_tags, diagnose_state_machine
    from workflow_manager.kernel.errors import InvalidRequest, Problem
    from workflow_manager.models.names import Naming, check_fits

    places = Places(text)
    found = []
    for number, each in enumerate(given):
        problems: list[Problem] = []
        machine = each.body["stateMachine"]
        try:
            problems += diagnose_state_machine(machine, Naming(), express=express)
            check_manager(each.body.get("manager", ""))
            check_tags(each.body.get("defaultTags") or {})
            if not problems:
                check_fits(each.name, 0, str(machine["StartAt"]))
        except InvalidRequest as error:
            problems.append(Problem(str(error), ""))
        for problem in problems:
            found.append(_row(file, each.name, problem, places.find(number, problem.place)))
    return sorted(found, key=lambda each: (each["line"] or 0, each["column"] or 0))


def _row(file: str, definition: str, problem: Problem, position: Position | None) -> dict[str, Any]:
    return {
        "file": file,
        "line": position.line if position else None,
        "column": position.column if position else None,
        "definition": definition,
        "place": problem.place or "/",
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
    }


def tell_problems(found: Sequence[Any], count: int, errors: int) -> None:
    for each in found:
        position = f":{each['line']}:{each['column']}" if each["line"] else ""
        severity = coloured(each["severity"].lower())
        click.echo(f"{each['file']}{position}: {severity}: {each['message']}")
        click.echo(click.style(f"    {each['definition']} {each['place']}  {each['code']}", dim=True))
    warnings = len(found) - errors
    summary = [f"{count} definition{'' if count == 1 else 's'}"]
    summary += [
        f"{number} {noun}{'' if number == 1 else 's'}"
        for number, noun in ((errors, "error"), (warnings, "warning"))
        if number
    ]
    click.echo(", ".join(summary) + ("" if found else ": nothing is wrong"))
