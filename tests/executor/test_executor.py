"""Defining, starting, following, cancelling and resuming workflows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.executor.fake_step_functions import client_error
from tests.executor.histories import entered, event, exited
from tests.executor.stages import Stage
from tests.script import Script
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    Conflict,
    InvalidDefinition,
    InvalidInput,
    InvalidRequest,
    NotFound,
    Throttled,
    Unavailable,
    WorkflowManagerError,
)
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.models.workflow import JobStatus, Workflow, WorkflowStatus
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.port import UNCHANGED, Store, WorkflowChange, WorkflowQuery

MACHINE: dict[str, Any] = {
    "StartAt": "one",
    "States": {
        "one": {"Type": "Task", "Resource": "echo", "Next": "two"},
        "two": {"Type": "Task", "Resource": "copy", "Next": "three"},
        "three": {"Type": "Succeed"},
    },
}


@pytest.fixture
def running(executor: Executor) -> Workflow:
    executor.create_definition("wf", MACHINE, default_tags={"team": "infra"})
    return executor.start("wf", input='{"n": 1}', namespace="dev", queue="q", tags={"x": "y"})


def status_of(store: Store, workflow: Workflow) -> WorkflowStatus:
    return store.get_workflow(workflow.id).status


# Definitions


def test_a_definition_is_kept_as_it_was_given(executor: Executor, clock: ManualClock) -> None:
    odd = {
        "StartAt": "s",
        "States": {
            "s": {
                "Type": "Pass",
                "Result": {"z": 2**80, "a": None},
                "ResultPath": None,
                "End": True,
                "Next": None,
            }
        },
    }
    made = executor.create_definition("wf", odd, manager="step-functions", default_tags={"a": "b"})
    assert made == executor.definition("wf", 0)
    assert (made.version, made.created_at, made.manager, made.default_tags) == (
        0,
        clock.now(),
        "step-functions",
        {"a": "b"},
    )
    assert json.dumps(made.state_machine) == json.dumps(odd)


def test_an_update_is_the_next_version_even_when_nothing_changed(executor: Executor) -> None:
    first = executor.create_definition("wf", MACHINE, default_tags={"a": "b"})
    second = executor.update_definition("wf", "wf", MACHINE)
    assert (second.version, second.default_tags) == (1, {})
    assert second.id != first.id
    assert executor.definition_versions("wf") == [second]
    assert executor.definition_versions("wf", latest=False) == [first, second]
    assert executor.definitions() == [second]


def test_what_is_wrong_with_a_definition_is_told_before_anything_is_stored(executor: Executor) -> None:
    def refused(error: type[Exception], message: str, name: str, machine: Any, **fields: Any) -> None:
        with pytest.raises(error, match=message):
            executor.create_definition(name, machine, **fields)

    refused(InvalidDefinition, "^WorkflowDefinition `name` is required$", "", MACHINE)
    refused(InvalidDefinition, "^stateMachine is required$", "wf", None)
    refused(InvalidDefinition, "^stateMachine in body must be an object$", "wf", [])
    refused(InvalidDefinition, "^Must define at least one state", "wf", {})
    refused(InvalidRequest, "manager in body", "wf", MACHINE, manager="x")
    refused(InvalidRequest, "^error converting tag value to string: 4$", "wf", MACHINE, default_tags={"a": 4})
    refused(InvalidRequest, "at most 80", "x" * 80, MACHINE)
    assert list(executor.definitions()) == []
    executor.create_definition("wf", MACHINE)
    refused(AlreadyExists, "^Already Exists: wf$", "wf", MACHINE)


def test_an_update_names_what_it_updates(executor: Executor) -> None:
    for name in ("", "other"):
        with pytest.raises(InvalidRequest, match=r"^Name in path must match WorkflowDefinition object$"):
            executor.update_definition("wf", name, MACHINE)
    with pytest.raises(NotFound, match=r"^wf$"):
        executor.update_definition("wf", "wf", MACHINE)
    executor.create_definition("wf", MACHINE)
    with pytest.raises(InvalidDefinition):
        executor.update_definition("wf", "wf", None)
    assert len(executor.definition_versions("wf", latest=False)) == 1


# Starting


def test_a_workflow_is_stored_and_its_execution_started(
    executor: Executor, script: Script, clock: ManualClock, running: Workflow, store: Store
) -> None:
    assert store.get_workflow(running.id) == running
    assert running == Workflow(
        id=running.id,
        workflow_definition=executor.definition("wf", 0),
        namespace="dev",
        queue="q",
        input='{"n": 1}',
        tags={"team": "infra", "x": "y"},
        created_at=clock.now(),
        last_updated=clock.now(),
        execution_arn=f"arn:aws:states:us-east-1:123456789012:execution:dev--wf--0--one:{running.id}",
    )
    request = script.last("start_execution")
    assert request["name"] == running.id
    assert json.loads(request["input"]) == {"n": 1, "_EXECUTION_NAME": running.id}
    assert executor.definition("wf", 0).default_tags == {"team": "infra"}


def test_a_negative_version_is_the_latest_and_none_is_the_first(executor: Executor) -> None:
    executor.create_definition("wf", MACHINE)
    executor.update_definition("wf", "wf", MACHINE)
    started = [executor.start("wf", *version) for version in ((), (0,), (1,), (-1,), (-7,))]
    assert [each.workflow_definition.version for each in started] == [0, 0, 1, 1, 1]
    assert started[0].queue == "default"


@pytest.mark.parametrize("given", ["", "{}", " { } "])
def test_no_input_is_an_empty_object(executor: Executor, script: Script, given: str) -> None:
    executor.create_definition("wf", MACHINE)
    workflow = executor.start("wf", -1, input=given)
    assert workflow.input == (given or "{}")
    assert script.last("start_execution")["input"] == f'{{"_EXECUTION_NAME":"{workflow.id}"}}'


def test_the_numbers_and_the_order_of_an_input_are_kept(executor: Executor, script: Script) -> None:
    executor.create_definition("wf", MACHINE)
    text = (
        '{"z": 12345678901234567890123, "_EXECUTION_NAME": "x", "ü": {"f": 1.10, "e": 1E400}, "a": "\\u0000"}'
    )
    workflow = executor.start("wf", input=text.replace(', "e": 1E400', ""))
    assert script.last("start_execution")["input"] == (
        f'{{"z":12345678901234567890123,"_EXECUTION_NAME":"{workflow.id}","ü":{{"f": 1.10}},"a":"\\u0000"}}'
    )


@pytest.mark.parametrize(
    "given",
    [
        *("null", "[]", "1", '"x"', "{", "{]", '{"a":1}x', '{"a":NaN}', '{"a":"\ud800"}', "[" * 100_000),
        '{"a":"' + "x" * 262_144 + '"}',
    ],
)
def test_an_input_that_is_no_object_has_no_effect(executor: Executor, script: Script, given: str) -> None:
    executor.create_definition("wf", MACHINE)
    with pytest.raises(InvalidInput, match=r"^input is (not a valid JSON object: |too large)"):
        executor.start("wf", input=given)
    assert script.requests == []
    assert not executor.workflows(WorkflowQuery()).workflows


def test_what_cannot_be_started_is_told(executor: Executor, script: Script) -> None:
    executor.create_definition("wf", MACHINE)
    with pytest.raises(NotFound, match=r"^zz$"):
        executor.start("zz", -1)
    with pytest.raises(NotFound, match=r"^wf@3$"):
        executor.start("wf", 3)
    with pytest.raises(InvalidRequest, match=r"^error converting tag value to string: \[1\]$"):
        executor.start("wf", tags={"a": [1]})
    assert script.requests == []


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (client_error("ThrottlingException", "slow"), Throttled),
        (client_error("InternalServerError"), Unavailable),
        (client_error("InvalidExecutionInput", "bad"), InvalidInput),
        (ReadTimeoutError(endpoint_url="http://x"), Unavailable),
    ],
)
@pytest.mark.parametrize("operation", ["describe_state_machine", "create_state_machine", "start_execution"])
def test_a_start_that_failed_leaves_nothing(
    executor: Executor, script: Script, operation: str, failure: Exception, error: type[Exception]
) -> None:
    executor.create_definition("wf", MACHINE)
    script.fail_next(operation, failure)
    with pytest.raises(error):
        executor.start("wf")
    assert not executor.workflows(WorkflowQuery()).workflows
    assert executor.start("wf").status is WorkflowStatus.QUEUED


def test_an_unacknowledged_start_is_stopped(executor: Executor, script: Script) -> None:
    executor.create_definition("wf", MACHINE)
    workflow = executor.start("wf")
    script.fail_next("start_execution", ReadTimeoutError(endpoint_url="http://x"))
    with pytest.raises(Unavailable):
        executor.start("wf")
    assert script.last("stop_execution")["executionArn"].split(":")[-1] != workflow.id


class StoreThatForgetsNothing:
    """A store whose deletions fail, as when it becomes unavailable in between."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        if name in ("delete_workflow", "discard_retry"):
            return self._refuse
        return getattr(self._store, name)

    def _refuse(self, workflow_id: str) -> None:
        raise Unavailable("gone")


