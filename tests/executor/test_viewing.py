"""Whoever looks at a workflow is answered, though its record cannot be written."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.executor.stages import Stage, on_the_fake
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import ServiceUnavailable
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.models.workflow import Workflow, WorkflowStatus
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.port import WorkflowChange

MACHINE = {"StartAt": "one", "States": {"one": {"Type": "Task", "Resource": "echo", "End": True}}}


class Filling(MemoryStore):
    """Takes no changes of workflows while it is full."""

    is_full = False

    def update_workflow(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        if self.is_full:
            raise ServiceUnavailable("the disk is full")
        return super().update_workflow(workflow_id, change)


def test_a_reader_gets_the_record_as_it_is_and_its_jobs_and_one_line_is_logged(clock: ManualClock) -> None:
    store = Filling(clock=clock)
    with on_the_fake(clock) as stage:
        executor = Executor(stage.client, store, clock=clock, chance=SystemChance())
        first, second = (started(executor, stage, name) for name in ("a", "b"))
        store.is_full = True
        with capture_logs() as logs:
            for _ in range(3):
                assert executor.workflow(first.id) == first
                found = executor.workflow(second.id, fetch_history=True)
                assert found.status is WorkflowStatus.QUEUED
                assert [job.state for job in found.jobs or ()] == ["one"]
        assert [line["event"] for line in logs if line["log_level"] != "info"] == ["records-not-refreshed"]
        store.is_full = False
        assert executor.workflow(first.id).status is WorkflowStatus.FAILED
        store.is_full = True
        with capture_logs() as logs:
            executor.workflow(second.id)
        assert [line["event"] for line in logs] == ["records-not-refreshed"], "what is new is told"


def test_an_end_that_cannot_be_written_is_told_to_whoever_announces_it(clock: ManualClock) -> None:
    store = Filling(clock=clock)
    with on_the_fake(clock) as stage:
        executor = Executor(stage.client, store, clock=clock, chance=SystemChance())
        ended = started(executor, stage, "a")
        store.is_full = True
        with pytest.raises(ServiceUnavailable, match="full"):
            executor.execution_ended(ended.execution_arn)


def started(executor: Executor, stage: Stage, name: str) -> Workflow:
    """A workflow that has failed since its record was written."""
    executor.create_definition(name, MACHINE)
    workflow = executor.start(name, namespace="dev")
    stage.fail(workflow.execution_arn, "one")
    return workflow
