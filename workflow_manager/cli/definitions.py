"""`wfm definitions`: store, list and show workflow definitions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.letters import cells, pad, plain
from workflow_manager.cli.options import parse_reference, with_output, with_server
from workflow_manager.cli.output import coloured, local_time, show, show_rows, show_yaml
from workflow_manager.cli.validate import validate

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server
    from workflow_manager.library.documents import Given
    from workflow_manager.testing.verdict import Verdict


@click.group()
def definitions() -> None:
    """Named state machines with versions.

    \b
    Examples:
      wfm definitions validate hello.yml
      wfm definitions apply hello.yml
      wfm definitions show hello@0
    """


@definitions.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=completion.files)
@with_output
@with_server
def apply(files: tuple[str, ...], output: str, server: Server) -> int:
    """Store the definitions in these files.

    A file is JSON or YAML, and `-` is stdin. It holds one definition (name, stateMachine, and
    optionally defaultTags and manager), many of them, or a bare state machine that is named as its
    file. A new version is made only where something changed.
    """
    results = [_apply(server, given) for given in _read_all(files)]
    show(
        output,
        [result for result, _ in results],
        text=lambda: _tell(results),
        names=[result["name"] for result, _ in results],
    )
    return 2 if any(problems for _, problems in results) else 0


def _tell(results: Sequence[tuple[dict[str, Any], list[str]]]) -> None:
    width = max(cells(plain(result["name"])) for result, _ in results)
    for result, problems in results:
        click.echo(f"{pad(plain(result['name']), width)}  {_told(result)}")
        for line in problems:
            click.echo(f"  {line}", err=True)


def _read_all(files: Iterable[str]) -> list[Given]:
    """All files are read before anything is stored."""
    return [given for file in files for given in read_file(file)[1]]


def read_file(file: str) -> tuple[str, list[Given]]:
    """The text of a file, or of stdin for `-`, and the definitions in it."""
    from workflow_manager.library.documents import read_definitions

    text = read_text(file)
    return text, read_definitions(file, text)


def read_text(file: str) -> str:
    try:
        with click.open_file(file, encoding="utf-8") as opened:
            text: str = opened.read()
    except OSError as error:
        raise click.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from error
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file}: not UTF-8: {error}", param_hint="FILE") from error
    return text


def _apply(server: Server, given: Given) -> tuple[dict[str, Any], list[str]]:
    """What became of it, and the problems it has, one a line."""
    from workflow_manager.cli.http import path
    from workflow_manager.kernel.errors import Conflict, InvalidRequest, NotFound

    where = path("workflow-definitions", given.name)
    for is_last_try in (False, True):
        try:
            try:
                latest = server.get(where, {"latest": True}, kind="definition")[0]
            except NotFound:
                stored = server.send("POST", "/workflow-definitions", given.body)
                return {"name": given.name, "result": "created", "version": stored.get("version", 0)}, []
            if is_same(given.body, latest):
                return {"name": given.name, "result": "unchanged", "version": latest.get("version", 0)}, []
            stored = server.send("PUT", where, given.body)
            return {"name": given.name, "result": "updated", "version": stored.get("version", 0)}, []
        except Conflict:
            # Somebody stored that name between our reading and our writing: look again.
            if is_last_try:
                raise
        except InvalidRequest as error:
            problems = [f"{given.place}: {line}" for line in lines_of(error)]
            return {"name": given.name, "result": "invalid", "problems": problems}, problems
    raise AssertionError("the last try returns or raises")


def lines_of(refusal: Exception) -> list[str]:
    """A line for each problem; the server's first only says one of them again, without its place."""
    lines = [line for line in str(refusal).splitlines() if line.strip()]
    return lines[1:] if len(lines) > 1 and lines[1].startswith(f"{lines[0]} at /") else lines


def is_same(given: Any, stored: Any) -> bool:
    # As sorted text: in Python 1 == True, in JSON not.
    if _sorted(given["stateMachine"]) != _sorted(stored.get("stateMachine")):
        return False
    if _sorted(given.get("defaultTags") or {}) != _sorted(stored.get("defaultTags") or {}):
        return False
    return "manager" not in given or given["manager"] == stored.get("manager", "")


def _sorted(value: Any) -> str:
    import json

    return json.dumps(value, sort_keys=True)


def _told(result: dict[str, Any]) -> str:
    match result["result"]:
        case "updated":
            return f"{coloured('updated')} to version {result['version']}"
        case "unchanged":
            return f"unchanged, version {result['version']}"
        case other:
            return coloured(other)


@definitions.command("list")
@with_output
@with_server
def list_definitions(output: str, server: Server) -> None:
    """Every name with its latest version."""
    found = server.get("/workflow-definitions")
    none = "There are no definitions yet. Store one with `wfm definitions apply FILE`."
    _show_all(found, output, names=[each["name"] for each in found], none=none)


def _show_all(found: Sequence[Any], output: str, *, names: Sequence[str], none: str = "") -> None:
    headings = ("NAME", "VERSION", "STARTS AT", "STATES", "CREATED", "TAGS")
    rows = [_row(each) for each in found]
    show_rows(output, found, headings, rows, names=names, none=none, spare=("TAGS", "CREATED"))