def test_a_failed_start_that_cannot_be_undone_is_a_failed_workflow(
    stage: Stage, script: Script, store: Store, clock: ManualClock
) -> None:
    executor = Executor(stage.client, StoreThatForgetsNothing(store), clock=clock, chance=SystemChance())  # type: ignore[arg-type]
    executor.create_definition("wf", MACHINE)
    script.fail_next("start_execution", client_error("InternalServerError", "oops"))
    with pytest.raises(Unavailable, match="oops"):
        executor.start("wf")
    (left,) = store.find_workflows(WorkflowQuery()).workflows
    assert (left.status, left.stopped_at) == (WorkflowStatus.FAILED, clock.now())
    assert left.status_reason == "not started: InternalServerError: oops"


@pytest.fixture
def key() -> str:
    """That nobody used before, on a Step Functions that others use too."""
    return str(uuid.uuid4())


def test_the_same_request_with_the_same_key_is_one_workflow(
    executor: Executor, script: Script, key: str
) -> None:
    executor.create_definition("wf", MACHINE)
    first = executor.start("wf", -1, input='{"a":1}', tags={"b": "c"}, idempotency_key=key)
    executor.update_definition("wf", "wf", MACHINE)
    again = executor.start("wf", -1, input='{"a":1}', tags={"b": "c"}, idempotency_key=key)
    assert again == first
    assert executor.start("wf", -1, idempotency_key=f"{key}, another").id != first.id
    for other in ({"input": '{"a":2}'}, {"namespace": "x"}, {"version": 0}, {"tags": {}}):
        request: dict[str, Any] = {"version": -1, "input": '{"a":1}', "tags": {"b": "c"}, **other}
        with pytest.raises(InvalidRequest, match="Idempotency-Key was used for another request"):
            executor.start("wf", **request, idempotency_key=key)
    assert len(executor.workflows(WorkflowQuery()).workflows) == 2


