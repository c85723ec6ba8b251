"""Bringing a workflow's record up to date with its execution.

Writes only what changed, and a terminal status never moves, so it does not matter who looks first: a
reader, or the engine that announces an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any, Final

import structlog

from workflow_manager.executor.client import Answer, StepFunctions, call
from workflow_manager.executor.feed import Feed
from workflow_manager.executor.jobs import WORKFLOW_TIMED_OUT, JobFold
from workflow_manager.executor.machines import key_of
from workflow_manager.executor.state_facts import facts_by_state
from workflow_manager.executor.visits import Event
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import AlreadyFinished, NotFound, Unavailable, WorkflowManagerError
from workflow_manager.models.names import Naming
from workflow_manager.models.workflow import STATUS_OF_EXECUTION, Job, Workflow, WorkflowStatus
from workflow_manager.store.port import Store, WorkflowChange

HISTORY_PAGE: Final = 200

# All pages of one history; a caller waits for them.
HISTORY_LIMIT: Final = timedelta(minutes=1)

# How far back the job that failed is looked for, in pages of the service's own size.
LAST_JOB_PAGES: Final = 10

# A record without an execution is a start under way until it is this old.
ZOMBIE_AGE: Final = timedelta(minutes=5)

EXECUTION_NOT_FOUND: Final = "execution not found"

_log = structlog.get_logger()


class Refresher:
    def __init__(
        self, client: StepFunctions, store: Store, *, clock: Clock, naming: Naming, feed: Feed
    ) -> None:
        self._feed = feed
        self._client = client
        self._store = store
        self._clock = clock
        self._naming = naming

    def execution_arn(self, workflow: Workflow) -> str:
        if workflow.execution_arn:
            return workflow.execution_arn
        name = key_of(workflow.workflow_definition, workflow.namespace).name
        return self._naming.execution_arn(name, workflow.id)

    def refresh(self, workflow: Workflow) -> Workflow:
        """The workflow as its execution stands now; as it is stored when it is done."""
        if workflow.is_done:
            return workflow
        execution = self._execution(workflow)
        if execution is None:
            return self._without_execution(workflow)
        return self.apply(workflow, change_to(workflow, execution))

    def catch_up(self, workflow: Workflow, *, was_cut_short: bool) -> None:
        """As `refresh` for one that is queued.

        Without an execution it fails if its start `was_cut_short`, and is else left to whoever starts it.
        """
        if workflow.status is not WorkflowStatus.QUEUED:
            return
        execution = self._execution(workflow)
        if execution is not None:
            self.apply(workflow, change_to(workflow, execution))
        elif was_cut_short:
            self._fail_without_execution(workflow)

    def _execution(self, workflow: Workflow) -> Answer | None:
        try:
            return call(self._client.describe_execution, executionArn=self.execution_arn(workflow))
        except NotFound:
            return None

    def apply(self, workflow: Workflow, change: WorkflowChange | None) -> Workflow:
        """The workflow with a change that its execution made, and the job that failed if it did.

        A status that is stored already, or that comes after the end, changes nothing.
        """
        if change is not None and _is_known(workflow, change):
            return workflow
        if change is None or workflow.status.is_terminal or change.status is not WorkflowStatus.FAILED:
            return self._save(workflow, change)
        # One write: nobody reads of a failure without what failed, not even after a crash.
        refreshed = self._save(workflow, replace(change, **self._what_failed(workflow)))
        if refreshed.status is WorkflowStatus.FAILED:
            _log_failure(refreshed)
        return refreshed

    def _without_execution(self, workflow: Workflow) -> Workflow:
        created_at, now = workflow.created_at, self._clock.now()
        if workflow.status.is_terminal or created_at is None or now - created_at <= ZOMBIE_AGE:
            _log.info("execution-not-found", workflow_id=workflow.id)
            return workflow
        return self._fail_without_execution(workflow)

    def _fail_without_execution(self, workflow: Workflow) -> Workflow:
        _log.error(
            "zombie-execution-found", workflow_id=workflow.id, execution_id=self.execution_arn(workflow)
        )
        change = WorkflowChange(
            status=WorkflowStatus.FAILED,
            first_status_reason=EXECUTION_NOT_FOUND,
            stopped_at=self._clock.now(),
        )
        return self._save(workflow, change)

    def _save(self, workflow: Workflow, change: WorkflowChange | None) -> Workflow:
        """What is stored afterwards: with the change, or what someone else made final before."""
        if change is None:
            return workflow
        try:
            stored = self._store.update_workflow(workflow.id, change)
        except AlreadyFinished:
            _log.info("workflow-already-terminal", workflow_id=workflow.id)
            return self._store.get_workflow(workflow.id)
        if stored.status is not workflow.status:
            self._feed.publish(stored)
        return stored

    def _what_failed(self, workflow: Workflow) -> dict[str, Any]:
        """Best effort: the status is what counts, and is saved without it too."""
        try:
            return self._find_what_failed(workflow)
        except WorkflowManagerError as error:
            _log.warning("last-job-failed", workflow_id=workflow.id, error=str(error))
            return {}

    def _find_what_failed(self, workflow: Workflow) -> dict[str, Any]:
        """Found from the end of the history back to where the job that failed began."""
        newest_first: list[Event] = []
        fold = _fold_for(workflow)
        for number, page in enumerate(self._pages(workflow, reverseOrder=True), start=1):
            newest_first.extend(page)
            fold = _fold_for(workflow)
            fold.add(reversed(newest_first))
            if fold.culprit is not None or number == LAST_JOB_PAGES:
                break
        failed = _failed(fold)
        if "last_job" not in failed:
            _log.info("empty-jobs", workflow_id=workflow.id)
        return failed

    def fetch_history(self, workflow: Workflow) -> Workflow:
        """The workflow with its jobs, folded anew from the whole history.

        As it is when it has no execution any more.  Raises `Unavailable` when that takes too long.
        """
        return self._fetch_history(workflow)[0]

    def refresh_with_history(self, workflow: Workflow) -> Workflow:
        """As `fetch_history` and `refresh`, at one moment: no job of what is over is under way."""
        fetched, is_over = self._fetch_history(workflow)
        refreshed = _with_jobs(self.refresh(fetched), fetched.jobs)
        if refreshed.status.is_terminal and not workflow.status.is_terminal and not is_over:
            return self.fetch_history(refreshed)  # it ended between the two looks
        return refreshed

    def _fetch_history(self, workflow: Workflow) -> tuple[Workflow, bool]:
        """The workflow, and whether its history has come to an end."""
        deadline = self._clock.now() + HISTORY_LIMIT
        fold = _fold_for(workflow)
        try:
            for page in self._pages(workflow, maxResults=HISTORY_PAGE):
                fold.add(page)
                if self._clock.now() > deadline:
                    raise Unavailable(f"the history of workflow {workflow.id} takes too long to read")
        except NotFound:
            return workflow, True
        if fold.unattached:
            _log.info("event-with-unknown-job", workflow_id=workflow.id, events=fold.unattached)
        changed: dict[str, Any] = {} if fold.jobs == workflow.jobs else {"jobs": fold.jobs}
        if workflow.status is WorkflowStatus.FAILED and workflow.last_job is None:
            # Its history could not be read when it failed.
            changed.update(_failed(fold))
        saved = self._save(workflow, WorkflowChange(**changed) if changed else None)
        return _with_jobs(saved, fold.jobs), fold.is_over

    def _pages(self, workflow: Workflow, **request: Any) -> Iterator[list[Event]]:
        request["executionArn"] = self.execution_arn(workflow)
        while True:
            answer = call(self._client.get_execution_history, **request)
            yield answer.get("events") or []
            token = answer.get("nextToken")
            if not token:
                return
            request["nextToken"] = token


def _with_jobs(stored: Workflow, jobs: tuple[Job, ...] | None) -> Workflow:
    """With jobs, also where there was no room to store them."""
    return replace(stored, jobs=jobs) if stored.jobs is None else stored


def _failed(fold: JobFold) -> dict[str, Any]:
    """As a change of the record: the job that failed, and the reason where that is no job's."""
    failed: dict[str, Any] = {}
    job = fold.culprit or fold.last
    if job is not None:
        failed["last_job"] = job
    if fold.nobodys_reason:
        failed["first_status_reason"] = fold.nobodys_reason
    return failed