def fetch(server: Server, reference: str) -> Any:
    """The definition `NAME` or `NAME@VERSION`.  Raises `NotFound`."""
    from workflow_manager.cli.http import path

    name, version = parse_reference(reference)
    if version < 0:
        found = server.get(path("workflow-definitions", name), {"latest": True}, kind="definition")[0]
    else:
        found = server.get(path("workflow-definitions", name, str(version)), kind="definition")
    return {"version": 0, **found}


def is_file(source: str) -> bool:
    """Whether that stands for a file, and not for the name of a definition that is stored."""
    return source == "-" or (("." in source or os.sep in source) and os.path.exists(source))


def read_source(server: Server, source: str) -> Any:
    """The definition of that name, or the one in that file: a name with a dot or a slash in it, or `-`.

    One from a file has no version.
    """
    from workflow_manager.kernel.errors import NotFound

    if not is_file(source):
        try:
            return fetch(server, source)
        except NotFound:
            if not source.endswith((".json", ".yaml", ".yml")):
                raise
            raise click.UsageError(f"{source} is neither a file nor the name of a definition") from None
    given = read_file(source)[1]
    if len(given) > 1:
        names = ", ".join(each.name for each in given)
        raise click.UsageError(f"{source} holds {len(given)} definitions ({names}): give one")
    return given[0].body


@definitions.command("show")
@click.argument("reference", metavar="NAME[@VERSION]", shell_complete=completion.definitions)
@with_output
@with_server
def show_definition(reference: str, output: str, server: Server) -> None:
    """Show a definition as a file that can be applied again.

    The latest version, unless one is given.

    \b
    Example:
      wfm definitions show hello@0 > hello.yml
    """
    found = fetch(server, reference)
    names = [f"{found['name']}@{found.get('version', 0)}"]
    show(output, found, text=lambda: _show_file(found), names=names)


def _show_file(definition: Any) -> None:
    members = ("name", "manager", "defaultTags", "stateMachine")
    click.echo(f"# version {definition.get('version', 0)}, created {local_time(definition.get('createdAt'))}")
    show_yaml({member: definition[member] for member in members if definition.get(member)})


@definitions.command()
@click.argument("name", shell_complete=completion.definitions)
@with_output
@with_server
def versions(name: str, output: str, server: Server) -> None:
    """Every version of one name."""
    from workflow_manager.cli.http import path

    found = server.get(path("workflow-definitions", name), {"latest": False}, kind="definition")
    _show_all(found, output, names=[f"{each['name']}@{each.get('version', 0)}" for each in found])


definitions.add_command(validate)


def _row(definition: Any) -> tuple[str, ...]:
    machine = definition.get("stateMachine") or {}
    tags = definition.get("defaultTags") or {}
    return (
        definition.get("name", ""),
        str(definition.get("version", 0)),
        str(machine.get("StartAt", "-")),
        str(len(machine.get("States") or {})),
        local_time(definition.get("createdAt")),
        " ".join(f"{key}={value}" for key, value in sorted(tags.items())) or "-",
    )


@definitions.command("test")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option(
    "--definition",
    "definition_file",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="The definition to test, where FILE names none or another.",
)
@with_output
def test_definition(file: str, definition_file: str | None, output: str) -> int:
    """Play a definition through with mocked tasks.

    And check how it ends. No server, no worker and no waiting: time jumps. FILE lists tests, each with
    an input, the mocked results of Task states, and the expected end and path; or it is a mock
    configuration of AWS's Step Functions Local, whose cases are played as they are.
    """
    from pathlib import Path

    from workflow_manager.testing.cases import read_cases
    from workflow_manager.testing.verdict import judge

    definition = None if definition_file is None else Path(definition_file)
    verdicts = [judge(case) for case in read_cases(Path(file), definition)]
    show(
        output,
        [shown_verdict(verdict) for verdict in verdicts],
        text=lambda: tell_verdicts(verdicts),
        names=[verdict.case.name for verdict in verdicts if verdict.problems],
    )
    return 1 if any(verdict.problems for verdict in verdicts) else 0


def tell_verdicts(verdicts: Sequence[Verdict]) -> None:
    failed = sum(1 for verdict in verdicts if verdict.problems)
    for verdict in verdicts:
        end = verdict.outcome.status if verdict.outcome else "not played"
        path = " > ".join(verdict.outcome.path) if verdict.outcome else ""
        told = coloured("failed" if verdict.problems else "succeeded")
        click.echo(f"{told}  {verdict.case.name}: {end}  {path}".rstrip())
        for problem in verdict.problems:
            click.echo("\n".join(f"  {line}" for line in problem.splitlines()))
    click.echo(f"{len(verdicts) - failed} of {len(verdicts)} tests succeeded")


def shown_verdict(verdict: Verdict) -> dict[str, Any]:
    outcome = verdict.outcome
    return {
        "name": verdict.case.name,
        "problems": list(verdict.problems),
        "status": outcome.status if outcome else None,
        "output": outcome.output if outcome else None,
        "error": outcome.error if outcome else None,
        "cause": outcome.cause if outcome else None,
        "path": list(outcome.path) if outcome else [],
    }
