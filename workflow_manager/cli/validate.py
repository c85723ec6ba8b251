"""`wfm definitions validate`: everything that is wrong with definitions, before they are stored.

Nothing is sent: the judge is the one that the server asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import with_output
from workflow_manager.cli.output import coloured, show

_INVALID = 2


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=completion.files)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@with_output
def validate(files: tuple[str, ...], strict: bool, output: str) -> int:
    """Tell everything that is wrong with definitions.

    In these files, of which `-` is stdin; no server is needed. Each problem has its line and column, its
    place in the state machine, a code and a text. A resource may be a short name or an ARN.

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
    from workflow_manager.cli.definitions import read_file

    found: list[dict[str, Any]] = []
    count = 0
    for file in files:
        text, given = read_file(file)
        count += len(given)
        found += problems_of(file, text, given)
    errors = sum(each["severity"] == "ERROR" for each in found)
    show(
        output,
        found,
        text=lambda: tell_problems(found, count, errors),
        names=list(dict.fromkeys(each["definition"] for each in found)),
    )
    return _INVALID if errors or (strict and found) else 0


def problems_of(file: str, text: str, given: Sequence[Any]) -> list[dict[str, Any]]:
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
            problems += diagnose_state_machine(machine, Naming())
            check_manager(each.body.get("manager", ""))
            check_tags(each.body.get("defaultTags") or {})
            if not problems:
                check_fits(each.name, 0, str(machine["StartAt"]))
        except InvalidRequest as error:
            problems.append(Problem(str(error), ""))
        for problem in problems:
            position = places.find(number, problem.place)
            found.append(
                {
                    "file": file,
                    "line": position.line if position else None,
                    "column": position.column if position else None,
                    "definition": each.name,
                    "place": problem.place or "/",
                    "severity": problem.severity,
                    "code": problem.code,
                    "message": problem.message,
                }
            )
    return sorted(found, key=lambda each: (each["line"] or 0, each["column"] or 0))


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
