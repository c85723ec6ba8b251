"""The Python client, sync and async, against a real server."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.clients.callers import Caller
from tests.processes import Served
from workflow_manager.worker.client import connect
from workflow_manager_client import (
    NEVER,
    UNSET,
    BadRequest,
    Conflict,
    NotFound,
    StartWorkflowRequest,
    Workflow,
    WorkflowDefinitionRef,
)

pytestmark = pytest.mark.slow

WEEK = timedelta(weeks=1)

# Waits, fails or ends, as its input says.
MACHINE = {
    "StartAt": "Choose",
    "States": {
        "Choose": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.do", "StringEquals": "wait", "Next": "Waiting"},
                {"Variable": "$.do", "StringEquals": "fail", "Next": "Broken"},
            ],
            "Default": "Done",
        },
        "Waiting": {"Type": "Wait", "Seconds": 600, "Next": "Done"},
        "Broken": {"Type": "Fail", "Error": "My.Error", "Cause": "it broke"},
        "Done": {"Type": "Succeed"},
    },
}


@pytest.fixture
def name(client: Caller) -> str:
    """Of a definition of MACHINE."""
    name = f"clients:{uuid.uuid4()}"
    client.new_workflow_definition({"name": name, "stateMachine": MACHINE, "defaultTags": {"team": "infra"}})
    return name


def start(client: Caller, name: str, do: str, **more: Any) -> Any:
    return client.start_workflow(
        {"workflowDefinition": {"name": name, "version": -1}, "input": f'{{"do": "{do}"}}', **more}
    )


def until(client: Caller, workflow: Any, status: str) -> Any:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = client.get_workflow_by_id(workflow.id, fetch_history=True)
        if found.status == status:
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def test_the_server_is_alive_and_ready(client: Caller) -> None:
    assert client.health_check() is None
    assert client.readiness_check() is None
    assert 'wfm_requests_total{operation="healthCheck",status="200"}' in client.get_metrics()


def test_definitions_are_made_versioned_and_found(client: Caller, name: str) -> None:
    made = client.update_workflow_definition(name, {"name": name, "stateMachine": MACHINE})

    assert made.version == 1
    assert made.state_machine.to_dict() == MACHINE
    assert client.get_workflow_definition_by_name_and_version(name, 1) == made
    latest, everything = (
        client.get_workflow_definition_versions_by_name(name),
        client.get_workflow_definition_versions_by_name(name, latest=False),
    )
    assert latest == [made]
    assert [version.version or 0 for version in everything] == [0, 1]
    assert everything[0].default_tags.to_dict() == {"team": "infra"}
    assert made in client.get_workflow_definitions()


def test_a_name_may_hold_what_a_path_may_not(client: Caller) -> None:
    name = f"a/b c?d#e%2F:{uuid.uuid4()}"[:60]
    made = client.new_workflow_definition({"name": name, "stateMachine": MACHINE})
    assert client.get_workflow_definition_by_name_and_version(name, 0) == made


def test_a_workflow_runs_to_its_end(client: Caller, name: str) -> None:
    workflow = client.start_workflow(
        StartWorkflowRequest(
            workflow_definition=WorkflowDefinitionRef(name=name, version=-1),
            input_='{"do": "end", "n": 1.0}',
            namespace="dev",
        )
    )
    assert workflow.status == "queued"
    assert workflow.stopped_at == NEVER

    ended = until(client, workflow, "succeeded")
    assert ended.input_ == '{"do": "end", "n": 1.0}'
    assert [job.state for job in ended.jobs] == ["Choose", "Done"]
    assert ended.tags.to_dict() == {"team": "infra"}
    assert ended.stopped_at >= ended.created_at


def test_a_workflow_is_followed_to_its_end(client: Caller, name: str) -> None:
    workflow = start(client, name, "fail")
    events = client.stream_workflow_events(workflow.id)
    assert [event.history for event in events[:-1]] == client.get_workflow_history(workflow.id)
    assert (events[-1].name, events[-1].workflow.status) == ("end", "failed")
    assert client.stream_workflow_events(workflow.id, last_event_id=events[-2].id) == []
    assert client.stream_workflow_events(workflow.id, last_event_id="2") == events[2:]


def test_a_failed_workflow_is_resumed_and_resolved(client: Caller, name: str) -> None:
    failed = until(client, start(client, name, "fail"), "failed")
    assert [(job.state, job.status) for job in failed.jobs] == [("Choose", "succeeded"), ("Broken", "failed")]

    resumed = client.resume_workflow_by_id(failed.id, "Broken")
    assert resumed.retry_for == failed.id
    assert [job.state for job in until(client, resumed, "failed").jobs] == ["Broken"]
    assert client.get_workflow_by_id(failed.id).retries == [resumed.id]

    client.resolve_workflow_by_id(failed.id)
    assert client.get_workflow_by_id(failed.id).resolved_by_user is True
    with pytest.raises(Conflict):
        client.resolve_workflow_by_id(failed.id)


def test_a_workflow_is_cancelled_for_a_reason(client: Caller, name: str) -> None:
    workflow = start(client, name, "wait")
    client.cancel_workflow(workflow.id, "wrong input")
    assert until(client, workflow, "cancelled").status_reason == "wrong input"


def test_all_pages_are_walked_and_all_filters_sent(client: Caller, name: str) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    wanted = [start(client, name, "wait", namespace="dev", tags={"a": "x=y&z"}).id for _ in range(5)]
    start(client, name, "wait", namespace="other")
    filters = {
        "workflow_definition_name": name,
        "namespace": "dev",
        "tag": ["team=infra", "a=x=y&z"],
        "resolved_by_user": False,
        "created_after": before,
        "created_before": before + timedelta(hours=1),
        "limit": 2,
    }

    assert [each.id for each in client.get_workflows_iter(**filters)] == wanted[::-1]
    assert [each.id for each in client.get_workflows_iter(**filters, oldest_first=True)] == wanted
    assert len(client.get_workflows(**filters)) == 2
    assert client.get_workflows(workflow_definition_name=name, status="cancelled") == []
    summary = client.get_workflows(workflow_definition_name=name, summary_only=True)[0]
    assert not summary.jobs


def test_the_same_start_under_one_key_is_one_workflow(client: Caller, name: str) -> None:
    key = f"order {uuid.uuid4()}"
    request = {"workflowDefinition": {"name": name, "version": -1}, "input": '{"do": "end"}'}

    first = client.start_workflow(request, idempotency_key=key)
    assert client.start_workflow(request, idempotency_key=key).id == first.id
    assert client.start_workflow(request).id != first.id
    with pytest.raises(BadRequest, match="Idempotency-Key"):
        client.start_workflow({**request, "input": "{}"}, idempotency_key=key)


def test_a_history_is_read_page_by_page(client: Caller, name: str) -> None:
    failed = until(client, start(client, name, "fail"), "failed")

    events = client.get_workflow_history_iter(failed.id, limit=2)
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert [event.type_ for event in events[:2]] == ["ExecutionStarted", "ChoiceStateEntered"]
    assert events[-1]["executionFailedEventDetails"] == {"error": "My.Error", "cause": "it broke"}
    assert client.get_workflow_history(failed.id, limit=2) == events[:2]
    assert client.get_workflow_history_iter(failed.id, newest_first=True, limit=2) == events[::-1]
    with pytest.raises(NotFound):
        client.get_workflow_history("no-such-workflow")


def test_activities_are_listed_with_what_waits(client: Caller, server: Served) -> None:
    for name in ("queue--a", "queue--b"):
        connect(server.url).create_activity(name=name, tags=[])
    found = client.get_activities_iter(namespace="queue", limit=1)
    assert [(each.name, each.load.waiting, each.load.workers) for each in found] == [
        ("queue--a", 0, []),
        ("queue--b", 0, []),
    ]
    assert client.get_activities(namespace="queue", limit=1) == found[:1]
    assert client.get_activities(namespace="no-such-namespace") == []


def test_jobs_say_where_they_are_nested(client: Caller) -> None:
    items, branches = (
        {"StartAt": state, "States": {state: {"Type": "Succeed"}}} for state in ("Item", "Branch")
    )
    each = {"Type": "Map", "ItemsPath": "$.all", "ItemProcessor": items, "Next": "Both"}
    both = {"Type": "Parallel", "Branches": [branches], "End": True}
    machine = {"StartAt": "Each", "States": {"Each": each, "Both": both}}
    name = f"nested:{uuid.uuid4()}"
    client.new_workflow_definition({"name": name, "stateMachine": machine})
    workflow = client.start_workflow({"workflowDefinition": {"name": name}, "input": '{"all": [1, 2]}'})

    jobs = until(client, workflow, "succeeded").jobs
    each_job, both_job, branch_job = (
        next(job for job in jobs if job.state == state) for state in ("Each", "Both", "Branch")
    )
    assert each_job.map_items.to_dict() == {"failed": 0, "running": 0, "succeeded": 2, "total": 2}
    assert each_job.parent is UNSET
    within = {(job.parent, job.map_index) for job in jobs if job.state == "Item"}
    assert within == {(each_job.id, 0), (each_job.id, 1)}
    assert (branch_job.parent, branch_job.branch) == (both_job.id, 0)


def test_state_resources_are_kept_and_removed(client: Caller) -> None:
    namespace = str(uuid.uuid4())
    resource = {"name": "echo", "namespace": namespace, "uri": "arn:one"}

    assert client.post_state_resource(resource).uri == "arn:one"
    replaced = client.put_state_resource(namespace, "echo", {**resource, "uri": "arn:two"})
    assert client.get_state_resource(namespace, "echo") == replaced
    client.delete_state_resource(namespace, "echo")
    with pytest.raises(NotFound, match="echo"):
        client.get_state_resource(namespace, "echo")


def test_errors_have_types_and_say_why(client: Caller, name: str) -> None:
    with pytest.raises(NotFound) as missing:
        client.get_workflow_definition_by_name_and_version("no-such", 9)
    assert (missing.value.status, missing.value.message) == (404, "no-such@9")
    with pytest.raises(Conflict):
        client.new_workflow_definition({"name": name, "stateMachine": MACHINE})
    with pytest.raises(BadRequest, match="Nowhere"):
        client.new_workflow_definition(
            {"name": "bad", "stateMachine": {"StartAt": "Nowhere", "States": {"A": {"Type": "Succeed"}}}}
        )
    with pytest.raises(BadRequest, match="limit"):
        client.get_workflows(workflow_definition_name=name, limit=10001)


def test_a_definition_comes_back_with_every_field(client: Caller, kitchen_sink: Any) -> None:
    name = f"sink-{uuid.uuid4()}"
    exact = {**kitchen_sink, "Comment": f"{kitchen_sink['Comment']} \u2028"}
    made = client.new_workflow_definition({"name": name, "stateMachine": exact})
    assert made.state_machine.to_dict() == exact

    # What was read can be written again.
    client.update_workflow_definition(name, {"name": name, "stateMachine": made.state_machine.to_dict()})
    again = client.get_workflow_definition_by_name_and_version(name, 1)
    assert again.state_machine.to_dict() == exact


def test_a_workflow_is_the_same_after_being_written_and_read(client: Caller, name: str) -> None:
    ended = until(client, start(client, name, "fail"), "failed")
    assert Workflow.from_dict(ended.to_dict()) == ended


def test_a_schedule_is_made_changed_backfilled_and_deleted(client: Caller, name: str) -> None:
    schedule = f"s-{uuid.uuid4()}"
    plan = {"cron": "0 3 * * mon", "timeZone": "Asia/Tokyo", "workflowDefinition": {"name": name}}
    made = client.new_schedule({"name": schedule, **plan})
    assert (made.name, made.version, made.overlap, bool(made.paused)) == (schedule, 1, "skip", False)
    with pytest.raises(Conflict):
        client.new_schedule({"name": schedule, **plan})
    changed = client.apply_schedule(schedule, {**plan, "tags": {"by": "clock"}, "overlap": "queue"})
    assert (changed.version, changed.tags.to_dict()) == (2, {"by": "clock"})
    assert client.pause_schedule(schedule, "holidays").pause_reason == "holidays"
    assert not client.resume_schedule(schedule).paused
    coming = client.get_schedule_times(schedule, limit=3)
    assert [at - coming[0] for at in coming[1:]] == [WEEK, 2 * WEEK]
    assert client.backfill_schedule(schedule, coming[0] - 4 * WEEK, coming[0] - 2 * WEEK) == 3
    assert schedule in [each.name for each in client.get_schedules(limit=1000)]
    assert schedule in [each.name for each in client.get_schedules_iter(limit=1)]
    client.delete_schedule(schedule)
    with pytest.raises(NotFound):
        client.get_schedule(schedule)


def test_a_webhook_is_made_changed_and_deleted(client: Caller, name: str) -> None:
    wanted = {"url": "http://127.0.0.1:9/nobody", "workflowDefinitionName": name, "statuses": ["failed"]}
    made = client.new_webhook(wanted)
    assert made.secret.startswith("whsec_")
    assert client.get_webhook(made.id).secret is UNSET
    changed = client.update_webhook(made.id, {**wanted, "statuses": []})
    assert (changed.id, changed.statuses) == (made.id, [])
    assert made.id in [each.id for each in client.get_webhooks()]
    assert client.disable_webhook(made.id, "tired").disabled_reason == "tired"
    assert not client.enable_webhook(made.id).disabled
    until(client, start(client, name, "end"), "succeeded")
    [delivery] = client.get_webhook_deliveries(made.id)
    assert (delivery.type_, delivery.status) == ("workflow.succeeded", "pending")
    assert client.redeliver_webhook_delivery(made.id, delivery.id).id == delivery.id
    assert [each.id for each in client.get_webhook_deliveries_iter(made.id, limit=1)] == [delivery.id]
    client.delete_webhook(made.id)
    with pytest.raises(NotFound):
        client.get_webhook(made.id)
