"""Problems of definitions, told without a server, and where in the file they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Printed
from workflow_manager.cli.main import run
from workflow_manager.cli.places import Places
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.library.documents import read_definitions

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


def test_problems_are_told_in_the_codes_and_texts_of_aws(validated: Any) -> None:
    machine = """{"StartAt": "A", "States": {
      "A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "Nowhere"}]},
      "B": {"Type": "Pass"}}}"""
    told = [(row["code"], row["message"]) for row in validated(machine, "--json", name="m.asl.json").json]
    assert told == [
        ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: Nowhere"),
        ("SCHEMA_VALIDATION_FAILED", "Exactly one of these fields is required: [Next, End]"),
        ("MISSING_TRANSITION_TARGET", 'State "B" is not reachable.'),
    ]


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        ('{"StartAt": "A", "Version": "2.0", "States": {"A": {"Type": "Succeed"}}}', "one of [1.0]"),
        (
            '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "x", "End": true,'
            ' "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 2001}]}}}',
            "less than or equal to 2000",
        ),
    ],
)
def test_what_only_the_server_refuses_is_told_too(validated: Any, machine: str, message: str) -> None:
    printed = validated(machine)
    assert printed.code == 2
    assert message in printed.out


def test_a_file_that_is_no_json_is_a_problem_beside_those_of_others(validated: Any) -> None:
    row = validated('{"StartAt":\n "A",}', "--json", name="m.asl.json").json[0]
    assert (row["code"], row["line"], row["column"]) == ("INVALID_JSON_DESCRIPTION", 2, 7)
    assert row["message"].startswith("Unexpected character ('}' (code 125))")


def test_an_express_state_machine_waits_for_nobody_outside(validated: Any) -> None:
    machine = """{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
      "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "Parameters": {"QueueUrl": "q", "MessageBody": "m"}}}}"""
    assert validated(machine).code == 0
    printed = validated(machine, "--type", "EXPRESS")
    assert printed.code == 2
    assert "Express state machine does not support '.waitForTaskToken'" in printed.out


def test_a_state_machine_that_no_file_names_can_be_judged() -> None:
    (given,) = read_definitions("-", '{"StartAt": "A"}', nameless="machine")
    assert given.name == "machine"
    with pytest.raises(InvalidRequest, match="a state machine without a name"):
        read_definitions("-", '{"StartAt": "A"}')


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
