"""The records users work with.  Values: to change one is to make another (`dataclasses.replace`).

Field names are ours; `api` and the stores each have their own codec.  A time that is not set is
None here; only REST's codec knows the zero date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Final

from workflow_manager.kernel.json import Json


class WorkflowStatus(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        return self in (WorkflowStatus.FAILED, WorkflowStatus.SUCCEEDED, WorkflowStatus.CANCELLED)


# By what Step Functions says of an execution.
STATUS_OF_EXECUTION: Final[Mapping[str, WorkflowStatus]] = {
    "RUNNING": WorkflowStatus.RUNNING,
    "PENDING_REDRIVE": WorkflowStatus.RUNNING,
    "SUCCEEDED": WorkflowStatus.SUCCEEDED,
    "FAILED": WorkflowStatus.FAILED,
    "TIMED_OUT": WorkflowStatus.FAILED,
    "ABORTED": WorkflowStatus.CANCELLED,
}


class JobStatus(Enum):
    CREATED = "created"
    QUEUED = "queued"
    WAITING_FOR_DEPS = "waiting_for_deps"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED_DEPS_FAILED = "aborted_deps_failed"
    ABORTED_BY_USER = "aborted_by_user"

    @property
    def is_done(self) -> bool:
        return self in (
            JobStatus.FAILED,
            JobStatus.SUCCEEDED,
            JobStatus.ABORTED_DEPS_FAILED,
            JobStatus.ABORTED_BY_USER,
        )


class StateResourceType(Enum):
    JOB_DEFINITION = "JobDefinitionARN"
    ACTIVITY = "ActivityARN"
    LAMBDA_FUNCTION = "LambdaFunctionARN"
    TASK = "TaskARN"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowDefinition:
    """One immutable version of a named state machine.

    `state_machine` is the user's document, short resource names and all, kept without loss.
    """

    id: str
    name: str
    version: int
    created_at: datetime | None = None
    manager: str = ""
    state_machine: Mapping[str, Json] = field(default_factory=dict)
    default_tags: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateResource:
    name: str = ""
    namespace: str = ""
    uri: str = ""
    last_updated: datetime | None = None
    type: StateResourceType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAttempt:
    created_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    reason: str = ""
    task_arn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapItems:
    """How far an inline Map has come with its items; those in none of the others are still to begin."""

    total: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One visit of one state.  `input` and `output` are JSON texts, "" where there is none.

    `nested` says that the state belongs to a branch or an iteration, not to the machine itself, and
    `parent` is then the id of the job around it; `map_index` is the item's, `branch` the branch's number,
    both from 0.  `map_items` is a Map's own.
    """

    id: str
    state: str
    state_type: str = ""
    status: JobStatus = JobStatus.CREATED
    status_reason: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    input: str = ""
    output: str = ""
    container: str = ""
    state_resource: StateResource | None = None
    attempts: tuple[JobAttempt, ...] = ()
    nested: bool = False
    parent: str = ""
    map_index: int | None = None
    branch: int | None = None
    map_items: MapItems | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A definition on its way through.  Its id is also the execution's name.

    `jobs` is None when no history was ever stored with the record, which is not the same as ().
    `execution_arn` is "" in records that were written before it was kept.  `request_digest` is of the
    request that started it under an idempotency key, "" without one.
    """

    id: str
    workflow_definition: WorkflowDefinition
    status: WorkflowStatus = WorkflowStatus.QUEUED
    status_reason: str = ""
    namespace: str = ""
    queue: str = "default"
    input: str = "{}"
    output: str = ""
    tags: Mapping[str, Json] = field(default_factory=dict)
    created_at: datetime | None = None
    last_updated: datetime | None = None
    stopped_at: datetime | None = None
    resolved_by_user: bool = False
    retry_for: str = ""
    retries: tuple[str, ...] = ()
    execution_arn: str = ""
    request_digest: str = ""
    last_job: Job | None = None
    jobs: tuple[Job, ...] | None = None

    @property
    def is_done(self) -> bool:
        """Nothing more is to be learnt from its execution.

        A cancelled workflow is done once it is resolved too, which seeing the abort does.
        """
        if self.status is WorkflowStatus.CANCELLED:
            return self.resolved_by_user
        return self.status.is_terminal


def summary(workflow: Workflow) -> Workflow:
    """As a listing of summaries shows it: the definition by name and version, no jobs or output."""
    definition = workflow.workflow_definition
    return replace(
        workflow,
        workflow_definition=WorkflowDefinition(id="", name=definition.name, version=definition.version),
        status_reason="",
        output="",
        request_digest="",
        jobs=None,
    )
