"""Histories folded into jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.executor.histories import a_failed_task, at, entered, event, exited
from workflow_manager.executor.jobs import JobFold
from workflow_manager.executor.state_facts import facts_by_state
from workflow_manager.models.workflow import (
    Job,
    JobAttempt,
    JobStatus,
    StateResource,
    StateResourceType,
    WorkflowDefinition,
)

Events = Sequence[dict[str, Any]]

MACHINE: dict[str, Any] = {
    "StartAt": "s",
    "States": {
        "s": {"Type": "Task", "Resource": "echo"},
        "l": {"Type": "Task", "Resource": "lambda:fn"},
        "g": {"Type": "Task", "Resource": "glue:etl"},
        "no": {"Type": "Fail", "Error": "E", "Cause": "c1\nc2"},
        "p": {
            "Type": "Parallel",
            "Branches": [
                {"States": {"a": {"Type": "Task", "Resource": "deep"}}},
                {
                    "States": {
                        "m": {
                            "Type": "Map",
                            "Iterator": {"States": {"b": {"Type": "Task", "Resource": "lambda:deeper"}}},
                        }
                    }
                },
            ],
        },
    },
}


def fold(events: Events, machine: dict[str, Any] = MACHINE) -> JobFold:
    definition = WorkflowDefinition(id="d", name="wf", version=0, state_machine=machine)
    folded = JobFold(facts_by_state(definition), "dev")
    folded.add(events)
    return folded


def jobs(events: Events) -> dict[str, Job]:
    found = fold(events).jobs
    assert len({job.state for job in found}) == len(found), "one visit a state in these histories"
    return {job.state: job for job in found}


def test_a_task_entered_is_a_created_job() -> None:
    (job,) = fold([event(1, "ExecutionStarted", 0), entered(2, "s", previous=0, input='{"a": 1.0}')]).jobs
    assert job == Job(
        id="2",
        state="s",
        state_type="Task",
        status=JobStatus.CREATED,
        created_at=at(2),
        input='{"a": 1.0}',
        state_resource=StateResource(
            name="echo", namespace="dev", last_updated=at(2), type=StateResourceType.ACTIVITY
        ),
    )


TASK: Events = [
    entered(2, "s", previous=0),
    event(3, "ActivityScheduled"),
    event(4, "ActivityStarted", workerName="w"),
    event(5, "ActivitySucceeded", output="{}"),
    exited(6, "s", output="[1]"),
]


@pytest.mark.parametrize(
    ("length", "status"),
    [(1, "created"), (2, "queued"), (3, "running"), (4, "succeeded"), (5, "succeeded")],
)
def test_a_task_goes_through_its_statuses(length: int, status: str) -> None:
    job = jobs(TASK[:length])["s"]
    assert job.status.value == status
    assert job.started_at == (at(4) if length > 2 else None)
    assert job.container == ("w" if length > 2 else "")
    assert (job.stopped_at, job.output) == ((at(6), "[1]") if length > 4 else (None, ""))


@pytest.mark.parametrize("kind", ["Task", "LambdaFunction"])
def test_other_kinds_of_tasks_go_the_same_way(kind: str) -> None:
    def renamed(type: str) -> str:
        return type.replace("Activity", kind)

    job = jobs([{**each, "type": renamed(each["type"])} for each in TASK])["s"]
    assert (job.status, job.started_at, job.stopped_at) == (JobStatus.SUCCEEDED, at(4), at(6))


@pytest.mark.parametrize(
    "kind",
    [
        *("ActivityFailed", "LambdaFunctionFailed", "LambdaFunctionScheduleFailed", "TaskFailed"),
        *("LambdaFunctionStartFailed", "TaskSubmitFailed", "TaskStartFailed", "ActivityScheduleFailed"),
    ],
)
def test_every_failure_keeps_the_last_three_lines_and_the_error(kind: str) -> None:
    job = jobs([*TASK[:3], event(5, kind, error="my.error", cause="1\n2\n3\n4\n5\n6\n")])["s"]
    assert (job.status, job.stopped_at, job.status_reason) == (JobStatus.FAILED, at(5), "4\n5\n6\nmy.error")


@pytest.mark.parametrize("kind", ["ActivityTimedOut", "LambdaFunctionTimedOut", "TaskTimedOut"])
def test_a_time_out_says_so_before_its_cause(kind: str) -> None:
    job = jobs([*TASK[:3], event(5, kind, error="States.Timeout", cause="c")])["s"]
    assert (job.status, job.status_reason) == (JobStatus.FAILED, "Job timed out\nStates.Timeout\nc")


def test_an_attempt_ended_is_put_behind() -> None:
    events = [
        *a_failed_task("s", input='{"n":1}', cause="2\n3\n4")[1:5],
        event(6, "ActivityScheduled"),
        event(7, "ActivityStarted", workerName="worker-2"),
        event(8, "ActivitySucceeded"),
        exited(9, "s", output="[]"),
    ]
    job = jobs(events)["s"]
    assert job.attempts == (
        JobAttempt(
            created_at=at(2),
            started_at=at(4),
            stopped_at=at(5),
            reason="2\n3\n4\nmy.error",
            task_arn="worker-1",
        ),
    )
    assert (job.id, job.created_at, job.started_at, job.stopped_at) == ("6", at(6), at(7), at(9))
    assert (job.status, job.status_reason, job.container) == (JobStatus.SUCCEEDED, "", "worker-2")
    assert (job.input, job.output) == ('{"n":1}', "[]")
    assert job.state_resource is not None
    assert (job.state_resource.name, job.state_resource.last_updated) == ("echo", at(6))


def test_a_caught_failure_stays_a_failure() -> None:
    events = [*a_failed_task("s")[:5], exited(6, "s", output='{"Error":"my.error"}'), entered(7, "l")]
    job = jobs(events)["s"]
    assert (job.status, job.stopped_at, job.output) == (JobStatus.FAILED, at(6), '{"Error":"my.error"}')


@pytest.mark.parametrize("type", ["Choice", "Succeed", "Pass", "Wait"])
def test_states_without_work_are_jobs_too(type: str) -> None:
    during = jobs([entered(2, "x", type, previous=0)])["x"]
    assert during.status is (JobStatus.RUNNING if type == "Wait" else JobStatus.CREATED)
    job = jobs([entered(2, "x", type, previous=0), exited(3, "x", type, output="1")])["x"]
    assert (job.status, job.started_at, job.stopped_at, job.output) == (
        JobStatus.SUCCEEDED,
        at(2),
        at(3),
        "1",
    )
    assert job.state_resource is None


def test_a_fail_state_is_the_job_that_failed() -> None:
    events = [*TASK, entered(7, "no", "Fail"), event(8, "ExecutionFailed", error="E2", cause="c")]
    found = jobs(events)
    assert found["s"].status is JobStatus.SUCCEEDED
    assert found["s"].status_reason == ""
    assert (found["no"].status, found["no"].stopped_at, found["no"].status_reason) == (
        JobStatus.FAILED,
        at(7),
        "c\nE2",
    )
    assert fold(events).culprit == found["no"]


def test_a_fail_state_in_a_branch_has_its_reason_from_the_definition() -> None:
    job = jobs([entered(2, "no", "Fail", previous=0)])["no"]
    assert (job.status, job.status_reason) == (JobStatus.FAILED, "c1\nc2\nE")


@pytest.mark.parametrize(
    "words",
    [{"ErrorPath": "$.e", "CausePath": "$.c"}, {"Error": "{% $states.input.e %}", "Cause": "{% 'c' %}"}],
)
def test_a_fail_state_in_a_branch_that_takes_its_words_from_elsewhere_has_those_of_the_end(
    words: dict[str, str],
) -> None:
    inner = {"States": {"no": {"Type": "Fail", **words}}}
    around = {"States": {"m": {"Type": "Map", "Iterator": inner}}}
    events = [
        entered(2, "p", "Parallel", previous=0),
        event(3, "ParallelStateStarted"),
        entered(4, "m", "Map"),
        event(5, "MapStateStarted", length=1),
        event(6, "MapIterationStarted", name="m", index=0),
        entered(7, "no", "Fail"),
        event(8, "MapIterationFailed", name="m", index=0),
        event(9, "MapStateFailed"),
        event(10, "ParallelStateFailed"),
        event(11, "ExecutionFailed", error="E", cause="c"),
    ]
    folded = fold(events, {"States": {"p": {"Type": "Parallel", "Branches": [around]}}})
    assert {job.state: job.status_reason for job in folded.jobs} == {"p": "c\nE", "m": "c\nE", "no": "c\nE"}
    assert folded.culprit is not None
    assert (folded.culprit.state, folded.culprit.status_reason) == ("no", "c\nE")


@pytest.mark.parametrize(
    ("state", "name", "type"),
    [
        ("s", "echo", StateResourceType.ACTIVITY),
        ("l", "fn", StateResourceType.LAMBDA_FUNCTION),
        ("g", "etl", StateResourceType.TASK),
        ("a", "deep", StateResourceType.ACTIVITY),
        ("b", "deeper", StateResourceType.LAMBDA_FUNCTION),
    ],
)
def test_resources_are_found_at_every_level(state: str, name: str, type: StateResourceType) -> None:
    resource = jobs([entered(2, state, previous=0)])[state].state_resource
    assert resource == StateResource(name=name, namespace="dev", last_updated=at(2), type=type)


# The end of the execution


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_an_abort_ends_the_open_job_even_one_that_reported_success(length: int) -> None:
    job = jobs([*TASK[:length], event(9, "ExecutionAborted", 0, cause=" cause \n")])["s"]
    assert (job.status, job.status_reason, job.stopped_at) == (JobStatus.ABORTED_BY_USER, " cause \n", at(9))


def test_an_abort_leaves_what_was_over() -> None:
    found = jobs([*TASK, entered(7, "l"), event(8, "ExecutionAborted", 7)])
    assert found["s"].status is JobStatus.SUCCEEDED
    assert found["l"].status is JobStatus.ABORTED_BY_USER


def test_a_missing_resource_is_told_in_words() -> None:
    end = event(3, "ExecutionFailed", error="States.Runtime", cause="Internal Error (abc)")
    (job,) = fold([entered(2, "s", previous=0), end]).jobs
    assert (job.status, job.status_reason) == (JobStatus.FAILED, "State resource does not exist")


def test_a_timed_out_job_keeps_its_reason_and_its_end() -> None:
    timed_out = event(5, "ActivityTimedOut", error="States.Timeout", cause="c")
    end = event(6, "ExecutionFailed", error="States.Timeout")
    job = jobs([*TASK[:3], timed_out, end])["s"]
    assert job.status_reason == "Job timed out\nStates.Timeout\nc"
    assert job.stopped_at == at(5)


def test_a_failure_without_details_changes_no_reason() -> None:
    job = jobs([*a_failed_task("s")[:5], event(6, "ExecutionFailed")])["s"]
    assert job.status_reason == "why\nmy.error"


@pytest.mark.parametrize(
    ("details", "reason"),
    [({}, "Workflow timed out"), ({"error": "E", "cause": "c"}, "Workflow timed out\nE\nc")],
)
def test_a_timed_out_execution_fails_every_open_job(details: dict[str, str], reason: str) -> None:
    events = [*branches_open(), event(20, "ExecutionTimedOut", 0, **details)]
    found = jobs(events)
    assert {job.status_reason for job in found.values()} == {reason}
    assert {job.status for job in found.values()} == {JobStatus.FAILED}
    culprit = fold(events).culprit
    assert culprit is not None
    assert culprit.state == "b"


def test_the_failure_of_an_evaluation_is_that_of_the_state_it_names() -> None:
    events = [
        *TASK,
        entered(7, "l", previous=6),
        event(8, "EvaluationFailed", 6, error="States.QueryEvaluationError", cause="c", state="l"),
        event(9, "ExecutionFailed", error="States.QueryEvaluationError", cause="c"),
    ]
    found = jobs(events)
    assert found["s"].status is JobStatus.SUCCEEDED
    assert (found["l"].status, found["l"].status_reason) == (
        JobStatus.FAILED,
        "c\nStates.QueryEvaluationError",
    )


def branches_open() -> list[dict[str, Any]]:
    """Two branches under way: a task, and a task in a Map."""
    return [
        event(1, "ExecutionStarted", 0),
        entered(2, "p", "Parallel", previous=0),
        event(3, "ParallelStateStarted"),
        entered(4, "a", previous=3),
        entered(5, "m", "Map", previous=3),
        event(6, "MapStateStarted", 5, length=1),
        event(7, "MapIterationStarted", 6, name="m", index=0),
        entered(8, "b", previous=7),
        event(9, "TaskScheduled", 4),
        event(10, "TaskScheduled", 8),
    ]


def test_interleaved_branches_stay_apart() -> None:
    found = jobs([*branches_open(), event(11, "TaskStarted", 9), event(12, "TaskFailed", 10, error="E")])
    assert {name: job.status.value for name, job in found.items()} == {
        "p": "running",
        "a": "running",
        "m": "running",
        "b": "failed",
    }
    assert {name for name, job in found.items() if job.nested} == {"a", "m", "b"}


def test_a_failure_inside_fails_what_is_around_it_and_ends_the_neighbours() -> None:
    events = [
        *branches_open(),
        event(11, "TaskFailed", 10, error="E", cause="c"),
        event(12, "MapIterationFailed", 11, name="m", index=0),
        event(13, "MapStateFailed", 11),
        event(14, "TaskStateAborted", 9),
        event(15, "ParallelStateFailed", 13),
        event(16, "ExecutionFailed", 15, error="E", cause="c"),
    ]
    found = jobs(events)
    assert {name: (job.status.value, job.status_reason) for name, job in found.items()} == {
        "p": ("failed", "c\nE"),
        "a": ("aborted_deps_failed", ""),
        "m": ("failed", "c\nE"),
        "b": ("failed", "c\nE"),
    }
    assert fold(events).culprit == found["b"]


def test_no_job_is_open_after_the_end_though_nobody_said_so() -> None:
    events = [
        *branches_open(),
        event(11, "TaskFailed", 10, error="E"),
        event(12, "ExecutionFailed", 11, error="E"),
    ]
    assert {name: job.status.value for name, job in jobs(events).items()} == {
        "p": "failed",
        "a": "aborted_deps_failed",
        "m": "failed",
        "b": "failed",
    }


def test_an_abort_by_the_user_is_no_failed_dependency() -> None:
    events = [
        *branches_open(),
        event(11, "TaskStateAborted", 9),
        event(12, "ExecutionAborted", 0, cause="enough"),
    ]
    assert {job.status_reason for job in jobs(events).values()} == {"enough"}
    assert {job.status for job in jobs(events).values()} == {JobStatus.ABORTED_BY_USER}


def test_what_follows_a_parallel_is_not_inside_it() -> None:
    events = [
        entered(2, "p", "Parallel", previous=0),
        event(3, "ParallelStateStarted"),
        entered(4, "a"),
        exited(5, "a"),
        event(6, "ParallelStateSucceeded"),
        exited(7, "p", "Parallel", output="[{}]"),
        entered(8, "s"),
    ]
    found = jobs(events)
    assert (found["p"].status, found["p"].stopped_at, found["p"].output) == (
        JobStatus.SUCCEEDED,
        at(7),
        "[{}]",
    )
    assert found["a"].nested
    assert not found["s"].nested


def test_every_iteration_is_a_visit() -> None:
    events = [
        entered(2, "m", "Map", previous=0),
        event(3, "MapStateStarted", length=2),
        event(4, "MapIterationStarted", name="m", index=0),
        entered(5, "b"),
        exited(6, "b"),
        event(7, "MapIterationSucceeded", name="m", index=0),
        event(8, "MapIterationStarted", 6, name="m", index=1),
        entered(9, "b"),
        exited(10, "b"),
        event(11, "MapIterationSucceeded", name="m", index=1),
        event(12, "MapStateSucceeded"),
        exited(13, "m", "Map"),
        entered(14, "s"),
    ]
    found = [(job.state, job.nested, job.status.value) for job in fold(events).jobs]
    assert found == [
        ("m", False, "succeeded"),
        ("b", True, "succeeded"),
        ("b", True, "succeeded"),
        ("s", False, "created"),
    ]


def test_a_repeated_parallel_is_one_job_with_an_attempt() -> None:
    events = [
        entered(2, "p", "Parallel", previous=0),
        event(3, "ParallelStateStarted"),
        entered(4, "a"),
        event(5, "TaskFailed", error="E"),
        event(6, "ParallelStateFailed"),
        event(7, "ParallelStateStarted", 6),
        entered(8, "a"),
    ]
    parallel, first, second = fold(events).jobs
    assert (parallel.status, len(parallel.attempts), parallel.attempts[0].reason) == (
        JobStatus.RUNNING,
        1,
        "E",
    )
    assert (first.nested, second.nested) == (True, True)


def test_a_redriven_execution_goes_on_with_the_job_that_failed() -> None:
    events = [
        *a_failed_task("s"),
        event(7, "ExecutionRedriven", 6),
        event(8, "ActivityScheduled", 7),
        event(9, "ActivityStarted", workerName="w2"),
    ]
    (job,) = fold(events).jobs
    assert (job.status, len(job.attempts), job.container) == (JobStatus.RUNNING, 1, "w2")


def test_a_redriven_map_run_is_another_attempt_of_its_map() -> None:
    events = [
        event(1, "ExecutionStarted", 0),
        entered(2, "m", "Map", previous=0),
        event(3, "MapStateStarted", length=2),
        event(4, "MapRunStarted", mapRunArn="run"),
        event(5, "MapRunFailed", error="States.ExceedToleratedFailureThreshold", cause="too many"),
        event(6, "MapStateFailed"),
        event(7, "ExecutionFailed", error="States.ExceedToleratedFailureThreshold", cause="too many"),
        event(8, "ExecutionRedriven", 7),
        event(9, "MapRunRedriven", 4, mapRunArn="run", redriveCount=1),
    ]
    (job,) = fold(events).jobs
    assert (job.status, [attempt.reason for attempt in job.attempts]) == (
        JobStatus.RUNNING,
        ["too many\nStates.ExceedToleratedFailureThreshold"],
    )
    (job,) = fold([*events, event(10, "MapRunSucceeded"), exited(11, "m", "Map", 9)]).jobs
    assert job.status is JobStatus.SUCCEEDED


# Pages and gaps


def test_pages_make_no_difference() -> None:
    events = [
        *branches_open(),
        event(11, "TaskFailed", 10, error="E"),
        event(12, "ExecutionFailed", 11, error="E"),
    ]
    folded = fold([])
    for each in events:
        folded.add([each])
    assert folded.jobs == fold(events).jobs


def test_a_history_may_begin_in_the_middle() -> None:
    folded = fold([event(4, "ActivityStarted"), event(5, "ActivityFailed"), event(6, "ExecutionFailed")])
    assert folded.jobs == ()
    assert folded.culprit is None
    assert folded.unattached == [4, 5]


def test_events_without_details_change_nothing_but_the_status() -> None:
    bare = [
        {key: value for key, value in each.items() if not key.endswith("Details")}
        for each in a_failed_task("s")
    ]
    (job,) = fold(bare).jobs
    assert (job.state, job.status, job.status_reason, job.input) == ("", JobStatus.FAILED, "", "")


def test_a_success_of_the_execution_has_no_effect_on_jobs() -> None:
    assert fold([*TASK, event(7, "ExecutionSucceeded", output="1")]).jobs == fold(TASK).jobs
