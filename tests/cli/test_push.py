"""A definition brought from one server to another."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Wfm
from tests.cli.test_command_line import COMMAND, called
from tests.serving import serving
from workflow_manager.cli.http import Server
from workflow_manager.cli.profiles import Profile, Profiles, write_profiles

TESTS = """\
name: {name}
definition: {name}.yml
tests:
  - name: ends well
    input: {{do: nothing}}
    expect: {{path: [Choose, Done]}}
  - name: fails when told to
    input: {{do: fail}}
    expect: {{error: My.Error}}
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it goes: a second server, with tables and executions of its own."""
    with serving(tmp_path_factory.mktemp("other")) as address:
        yield address


@pytest.fixture
def file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / f"{name}.yml"
    path.write_text(text)
    return path


@pytest.fixture
def tests(file: Path, name: str) -> Path:
    path = file.with_name(f"{name}.test.yml")
    path.write_text(TESTS.format(name=name))
    return path


def versions(url: str, name: str) -> list[Any]:
    with Server(url) as server:
        found = server.get(f"/workflow-definitions/{name}", {"latest": False})
    return [each.get("version", 0) for each in found]


def test_what_is_stored_here_is_made_there(wfm: Wfm, name: str, file: Path, tests: Path, other: str) -> None:
    wfm("definitions", "apply", str(file))
    pushed = wfm("push", name, "--to-server", other, "--tests", str(tests), "--yes")
    assert (pushed.code, pushed.lines[0], pushed.lines[-1]) == (
        0,
        f"nothing → {name}",
        f"{name}  created version 0",
    )
    assert "+ Waiting  Wait" in pushed.lines
    assert pushed.err == f"valid, 2 tests succeeded; to {other}\n"
    with Server(other) as server:
        (there,) = server.get(f"/workflow-definitions/{name}", {"latest": True})
    assert there["defaultTags"] == {"team": "infra"}
    again = wfm("push", name, "--to-server", other)
    assert (again.code, again.lines) == (0, [f"{name}@0 is the same", f"{name}  unchanged version 0"])
    assert versions(other, name) == [0]


def test_only_what_differs_is_shown_and_becomes_the_next_version(
    wfm: Wfm, name: str, file: Path, other: str
) -> None:
    wfm("push", str(file), "--to-server", other, "--yes")
    file.write_text(file.read_text().replace("600", "601"))
    shown = [f"{name}@0 → {name}", "~ Waiting", "    - Seconds: 600", "    + Seconds: 601"]
    dry = wfm("push", str(file), "--to-server", other, "--dry-run")
    assert (dry.code, dry.lines) == (0, shown)
    assert versions(other, name) == [0]
    pushed = wfm("push", str(file), "--to-server", other, "--yes", "--json")
    assert pushed.json == [
        {
            "name": name,
            "plan": "updated",
            "before": 0,
            "changes": [
                {"state": "Waiting", "change": "changed", "field": "Seconds", "before": 600, "after": 601}
            ],
            "tests": 0,
            "result": "updated",
            "version": 1,
        }
    ]
    assert pushed.err.splitlines() == [f"valid, no tests; to {other}", *shown]
    assert versions(other, name) == [0, 1]


def test_the_tests_beside_a_file_are_run_and_one_that_fails_stops_it(
    wfm: Wfm, name: str, file: Path, tests: Path, other: str
) -> None:
    tests.write_text(tests.read_text().replace("My.Error", "Other.Error"))
    pushed = wfm("push", str(file), "--to-server", other, "--yes")
    assert pushed.code == 1
    assert pushed.lines[-1] == "1 of 2 tests succeeded"
    assert pushed.err == "nothing was pushed\n"
    listed = wfm("push", str(file), "--to-server", other, "--yes", "--json").json
    assert [(each["result"], [bool(test["problems"]) for test in each["tests"]]) for each in listed] == [
        ("failed", [False, True])
    ]
    assert wfm("definitions", "show", name, server=other).code == 2


def test_what_is_not_valid_is_told_with_its_place_and_goes_nowhere(
    wfm: Wfm, name: str, file: Path, other: str
) -> None:
    file.write_text(file.read_text().replace("Next: Done", "Next: Nowhere"))
    pushed = wfm("push", str(file), "--to-server", other, "--yes")
    assert pushed.code == 2
    assert f"{file}:" in pushed.lines[0]
    assert "Nowhere" in pushed.lines[0]
    assert "nothing was pushed" in pushed.err
    assert wfm("definitions", "show", name, server=other).code == 2


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["", "n\n", "yes\n"])
def test_only_a_y_is_a_yes(name: str, file: Path, wfm: Wfm, other: str, answer: str) -> None:
    refused = called("push", str(file), "--to-server", other, stdin=answer)
    assert (refused.returncode, "interrupted" in refused.stderr) == (130, True)
    assert wfm("definitions", "show", name, server=other).code == 2


@pytest.mark.slow
def test_a_version_that_somebody_stored_meanwhile_is_not_run_over(
    wfm: Wfm, name: str, file: Path, other: str
) -> None:
    """While a user looks at the changes."""
    wfm("push", str(file), "--to-server", other, "--yes")
    file.write_text(file.read_text().replace("600", "602"))
    asking = subprocess.Popen(
        [*COMMAND, "push", str(file), "--to-server", other],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert asking.stdout
    shown = [asking.stdout.readline() for _ in range(4)]
    assert shown[-1].strip() == "+ Seconds: 602"
    theirs = file.with_name("theirs.yml")
    theirs.write_text(file.read_text().replace("602", "603"))
    wfm("definitions", "apply", str(theirs), server=other)
    _, told = asking.communicate("y\n", timeout=180)
    assert asking.returncode == 4
    assert f"{name} has version 1 by now, and had 0: look at it again" in told
    assert versions(other, name) == [0, 1]


def test_a_profile_says_where_it_goes(
    wfm: Wfm, name: str, file: Path, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    named = {"production": Profile(server=other), "nowhere": Profile(namespace="x")}
    write_profiles(Profiles("", named))
    assert wfm("push", str(file), "--to", "production", "--yes", "-q").out == f"{name}\n"
    for arguments, told in (
        ((), "say where it goes"),
        (("--to", "zz"), "there is no profile zz"),
        (("--to", "nowhere"), "names no server"),
        (("--to", "production", "--to-server", other), "not both"),
    ):
        refused = wfm("push", str(file), *arguments)
        assert (refused.code, told in refused.err) == (2, True)


def test_nobody_there_and_nothing_here_are_told(wfm: Wfm, file: Path, other: str) -> None:
    assert wfm("push", str(file), "--to-server", "http://127.0.0.1:9", "--yes").code == 5
    assert wfm("push", "no-such-definition", "--to-server", other, "--yes").code == 2


def test_each_definition_of_a_file_goes_its_own_way(wfm: Wfm, name: str, other: str, tmp_path: Path) -> None:
    file = tmp_path / "both.yml"
    state = "stateMachine: {StartAt: A, States: {A: {Type: Succeed}}}"
    file.write_text(f"name: {name}-a\n{state}\n---\nname: {name}-b\n{state}\n")
    assert wfm("push", str(file), "--to-server", other, "-y").code == 0
    file.write_text(file.read_text().replace("Succeed", "Fail", 1))
    assert wfm("push", str(file), "--to-server", other, "-y").lines[-2:] == [
        f"{name}-a  updated version 1",
        f"{name}-b  unchanged version 0",
    ]