def test_a_keyed_start_that_was_cut_short_is_made_up_for(
    executor: Executor, script: Script, store: Store, key: str
) -> None:
    executor.create_definition("wf", MACHINE)
    first = executor.start("wf", idempotency_key=key)
    asked = script.count("start_execution")
    assert executor.start("wf", idempotency_key=key).id == first.id
    assert script.count("start_execution") == asked + 1
    assert script.last("start_execution")["name"] == first.id


def test_an_unacknowledged_start_under_a_key_is_tried_again_by_that_key(
    executor: Executor, script: Script, key: str
) -> None:
    executor.create_definition("wf", MACHINE)
    script.fail_next("start_execution", ReadTimeoutError(endpoint_url="http://x"))
    with pytest.raises(Unavailable):
        executor.start("wf", idempotency_key=key)
    assert script.count("stop_execution") == 0
    workflow = executor.start("wf", idempotency_key=key)
    assert executor.workflow(workflow.id).status is WorkflowStatus.RUNNING
    assert len(executor.workflows(WorkflowQuery()).workflows) == 1


def test_a_key_is_free_again_when_its_start_failed(executor: Executor, script: Script, key: str) -> None:
    executor.create_definition("wf", MACHINE)
    script.fail_next("start_execution", client_error("ThrottlingException"))
    with pytest.raises(Throttled):
        executor.start("wf", input='{"a":1}', idempotency_key=key)
    assert executor.start("wf", input='{"a":2}', idempotency_key=key).input == '{"a":2}'


