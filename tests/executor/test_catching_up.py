"""Workflows that nobody asks for, and that the engine has not told of."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.executor.stages import Stage
from workflow_manager.executor.catching_up import CatchingUp
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.models.workflow import Workflow, WorkflowStatus
from workflow_manager.store.port import Store

MACHINE = {"StartAt": "one", "States": {"one": {"Type": "Task", "Resource": "echo", "End": True}}}
SECOND = timedelta(seconds=1)


@pytest.fixture
def started(executor: Executor, clock: ManualClock) -> Workflow:
    executor.create_definition("wf", MACHINE)
    workflow = executor.start("wf", input="{}", namespace="dev")
    clock.advance(SECOND)
    return workflow


def catch_up(executor: Executor, clock: ManualClock) -> None:
    executor.catch_up(clock.now(), until=lambda: False)


def test_what_runs_is_recorded_as_running(
    executor: Executor, store: Store, clock: ManualClock, started: Workflow
) -> None:
    assert store.get_workflow(started.id).status is WorkflowStatus.QUEUED
    catch_up(executor, clock)
    assert store.get_workflow(started.id).status is WorkflowStatus.RUNNING


def test_what_has_ended_meanwhile_is_recorded_as_it_ended(
    executor: Executor, store: Store, clock: ManualClock, stage: Stage, started: Workflow
) -> None:
    stage.fail(started.execution_arn, "one")
    catch_up(executor, clock)
    assert store.get_workflow(started.id).status is WorkflowStatus.FAILED


def test_what_is_only_just_started_is_left_alone(
    executor: Executor, store: Store, clock: ManualClock, started: Workflow
) -> None:
    executor.catch_up(clock.now() - 2 * SECOND, until=lambda: False)
    assert store.get_workflow(started.id).status is WorkflowStatus.QUEUED


def test_what_has_no_execution_is_left_to_whoever_starts_it(
    executor: Executor, store: Store, clock: ManualClock, started: Workflow
) -> None:
    unstarted = store.create_workflow(
        replace(started, id=str(uuid.uuid4()), execution_arn=f"{started.execution_arn}x")
    )
    clock.advance(timedelta(days=1))
    catch_up(executor, clock)
    assert store.get_workflow(unstarted.id).status is WorkflowStatus.QUEUED


def test_one_look_after_a_restart_finds_what_runs_and_what_never_will(
    executor: Executor, store: Store, clock: ManualClock, stage: Stage, started: Workflow
) -> None:
    def unstarted(**changes: Any) -> str:
        nowhere = f"{started.execution_arn}{len(changes)}"
        return store.create_workflow(
            replace(started, id=str(uuid.uuid4()), execution_arn=nowhere, **changes)
        ).id

    cut_short, keyed = unstarted(), unstarted(request_digest="k")
    clock.advance(SECOND)
    restarted_at = clock.now()
    about_to_start = unstarted()
    clock.advance(SECOND)
    executor.catch_up(clock.now(), until=lambda: False, cut_short_before=restarted_at)
    statuses = {
        each: store.get_workflow(each).status for each in (started.id, cut_short, keyed, about_to_start)
    }
    assert statuses == {
        started.id: WorkflowStatus.RUNNING,
        cut_short: WorkflowStatus.FAILED,
        keyed: WorkflowStatus.QUEUED,
        about_to_start: WorkflowStatus.QUEUED,
    }
    assert store.get_workflow(cut_short).status_reason == "execution not found"
    assert stage.script.count("describe_execution") == len(statuses), "each is asked for once"


def test_it_ends_when_it_is_enough(
    executor: Executor, store: Store, clock: ManualClock, started: Workflow
) -> None:
    executor.catch_up(clock.now(), until=lambda: True)
    assert store.get_workflow(started.id).status is WorkflowStatus.QUEUED


def test_a_start_wakes_whoever_catches_up(executor: Executor, store: Store, clock: ManualClock) -> None:
    executor.create_definition("wf", MACHINE)
    runs = threading.Event()
    catching_up = CatchingUp(executor, clock, timedelta())
    catching_up.start()
    first = executor.start("wf", input="{}", namespace="dev")

    def look() -> None:
        if store.get_workflow(first.id).status is WorkflowStatus.RUNNING:
            runs.set()

    end = executor.feed.listen(look)
    clock.advance(SECOND)
    executor.start("wf", input="{}", namespace="dev")
    assert runs.wait(60)
    end()
    catching_up.stop()
