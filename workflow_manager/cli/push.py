"""`wfm push`: bring a definition from one server, or a file, to another, once it has proven itself.

Decides the order: what is wrong, or fails its tests, is told before the other server is asked for
anything; what would change there is shown before anything changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import with_output, with_server
from workflow_manager.cli.output import coloured, show

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server
    from workflow_manager.library.documents import Given
    from workflow_manager.testing.verdict import Verdict

_FAILED, _INVALID, _LOST = 1, 2, 4
_TEST_FILES = (".test.yml", ".test.yaml", ".test.json")


@click.command()
@click.argument("source", metavar="NAME[@VERSION]|FILE", shell_complete=completion.files_or_definitions)
@click.option(
    "--to",
    "profile",
    metavar="PROFILE",
    shell_complete=completion.profiles,
    help="The profile of the server it goes to.",
)
@click.option("--to-server", metavar="URL", help="Or its address.")
@click.option("--to-api-key", metavar="KEY", envvar="WFM_TO_API_KEY", help="Its key; $WFM_TO_API_KEY.")
@click.option(
    "--tests",
    "test_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(dir_okay=False),
    help="Tests to run before, as of `wfm definitions test`; for hello.yml without this "
    "hello.test.yml beside it, if there is one.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@with_output
@with_server
def push(
    source: str,
    profile: str | None,
    to_server: str | None,
    to_api_key: str | None,
    test_files: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    output: str,
    server: Server,
) -> int:
    """Bring a definition to another server.

    As from the embedded setting to AWS. Takes the definition from a file, or by its name from
    --server; validates it and runs its tests here, shows what would change there state by state, asks,
    and makes the new version. What did not change makes none.

    \b
    Examples:
      wfm push hello --to production
      wfm push hello.yml --to-server https://wfm.example.org --dry-run
      wfm push hello@3 --tests hello.test.yml --to production --yes --json

    \b
    Exit codes:
      0    it is there now, or was before; with --dry-run, it could be
      1    a test failed
      2    the definition is not valid
      4    somebody else stored a version while you looked at the changes
      130  you said no
    """
    text, given = _read(server, source)
    verdicts = _verdicts(source, test_files, given)
    if refused := _refusal(source, text, given, verdicts, output):
        return refused
    with _target(profile, to_server, to_api_key) as target:
        pushes = [_Push(each, _stored(target, each.name)) for each in given]
        _show_plan(target, pushes, verdicts, quietly=output != "table")
        is_wanted = not dry_run and any(each.plan != "unchanged" for each in pushes)
        if is_wanted and not yes:
            answer = click.prompt("Continue? (y/n)", default="n", show_default=False, err=True)
            if answer != "y":
                raise click.Abort
        results: list[dict[str, Any]] = []
        try:
            for each in pushes:
                results.append(each.shown(verdicts, {} if dry_run else each.make(target)))
        finally:
            # Also when the server goes away midway: what was made until then is told.
            _show_results(results, output)
    if any(result.get("result") == "invalid" for result in results):
        return _INVALID
    return _LOST if any(result.get("result") == "conflict" for result in results) else 0


def _read(server: Server, source: str) -> tuple[str, list[Given]]:
    """The text of a file, or none for what is stored, and the definitions in it."""
    from workflow_manager.cli.definitions import fetch, is_file, read_file
    from workflow_manager.library.documents import read_definition

    if is_file(source):
        return read_file(source)
    return "", [read_definition(source, fetch(server, source))]


def _verdicts(source: str, test_files: Sequence[str], given: Sequence[Given]) -> list[Verdict]:
    from workflow_manager.testing.cases import read_cases
    from workflow_manager.testing.verdict import judge

    files = [Path(file) for file in test_files] or list(_tests_beside(source))
    return [judge(case) for file in files for case in read_cases(file, given)]


def _tests_beside(source: str) -> Iterator[Path]:
    file = Path(source)
    beside = (file.parent / (file.name.split(".")[0] + ending) for ending in _TEST_FILES)
    if file.is_file():
        yield from (path for path in beside if path.is_file())


def _refusal(
    source: str, text: str, given: Sequence[Given], verdicts: Sequence[Verdict], output: str
) -> int | None:
    """The exit code when this must not go anywhere, which is told."""
    from workflow_manager.cli.definitions import shown_verdict, tell_verdicts
    from workflow_manager.cli.validate import problems_of, tell_problems

    problems = problems_of(source, text, given)
    errors = [each for each in problems if each["severity"] == "ERROR"]
    failed = [verdict for verdict in verdicts if verdict.problems]
    if not errors and not failed:
        return None

    def tell() -> None:
        if errors:
            tell_problems(problems, len(given), len(errors))
        else:
            tell_verdicts(verdicts)
        click.echo("nothing was pushed", err=True)

    shown = [
        {
            "name": each.name,
            "result": "invalid" if errors else "failed",
            "problems": [problem["message"] for problem in errors if problem["definition"] == each.name],
            "tests": [shown_verdict(verdict) for verdict in verdicts],
        }
        for each in given
    ]
    show(output, shown, text=tell, names=[])
    return _INVALID if errors else _FAILED


@contextmanager
def _target(profile: str | None, url: str | None, api_key: str | None) -> Iterator[Server]:
    from workflow_manager.cli.http import Server
    from workflow_manager.cli.profiles import named_profile

    if profile is not None and url is not None:
        raise click.UsageError("say where it goes by --to or by --to-server, not both")
    if profile is not None:
        chosen = named_profile(profile)
        url, api_key = chosen.server, api_key or chosen.api_key
        if url is None:
            raise click.UsageError(f"the profile {profile} names no server")
    if url is None:
        raise click.UsageError("say where it goes: --to PROFILE, or --to-server URL")
    with Server(url, api_key) as connected:
        yield connected


def _stored(target: Server, name: str) -> Any:
    """The latest version there; None for none."""
    from workflow_manager.cli.definitions import fetch
    from workflow_manager.kernel.errors import NotFound

    try:
        return fetch(target, f"{name}@latest")
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class _Push:
    """One definition on its way; `before` is the latest version where it goes."""

    given: Given
    before: Any

    @property
    def plan(self) -> str:
        from workflow_manager.cli.definitions import is_same

        if self.before is None:
            return "created"
        return "unchanged" if is_same(self.given.body, self.before) else "updated"

    def make(self, target: Server) -> dict[str, Any]:
        """What became of it: `result`, `version` and, when it was not made, `problems`."""
        from workflow_manager.cli.definitions import lines_of
        from workflow_manager.cli.http import path
        from workflow_manager.kernel.errors import Conflict, InvalidRequest

        if self.plan == "unchanged":
            return {"result": "unchanged", "version": self.before["version"]}
        try:
            if self.before is None:
                stored = target.send("POST", "/workflow-definitions", self.given.body)
            else:
                self._check_nobody_was_first(target)
                where = path("workflow-definitions", self.given.name)
                stored = target.send("PUT", where, self.given.body)
        except Conflict as error:
            return {"result": "conflict", "problems": [str(error)]}
        except InvalidRequest as error:
            return {"result": "invalid", "problems": lines_of(error)}
        return {"result": self.plan, "version": stored.get("version", 0)}

    def _check_nobody_was_first(self, target: Server) -> None:
        """What was shown, and agreed to, is the change from `before`."""
        from workflow_manager.kernel.errors import Conflict

        now = _stored(target, self.given.name)
        if now is None or now["version"] != self.before["version"]:
            version = "no version" if now is None else f"version {now['version']}"
            raise Conflict(
                f"{self.given.name} has {version} by now, and had {self.before['version']}: look at it again"
            )

    def shown(self, verdicts: Sequence[Verdict], made: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": self.given.name,
            "plan": self.plan,
            "before": None if self.before is None else self.before["version"],
            "changes": self.changes(),
            "tests": len(verdicts),
            **made,
        }

    def changes(self) -> list[dict[str, Any]]:
        from workflow_manager.cli.diff import compare

        return compare(self.before or {"stateMachine": {}}, self.given.body)


def _show_plan(
    target: Server, pushes: Sequence[_Push], verdicts: Sequence[Verdict], *, quietly: bool
) -> None:
    """What the question is about; on stderr where only the results are wanted."""
    from workflow_manager.cli.diff import tell_changes

    count = len(verdicts)
    tests = f"{count} test{'s' * (count > 1)} succeeded" if verdicts else "no tests"
    click.echo(f"valid, {tests}; to {target.url}", err=True)
    for each in pushes:
        name = each.given.name
        if each.plan == "unchanged":
            click.echo(f"{name}@{each.before['version']} is the same", err=quietly)
            continue
        before = "nothing" if each.before is None else f"{name}@{each.before['version']}"
        tell_changes(f"{before} → {name}", each.changes(), err=quietly)


def _show_results(results: Sequence[dict[str, Any]], output: str) -> None:
    def tell() -> None:
        for result in results:
            if "result" not in result:
                continue
            version = f" version {result['version']}" if "version" in result else ""
            click.echo(f"{result['name']}  {coloured(result['result'])}{version}")
            for problem in result.get("problems", ()):
                click.echo(f"  {problem}", err=True)

    made = [result["name"] for result in results if result.get("result", result["plan"]) in _MADE]
    show(output, list(results), text=tell, names=made)


_MADE = ("created", "updated")
