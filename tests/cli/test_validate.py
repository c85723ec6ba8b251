"""Problems of definitions, told without a server, and where in the file they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Printed
from workflow_manager.cli.main import run
from workflow_manager.cli.places import Places

BAD = """\
- name: good
  stateMachine: {StartAt: A, States: {A: {Type: Succeed}}}
- name: bad
  stateMachine:
    StartAt: A
    States:
      A: {Type: Task, Resource: x, Next: B, TimeoutSeconds: 5, HeartbeatSeconds: 9}
      B:
        Type: Wait
        Seconds: -1
        End: true
"""


@pytest.fixture
def validated(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    def called(text: str, *options: str, name: str = "file.yml") -> Printed:
        file = tmp_path / name
        file.write_text(text)
        code = run(["definitions", "validate", str(file), *options])
        captured = capfd.readouterr()
        return Printed(code, captured.out.replace(f"{tmp_path}/", ""), captured.err)

    return called


def test_every_problem_has_its_line_its_place_and_a_code(validated: Any) -> None:
    printed = validated(BAD)
    assert printed.code == 2
    assert printed.lines == [
        "file.yml:7:64: error: HeartbeatSeconds must be less than TimeoutSeconds",
        "    bad /States/A/HeartbeatSeconds  SCHEMA_VALIDATION_FAILED",
        "file.yml:10:9: error: Value must be greater than or equal to 0",
        "    bad /States/B/Seconds  SCHEMA_VALIDATION_FAILED",
        "2 definitions, 2 errors",
    ]


def test_problems_are_data_for_programs(validated: Any) -> None:
    first, second = validated(BAD, "--json").json
    assert (first["definition"], first["line"], first["column"], first["severity"]) == ("bad", 7, 64, "ERROR")
    assert second["place"] == "/States/B/Seconds"
    assert validated(BAD, "-o", "name").lines == ["bad"]


def test_nothing_wrong_is_said_and_exit_0(validated: Any) -> None:
    printed = validated('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', name="m.asl.json")
    assert (printed.code, printed.out) == (0, "1 definition: nothing is wrong\n")


def test_warnings_are_errors_only_where_that_is_asked_for(validated: Any) -> None:
    warned = "StartAt: A\nStates: {A: {Type: Pass, Parameters: {a: $.b}, End: true}}\n"
    printed = validated(warned)
    assert printed.code == 0
    assert "file.yml:2:26: warning: " in printed.out
    assert validated(warned, "--strict").code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "line 1"), ("[]", "there is no definition in it"), ("name: x\n", "`stateMachine` is missing")],
)
def test_a_file_that_holds_no_definition_is_exit_2(validated: Any, text: str, message: str) -> None:
    printed = validated(text)
    assert printed.code == 2
    assert message in printed.err


@pytest.mark.parametrize(
    ("place", "position"),
    [
        ("/States/A/HeartbeatSeconds", (7, 64)),
        ("/States/B", (8, 7)),
        ("/States/B/Missing", (8, 7)),
        ("", (4, 3)),
    ],
)
def test_a_place_is_found_or_what_is_around_it(place: str, position: tuple[int, int]) -> None:
    assert Places(BAD).find(1, place) == position


def test_text_that_is_no_yaml_has_no_places() -> None:
    assert Places("\t{").find(0, "/States") is None
