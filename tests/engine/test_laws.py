"""What holds for every machine and any events, in whatever order they come."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.asl.definitions import definitions
from tests.engine.driver import Driver
from tests.engine.machines import (
    CALLBACK,
    FUNCTION,
    definition,
    fail,
    machine,
    map_state,
    parallel,
    pass_state,
    task,
    wait,
)
from workflow_manager.asl.failure import Failure
from workflow_manager.asl.parse import parse
from workflow_manager.engine.events import (
    Event,
    ExecutionDue,
    MapRunFailed,
    MapRunSucceeded,
    Redriven,
    Resumed,
    Started,
    StopRequested,
    TaskFailed,
    TaskHeartbeat,
    TaskSubmitted,
    TaskSucceeded,
    TaskTaken,
    TimerFired,
)
from workflow_manager.engine.execution import Status, Transition
from workflow_manager.engine.frames import AtWork, MapRunning
from workflow_manager.engine.redrive import reopened

RECOVERY = {
    "Retry": [{"ErrorEquals": ["A"], "MaxAttempts": 2, "JitterStrategy": "FULL"}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Last"}],
}
WORK = task("T", TimeoutSeconds=60, HeartbeatSeconds=5)
CHOICE = {
    "Name": "C",
    "Type": "Choice",
    "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Last"}],
    "Default": "T",
}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
LAST = pass_state("Last")

MACHINES = [
    machine({**WORK, **RECOVERY}, wait("W", 3), LAST),
    machine(pass_state("P", Assign={"v.$": "$.x"}), {**WORK, "Parameters": {"v.$": "$v"}, **RECOVERY}, LAST),
    machine(CHOICE, {**WORK, **RECOVERY}, LAST),
    machine(parallel("P", definition(WORK), definition(wait("W", 3), fail("F", "A")), **RECOVERY), LAST),
    machine(
        map_state("M", definition(WORK, wait("W", 1)), ItemsPath="$.x", MaxConcurrency=2, **RECOVERY), LAST
    ),
    machine(
        map_state("O", definition(map_state("I", definition(WORK), **RECOVERY), LAST), ItemsPath="$.x"),
        pass_state("Done"),
    ),
    machine(task("T", CALLBACK, Parameters={"token.$": "$$.Task.Token"}, **RECOVERY), LAST),
    machine(task("T", FUNCTION, **RECOVERY), LAST),
    machine(map_state("M", definition(pass_state("P"), **DISTRIBUTED), ItemsPath="$.x", **RECOVERY), LAST),
    machine(
        map_state("M", definition(WORK), Items="{% $states.input.x %}"),
        {"Name": "End", "Type": "Pass", "Output": "{% $states.input[0].nothing %}"},
        QueryLanguage="JSONata",
    ),
]
# For definitions that are drawn: what their paths and expressions lead to, among other things.
RICH = '{"a":{"b":[1]},"list":[{"a":1},2],"a b":"2030-01-01T00:00:00Z","role":"r","items":[1,2]}'
HUGE = json.dumps("x" * 300_000)  # larger than a payload may be
INPUTS = st.sampled_from(["{}", '{"x":[[1],[]]}', '{"x":[1,2,3]}', '{"x":{}}', "null", "[", '{"x":"y"}'])
TEXTS = st.sampled_from(["{}", "1", "[1]", "not json", "", '{"x":[1]}', HUGE, "[" * 2000, "1e999", RICH])
NAMES = [None, "", "A", "B", "Boom", "States.ALL", "States.Nope", "ünïcode 😀", "x" * 300, "a\n'b\""]
FAILURES = st.builds(
    Failure,
    st.sampled_from([*NAMES, "States.Timeout", "States.Runtime", "States.TaskFailed"]),
    st.sampled_from([None, "", "why", "{}", "x" * 40_000]),
)


@st.composite
def events(draw: st.DrawFn, driver: Driver) -> Event:
    """Anything that could be reported: fitting, late, repeated or made up."""
    frames = list(driver.frames.values())
    waiting = [frame.waiting for frame in frames]
    tokens = [work.token for work in waiting if isinstance(work, AtWork)]
    runs = [(f.id, f.waiting.map_run_arn) for f in frames if isinstance(f.waiting, MapRunning)]
    token = draw(st.sampled_from([*tokens, *old_tokens(driver)[-3:], "made up"]))
    frame, arn = draw(st.sampled_from([*runs, ("0", "arn:other")]))
    timers = [(f.id, f.visit + late) for f in frames for late in (0, 0, 1)]
    timer, visit = draw(st.sampled_from([*timers, ("0", 0), ("7.7", 1)]))
    moment = driver.now()
    return draw(
        st.sampled_from(
            [
                TaskTaken(**moment, token=token, worker="w"),
                TaskHeartbeat(**moment, token=token),
                TaskSubmitted(**moment, token=token, output=draw(TEXTS)),
                TaskSucceeded(**moment, token=token, output=draw(TEXTS)),
                TaskSucceeded(**moment, token=token, output=draw(TEXTS)),
                TaskFailed(**moment, token=token, failure=draw(FAILURES)),
                TaskFailed(**moment, token=token, failure=draw(FAILURES), phase="StartFailed"),
                TimerFired(**moment, frame=timer, visit=visit),
                TimerFired(**moment, frame=timer, visit=visit),
                MapRunSucceeded(**moment, frame=frame, map_run_arn=arn, output=draw(TEXTS)),
                MapRunFailed(**moment, frame=frame, map_run_arn=arn, failure=draw(FAILURES)),
                Started(**moment),
                Resumed(**moment),
            ]
            + (
                [StopRequested(**moment, failure=draw(FAILURES)), ExecutionDue(**moment)]
                * draw(st.booleans())
            )
        )
    )


def old_tokens(driver: Driver) -> list[str]:
    changed = [frame for step in driver.steps for frame in step.frames.values() if frame is not None]
    return [frame.waiting.token for frame in changed if isinstance(frame.waiting, AtWork)]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_event_at_any_time_keeps_the_laws(data: st.DataObject) -> None:
    made = data.draw(st.sampled_from(MACHINES))
    driver = Driver(made, data.draw(INPUTS), budget=data.draw(st.sampled_from([1, 3, 1000]))).start()
    for _ in range(data.draw(st.integers(0, 15))):
        live = {work.token for work in driver.tasks}
        ended = driver.ending is not None
        event = data.draw(events(driver))
        accepted = driver.send(event)

        assert not (ended and accepted), "finished stays finished"
        if isinstance(event, TaskTaken | TaskHeartbeat | TaskSubmitted | TaskSucceeded | TaskFailed):
            assert not accepted or event.token in live, "an event for an old visit is not accepted"
        if not accepted:
            assert driver.steps[-1] == Transition(accepted=False)
        check(driver)
        driver.clock.advance(timedelta(seconds=data.draw(st.sampled_from([0, 1, 5, 60]))))
        if ended:
            break


def check_any_machine(data: st.DataObject) -> None:
    """Starts it, lets anything happen to it, and redrives it if it has failed."""
    made = parse(json.dumps(data.draw(definitions(depth=1))))
    budget = data.draw(st.sampled_from([1, 3, 1000]))
    driver = Driver(made, data.draw(INPUTS | st.just(RICH)), budget=budget, resumes=5).start()
    for redrives in (1, 2):
        for _ in range(data.draw(st.integers(0, 12))):
            if driver.ending is None and data.draw(st.booleans()):
                driver.skip_to_next_timer()
            else:
                driver.send(data.draw(events(driver)))
            check(driver)
        if driver.ending is None or driver.ending.status is Status.SUCCEEDED:
            return
        execution = driver.execution
        found = reopened(execution.identity, made, driver.history, driver.clock.now())
        driver.execution = structs.replace(execution, frames={}, redrives=redrives)
        driver.ending = None
        assert driver.send(Redriven(**driver.now(), frames=found.frames))
        check(driver)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_event_brings_down_a_step_of_any_machine(data: st.DataObject) -> None:
    check_any_machine(data)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_event_brings_down_a_step_of_any_of_many_machines(data: st.DataObject) -> None:
    check_any_machine(data)


def check(driver: Driver) -> None:
    assert [event.id for event in driver.history] == list(range(1, len(driver.history) + 1))
    assert all(0 <= event.previous < event.id for event in driver.history)
    visits = [frame.visit for frame in driver.frames.values() if isinstance(frame.waiting, AtWork)]
    assert len(set(visits)) == len(visits)
    for key in driver.frames:
        parent = key.rpartition(".")[0]
        assert not parent or parent in driver.frames, "no child without its parent"
