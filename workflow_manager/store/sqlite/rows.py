"""Between the rows of the file and the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from workflow_manager.kernel.json import dumps, loads
from workflow_manager.models.workflow import (
    StateResource,
    StateResourceType,
    Workflow,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_manager.store.codec import (
    decode_definition,
    decode_job,
    decode_jobs,
    decode_tags,
    encode_job,
    encode_tags,
    from_micros,
    to_micros,
)
from workflow_manager.store.port import UNCHANGED, WorkflowChange

# On disk: never renumber.
STATUS_NUMBERS: Final = {
    WorkflowStatus.QUEUED: 0,
    WorkflowStatus.RUNNING: 1,
    WorkflowStatus.FAILED: 2,
    WorkflowStatus.SUCCEEDED: 3,
    WorkflowStatus.CANCELLED: 4,
}
STATUSES: Final = {number: status for status, number in STATUS_NUMBERS.items()}

_COLUMNS: Final = (
    "id",
    "namespace",
    "status",
    "resolved_by_user",
    "created_at",
    "last_updated",
    "stopped_at",
    "queue",
    "retry_for",
    "retries",
    "execution_arn",
    "tags",
    "input",
    "last_job",
)

# A workflow as `read_whole` and as `read_summary` take it.
WHOLE: Final = (
    ", ".join(f"workflow.{column}" for column in _COLUMNS)
    + ", status_reason, output, request_digest, definition_copy.body, workflow_jobs.body"
)
WHOLE_FROM: Final = (
    "workflow JOIN definition_copy ON definition_copy.seq = workflow.definition"
    " LEFT JOIN workflow_jobs ON workflow_jobs.seq = workflow.seq"
)
SUMMARY: Final = (
    ", ".join(f"workflow.{column}" for column in _COLUMNS)
    + ", workflow.definition_name, workflow.definition_version"
)
SUMMARY_FROM: Final = "workflow"

Row = Sequence[Any]


@dataclass(slots=True)
class DefinitionReader:
    """Decodes a definition once for all the workflows of a page that ran it."""

    _seen: dict[str, WorkflowDefinition]

    def __init__(self) -> None:
        self._seen = {}

    def read(self, text: str) -> WorkflowDefinition:
        if text not in self._seen:
            self._seen[text] = decode_definition(text)
        return self._seen[text]


def read_whole(row: Row, definitions: DefinitionReader) -> Workflow:
    *common, status_reason, output, request_digest, definition, jobs = row
    return _workflow(
        common,
        definitions.read(definition),
        status_reason=status_reason,
        output=output,
        request_digest=request_digest,
        jobs=None if jobs is None else decode_jobs(jobs),
    )


def read_summary(row: Row) -> Workflow:
    *common, name, version = row
    return _workflow(common, WorkflowDefinition(id="", name=name, version=version))


def _workflow(common: Row, definition: WorkflowDefinition, **detail: Any) -> Workflow:
    row = dict(zip(_COLUMNS, common, strict=True))
    stopped_at, last_job = row["stopped_at"], row["last_job"]
    return Workflow(
        id=row["id"],
        workflow_definition=definition,
        status=STATUSES[row["status"]],
        namespace=row["namespace"],
        queue=row["queue"],
        input=row["input"],
        tags=decode_tags(row["tags"]),
        created_at=from_micros(row["created_at"]),
        last_updated=from_micros(row["last_updated"]),
        stopped_at=None if stopped_at is None else from_micros(stopped_at),
        resolved_by_user=bool(row["resolved_by_user"]),
        retry_for=row["retry_for"],
        retries=decode_retries(row["retries"]),
        execution_arn=row["execution_arn"],
        last_job=None if last_job is None else decode_job(last_job),
        **detail,
    )


def write_workflow(workflow: Workflow, definition: int, now: datetime) -> dict[str, Any]:
    """The columns of a new row; `definition` is where its copy is kept."""
    at = to_micros(now)
    return {
        "id": workflow.id,
        "definition_name": workflow.workflow_definition.name,
        "definition_version": workflow.workflow_definition.version,
        "definition": definition,
        "namespace": workflow.namespace,
        "status": STATUS_NUMBERS[workflow.status],
        "resolved_by_user": int(workflow.resolved_by_user),
        "created_at": at,
        "last_updated": at,
        "stopped_at": None if workflow.stopped_at is None else to_micros(workflow.stopped_at),
        "queue": workflow.queue,
        "retry_for": workflow.retry_for,
        "retries": encode_retries(workflow.retries),
        "execution_arn": workflow.execution_arn,
        "status_reason": workflow.status_reason,
        "tags": encode_tags(workflow.tags),
        "input": workflow.input,
        "last_job": None if workflow.last_job is None else encode_job(workflow.last_job),
        "output": workflow.output,
        "request_digest": workflow.request_digest,
    }


def write_change(change: WorkflowChange) -> dict[str, Any]:
    """The columns that the change sets without a condition."""
    columns: dict[str, Any] = {}
    if change.status is not UNCHANGED:
        columns["status"] = STATUS_NUMBERS[change.status]
    if change.status_reason is not UNCHANGED:
        columns["status_reason"] = change.status_reason
    if change.stopped_at is not UNCHANGED:
        columns["stopped_at"] = to_micros(change.stopped_at)
    if change.resolved_by_user is not UNCHANGED:
        columns["resolved_by_user"] = int(change.resolved_by_user)
    if change.output is not UNCHANGED:
        columns["output"] = change.output
    if change.last_job is not UNCHANGED:
        columns["last_job"] = encode_job(change.last_job)
    return columns


def encode_retries(retries: Sequence[str]) -> str:
    return dumps(list(retries))


def decode_retries(text: str) -> tuple[str, ...]:
    return tuple(cast("list[str]", loads(text)))


def read_state_resource(row: Row) -> StateResource:
    namespace, name, uri, kind, last_updated = row
    return StateResource(
        namespace=namespace,
        name=name,
        uri=uri,
        type=None if kind is None else StateResourceType(kind),
        last_updated=from_micros(last_updated),
    )
