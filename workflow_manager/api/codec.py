"""Our records as REST shows them.

Zero values are left out, unset times are the zero date, and `retries`, `jobs` and `attempts` are
always lists: clients compare against all three.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.activity import Activity
from workflow_manager.models.workflow import (
    Job,
    JobAttempt,
    MapItems,
    StateResource,
    Workflow,
    WorkflowDefinition,
)

Object: TypeAlias = dict[str, Any]

ZERO_DATE = "0001-01-01T00:00:00.000Z"

_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<zone>[Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)


def write_time(at: datetime | None) -> str:
    """RFC 3339 with three digits, cut and not rounded; UTC as `Z`, other zones as they are."""
    if at is None:
        return ZERO_DATE
    text = at.isoformat(timespec="milliseconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def read_time(text: str) -> datetime:
    """Aware; UTC where no zone is given; microseconds, however many digits there are.

    Raises `InvalidRequest`.
    """
    parts = _TIME.fullmatch(text)
    if parts is None:
        raise InvalidRequest(f"not a date-time: {text!r}")
    fraction = (parts["fraction"] or "0")[:6].ljust(6, "0")
    zone = parts["zone"] or "Z"
    try:
        at = datetime.fromisoformat(f"{parts['day']}T{parts['time']}.{fraction}{zone.upper()}")
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"not a date-time: {text!r}: {error}") from None


def write_definition(definition: WorkflowDefinition) -> Object:
    shown: Object = {"createdAt": write_time(definition.created_at)}
    if definition.default_tags:
        shown["defaultTags"] = definition.default_tags
    if definition.id:
        shown["id"] = definition.id
    if definition.manager:
        shown["manager"] = definition.manager
    if definition.name:
        shown["name"] = definition.name
    if definition.state_machine:
        shown["stateMachine"] = definition.state_machine
    if definition.version:
        shown["version"] = definition.version
    return shown


def write_workflow(workflow: Workflow) -> Object:
    """The whole record; `jobs` is [] when there are none, or none are known."""
    shown = _write_summary(workflow, write_definition(workflow.workflow_definition))
    shown["jobs"] = [write_job(job) for job in workflow.jobs or ()]
    if workflow.output:
        shown["output"] = workflow.output
    if workflow.status_reason:
        shown["statusReason"] = workflow.status_reason
    return shown


def write_summary(workflow: Workflow) -> Object:
    """Without jobs, output and reason; of the definition no more than name and version."""
    definition: Object = {"createdAt": ZERO_DATE, "name": workflow.workflow_definition.name}
    if workflow.workflow_definition.version:
        definition["version"] = workflow.workflow_definition.version
    return _write_summary(workflow, definition)


def write_job(job: Job) -> Object:
    shown: Object = {
        "attempts": [_write_attempt(attempt) for attempt in job.attempts],
        "createdAt": write_time(job.created_at),
        "startedAt": write_time(job.started_at),
        "stoppedAt": write_time(job.stopped_at),
        "status": job.status.value,
    }
    if job.state_resource is not None:
        shown["stateResource"] = write_state_resource(job.state_resource)
    # The first item and the first branch have the number 0, which says something.
    if job.map_index is not None:
        shown["mapIndex"] = job.map_index
    if job.branch is not None:
        shown["branch"] = job.branch
    if job.map_items is not None:
        shown["mapItems"] = _write_map_items(job.map_items)
    return _with_texts(
        shown,
        container=job.container,
        id=job.id,
        input=job.input,
        output=job.output,
        parent=job.parent,
        state=job.state,
        stateType=job.state_type,
        statusReason=job.status_reason,
    )


def write_event(event: Mapping[str, Any]) -> Object:
    """As GetExecutionHistory shows it, but for the time."""
    return {**event, "timestamp": write_time(event["timestamp"].astimezone(UTC))}


def _write_map_items(items: MapItems) -> Object:
    return {
        "failed": items.failed,
        "running": items.running,
        "succeeded": items.succeeded,
        "total": items.total,
    }


def write_state_resource(resource: StateResource) -> Object:
    return _with_texts(
        {"lastUpdated": write_time(resource.last_updated)},
        name=resource.name,
        namespace=resource.namespace,
        type=resource.type.value if resource.type else "",
        uri=resource.uri,
    )


def write_activity(activity: Activity) -> Object:
    """Numbers are written even where they are 0: no `load` means that they are not known."""
    shown: Object = {
        "name": activity.name,
        "activityArn": activity.arn,
        "createdAt": write_time(activity.created_at),
    }
    if (load := activity.load) is None:
        return shown
    since = {} if load.waiting_since is None else {"waitingSince": write_time(load.waiting_since)}
    workers = [
        {"name": each.name, "lastSeen": write_time(each.last_seen), "tasks": each.tasks}
        for each in load.workers
    ]
    counts = {"running": load.running, "pollers": load.pollers, "workers": workers}
    return {**shown, "load": {"waiting": load.waiting, **since, **counts}}


def _write_summary(workflow: Workflow, definition: Mapping[str, Any]) -> Object:
    shown: Object = {
        "createdAt": write_time(workflow.created_at),
        "lastUpdated": write_time(workflow.last_updated),
        "retries": workflow.retries,
        "status": workflow.status.value,
        "stoppedAt": write_time(workflow.stopped_at),
        "workflowDefinition": definition,
    }
    if workflow.last_job is not None:
        shown["lastJob"] = write_job(workflow.last_job)
    if workflow.resolved_by_user:
        shown["resolvedByUser"] = True
    if workflow.tags:
        shown["tags"] = workflow.tags
    return _with_texts(
        shown,
        id=workflow.id,
        input=workflow.input,
        namespace=workflow.namespace,
        queue=workflow.queue,
        retryFor=workflow.retry_for,
    )


def _write_attempt(attempt: JobAttempt) -> Object:
    return _with_texts(
        {
            "createdAt": write_time(attempt.created_at),
            "startedAt": write_time(attempt.started_at),
            "stoppedAt": write_time(attempt.stopped_at),
        },
        reason=attempt.reason,
        taskARN=attempt.task_arn,
    )


def _with_texts(shown: Object, **texts: str) -> Object:
    """Adds those that are not empty."""
    for name, text in texts.items():
        if text:
            shown[name] = text
    return shown