class Shortening(MemoryStore):
    """Has no room for whole inputs, nor for jobs."""

    def update_workflow(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        return super().update_workflow(workflow_id, replace(change, jobs=UNCHANGED))

    def create_workflow(self, workflow: Workflow) -> Workflow:
        return super().create_workflow(replace(workflow, input=f"{workflow.input[:5]}…"))

    def create_retry(self, retry: Workflow, seen_retries: Sequence[str]) -> Workflow:
        return super().create_retry(replace(retry, input=f"{retry.input[:5]}…"), seen_retries)


def test_an_execution_gets_the_whole_input_though_the_record_has_a_part_of_it(
    stage: Stage, script: Script, clock: ManualClock, key: str
) -> None:
    executor = Executor(stage.client, Shortening(clock=clock), clock=clock, chance=SystemChance())
    executor.create_definition("wf", MACHINE)
    whole = {"items": list(range(100))}

    def given() -> Any:
        return json.loads(script.last("start_execution")["input"])

    started = executor.start("wf", input=json.dumps(whole), idempotency_key=key)
    assert started.input == '{"ite…'
    assert given() == {**whole, "_EXECUTION_NAME": started.id}
    # What may have been cut short is made up for with all of it, too.
    asked = script.count("start_execution")
    executor.start("wf", input=json.dumps(whole), idempotency_key=key)
    assert script.count("start_execution") == asked + 1
    assert given() == {**whole, "_EXECUTION_NAME": started.id}

    stage.fail(started.execution_arn, "one")
    resumed = executor.resume(started.id, "one")
    assert given() == {**whole, "_EXECUTION_NAME": resumed.id}


def test_a_fetch_brings_jobs_into_the_answer_though_the_record_has_no_room_for_them(
    stage: Stage, clock: ManualClock
) -> None:
    executor = Executor(stage.client, Shortening(clock=clock), clock=clock, chance=SystemChance())
    executor.create_definition("wf", MACHINE)
    started = executor.start("wf", input='{"n": 1}')
    stage.reach(started.execution_arn, "two", {"one": '{"n": 2}'})

    def fetched() -> list[tuple[str, JobStatus]]:
        jobs = executor.workflow(started.id, fetch_history=True).jobs or ()
        assert executor.workflow(started.id).jobs is None
        return [(job.state, job.status) for job in jobs]

    assert fetched() == [("one", JobStatus.SUCCEEDED), ("two", JobStatus.RUNNING)]
    stage.abort(started.execution_arn)
    # As it ends with this look, and once that is known.
    for _ in range(2):
        assert [state for state, _ in fetched()] == ["one", "two"]
    resumed = executor.resume(started.id, "one")
    assert resumed.retry_for == started.id


def test_a_machine_deleted_behind_our_back_is_made_again(
    executor: Executor, stage: Stage, script: Script, running: Workflow
) -> None:
    stage.delete_machines()
    assert executor.start("wf", namespace="dev").status is WorkflowStatus.QUEUED
    assert script.count("create_state_machine") == 2
    script.fail_next("start_execution", *[client_error("StateMachineDoesNotExist")] * 5)
    with pytest.raises(Unavailable, match="does not exist"):
        executor.start("wf", namespace="dev")


def test_a_start_that_the_sdk_repeated_counts_as_started(executor: Executor, script: Script) -> None:
    executor.create_definition("wf", MACHINE)
    script.fail_next("start_execution", client_error("ExecutionAlreadyExists"))
    assert executor.start("wf").status is WorkflowStatus.QUEUED


# Following


@pytest.fixture
def limited(executor: Executor) -> Workflow:
    """Running, and for a second at most."""
    executor.create_definition("limited", {**MACHINE, "TimeoutSeconds": 1})
    return executor.start("limited", namespace="dev")


@pytest.mark.parametrize(
    ("execution", "status"),
    [
        ("RUNNING", "running"),
        ("SUCCEEDED", "succeeded"),
        ("FAILED", "failed"),
        ("ABORTED", "cancelled"),
    ],
)
def test_the_status_follows_the_execution(
    executor: Executor, stage: Stage, running: Workflow, execution: str, status: str
) -> None:
    stage.end(running.execution_arn, execution)
    found = executor.workflow(running.id)
    assert found.status.value == status
    assert found.resolved_by_user is (status in ("succeeded", "cancelled"))
    assert found.status_reason == ""
    assert executor.workflows(WorkflowQuery(status=found.status)).workflows[0].id == running.id


@pytest.mark.parametrize("execution", ["PENDING_REDRIVE", "SOMETHING_NEW"])
def test_a_status_that_is_no_end_is_running(
    executor: Executor, stage: Stage, running: Workflow, execution: str
) -> None:
    stage.call_it(running.execution_arn, execution)
    assert executor.workflow(running.id).status is WorkflowStatus.RUNNING


def test_a_success_has_its_output_and_its_end(
    executor: Executor, stage: Stage, script: Script, clock: ManualClock, running: Workflow
) -> None:
    clock.advance(timedelta(seconds=5))
    stage.succeed(running.execution_arn, '{"n": 1.0}')
    found = executor.workflow(running.id)
    assert (found.output, found.stopped_at, found.last_job, found.jobs) == (
        '{"n": 1.0}',
        stage.describe(running.execution_arn)["stopDate"],
        None,
        None,
    )
    asked = script.count("describe_execution")
    assert executor.workflow(running.id) == found
    assert script.count("describe_execution") == asked


def test_a_read_that_finds_nothing_new_writes_nothing(
    executor: Executor, clock: ManualClock, running: Workflow
) -> None:
    first = executor.workflow(running.id)
    clock.advance(timedelta(seconds=1))
    assert executor.workflow(running.id) == first


def test_a_failure_has_the_job_that_failed(
    executor: Executor, stage: Stage, script: Script, running: Workflow
) -> None:
    stage.fail(running.execution_arn, "one", cause="1\n2\n3\n4\n5\n6")
    found = executor.workflow(running.id, fetch_history=True)
    assert found.status is WorkflowStatus.FAILED
    assert not found.resolved_by_user
    assert found.last_job is not None
    assert found.last_job.status_reason == "4\n5\n6\nmy.error"
    assert found.jobs == (found.last_job,)
    pages = script.requests_of("get_execution_history")
    assert pages[0] == {"executionArn": running.execution_arn, "maxResults": 200}
    assert pages[1] == {"executionArn": running.execution_arn, "reverseOrder": True}


def test_a_failure_and_the_job_that_failed_are_one_write(
    executor: Executor, stage: Stage, running: Workflow, store: Store
) -> None:
    stage.fail(running.execution_arn, "one")
    seen: list[Workflow] = []
    executor.feed.listen(lambda: seen.append(store.get_workflow(running.id)))
    executor.execution_ended(running.execution_arn)
    assert [(each.status, each.last_job and each.last_job.state) for each in seen] == [
        (WorkflowStatus.FAILED, "one")
    ]


def test_the_failed_job_is_found_though_it_began_pages_ago(
    executor: Executor, stage: Stage, script: Script, running: Workflow
) -> None:
    history = [
        event(1, "ExecutionStarted", 0),
        entered(2, "p", "Parallel", previous=0),
        event(3, "ParallelStateStarted"),
        entered(4, "one", previous=3),
        event(5, "ActivityScheduled", 4),
        *(entered(number, "two", previous=3) for number in range(6, 306)),
        event(306, "ActivityFailed", 5, error="E", cause="c"),
        event(307, "ParallelStateFailed", 306),
        event(308, "ExecutionFailed", 307, error="E", cause="c"),
    ]
    stage.write(running.execution_arn, "FAILED", history)
    last_job = executor.workflow(running.id).last_job
    assert last_job is not None
    assert (last_job.state, last_job.status_reason, last_job.nested) == ("one", "c\nE", True)
    assert script.count("get_execution_history") == 4


def test_the_search_for_the_failed_job_is_bounded(
    executor: Executor, stage: Stage, script: Script, running: Workflow
) -> None:
    history = [
        entered(2, "one", previous=0),
        *(entered(number, "two", previous=0) for number in range(3, 1500)),
    ]
    stage.write(running.execution_arn, "FAILED", [*history, event(1500, "ExecutionFailed", 2, error="E")])
    assert executor.workflow(running.id).status is WorkflowStatus.FAILED
    assert script.count("get_execution_history") == 10


def test_a_failure_that_is_no_jobs_is_the_workflows_reason(
    executor: Executor, stage: Stage, running: Workflow
) -> None:
    history = [
        event(1, "ExecutionStarted", 0),
        entered(2, "one", previous=0),
        exited(3, "one"),
        event(4, "ExecutionFailed", error="States.Runtime", cause="The history is too long."),
    ]
    stage.write(running.execution_arn, "FAILED", history)
    found = executor.workflow(running.id)
    assert found.status_reason == "The history is too long.\nStates.Runtime"
    assert found.last_job is not None
    assert (found.last_job.state, found.last_job.status_reason) == ("one", "")


def test_a_status_is_saved_though_the_failed_job_cannot_be_found(
    executor: Executor, stage: Stage, script: Script, running: Workflow, store: Store
) -> None:
    stage.fail(running.execution_arn, "one")
    script.fail_next("get_execution_history", client_error("ThrottlingException"))
    assert executor.workflow(running.id).status is WorkflowStatus.FAILED
    assert status_of(store, running) is WorkflowStatus.FAILED


def test_a_failed_job_that_was_not_found_is_found_with_the_history(
    executor: Executor, stage: Stage, script: Script, running: Workflow
) -> None:
    stage.fail(running.execution_arn, "one")
    script.fail_next("get_execution_history", client_error("ThrottlingException"))
    assert executor.workflow(running.id).last_job is None
    found = executor.workflow(running.id, fetch_history=True).last_job
    assert found is not None
    assert found.state == "one"
    assert executor.workflow(running.id).last_job == found


def test_no_job_is_missing_from_what_ended_while_it_was_read(
    executor: Executor, stage: Stage, script: Script, running: Workflow
) -> None:
    script.before("describe_execution", lambda _: stage.succeed(running.execution_arn))
    found = executor.workflow(running.id, fetch_history=True)
    assert found.status is WorkflowStatus.SUCCEEDED
    assert [job.state for job in found.jobs or ()][:2] == ["one", "two"]
    assert {job.status for job in found.jobs or ()} == {JobStatus.SUCCEEDED}
    assert executor.workflow(running.id).jobs == found.jobs


def test_a_timed_out_workflow_says_so_on_its_job_too(
    executor: Executor, stage: Stage, limited: Workflow
) -> None:
    stage.time_out(limited.execution_arn)
    found = executor.workflow(limited.id, fetch_history=True)
    assert (found.status, found.resolved_by_user) == (WorkflowStatus.FAILED, False)
    assert found.status_reason == "Workflow timed out"
    assert found.last_job is not None
    assert found.jobs is not None
    assert "Workflow timed out" in found.last_job.status_reason
    assert "Workflow timed out" in found.jobs[0].status_reason


def test_a_history_of_many_pages_is_one_history(
    executor: Executor, stage: Stage, script: Script, running: Workflow
) -> None:
    middle = [each for n in range(3, 403, 2) for each in (entered(n, "one"), exited(n + 1, "one"))]
    history = [event(1, "ExecutionStarted", 0), *middle, event(403, "ExecutionAborted", 402)]
    stage.write(running.execution_arn, "ABORTED", history)
    found = executor.workflow(running.id, fetch_history=True)
    assert found.jobs is not None
    assert len(found.jobs) == 200
    assert script.count("get_execution_history") == 3


def test_a_history_is_read_for_a_minute_at_most(
    executor: Executor, script: Script, running: Workflow, clock: ManualClock
) -> None:
    script.before("get_execution_history", lambda request: clock.advance(timedelta(seconds=61)))
    with pytest.raises(Unavailable, match="takes too long"):
        executor.workflow(running.id, fetch_history=True)


def test_a_running_history_is_jobs_so_far(executor: Executor, stage: Stage, running: Workflow) -> None:
    stage.reach(running.execution_arn, "two", {"one": '{"n": 2}'})
    found = executor.workflow(running.id, fetch_history=True)
    assert found.status is WorkflowStatus.RUNNING
    assert found.jobs is not None
    assert [(job.state, job.status, job.input) for job in found.jobs] == [
        ("one", JobStatus.SUCCEEDED, f'{{"n":1,"_EXECUTION_NAME":"{running.id}"}}'),
        ("two", JobStatus.RUNNING, '{"n": 2}'),
    ]
    assert executor.workflow(running.id).jobs == found.jobs


def test_a_history_is_fetched_though_the_workflow_is_done_and_its_execution_may_be_gone(
    executor: Executor, stage: Stage, running: Workflow
) -> None:
    stage.succeed(running.execution_arn)
    executor.workflow(running.id)
    assert executor.workflow(running.id, fetch_history=True).jobs
    stage.lose_executions()
    assert executor.workflow(running.id, fetch_history=True).jobs


def test_an_execution_that_is_not_there_yet_changes_nothing(
    executor: Executor, stage: Stage, script: Script, running: Workflow, clock: ManualClock, store: Store
) -> None:
    stage.lose_executions()
    clock.advance(timedelta(minutes=5))
    assert executor.workflow(running.id) == running == store.get_workflow(running.id)
    script.recover()
    stage.succeed(running.execution_arn)
    assert executor.workflow(running.id).status is WorkflowStatus.SUCCEEDED


def test_a_workflow_that_never_got_an_execution_fails(
    executor: Executor, stage: Stage, running: Workflow, clock: ManualClock, store: Store
) -> None:
    stage.lose_executions()
    clock.advance(timedelta(minutes=4))
    # Other writes do not make it younger.
    store.update_workflow(running.id, WorkflowChange(resolved_by_user=True))
    clock.advance(timedelta(minutes=1, microseconds=1))
    found = executor.workflow(running.id, fetch_history=True)
    assert (found.status, found.status_reason) == (WorkflowStatus.FAILED, "execution not found")
    assert found.stopped_at == clock.now()
    assert (found.jobs, found.last_job) == (None, None)


@pytest.mark.parametrize("code", ["InternalServerError", "ThrottlingException"])
def test_other_errors_of_the_client_are_told(
    executor: Executor, script: Script, running: Workflow, code: str
) -> None:
    script.fail_next("describe_execution", client_error(code))
    with pytest.raises((Unavailable, Throttled), match=code):
        executor.workflow(running.id)


def test_an_older_answer_does_not_undo_an_end(
    executor: Executor, script: Script, running: Workflow, store: Store
) -> None:
    """Another server wrote the end between our reading and our writing."""
    end = WorkflowChange(status=WorkflowStatus.SUCCEEDED, output="1")
    script.after("describe_execution", lambda request: store.update_workflow(running.id, end))
    found = executor.workflow(running.id)
    assert (found.status, found.output) == (WorkflowStatus.SUCCEEDED, "1")


def test_an_end_that_is_announced_is_stored(
    executor: Executor, stage: Stage, script: Script, running: Workflow, store: Store
) -> None:
    stage.succeed(running.execution_arn, "1")
    executor.execution_ended(running.execution_arn)
    executor.execution_ended(running.execution_arn)
    assert status_of(store, running) is WorkflowStatus.SUCCEEDED
    assert script.count("describe_execution") == 1


def test_ends_of_other_executions_are_ignored(executor: Executor, script: Script, running: Workflow) -> None:
    for arn in (
        "arn:aws:states:us-east-1:123456789012:execution:other:unknown",
        f"arn:aws:states:us-east-1:123456789012:execution:other:{running.id}",
        "nonsense",
    ):
        executor.execution_ended(arn)
    assert script.count("describe_execution") == 0


def test_records_without_an_arn_are_found_by_their_names(
    executor: Executor, stage: Stage, store: Store, running: Workflow
) -> None:
    store.delete_workflow(running.id)
    store.create_workflow(replace(running, execution_arn=""))
    stage.succeed(running.execution_arn)
    assert executor.workflow(running.id).status is WorkflowStatus.SUCCEEDED


# Cancelling


def test_a_cancel_stops_the_execution_and_keeps_the_reason(
    executor: Executor, script: Script, running: Workflow, store: Store
) -> None:
    executor.workflow(running.id)
    executor.cancel(running.id, "enough")
    assert script.last("stop_execution") == {"executionArn": running.execution_arn, "cause": "enough"}
    stored = store.get_workflow(running.id)
    assert (stored.status, stored.status_reason, stored.resolved_by_user) == (
        WorkflowStatus.RUNNING,
        "enough",
        True,
    )
    found = executor.workflow(running.id)
    assert (found.status, found.status_reason) == (WorkflowStatus.CANCELLED, "enough")
    assert found.stopped_at is not None


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "TIMED_OUT"])
@pytest.mark.parametrize("is_seen", [False, True])
def test_what_has_ended_is_not_cancelled(
    executor: Executor,
    stage: Stage,
    script: Script,
    request: pytest.FixtureRequest,
    state: str,
    is_seen: bool,
) -> None:
    workflow: Workflow = request.getfixturevalue("limited" if state == "TIMED_OUT" else "running")
    stage.end(workflow.execution_arn, state)
    if is_seen:
        executor.workflow(workflow.id)
    status = "succeeded" if state == "SUCCEEDED" else "failed"
    with pytest.raises(
        InvalidRequest, match=f"^Cancellation not allowed. Workflow {workflow.id} is {status}$"
    ):
        executor.cancel(workflow.id, "x")
    assert script.count("stop_execution") == 0
    assert executor.workflow(workflow.id).status_reason != "x"


