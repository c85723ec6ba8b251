"""Definitions played through with mocked tasks, and the files that describe such plays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.testing.cases import read_cases
from workflow_manager.testing.rehearsal import Answer, Outcome, Unmocked, rehearse
from workflow_manager.testing.verdict import judge

EXAMPLES = Path(__file__).parents[2] / "examples" / "testing"


def play(states: dict[str, Any], input: str = "{}", /, **answers: Sequence[Answer]) -> Outcome:
    return rehearse({"StartAt": next(iter(states)), "States": states}, input, answers)


def task(resource: str = "work", **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **more}


@pytest.mark.parametrize(
    "resource",
    [
        "work",
        "lambda:work",
        "arn:aws:states:::sqs:sendMessage",
        "arn:aws:states:::ecs:runTask.sync",
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    ],
)
def test_whoever_would_do_the_work_the_mock_answers(resource: str) -> None:
    outcome = play({"A": task(resource)}, A=[Answer(result={"n": 1})])
    assert (outcome.status, outcome.output, outcome.path) == ("SUCCEEDED", '{"n":1}', ("A",))


def test_a_year_takes_no_time_and_is_a_year() -> None:
    outcome = play({"A": {"Type": "Wait", "Seconds": 365 * 86400, "End": True}})
    assert outcome.took == timedelta(days=365)


def test_each_retry_gets_the_next_answer() -> None:
    retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 5, "BackoffRate": 2.0, "MaxAttempts": 2}]
    broken = Answer(error="E", cause="broken")
    outcome = play({"A": task(Retry=retry)}, A=[broken, broken, Answer(result=3)])
    assert (outcome.output, outcome.took) == ("3", timedelta(seconds=15))
    failed = play({"A": task(Retry=retry)}, A=[broken] * 3)
    assert (failed.status, failed.error, failed.cause) == ("FAILED", "E", "broken")


def test_an_answer_that_comes_too_late_is_a_timeout() -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "B"}]
    states = {"A": task(TimeoutSeconds=30, Catch=catch), "B": {"Type": "Succeed"}}
    for after, path in ((29, ("A",)), (30, ("A", "B")), (31, ("A", "B"))):
        outcome = play(states, A=[Answer(result=1, after=timedelta(seconds=after))])
        assert outcome.path == path
        assert outcome.took == timedelta(seconds=min(after, 30))


def test_the_machine_has_a_time_of_its_own() -> None:
    machine = {"StartAt": "A", "States": {"A": task()}, "TimeoutSeconds": 60}
    outcome = rehearse(machine, answers={"A": [Answer(after=timedelta(hours=1))]})
    assert (outcome.status, outcome.took) == ("TIMED_OUT", timedelta(seconds=60))


def test_branches_and_items_are_visited_beside_the_path() -> None:
    inner = {"StartAt": "I", "States": {"I": task()}}
    states = {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}
    outcome = play(states, "[7,8]", I=[Answer(result="a"), Answer(result="b")])
    assert (outcome.output, outcome.path, outcome.visited) == ('["a","b"]', ("M",), ("M", "I", "I"))


def test_a_distributed_map_is_mocked_as_a_whole() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    inner = {"ProcessorConfig": config, "StartAt": "I", "States": {"I": task()}}
    states = {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}
    assert play(states, "[1]", M=[Answer(result=["x"])]).output == '["x"]'
    assert play(states, "[1]", M=[Answer(error="States.ItemReaderFailed")]).error == "States.ItemReaderFailed"


def test_work_without_an_answer_is_named() -> None:
    with pytest.raises(Unmocked, match="the state A has no mocked result; its input is"):
        play({"A": task()}, '{"n": 1}')
    with pytest.raises(Unmocked, match="visit 2 of the state A has no mocked result"):
        play({"A": task(Retry=[{"ErrorEquals": ["E"]}])}, A=[Answer(error="E")])


def test_the_examples_pass() -> None:
    cases = [
        *read_cases(EXAMPLES / "order.test.yml"),
        *read_cases(EXAMPLES / "MockConfigFile.json", EXAMPLES / "order.yml"),
    ]
    assert len(cases) == 7
    assert [problem for case in cases for problem in judge(case).problems] == []


@pytest.mark.parametrize(
    ("expect", "problems"),
    [
        ("{output: shipped}", []),
        ("{output: lost}", ['output: expected "lost", got "shipped"']),
        ("{path: [Price]}", ['path: expected ["Price"], got ["Price","IsLarge","Ship"]']),
        ("{error: E}", ['error: expected "E", got null']),
        ("{seconds: 0.0, status: FAILED}", ['status: expected "FAILED", got "SUCCEEDED"']),
    ],
)
def test_what_was_not_expected_is_told(tmp_path: Path, expect: str, problems: list[str]) -> None:
    text = f"""
definition: {EXAMPLES / "order.yml"}
tests:
- mocks: {{Price: {{return: {{total: 2}}}}, Ship: {{return: shipped}}}}
  expect: {expect}
"""
    (tmp_path / "a.yml").write_text(text)
    assert [*judge(read_cases(tmp_path / "a.yml")[0]).problems] == problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "a test file is one object"),
        ("tests: []", "`definition` is missing"),
        ("definition: nowhere.yml\ntests: [{}]", "cannot read"),
        ("definition: D\ntests: []", "at least one test"),
        ("definition: D\ntests: [{inputs: 1}]", "test 1: inputs is not known"),
        ("definition: D\ntests: [{mocks: {A: 1}}]", "test 1, A: a mock is an object"),
        ("definition: D\ntests: [{mocks: {A: {return: 1, throw: 2}}}]", "either `return` or `throw`"),
        ("definition: D\ntests: [{mocks: {A: {throw: E}}}]", "an object with the text `error`"),
        ("definition: D\ntests: [{mocks: {A: {return: 1, times: 0}}}]", "`times` is a whole number"),
        ("definition: D\ntests: [{case: X}]", "no test case 'X'"),
        ("MockedResponses: {R: {x: {Return: 1}}}", "'x' is not the number of a visit"),
        ("MockedResponses: {R: {1: {Return: 1}}}", "has to be a text"),
        ("MockedResponses: {R: {'1': {Return: 1}}}", "visits count from 0, without a gap"),
        ("StateMachines: {order: {TestCases: {A: {S: R}}}}", "there is no mocked response 'R'"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.yml").write_text(text.replace(": D", f": {EXAMPLES / 'order.yml'}"))
    definition = EXAMPLES / "order.yml" if "definition" not in text and "M" in text else None
    with pytest.raises(InvalidRequest, match=r".") as caught:
        read_cases(tmp_path / "a.yml", definition)
    assert message in str(caught.value)
