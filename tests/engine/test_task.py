"""Task states: what is owed, and what each report does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.engine.driver import Driver
from tests.engine.machines import ACTIVITY, CALLBACK, FUNCTION, machine, pass_state, task
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.events import TimerFired
from workflow_manager.engine.execution import Status
from workflow_manager.engine.frames import AtWork, BackingOff

RETRY_ALL = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}]
CATCH_ALL = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]


def started(*states: dict[str, object], input: str = "{}") -> Driver:
    return Driver(machine(*states), input).start()


def the_task(driver: Driver) -> AtWork:
    [work] = driver.tasks
    return work


def test_what_is_owed_says_all_that_is_needed_to_do_it() -> None:
    driver = started(
        task("T", Parameters={"n.$": "$.n"}, TimeoutSeconds=60, HeartbeatSeconds=10), input='{"n":1.50}'
    )
    work = the_task(driver)
    assert (work.resource, work.arguments) == (ACTIVITY, '{"n":1.5}')
    assert work.deadline_at == driver.clock.now() + timedelta(seconds=60)
    assert work.heartbeat_seconds == 10
    assert work.heartbeat_at is None, "an activity's heartbeats count from when it is taken"
    assert driver.history[-1].details == {
        "resource": ACTIVITY,
        "input": '{"n":1.5}',
        "inputDetails": {"truncated": False},
        "timeoutInSeconds": 60,
        "heartbeatInSeconds": 10,
    }


def test_a_payload_nobody_looks_into_keeps_its_text() -> None:
    driver = started(pass_state("P"), task("T"), input='{ "n": 1.50 }')
    assert the_task(driver).arguments == '{ "n": 1.50 }'
    driver.succeed(the_task(driver), "[ 1e40 , 12345678901234567890123 ]")
    assert driver.ending is not None
    assert driver.ending.output == "[ 1e40 , 12345678901234567890123 ]"


def test_a_task_is_handed_out_once() -> None:
    driver = started(task("T"))
    work = the_task(driver)
    assert driver.take(work, "first")
    assert not driver.take(work, "second")
    assert driver.types[-1] == "ActivityStarted"


def test_a_result_counts_once() -> None:
    driver = started(task("T"), task("U"))
    work = the_task(driver)
    driver.take(work)
    assert driver.succeed(work, "1")
    assert not driver.succeed(work, "2")
    assert not driver.fail(work, "TooLate")
    assert the_task(driver).arguments == "1"


def test_a_token_is_no_good_for_the_next_attempt() -> None:
    driver = started(task("T", Retry=RETRY_ALL))
    first = the_task(driver)
    driver.take(first)
    driver.fail(first, "Oops")
    driver.skip_to_next_timer()
    second = the_task(driver)
    assert second.token != first.token
    assert not driver.succeed(first, "1")
    assert not driver.beat(first)
    assert driver.succeed(second, "2")


def test_a_retry_counts_in_the_context_object() -> None:
    driver = started(task("T", Parameters={"count.$": "$$.State.RetryCount"}, Retry=RETRY_ALL))
    seen = []
    while driver.ending is None:
        seen.append(json.loads(the_task(driver).arguments)["count"])
        driver.fail(the_task(driver), "Oops")
        driver.skip_to_next_timer()
    assert seen == [0, 1, 2]
    assert driver.ending.failure == Failure("Oops")


def test_a_task_without_a_token_in_its_resource_does_not_show_one() -> None:
    driver = started(task("T", Parameters={"token.$": "$$.Task.Token"}))
    assert driver.ending is not None
    assert driver.ending.failure is not None
    assert driver.ending.failure.error == "States.Runtime"


def test_a_callback_shows_its_token() -> None:
    driver = started(task("T", CALLBACK, Parameters={"token.$": "$$.Task.Token"}))
    work = the_task(driver)
    assert json.loads(work.arguments) == {"token": work.token}


@pytest.mark.parametrize("silent_before", [True, False])
def test_an_activity_must_show_signs_of_life_once_it_is_taken(silent_before: bool) -> None:
    driver = started(task("T", HeartbeatSeconds=10, Catch=CATCH_ALL), pass_state("Caught"))
    work = the_task(driver)
    driver.pass_time(timedelta(hours=1))
    driver.take(work)
    for _ in range(3):
        driver.pass_time(timedelta(seconds=9))
        if silent_before:
            break
        assert driver.beat(work)
    driver.pass_time(timedelta(seconds=11))
    assert driver.types[3:5] == ["ActivityStarted", "ActivityTimedOut"]
    assert driver.history[4].details == {"error": "States.Timeout"}
    assert driver.ending is not None
    assert driver.ending.output == '{"Error":"States.Timeout","Cause":""}'


def test_a_late_heartbeat_does_not_revive_a_task() -> None:
    driver = started(task("T", HeartbeatSeconds=10))
    work = the_task(driver)
    driver.take(work)
    driver.clock.advance(timedelta(seconds=10))
    assert not driver.beat(work)
    assert not driver.succeed(work, "1")


def test_a_timer_that_was_overtaken_by_a_heartbeat_is_refused() -> None:
    driver = started(task("T", HeartbeatSeconds=10))
    driver.take(the_task(driver))
    driver.clock.advance(timedelta(seconds=5))
    driver.beat(the_task(driver))
    driver.clock.advance(timedelta(seconds=5))
    visit = driver.frames["0"].visit
    assert not driver.send(TimerFired(**driver.now(), frame="0", visit=visit))


def test_an_activity_that_nobody_takes_times_out() -> None:
    driver = started(task("T", TimeoutSeconds=5))
    driver.pass_time(timedelta(seconds=5))
    assert driver.types[-3:] == ["ActivityScheduled", "ActivityTimedOut", "ExecutionFailed"]
    assert driver.ending is not None
    assert driver.ending.failure == Failure("States.Timeout")


def test_a_timeout_is_survived_by_an_input_that_is_no_json() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]
    driver = started(task("T", TimeoutSeconds=5, Catch=catch), pass_state("Caught"), input="[")
    driver.pass_time(timedelta(seconds=5))
    assert driver.ending is not None
    assert driver.ending.failure is not None
    assert driver.ending.failure.error == "States.Runtime"


def test_a_result_that_is_too_large_fails_the_task_and_can_be_caught() -> None:
    driver = started(task("T", FUNCTION, Catch=CATCH_ALL), pass_state("Caught"))
    driver.take(the_task(driver))
    driver.succeed(the_task(driver), json.dumps("é" * 140_000, ensure_ascii=False))
    assert "LambdaFunctionFailed" in driver.types
    assert driver.ending is not None
    assert driver.ending.output == (
        '{"Error":"States.DataLimitExceeded","Cause":"The state/task '
        f"'{FUNCTION}' returned a result with a size exceeding the maximum number of bytes service "
        'limit."}'
    )


def test_looking_into_a_result_that_is_no_json_fails_the_execution() -> None:
    driver = started(task("T", ResultPath="$.x"))
    assert driver.succeed(the_task(driver), "{")
    assert driver.ending is not None
    assert driver.ending.failure is not None
    assert driver.ending.failure.error == "States.Runtime"


def test_a_service_reports_what_it_took_on_before_the_result() -> None:
    driver = started(task("T", CALLBACK, Parameters={"MessageBody": "x"}))
    driver.take(the_task(driver))
    assert driver.submit(the_task(driver), '{"MessageId":"m"}')
    assert not driver.submit(the_task(driver), "{}"), "once only"
    driver.succeed(the_task(driver), "1")
    assert driver.types[2:7] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
    ]


@pytest.mark.parametrize(
    ("resource", "phase", "event"),
    [
        (ACTIVITY, "ScheduleFailed", "ActivityScheduleFailed"),
        (ACTIVITY, "Failed", "ActivityFailed"),
        (FUNCTION, "ScheduleFailed", "LambdaFunctionScheduleFailed"),
        (FUNCTION, "StartFailed", "LambdaFunctionStartFailed"),
        (FUNCTION, "Failed", "LambdaFunctionFailed"),
        (CALLBACK, "StartFailed", "TaskStartFailed"),
        (CALLBACK, "SubmitFailed", "TaskSubmitFailed"),
        (CALLBACK, "TimedOut", "TaskTimedOut"),
    ],
)
def test_the_phase_of_a_failure_shows_in_its_event(resource: str, phase: str, event: str) -> None:
    driver = started(task("T", resource))
    driver.fail(the_task(driver), "Oops", "cause", phase)
    assert driver.types[-2:] == [event, "ExecutionFailed"]


def test_a_failure_in_a_catcher_is_not_caught_again() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.a.b", "Next": "Caught"}]
    driver = started(task("T", Catch=catch), pass_state("Caught"), input='{"a":1}')
    driver.fail(the_task(driver), "Oops")
    assert driver.ending is not None
    assert driver.ending.status is Status.FAILED
    assert driver.ending.failure is not None
    assert driver.ending.failure.error == "States.ResultPathMatchFailure"


def test_waiting_for_a_retry_is_a_timer() -> None:
    driver = started(task("T", Retry=RETRY_ALL))
    driver.fail(the_task(driver), "Oops")
    frame = driver.frames["0"]
    assert frame.waiting == BackingOff(due_at=driver.clock.now() + timedelta(seconds=1))
    assert (frame.attempts, frame.retries) == ((1,), 1)


def test_arguments_that_no_definition_shows_are_judged_before_the_task_is_scheduled() -> None:
    resource = "arn:aws:states:::sqs:sendMessage"
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "P"}]
    driver = started(
        task("T", resource, InputPath="$.a", Catch=caught), pass_state("P"), input='{"a": {"Url": 1}}'
    )
    assert [event.type for event in driver.history[1:]] == ["TaskStateEntered", "ExecutionFailed"]
    assert driver.history[-1].details == {
        "error": "States.Runtime",
        "cause": (
            "An error occurred while executing the state 'T' (entered at the event id #2). The Parameters"
            ' \'{"Url":1}\' could not be used to start the Task: [The field "Url" is not supported by'
            " Step Functions]"
        ),
    }
