"""What is told: the body of a message, the same bytes at every attempt."""

from __future__ import annotations

from datetime import UTC, datetime

from workflow_manager.kernel.json import Json, dumps
from workflow_manager.models.webhook import WorkflowEnd


def message_body(end: WorkflowEnd) -> bytes:
    """Small on purpose: input, output and jobs are read from the server, by who may."""
    data: dict[str, Json] = {
        "id": end.workflow_id,
        "status": end.status,
        "workflowDefinition": {"name": end.definition, "version": end.version},
        "namespace": end.namespace,
        "queue": end.queue,
        "tags": end.tags,
        "createdAt": None if end.created_at is None else time_text(end.created_at),
        "stoppedAt": time_text(end.ended_at),
    }
    if end.status_reason:
        data["statusReason"] = end.status_reason
    message: Json = {"type": message_type(end), "timestamp": time_text(end.ended_at), "data": data}
    return dumps(message).encode()


def message_type(end: WorkflowEnd) -> str:
    return f"workflow.{end.status}"


def time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
