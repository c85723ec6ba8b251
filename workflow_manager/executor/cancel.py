"""Cancelling a workflow: its execution is stopped, and the reason is kept."""

from __future__ import annotations

from workflow_manager.executor.client import StepFunctions, call
from workflow_manager.executor.feed import Feed
from workflow_manager.executor.refresh import Refresher
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import AlreadyFinished, InvalidRequest, NotFound
from workflow_manager.models.workflow import Workflow, WorkflowStatus
from workflow_manager.store.port import Store, WorkflowChange


class Canceller:
    def __init__(
        self, client: StepFunctions, store: Store, refresher: Refresher, *, clock: Clock, feed: Feed
    ) -> None:
        self._feed = feed
        self._client = client
        self._store = store
        self._refresher = refresher
        self._clock = clock

    def cancel(self, workflow_id: str, reason: str) -> None:
        """The status follows when the end of the execution is seen.

        Cancelled again, a workflow keeps its first reason.
        """
        workflow = self._store.get_workflow(workflow_id)
        if not workflow.status.is_terminal:
            # A record may be behind; what has ended must not be cancelled.
            workflow = self._refresher.refresh(workflow)
        _check_allowed(workflow)
        change = WorkflowChange(first_status_reason=reason, resolved_by_user=True)
        if workflow.status is not WorkflowStatus.CANCELLED and not self._stop(workflow, reason):
            change = WorkflowChange(
                status=WorkflowStatus.CANCELLED,
                first_status_reason=reason,
                resolved_by_user=True,
                stopped_at=self._clock.now(),
            )
        try:
            stored = self._store.update_workflow(workflow_id, change)
        except AlreadyFinished:
            _check_allowed(self._store.get_workflow(workflow_id))
            return
        if stored.status is not workflow.status:
            self._feed.publish(stored)

    def _stop(self, workflow: Workflow, reason: str) -> bool:
        """False when there never was an execution."""
        arn = self._refresher.execution_arn(workflow)
        try:
            call(self._client.stop_execution, executionArn=arn, cause=reason)
        except NotFound:
            return False
        return True


def _check_allowed(workflow: Workflow) -> None:
    if workflow.status in (WorkflowStatus.SUCCEEDED, WorkflowStatus.FAILED):
        raise InvalidRequest(f"Cancellation not allowed. Workflow {workflow.id} is {workflow.status.value}")
