"""Resuming a workflow: a new one that goes on at one of the states of the old."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from workflow_manager.executor.pruning import prune
from workflow_manager.executor.refresh import Refresher
from workflow_manager.executor.start import Launcher, without_execution_name
from workflow_manager.executor.state_facts import top_level_states
from workflow_manager.kernel.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    Unavailable,
    WorkflowManagerError,
)
from workflow_manager.kernel.ids import Chance
from workflow_manager.models.workflow import Job, JobStatus, Workflow
from workflow_manager.store.port import Store

_NOT_STARTED: Final = (
    JobStatus.CREATED,
    JobStatus.QUEUED,
    JobStatus.WAITING_FOR_DEPS,
    JobStatus.ABORTED_DEPS_FAILED,
)


class Resumer:
    def __init__(self, store: Store, refresher: Refresher, launcher: Launcher, *, chance: Chance) -> None:
        self._store = store
        self._refresher = refresher
        self._launcher = launcher
        self._chance = chance

    def resume(self, workflow_id: str, start_at: str) -> Workflow:
        parent = self._refresher.refresh(self._store.get_workflow(workflow_id))
        if not parent.is_done:
            raise InvalidRequest(f"Workflow {parent.id} active: {parent.status.value}")
        self._check_descendants(parent)
        if start_at not in top_level_states(parent.workflow_definition):
            raise InvalidRequest(f"Invalid StartAt state {start_at}")
        retry = self._retry_of(parent, start_at, self._job_at(parent, start_at))

        def save(workflow: Workflow) -> Workflow:
            try:
                return self._store.create_retry(workflow, parent.retries)
            except Conflict:
                raise _has_active_descendants(parent) from None

        return self._launcher.launch(retry, save, lambda: self._store.discard_retry(retry.id))

    def _retry_of(self, parent: Workflow, start_at: str, job: Job) -> Workflow:
        definition = parent.workflow_definition
        machine = prune(definition.state_machine, start_at)
        return Workflow(
            id=self._chance.uuid(),
            workflow_definition=replace(definition, state_machine=machine),
            namespace=parent.namespace,
            queue=parent.queue,
            input=without_execution_name(job.input),
            tags=parent.tags,
            retry_for=parent.id,
        )

    def _check_descendants(self, workflow: Workflow) -> None:
        """Of a resumed workflow only one line may be under way; what is gone counts as done."""
        ahead = list(workflow.retries)
        while ahead:
            descendant_id = ahead.pop()
            try:
                descendant = self._refresher.refresh(self._store.get_workflow(descendant_id))
            except NotFound:
                continue
            except WorkflowManagerError as error:
                text = f"Failed to check descendant workflows: {descendant_id}"
                raise Unavailable(text) from error
            if not descendant.is_done:
                raise _has_active_descendants(workflow)
            ahead.extend(descendant.retries)

    def _job_at(self, workflow: Workflow, start_at: str) -> Job:
        """The most recent visit of that state of the machine itself."""
        last = workflow.last_job
        if last is None or last.state != start_at or last.nested or not last.input:
            last = self._visit(workflow, start_at)
        if last is None:
            raise InvalidRequest(f"No job found for StartAt {start_at}")
        if last.status in _NOT_STARTED:
            raise InvalidRequest(
                f"Job {last.id} for StartAt {start_at} was not started for Workflow: {workflow.id}. "
                "Could not infer input"
            )
        return last

    def _visit(self, workflow: Workflow, start_at: str) -> Job | None:
        if not workflow.jobs:
            workflow = self._refresher.fetch_history(workflow)
        visits = [job for job in workflow.jobs or () if job.state == start_at and not job.nested]
        return visits[-1] if visits else None


def _has_active_descendants(workflow: Workflow) -> InvalidRequest:
    return InvalidRequest(f"Cannot resume workflow {workflow.id} because it has active descendants")