@pytest.mark.parametrize("is_seen", [False, True])
def test_a_second_cancel_keeps_the_first_reason(
    executor: Executor, running: Workflow, store: Store, is_seen: bool
) -> None:
    executor.cancel(running.id, "first")
    if is_seen:
        executor.workflow(running.id)
    executor.cancel(running.id, "")
    executor.cancel(running.id, "third")
    assert store.get_workflow(running.id).status_reason == "first"


def test_a_workflow_without_an_execution_is_cancelled_at_once(
    executor: Executor, stage: Stage, running: Workflow, store: Store, clock: ManualClock
) -> None:
    stage.lose_executions()
    executor.cancel(running.id, "never mind")
    stored = store.get_workflow(running.id)
    assert (stored.status, stored.status_reason, stored.stopped_at, stored.resolved_by_user) == (
        WorkflowStatus.CANCELLED,
        "never mind",
        clock.now(),
        True,
    )


def test_a_cancel_that_came_before_the_execution_stops_it(
    executor: Executor, stage: Stage, script: Script, store: Store
) -> None:
    executor.create_definition("wf", MACHINE)
    script.before("start_execution", lambda request: executor.cancel(request["name"], "too soon"))
    workflow = executor.start("wf")
    assert stage.describe(workflow.execution_arn)["status"] == "ABORTED"
    assert status_of(store, workflow) is WorkflowStatus.CANCELLED


