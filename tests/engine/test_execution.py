"""How an execution begins, ends and is cut short, and the states that need nobody else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from msgspec import structs

from tests.engine.driver import Driver, identity
from tests.engine.machines import definition as inner
from tests.engine.machines import fail, machine, map_state, parallel, pass_state, task, wait
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.events import Started, TimerFired
from workflow_manager.engine.execution import Ending, Execution, Status
from workflow_manager.engine.frames import Sleeping
from workflow_manager.engine.step import advance

CAUSE = "An error occurred while executing the state '{}' (entered at the event id #{}). "


def ended(*states: dict[str, object], input: str = "{}", **fields: object) -> Ending:
    ending = Driver(machine(*states, **fields), input).start().ending
    assert ending is not None
    return ending


def failure(*states: dict[str, object], input: str = "{}", **fields: object) -> Failure:
    ending = ended(*states, input=input, **fields)
    assert ending.failure is not None, ending
    return ending.failure


def test_an_execution_begins_once() -> None:
    driver = Driver(machine(wait("W", 10))).start()
    assert not driver.send(Started(**driver.now()))


def test_a_version_and_an_alias_are_told_at_the_start() -> None:
    driver = Driver(machine(pass_state("P")))
    who = identity("{}", driver.clock.now())
    who = structs.replace(who, state_machine_version_arn="arn:v", state_machine_alias_arn="arn:a")
    execution = Execution(identity=who, machine=driver.execution.machine, frames={})
    first = advance(execution, Started(at=driver.clock.now(), seed=1)).history[0]
    assert first.details is not None
    assert first.details["stateMachineVersionArn"] == "arn:v"
    assert first.details["stateMachineAliasArn"] == "arn:a"


def test_stopping_tells_why() -> None:
    driver = Driver(machine(wait("W", 10))).start()
    assert driver.stop("Mine", "I had to")
    last = driver.history[-1]
    assert (last.type, last.previous) == ("ExecutionAborted", 0)
    assert last.details == {"error": "Mine", "cause": "I had to"}
    assert driver.ending == Ending(Status.ABORTED, failure=Failure("Mine", "I had to"))


def test_what_has_ended_stays_ended() -> None:
    driver = Driver(machine(task("T"))).start()
    [work] = driver.tasks
    driver.time_out()
    assert driver.ending == Ending(Status.TIMED_OUT)
    assert not driver.stop()
    assert not driver.time_out()
    assert not driver.succeed(work, "1")
    assert not driver.take(work)


AGAIN = {
    "Name": "Again",
    "Type": "Choice",
    "Choices": [{"Variable": "$.enough", "IsPresent": True, "Next": "Done"}],
    "Default": "P",
}


def test_the_history_has_an_end_even_when_the_execution_has_none() -> None:
    driver = Driver(machine(pass_state("P"), AGAIN, pass_state("Done"))).start()
    assert driver.ending is not None
    assert driver.ending.status is Status.FAILED
    assert driver.ending.failure == Failure(
        "States.Runtime", "The execution reached the maximum number of history events (25000)."
    )
    assert [event.id for event in driver.history] == list(range(1, 25_001))


def test_a_full_history_still_has_room_for_a_stop() -> None:
    driver = Driver(machine(wait("P", 1), AGAIN, pass_state("Done"))).start()
    while driver.ending is None and len(driver.history) < 24_990:
        driver.skip_to_next_timer()
    assert driver.stop()
    assert driver.types[-1] == "ExecutionAborted"


@pytest.mark.parametrize(("size", "error"), [(262_142, None), (262_143, "States.DataLimitExceeded")])
def test_a_payload_is_limited_in_bytes(size: int, error: str | None) -> None:
    text = "é" * (size // 2) + "e" * (size % 2)
    ending = ended(pass_state("P", Parameters=text))
    assert (ending.failure.error if ending.failure else None) == error
    if error:
        assert ending.failure is not None
        assert ending.failure.cause == (
            "The state/task 'P' returned a result with a size exceeding the maximum number of bytes "
            "service limit."
        )


@pytest.mark.parametrize("result", [False, 0, "", None, [], {}])
def test_an_empty_result_is_a_result(result: object) -> None:
    assert ended(pass_state("P", Result=result), input='{"a":1}').output == json.dumps(result)


def test_no_choice_is_a_failure_of_its_own() -> None:
    choice = {
        "Name": "C",
        "Type": "Choice",
        "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "P"}],
    }
    assert failure(choice, pass_state("P"), input='{"a":2}') == Failure(
        "States.NoChoiceMatched",
        CAUSE.format("C", 2)
        + "Failed to transition out of the state. The state does not point to a next state.",
    )


def test_no_choice_is_no_failed_expression() -> None:
    choice = {"Name": "C", "Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "P"}]}
    driver = Driver(machine(choice, pass_state("P"), QueryLanguage="JSONata")).start()
    assert driver.types == ["ExecutionStarted", "ChoiceStateEntered", "ExecutionFailed"]


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (1.5, "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"),
        ("x", "The SecondsPath parameter cannot be parsed as a long value: $.s == x"),
        (None, "The SecondsPath parameter cannot be parsed as a long value: $.s == null"),
        (True, "The SecondsPath parameter cannot be parsed as a long value: $.s == true"),
        (-1, "The SecondsPath parameter references a negative value: $.s == -1"),
        (2**31, "Wait state delay is too long."),
        (10**40, "Wait state delay is too long."),
    ],
)
def test_a_wait_refuses_what_is_no_time(given: object, cause: str) -> None:
    state = {"Name": "W", "Type": "Wait", "SecondsPath": "$.s"}
    assert failure(state, input=json.dumps({"s": given})) == Failure(
        "States.Runtime", CAUSE.format("W", 2) + cause
    )


def test_a_wait_for_nothing_in_the_input_says_so() -> None:
    state = {"Name": "W", "Type": "Wait", "SecondsPath": "$.s"}
    assert failure(state) == Failure(
        "States.Runtime",
        CAUSE.format("W", 2) + "The SecondsPath parameter does not reference an input value: $.s",
    )


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("2026-01-01T00:00:10Z", 10),
        ("2026-01-01T01:00:10+01:00", 10),
        ("2025-12-31T23:00:10-01:00", 10),
        ("2026-01-01T00:00:00.5Z", 0.5),
    ],
)
def test_a_wait_ends_at_its_moment(stamp: str, seconds: float) -> None:
    driver = Driver(machine({"Name": "W", "Type": "Wait", "Timestamp": stamp})).start()
    due = driver.clock.now() + timedelta(seconds=seconds)
    assert driver.frames["0"].waiting == Sleeping(due_at=due)
    driver.skip_to_next_timer()
    assert driver.ending is not None
    assert driver.clock.now() == due


def test_a_moment_that_has_passed_is_not_waited_for() -> None:
    assert (
        ended({"Name": "W", "Type": "Wait", "Timestamp": "2016-03-14T01:59:00Z"}).status is Status.SUCCEEDED
    )


@pytest.mark.parametrize("change", [{"visit": 99}, {"frame": "0.0"}])
def test_a_timer_of_another_time_is_refused(change: dict[str, object]) -> None:
    driver = Driver(machine(wait("W", 10))).start()
    visit = driver.frames["0"].visit
    driver.clock.advance(timedelta(seconds=10))
    fired = {"frame": "0", "visit": visit, **change}
    assert not driver.send(TimerFired(**driver.now(), **fired))


def test_a_timer_that_fires_early_is_refused() -> None:
    driver = Driver(machine(wait("W", 10))).start()
    driver.clock.advance(timedelta(seconds=9))
    assert not driver.send(TimerFired(**driver.now(), frame="0", visit=driver.frames["0"].visit))


def test_a_fail_state_without_words_fails_without_words() -> None:
    assert failure(fail("F")) == Failure()


def test_what_a_fail_state_says_may_come_from_the_input() -> None:
    state = {"Name": "F", "Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c"}
    assert failure(state, input='{"e":"E","c":"C"}') == Failure("E", "C")


@pytest.mark.parametrize("input", ["{", '{"a":1}}', "[" * 5000 + "]" * 5000])
def test_an_input_that_is_no_json_harms_only_who_looks(input: str) -> None:
    assert ended(pass_state("P"), input=input).output == input
    assert failure(pass_state("P", InputPath="$.a"), input=input).error == "States.Runtime"


def test_variables_are_told_when_a_state_is_left() -> None:
    driver = Driver(machine(pass_state("P", Assign={"b": [1], "a.$": "$.x"})), '{"x":"y"}').start()
    details = driver.history[2].details
    assert details is not None
    assert list(details["assignedVariables"].items()) == [("a", '"y"'), ("b", "[1]")]  # type: ignore[union-attr]


def test_the_same_event_gives_the_same_transition() -> None:
    made = machine(parallel("P", inner(task("T", Retry=[{"ErrorEquals": ["A"], "JitterStrategy": "FULL"}]))))
    drivers = [Driver(made).start() for _ in range(2)]
    for driver in drivers:
        driver.fail(driver.tasks[0], "A")
    assert drivers[0].steps == drivers[1].steps


def test_variables_cannot_grow_without_bound() -> None:
    double = pass_state("P", Assign={"x": {"a.$": "$x", "b.$": "$x"}})
    ending = ended(pass_state("Begin", Assign={"x": "x"}), double, AGAIN, pass_state("Done"))
    assert ending.failure is not None
    assert ending.failure.error == "States.DataLimitExceeded"


@pytest.mark.parametrize(("size", "error"), [(131_070, None), (131_071, "States.DataLimitExceeded")])
def test_what_one_state_assigns_is_limited_together(size: int, error: str | None) -> None:
    half = "x" * size
    ending = ended(
        pass_state("P", Assign={"a.$": "$.half", "b.$": "$.half"}), input=json.dumps({"half": half})
    )
    assert (ending.failure.error if ending.failure else None) == error


@pytest.mark.parametrize(("count", "error"), [(40, None), (41, "States.DataLimitExceeded")])
def test_all_variables_that_a_state_can_see_are_limited_together(count: int, error: str | None) -> None:
    # 40 of 256 KiB are 10 MiB; those of a Parallel state's branch come to those around it.
    states = [pass_state(f"P{number}", Assign={f"v{number}.$": "$"}) for number in range(count)]
    branch = inner(*states[1:])
    ending = ended(states[0], parallel("Both", branch, ResultPath=None), input=json.dumps("x" * 262_142))
    assert (ending.failure.error if ending.failure else None) == error


def test_a_catcher_that_assigns_too_much_is_not_asked_again() -> None:
    catch = [
        {"ErrorEquals": ["States.ALL"], "Next": "Done", "Assign": {"a.$": "$.Cause", "b.$": "$.Cause"}},
    ]
    driver = Driver(machine(task("T", Catch=catch), pass_state("Done"))).start()
    driver.fail(driver.tasks[0], "A", "c" * 200_000)
    assert driver.ending is not None
    assert driver.ending.failure is not None
    assert driver.ending.failure.error == "States.DataLimitExceeded"


def test_a_caught_error_that_does_not_fit_into_the_input_ends_the_execution() -> None:
    catch = [{"ErrorEquals": ["States.DataLimitExceeded", "A"], "ResultPath": "$.error", "Next": "Done"}]
    driver = Driver(
        machine(task("T", Catch=catch), pass_state("Done")), json.dumps({"x": "x" * 262_100})
    ).start()
    driver.fail(driver.tasks[0], "A", "c" * 1000)
    assert driver.ending is not None
    assert driver.ending.failure is not None
    assert driver.ending.failure.error == "States.DataLimitExceeded"


@pytest.mark.parametrize("depth", [10, 200, 500, 900, 990, 1000, 5000])
def test_no_nesting_is_too_deep_to_be_survived(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    template = pass_state("P", Parameters={"a.$": "$", "b.$": "$[0]"}, Assign={"v.$": "$"})
    looking = machine(template, pass_state("Q", ResultPath="$.r"))
    assert Driver(looking, nested).start().ending is not None
    each = map_state("M", inner(pass_state("P")), ItemSelector={"v.$": "$$.Map.Item.Value"})
    assert Driver(machine(each), nested).start().ending is not None