def _log_failure(workflow: Workflow) -> None:
    definition, job = workflow.workflow_definition, workflow.last_job
    _log.error(
        "workflow-failed",
        workflow_name=definition.name,
        workflow_version=definition.version,
        workflow_id=workflow.id,
        failed_job_name=job.state if job else "",
        failed_job_resource=job.state_resource.name if job and job.state_resource else "",
    )


def _fold_for(workflow: Workflow) -> JobFold:
    return JobFold(facts_by_state(workflow.workflow_definition), workflow.namespace)


def _is_known(workflow: Workflow, change: WorkflowChange) -> bool:
    """Whether the change says nothing but that the execution runs, of one that does or did."""
    says_running = change == WorkflowChange(status=WorkflowStatus.RUNNING)
    return says_running and workflow.status is not WorkflowStatus.QUEUED


def change_to(workflow: Workflow, execution: Answer) -> WorkflowChange | None:
    """What a described execution changes in the record; None for nothing."""
    state = execution.get("status", "")
    status = STATUS_OF_EXECUTION.get(state, WorkflowStatus.RUNNING)
    wanted: dict[str, Any] = {"status": status, "output": execution.get("output") or ""}
    stopped_at = execution.get("stopDate")
    if stopped_at is not None:
        wanted["stopped_at"] = stopped_at.astimezone(UTC)
    if status in (WorkflowStatus.SUCCEEDED, WorkflowStatus.CANCELLED):
        wanted["resolved_by_user"] = True
    if state == "TIMED_OUT":
        wanted["status_reason"] = WORKFLOW_TIMED_OUT
    changed = {name: value for name, value in wanted.items() if getattr(workflow, name) != value}
    if status is WorkflowStatus.CANCELLED and not workflow.status_reason and execution.get("cause"):
        changed["first_status_reason"] = execution["cause"]
    return WorkflowChange(**changed) if changed else None