def test_an_abort_from_outside_gives_its_cause(executor: Executor, stage: Stage, running: Workflow) -> None:
    stage.abort(running.execution_arn, "by the operator")
    found = executor.workflow(running.id)
    assert (found.status, found.status_reason, found.resolved_by_user) == (
        WorkflowStatus.CANCELLED,
        "by the operator",
        True,
    )


def test_a_cancelled_workflow_that_is_not_resolved_is_looked_at_once_more(
    executor: Executor, stage: Stage, script: Script, running: Workflow, store: Store
) -> None:
    stage.abort(running.execution_arn)
    store.update_workflow(running.id, WorkflowChange(status=WorkflowStatus.CANCELLED))
    for _ in range(2):
        assert executor.workflow(running.id).resolved_by_user
    assert script.count("describe_execution") == 1


def test_cancelling_nothing_is_told(executor: Executor) -> None:
    with pytest.raises(NotFound, match=r"^zz$"):
        executor.cancel("zz", "x")


# Resolving


def test_a_workflow_is_resolved_once_in_any_status(
    executor: Executor, running: Workflow, store: Store
) -> None:
    executor.resolve(running.id)
    assert store.get_workflow(running.id).resolved_by_user
    with pytest.raises(Conflict, match=f"^workflow {running.id} already resolved$"):
        executor.resolve(running.id)
    with pytest.raises(NotFound, match=r"^zz$"):
        executor.resolve("zz")


