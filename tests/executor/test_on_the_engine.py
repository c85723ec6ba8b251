"""The executor with executions that run: on the engine in this process, and over a socket with boto3
as if that were AWS, late and throttling."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.assembly.serving import served
from tests.far_away import Distance, far_away
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
from workflow_manager.settings import Settings, StoreKind, SyncMode
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.sqlite import SqliteStore

CLOCK, CHANCE = SystemClock(), SystemChance()


@dataclass
class World:
    """A server without its doors, and a worker."""

    executor: Executor
    client: Any
    wait_for_end: Callable[[Executor, Workflow], None]

    def wait_until_ended(self, workflow: Workflow) -> Workflow:
        self.wait_for_end(self.executor, workflow)
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


@pytest.fixture(params=["in process", pytest.param("over a socket", marks=pytest.mark.slow)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    make = in_process if request.param == "in process" else over_a_socket
    with make(tmp_path) as made:
        for name in ("dev--one", "dev--two"):
            made.client.create_activity(name=name)
        yield made


@contextmanager
def in_process(folder: Path) -> Iterator[World]:
    ends: queue.Queue[str] = queue.Queue()
    made: list[Executor] = []

    def ended(arn: str) -> None:
        made[0].execution_ended(arn)
        ends.put(arn)

    def wait_for_end(executor: Executor, workflow: Workflow) -> None:
        while ends.get(timeout=120) != workflow.execution_arn:
            pass

    engine = Engine(MemoryJournal(), clock=CLOCK, chance=CHANCE, listeners=[ended])
    thread = EngineThread(engine).start()
    client = LocalClient(Operations(engine), thread.bridge)
    with closing(SqliteStore(folder / "records.sqlite", clock=CLOCK, synchronous="OFF")) as store:
        made.append(Executor(client, store, clock=CLOCK, chance=CHANCE))
        try:
            yield World(made[0], client, wait_for_end)
        finally:
            thread.stop()


@contextmanager
def over_a_socket(folder: Path) -> Iterator[World]:
    """Nobody announces an end here: whoever wants to know asks."""

    def wait_for_end(executor: Executor, workflow: Workflow) -> None:
        deadline = time.monotonic() + 120
        while not executor.workflow(workflow.id).is_done:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    settings = Settings(data=folder, store=StoreKind.MEMORY, sync=SyncMode.NORMAL)
    with served(settings) as server, far_away(server.port, Distance(throttled=0.1)) as url:
        client = boto3.client(
            "stepfunctions",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"mode": "adaptive", "total_max_attempts": 8}),
        )
        yield World(
            Executor(client, MemoryStore(clock=CLOCK), clock=CLOCK, chance=CHANCE), client, wait_for_end
        )


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
