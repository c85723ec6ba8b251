"""Parallel and Map: order, limits, failures, and what an event costs."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.engine.driver import Driver
from tests.engine.machines import definition, fail, machine, map_state, parallel, pass_state, task, wait
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.execution import Status
from workflow_manager.engine.frames import AtWork, Queued


def events(driver: Driver) -> list[tuple[int, int, str]]:
    return [(event.id, event.previous, event.type) for event in driver.history]


def test_results_come_in_the_order_of_the_branches() -> None:
    driver = Driver(machine(parallel("P", *(definition(task(f"T{n}")) for n in range(3))))).start()
    for number, work in reversed(list(enumerate(driver.tasks))):
        driver.succeed(work, str(number))
    assert driver.ending is not None
    assert driver.ending.output == "[0,1,2]"


def test_a_failing_branch_aborts_the_others() -> None:
    branches = [
        definition(task("T")),
        definition(wait("W", 60)),
        definition(parallel("Inner", definition(task("U")))),
        definition(pass_state("Done")),
        definition(task("Bad")),
    ]
    driver = Driver(machine(parallel("P", *branches))).start()
    in_the_last_branch = driver.frames["0.4"].waiting
    assert isinstance(in_the_last_branch, AtWork)
    driver.fail(in_the_last_branch, "Oops", "because")
    assert events(driver)[14:] == [
        (15, 12, "ActivityFailed"),
        (16, 5, "TaskStateAborted"),
        (17, 6, "WaitStateAborted"),
        (18, 14, "TaskStateAborted"),
        (19, 8, "ParallelStateAborted"),
        (20, 15, "TaskStateAborted"),
        (21, 15, "ParallelStateFailed"),
        (22, 21, "ExecutionFailed"),
    ]
    assert driver.ending is not None
    assert driver.ending.failure == Failure("Oops", "because")


def test_a_failing_item_aborts_the_others() -> None:
    driver = Driver(machine(map_state("M", definition(task("T")))), "[1,2,3]").start()
    driver.succeed(driver.tasks[0], "1")
    driver.fail(driver.tasks[1], "Oops")
    assert driver.types[-6:] == [
        "ActivityFailed",
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_nothing_of_an_aborted_attempt_counts_in_the_next() -> None:
    retry = [{"ErrorEquals": ["States.ALL"]}]
    driver = Driver(machine(parallel("P", definition(task("T")), definition(task("U")), Retry=retry))).start()
    old = driver.tasks
    driver.fail(old[0], "Oops")
    assert list(driver.frames) == ["0"]
    driver.skip_to_next_timer()
    assert len(driver.tasks) == 2
    assert not any(driver.succeed(work, "1") for work in old)
    for work in driver.tasks:
        assert driver.succeed(work, "2")
    assert driver.ending is not None
    assert driver.ending.output == "[2,2]"


def test_only_as_many_items_are_under_way_as_allowed() -> None:
    driver = Driver(machine(map_state("M", definition(task("T")), MaxConcurrency=2)), "[0,1,2,3]").start()
    assert [work.arguments for work in driver.tasks] == ["0", "1"]
    assert [isinstance(frame.waiting, Queued) for frame in driver.frames.values()].count(True) == 2
    driver.succeed(driver.tasks[1], "1")
    assert [work.arguments for work in driver.tasks] == ["0", "2"]
    while driver.tasks:
        driver.succeed(driver.tasks[0], driver.tasks[0].arguments)
    assert driver.ending is not None
    assert driver.ending.output == "[0,1,2,3]"


def test_a_map_without_a_limit_has_forty_items_under_way() -> None:
    driver = Driver(machine(map_state("M", definition(task("T")))), json.dumps(list(range(50)))).start()
    assert len(driver.tasks) == 40


def test_a_limit_below_zero_is_refused_in_words_of_its_own() -> None:
    made = machine(
        map_state("M", definition(pass_state("P")), ItemsPath="$.items", MaxConcurrencyPath="$.most")
    )
    ending = Driver(made, '{"items":[1],"most":-1}').start().ending
    assert ending is not None
    assert ending.failure is not None
    assert str(ending.failure.cause).endswith(
        "Expected non-negative integer for MaxConcurrency, but got '-1' instead."
    )


def test_an_event_in_one_child_changes_only_what_it_touches() -> None:
    driver = Driver(machine(map_state("M", definition(task("T")))), json.dumps(list(range(500)))).start()
    driver.succeed(driver.tasks[7], "7")
    assert set(driver.steps[-1].frames) == {"0", "0.7", "0.40"}


def test_a_step_stops_at_its_budget_and_goes_on_from_there() -> None:
    items = json.dumps(list(range(200)))
    made = machine(map_state("M", definition(pass_state("A"), pass_state("B"))), pass_state("End"))
    whole = Driver(made, items).start()
    pieces = Driver(made, items, budget=7).start()
    assert pieces.ending == whole.ending
    assert len(pieces.steps) > 50
    assert sorted(pieces.types) == sorted(whole.types)


def test_fanning_out_nests() -> None:
    inner = definition(map_state("Inner", definition(wait("W", 1), pass_state("P"))))
    made = machine(map_state("Outer", inner, MaxConcurrency=1), pass_state("End"))
    driver = Driver(made, "[[1,2],[],[3]]").start()
    while driver.skip_to_next_timer():
        pass
    assert driver.ending is not None
    assert driver.ending.output == "[[1,2],[],[3]]"


def test_an_iteration_knows_its_item_in_every_state() -> None:
    look = pass_state("Look", Parameters={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"})
    driver = Driver(machine(map_state("M", definition(wait("W", 1), look))), '["a"]').start()
    driver.skip_to_next_timer()
    assert driver.ending is not None
    assert driver.ending.output == '[{"i":0,"v":"a"}]'


def test_a_branch_sees_outer_variables_and_keeps_its_own() -> None:
    branch = definition(
        pass_state("In", Assign={"inner.$": "$outer"}), pass_state("Show", Parameters={"x.$": "$inner"})
    )
    driver = Driver(
        machine(
            pass_state("Out", Assign={"outer": 1}),
            parallel("P", branch, Assign={"outer.$": "$[0].x"}),
            pass_state("End", Parameters={"outer.$": "$outer"}),
        )
    ).start()
    assert driver.ending is not None
    assert driver.ending.output == '{"outer":1}'


def test_a_runtime_error_in_a_branch_fails_the_execution_at_once() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    branch = definition(pass_state("Bad", InputPath="$.nothing"))
    driver = Driver(machine(parallel("P", branch, Catch=catch), pass_state("Caught"))).start()
    assert driver.types[-2:] == ["PassStateEntered", "ExecutionFailed"]


def test_a_failure_of_one_kind_can_be_caught_around_a_map() -> None:
    catch = [{"ErrorEquals": ["Oops"], "Next": "Caught", "ResultPath": "$.error"}]
    made = machine(
        map_state("M", definition(fail("F", "Oops", "because")), Catch=catch, ItemsPath="$.items"),
        pass_state("Caught"),
    )
    driver = Driver(made, '{"items":[1]}').start()
    assert driver.ending is not None
    assert json.loads(driver.ending.output or "") == {
        "items": [1],
        "error": {"Error": "Oops", "Cause": "because"},
    }


def test_what_a_fail_state_leaves_out_is_caught_as_empty_text() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    made = machine(map_state("M", definition(fail("F")), Catch=catch), pass_state("Caught"))
    driver = Driver(made, "[1]").start()
    assert driver.ending is not None
    assert json.loads(driver.ending.output or "") == {"Error": "", "Cause": ""}


def test_an_item_that_cannot_be_selected_fails_its_iteration() -> None:
    made = machine(
        map_state(
            "M",
            definition(task("T")),
            Items="{% $states.input %}",
            ItemSelector="{% $states.context.Map.Item.Value.x %}",
            MaxConcurrency=1,
        ),
        QueryLanguage="JSONata",
    )
    driver = Driver(made, '[{"x":1},{"y":2}]').start()
    assert [work.arguments for work in driver.tasks] == ["1"]
    driver.succeed(driver.tasks[0], "1")
    assert driver.types[-6:] == [
        "MapIterationSucceeded",
        "MapIterationStarted",
        "EvaluationFailed",
        "MapIterationFailed",
        "MapStateFailed",
        "ExecutionFailed",
    ]
    assert driver.ending is not None
    assert driver.ending.failure is not None
    assert "the state 'M' (entered at the event id #2)" in str(driver.ending.failure.cause)


def test_more_items_than_a_history_can_tell_of_cost_no_frames() -> None:
    driver = Driver(machine(map_state("M", definition(task("T")))), json.dumps([0] * 130_000)).start()
    assert len(driver.frames) < 10_000
    assert driver.history[2].details == {"length": 130_000}


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_a_map_of_any_size_ends_in_one_step(count: int) -> None:
    driver = Driver(
        machine(map_state("M", definition(pass_state("P")))), json.dumps(list(range(count))), budget=10_000
    )
    driver.start()
    assert driver.ending is not None
    assert driver.ending.status is Status.SUCCEEDED
    assert len(driver.history) == 6 + 4 * count


def test_a_map_waits_no_longer_than_its_slowest_item() -> None:
    processor = definition({"Name": "W", "Type": "Wait", "SecondsPath": "$"})
    driver = Driver(machine(map_state("M", processor)), "[3,1,2]").start()
    driver.pass_time(timedelta(seconds=3))
    assert driver.ending is not None