# Resuming


@pytest.fixture
def failed(executor: Executor, stage: Stage, running: Workflow) -> Workflow:
    """Failed in `two`, after `one`."""
    stage.fail(running.execution_arn, "two", {"one": '{"in":"two","_EXECUTION_NAME":"old"}'})
    return executor.workflow(running.id)


def test_a_resumed_workflow_goes_on_where_it_failed(
    executor: Executor, script: Script, failed: Workflow, store: Store, clock: ManualClock
) -> None:
    asked = script.count("get_execution_history")
    clock.advance(timedelta(seconds=1))
    retry = executor.resume(failed.id, "two")
    definition = failed.workflow_definition
    assert retry == Workflow(
        id=retry.id,
        workflow_definition=replace(
            definition,
            state_machine={
                "StartAt": "two",
                "States": {name: MACHINE["States"][name] for name in ("two", "three")},
            },
        ),
        namespace="dev",
        queue="q",
        input='{"in":"two"}',
        tags=failed.tags,
        retry_for=failed.id,
        created_at=clock.now(),
        last_updated=clock.now(),
        execution_arn=f"arn:aws:states:us-east-1:123456789012:execution:dev--wf--0--two:{retry.id}",
    )
    assert json.loads(script.last("start_execution")["input"]) == {"in": "two", "_EXECUTION_NAME": retry.id}
    assert script.count("get_execution_history") == asked, "the last job knows its input"
    parent = store.get_workflow(failed.id)
    assert (parent.retries, parent.status, parent.resolved_by_user) == ((retry.id,), failed.status, False)


def test_another_state_is_looked_up_in_the_history_once(
    executor: Executor, script: Script, failed: Workflow
) -> None:
    asked = script.count("get_execution_history")
    assert executor.resume(failed.id, "one").input == '{"n":1}'
    assert script.count("get_execution_history") == asked + 1


def test_jobs_that_are_stored_are_not_fetched_again(
    executor: Executor, script: Script, failed: Workflow
) -> None:
    executor.workflow(failed.id, fetch_history=True)
    asked = script.count("get_execution_history")
    assert executor.resume(failed.id, "one").input == '{"n":1}'
    assert script.count("get_execution_history") == asked


def test_the_latest_visit_at_the_top_counts(executor: Executor, stage: Stage, running: Workflow) -> None:
    history = [
        entered(2, "one", previous=0, input='{"visit":1}'),
        exited(3, "one"),
        entered(4, "one", input='{"visit":2}'),
        exited(5, "one"),
        entered(6, "p", "Parallel"),
        event(7, "ParallelStateStarted"),
        entered(8, "one", input='{"visit":"nested"}'),
        event(9, "TaskFailed", error="E"),
        event(10, "ExecutionFailed", error="E"),
    ]
    stage.write(running.execution_arn, "FAILED", history)
    assert executor.resume(running.id, "one").input == '{"visit":2}'


def test_an_input_that_is_no_object_goes_on_as_it_is(
    executor: Executor, stage: Stage, script: Script, running: Workflow
) -> None:
    stage.fail(running.execution_arn, "two", {"one": "[1, 2.50]"})
    assert executor.resume(running.id, "two").input == "[1, 2.50]"
    assert script.last("start_execution")["input"] == "[1, 2.50]"


def refusal(executor: Executor, workflow: Workflow, start_at: str = "two") -> str:
    with pytest.raises(InvalidRequest) as raised:
        executor.resume(workflow.id, start_at)
    return str(raised.value)


def test_what_is_not_done_is_not_resumed(executor: Executor, stage: Stage, running: Workflow) -> None:
    assert refusal(executor, running) == f"Workflow {running.id} active: running"
    stage.lose_executions()
    assert refusal(executor, running).endswith(" active: running")


def test_an_end_that_nobody_saw_counts(executor: Executor, stage: Stage, running: Workflow) -> None:
    stage.fail(running.execution_arn, "two")
    assert executor.resume(running.id, "two").retry_for == running.id


