from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from workflow_manager.api.codec import (
    ZERO_DATE,
    read_time,
    write_definition,
    write_job,
    write_state_resource,
    write_summary,
    write_time,
    write_workflow,
)
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.workflow import (
    Job,
    JobAttempt,
    JobStatus,
    StateResource,
    StateResourceType,
    Workflow,
    WorkflowDefinition,
    WorkflowStatus,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DEFINITION = WorkflowDefinition(
    id="2ecfee55-8709-4f41-9c77-0b62892a3251",
    name="wf:m",
    version=0,
    created_at=at("2026-01-05T09:00:00.904999"),
    state_machine={
        "StartAt": "s",
        "States": {"e": {"Type": "Succeed"}, "s": {"Next": "e", "Resource": "echo", "Type": "Task"}},
        "Version": "1.0",
    },
    default_tags={"team": "infra"},
)

WORKFLOW = Workflow(
    id="4ee0f650-da88-4b9e-9d34-9c163afed924",
    workflow_definition=DEFINITION,
    input='{"a": 1}',
    namespace="dev",
    tags={"team": "infra"},
    created_at=at("2026-01-05T10:00:00.378"),
    last_updated=at("2026-01-05T10:00:00.378"),
)

JOB = Job(
    id="17",
    state="s",
    status=JobStatus.SUCCEEDED,
    created_at=at("2026-01-05T10:00:13"),
    started_at=at("2026-01-05T10:00:14"),
    stopped_at=at("2026-01-05T10:00:16"),
    input="{}",
    output="{}",
    container="worker-2",
    state_resource=StateResource(
        name="echo",
        namespace="dev",
        last_updated=at("2026-01-05T10:00:13"),
        type=StateResourceType.ACTIVITY,
    ),
    attempts=(
        JobAttempt(
            created_at=at("2026-01-05T10:00:01"),
            started_at=at("2026-01-05T10:00:02"),
            stopped_at=at("2026-01-05T10:00:03"),
            reason="2\n3\n4\nmy.error",
            task_arn="worker-1",
        ),
    ),
)


def test_a_started_workflow_reads_as_clients_know_it() -> None:
    assert write_workflow(WORKFLOW) == {
        "createdAt": "2026-01-05T10:00:00.378Z",
        "id": "4ee0f650-da88-4b9e-9d34-9c163afed924",
        "input": '{"a": 1}',
        "lastUpdated": "2026-01-05T10:00:00.378Z",
        "namespace": "dev",
        "queue": "default",
        "retries": (),
        "status": "queued",
        "stoppedAt": "0001-01-01T00:00:00.000Z",
        "tags": {"team": "infra"},
        "workflowDefinition": {
            "createdAt": "2026-01-05T09:00:00.904Z",
            "defaultTags": {"team": "infra"},
            "id": "2ecfee55-8709-4f41-9c77-0b62892a3251",
            "name": "wf:m",
            "stateMachine": DEFINITION.state_machine,
        },
        "jobs": [],
    }


def test_a_job_with_an_earlier_attempt_reads_as_clients_know_it() -> None:
    assert write_job(JOB) == {
        "attempts": [
            {
                "createdAt": "2026-01-05T10:00:01.000Z",
                "reason": "2\n3\n4\nmy.error",
                "startedAt": "2026-01-05T10:00:02.000Z",
                "stoppedAt": "2026-01-05T10:00:03.000Z",
                "taskARN": "worker-1",
            }
        ],
        "container": "worker-2",
        "createdAt": "2026-01-05T10:00:13.000Z",
        "id": "17",
        "input": "{}",
        "output": "{}",
        "startedAt": "2026-01-05T10:00:14.000Z",
        "state": "s",
        "stateResource": {
            "lastUpdated": "2026-01-05T10:00:13.000Z",
            "name": "echo",
            "namespace": "dev",
            "type": "ActivityARN",
        },
        "status": "succeeded",
        "stoppedAt": "2026-01-05T10:00:16.000Z",
    }


def test_the_empty_records_show_dates_and_lists_and_nothing_else() -> None:
    assert write_job(Job(id="", state="")) == {
        "attempts": [],
        "createdAt": ZERO_DATE,
        "startedAt": ZERO_DATE,
        "stoppedAt": ZERO_DATE,
        "status": "created",
    }
    assert write_state_resource(StateResource()) == {"lastUpdated": ZERO_DATE}
    assert write_definition(WorkflowDefinition(id="", name="", version=0)) == {"createdAt": ZERO_DATE}


def test_a_summary_has_no_detail() -> None:
    done = Workflow(
        id="w",
        workflow_definition=WorkflowDefinition(id="d", name="n", version=3, state_machine={"StartAt": "s"}),
        status=WorkflowStatus.FAILED,
        status_reason="r",
        output="{}",
        jobs=(JOB,),
        last_job=JOB,
        resolved_by_user=True,
        retry_for="v",
        retries=("x", "y"),
    )
    summary = write_summary(done)
    assert summary["workflowDefinition"] == {"createdAt": ZERO_DATE, "name": "n", "version": 3}
    assert not {"jobs", "output", "statusReason"} & set(summary)
    assert summary["lastJob"]["id"] == "17"
    assert (summary["retries"], summary["retryFor"], summary["resolvedByUser"]) == (("x", "y"), "v", True)
    whole = write_workflow(done)
    assert (whole["output"], whole["statusReason"], len(whole["jobs"])) == ("{}", "r", 1)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (None, "0001-01-01T00:00:00.000Z"),
        (datetime(2026, 1, 5, 10, 0, 0, 999_999, UTC), "2026-01-05T10:00:00.999Z"),
        (datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2020-01-01T00:00:00.000+02:00"),
        (datetime(999, 1, 1, tzinfo=UTC), "0999-01-01T00:00:00.000Z"),
    ],
)
def test_times_have_three_digits_cut_and_not_rounded(moment: datetime | None, text: str) -> None:
    assert write_time(moment) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-01-02T03:04:05Z", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020-01-02T03:04:05", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020-01-02 03:04:05.5", datetime(2020, 1, 2, 3, 4, 5, 500_000, UTC)),
        ("2020-01-02T03:04:05.123456789Z", datetime(2020, 1, 2, 3, 4, 5, 123_456, UTC)),
        ("2020-01-02T03:04:05+02:00", datetime(2020, 1, 2, 1, 4, 5, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_every_form(text: str, moment: datetime) -> None:
    assert read_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2020-01-02",
        "2020-13-02T03:04:05Z",
        "0001-01-01T00:00:00+23:00",
        "2020-01-02T03:04:05+25:00",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="not a date-time"):
        read_time(text)
