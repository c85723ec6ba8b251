"""The executor on the embedded engine: the same door, with executions that run."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.thread import EngineThread
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import SystemClock
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.models.workflow import Workflow, WorkflowStatus
from workflow_manager.protocol.client import LocalClient
from workflow_manager.protocol.operations import Operations
from workflow_manager.store.sqlite import SqliteStore


@dataclass
class World:
    """A server without its doors, and a worker."""

    executor: Executor
    client: LocalClient
    ends: queue.Queue[str]

    def wait_until_ended(self, workflow: Workflow) -> Workflow:
        while self.ends.get(timeout=20) != workflow.execution_arn:
            pass
        return self.executor.workflow(workflow.id, fetch_history=True)

    def take(self, activity: str) -> dict[str, Any]:
        arn = f"arn:aws:states:us-east-1:123456789012:activity:{activity}"
        return self.client.get_activity_task(activityArn=arn, workerName="worker-1")  # type: ignore[no-any-return]

    def fail(self, activity: str) -> None:
        token = self.take(activity)["taskToken"]
        self.client.send_task_failure(taskToken=token, error="my.error", cause="1\n2\n3\n4")

    def succeed(self, activity: str, output: Any) -> dict[str, Any]:
        task = self.take(activity)
        self.client.send_task_success(taskToken=task["taskToken"], output=json.dumps(output))
        given: dict[str, Any] = json.loads(task["input"])
        return given


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    ends: queue.Queue[str] = queue.Queue()
    made: list[Executor] = []

    def ended(arn: str) -> None:
        made[0].execution_ended(arn)
        ends.put(arn)

    clock, chance = SystemClock(), SystemChance()
    engine = Engine(MemoryJournal(), clock=clock, chance=chance, listeners=[ended])
    thread = EngineThread(engine).start()
    client = LocalClient(Operations(engine), thread.bridge)
    with closing(SqliteStore(tmp_path / "records.sqlite", clock=clock, synchronous="OFF")) as store:
        made.append(Executor(client, store, clock=clock, chance=chance))
        for name in ("dev--one", "dev--two"):
            client.create_activity(name=name)
        try:
            yield World(made[0], client, ends)
        finally:
            thread.stop()


TWO_TASKS: dict[str, Any] = {
    "StartAt": "one",
    "States": {
        "one": {"Type": "Task", "Resource": "one", "Next": "two"},
        "two": {"Type": "Task", "Resource": "two", "End": True},
    },
}


def test_a_workflow_runs_to_its_end(world: World) -> None:
    world.executor.create_definition("wf:1", TWO_TASKS)
    workflow = world.executor.start("wf:1", input='{"n": 12345678901234567890}', namespace="dev")
    assert world.succeed("dev--one", {"a": 1}) == {"n": 12345678901234567890, "_EXECUTION_NAME": workflow.id}
    world.succeed("dev--two", {"b": 2})
    found = world.wait_until_ended(workflow)
    assert (found.status, json.loads(found.output)) == (WorkflowStatus.SUCCEEDED, {"b": 2})
    assert found.jobs is not None
    assert [(job.state, job.status.value, job.container) for job in found.jobs] == [
        ("one", "succeeded", "worker-1"),
        ("two", "succeeded", "worker-1"),
    ]


def test_a_failed_workflow_is_resumed_where_it_failed(world: World) -> None:
    world.executor.create_definition("wf", TWO_TASKS)
    workflow = world.executor.start("wf", namespace="dev")
    world.succeed("dev--one", {"a": 1})
    world.fail("dev--two")
    found = world.wait_until_ended(workflow)
    assert found.status is WorkflowStatus.FAILED
    assert found.last_job is not None
    assert (found.last_job.state, found.last_job.status_reason) == ("two", "2\n3\n4\nmy.error")

    retry = world.executor.resume(workflow.id, "two")
    with pytest.raises(InvalidRequest, match="active descendants"):
        world.executor.resume(workflow.id, "one")
    assert world.succeed("dev--two", {}) == {"a": 1, "_EXECUTION_NAME": retry.id}
    assert world.wait_until_ended(retry).status is WorkflowStatus.SUCCEEDED


def test_a_cancelled_workflow_ends_and_keeps_the_reason(world: World) -> None:
    world.executor.create_definition("wf", TWO_TASKS)
    workflow = world.executor.start("wf", namespace="dev")
    world.take("dev--one")
    world.executor.cancel(workflow.id, "enough")
    found = world.wait_until_ended(workflow)
    assert (found.status, found.status_reason) == (WorkflowStatus.CANCELLED, "enough")
    assert found.jobs is not None
    assert [(job.status.value, job.status_reason) for job in found.jobs] == [("aborted_by_user", "enough")]


INNER: dict[str, Any] = {
    "StartAt": "i",
    "States": {"i": {"Type": "Pass", "End": True}},
}


@pytest.mark.parametrize(
    ("machine", "output"),
    [
        (
            {"Type": "Map", "ItemsPath": "$.items", "Iterator": INNER},
            [{"_EXECUTION_NAME": "ID"}] * 2,
        ),
        (
            {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": INNER},
            [1, {"x": 2}],
        ),
        (
            {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemSelector": {"item.$": "$$.Map.Item.Value"},
                "ItemProcessor": INNER,
            },
            [{"item": 1, "_EXECUTION_NAME": "ID"}, {"item": {"x": 2}, "_EXECUTION_NAME": "ID"}],
        ),
        (
            {
                "Type": "Map",
                "QueryLanguage": "JSONata",
                "Items": "{% $states.input.items %}",
                "ItemSelector": {"item": "{% $states.context.Map.Item.Value %}"},
                "ItemProcessor": INNER,
            },
            [{"item": 1, "_EXECUTION_NAME": "ID"}, {"item": {"x": 2}, "_EXECUTION_NAME": "ID"}],
        ),
    ],
)
def test_maps_hand_on_the_name_of_the_execution(world: World, machine: dict[str, Any], output: Any) -> None:
    world.executor.create_definition("wf", {"StartAt": "m", "States": {"m": {**machine, "End": True}}})
    workflow = world.executor.start("wf", input='{"items": [1, {"x": 2}]}', namespace="dev")
    found = world.wait_until_ended(workflow)
    assert found.status is WorkflowStatus.SUCCEEDED, found
    assert json.loads(found.output) == json.loads(json.dumps(output).replace('"ID"', f'"{workflow.id}"'))
    assert found.jobs is not None
    assert {job.status.value for job in found.jobs} == {"succeeded"}
    assert sorted((job.state, job.nested) for job in found.jobs) == [("i", True), ("i", True), ("m", False)]


def test_names_that_look_alike_run_their_own_definitions(world: World) -> None:
    for name in ("a:b", "a-b"):
        state = {"Type": "Pass", "Result": {"name": name}, "End": True}
        world.executor.create_definition(name, {"StartAt": "s", "States": {"s": state}})
    for name in ("a:b", "a-b"):
        found = world.wait_until_ended(world.executor.start(name))
        assert json.loads(found.output) == {"name": name}