def test_only_one_retry_is_under_way(executor: Executor, stage: Stage, failed: Workflow) -> None:
    active = f"Cannot resume workflow {failed.id} because it has active descendants"
    first = executor.resume(failed.id, "two")
    assert refusal(executor, failed) == active
    stage.fail(first.execution_arn, "two")
    second = executor.resume(first.id, "two")
    assert refusal(executor, failed) == active
    stage.succeed(second.execution_arn)
    third = executor.resume(failed.id, "two")
    assert executor.workflow(failed.id).retries == (first.id, third.id)


def test_a_retry_that_is_gone_counts_as_done(executor: Executor, failed: Workflow, store: Store) -> None:
    store.delete_workflow(executor.resume(failed.id, "two").id)
    assert executor.resume(failed.id, "two").retry_for == failed.id


def test_a_descendant_that_cannot_be_checked_is_named(
    executor: Executor, script: Script, failed: Workflow
) -> None:
    retry = executor.resume(failed.id, "two")
    script.fail_next("describe_execution", client_error("InternalServerError"))
    with pytest.raises(Unavailable, match=f"^Failed to check descendant workflows: {retry.id}$"):
        executor.resume(failed.id, "two")


def test_a_state_that_cannot_be_resumed_at_is_told(
    executor: Executor, script: Script, failed: Workflow, running: Workflow
) -> None:
    assert refusal(executor, failed, "zz") == "Invalid StartAt state zz"
    assert refusal(executor, failed, "three") == "No job found for StartAt three"
    with pytest.raises(NotFound, match=r"^zz$"):
        executor.resume("zz", "two")
    assert script.count("start_execution") == 1


def test_a_job_that_was_not_started_gives_no_input(
    executor: Executor, stage: Stage, running: Workflow
) -> None:
    history = [
        entered(2, "p", "Parallel", previous=0),
        entered(3, "two", previous=0),
        event(4, "ExecutionFailed", 2, error="E"),
    ]
    stage.write(running.execution_arn, "FAILED", history)
    assert refusal(executor, running) == (
        f"Job 3 for StartAt two was not started for Workflow: {running.id}. Could not infer input"
    )


def test_a_resume_whose_start_fails_leaves_nothing(
    executor: Executor, script: Script, failed: Workflow, store: Store
) -> None:
    script.fail_next("start_execution", client_error("ThrottlingException"))
    with pytest.raises(Throttled):
        executor.resume(failed.id, "two")
    assert store.get_workflow(failed.id).retries == ()
    assert len(store.find_workflows(WorkflowQuery()).workflows) == 1
    assert executor.resume(failed.id, "two").retry_for == failed.id


def test_a_workflow_that_is_cancelled_can_be_resumed(
    executor: Executor, stage: Stage, running: Workflow
) -> None:
    stage.reach(running.execution_arn, "two")
    executor.cancel(running.id, "x")
    assert executor.resume(running.id, "two").retry_for == running.id


# State resources


def test_state_resources_are_a_registry(executor: Executor) -> None:
    saved = executor.save_state_resource("n", "ns", "u")
    assert (saved.type and saved.type.value, saved.uri) == ("ActivityARN", "u")
    assert executor.get_state_resource("ns", "n") == saved
    executor.delete_state_resource("ns", "n")
    with pytest.raises(NotFound, match=r"^ns--n$"):
        executor.get_state_resource("ns", "n")
    for name, namespace in (("", "ns"), ("n", "")):
        with pytest.raises(InvalidRequest, match="in body is required"):
            executor.save_state_resource(name, namespace, "u")


# Races


def outcomes(count: int, call: Any) -> list[Exception | Any]:
    def attempt(number: int) -> Exception | Any:
        try:
            return call(number)
        except WorkflowManagerError as error:
            return error

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(attempt, range(count)))


def test_simultaneous_updates_each_make_a_version(executor: Executor) -> None:
    executor.create_definition("wf", MACHINE)
    made = outcomes(16, lambda _: executor.update_definition("wf", "wf", MACHINE).version)
    assert sorted(made) == list(range(1, 17))
    assert len({each.id for each in executor.definition_versions("wf", latest=False)}) == 17


def test_of_simultaneous_resumes_one_wins_and_the_others_are_told(
    executor: Executor, script: Script, failed: Workflow, store: Store
) -> None:
    made = outcomes(16, lambda _: executor.resume(failed.id, "two"))
    won = [each for each in made if isinstance(each, Workflow)]
    lost = [each for each in made if not isinstance(each, Workflow)]
    assert len(won) == 1
    assert {type(error) for error in lost} == {InvalidRequest}
    assert {str(error) for error in lost} == {
        f"Cannot resume workflow {failed.id} because it has active descendants"
    }
    assert store.get_workflow(failed.id).retries == (won[0].id,)
    assert script.count("start_execution") == 2


def test_simultaneous_starts_all_run_on_one_machine(stage: Stage, store: Store, clock: ManualClock) -> None:
    executor = Executor(stage.client, store, clock=clock, chance=SystemChance())
    executor.create_definition("wf", MACHINE)
    made = outcomes(32, lambda _: executor.start("wf").id)
    assert len(set(made)) == 32
    assert len(stage.machines()) == 1
    assert {arn.rpartition(":")[2] for arn in stage.running()} == set(made)


def test_a_page_needs_at_least_one(executor: Executor) -> None:
    for limit in (0, -1):
        with pytest.raises(InvalidRequest, match="limit"):
            executor.workflows(WorkflowQuery(limit=limit))
