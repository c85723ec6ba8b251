"""Records as items: the JSON field names and omission rules of the original service (spec 7.2).

Unset dates are the zero date, always-present lists that are empty are NULL, other empty fields
are left out.  A value that DynamoDB would change, or that is too large as it is, stands compressed
under `<field>Packed` instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from workflow_manager.kernel.json import Json, dumps, loads
from workflow_manager.models.workflow import (
    Job,
    JobAttempt,
    JobStatus,
    MapItems,
    StateResource,
    StateResourceType,
    Workflow,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_manager.store.codec import decode_jobs, encode_jobs
from workflow_manager.store.dynamodb.values import (
    AttributeValue,
    from_attribute,
    packed,
    survives,
    to_attribute,
    unpacked,
)

ZERO_DATE: Final = "0001-01-01T00:00:00Z"
DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$")

# Below this, in characters, compression saves nothing worth an illegible item.
WORTH_PACKING: Final = 1024

Item = dict[str, dict[str, Any]]


def date_text(at: datetime | None) -> str:
    """With nine fractional digits, so that the order of texts is the order of times."""
    if at is None:
        return ZERO_DATE
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}000Z"


def date_of(text: str) -> datetime | None:
    """Any date the original wrote; what is finer than a microsecond is cut off."""
    found = DATE.fullmatch(text)
    if not found or text.startswith("0001-01-01T00:00:00"):
        return None
    whole, fraction, zone = found.groups()
    micros = (fraction or "0")[:6].ljust(6, "0")
    return datetime.fromisoformat(f"{whole}.{micros}{'+00:00' if zone == 'Z' else zone}").astimezone(UTC)


class Writer:
    """Collects the fields of one map, leaving out what is empty.

    One that is `packing` compresses payloads and documents.
    """

    def __init__(self, *, packing: bool = False) -> None:
        self.item: Item = {}
        self._packing = packing

    def payload(self, name: str, value: str) -> Writer:
        if self._packing and len(value) > WORTH_PACKING:
            self.item[packed_name(name)] = packed(value.encode())
            return self
        return self.text(name, value)

    def flag(self, name: str, value: bool) -> Writer:
        if value:
            self.item[name] = {"BOOL": True}
        return self

    def count(self, name: str, value: int | None) -> Writer:
        """0 says something here."""
        if value is not None:
            self.item[name] = {"N": str(value)}
        return self

    def text(self, name: str, value: str) -> Writer:
        if value:
            self.item[name] = {"S": value}
        return self

    def date(self, name: str, value: datetime | None) -> Writer:
        self.item[name] = {"S": date_text(value)}
        return self

    def free(self, name: str, value: Mapping[str, Json]) -> Writer:
        if value:
            plain: Json = dict(value)
            if survives(plain) and not self._packing:
                self.item[name] = to_attribute(plain)
            else:
                self.item[packed_name(name)] = packed(dumps(plain).encode())
        return self

    def always(self, name: str, value: list[dict[str, Any]]) -> Writer:
        self.item[name] = {"L": value} if value else {"NULL": True}
        return self

    def jobs(self, name: str, jobs: tuple[Job, ...] | None) -> Writer:
        """NULL is what was never stored, an empty list an empty history."""
        if jobs and self._packing:
            self.item[packed_name(name)] = packed(encode_jobs(jobs))
            jobs = None
        self.item[name] = {"NULL": True} if jobs is None else {"L": jobs_value(jobs)}
        return self

    def inner(self, name: str, value: Item | None) -> Writer:
        if value is not None:
            self.item[name] = {"M": value}
        return self


class Reader:
    """Reads the fields of one map; what is missing or NULL reads as empty."""

    def __init__(self, item: Mapping[str, AttributeValue]) -> None:
        self._item = item

    def text(self, name: str) -> str:
        value = self._plain(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        value = self._plain(name)
        return int(value) if isinstance(value, int | float) else 0

    def count(self, name: str) -> int | None:
        return self.number(name) if self._item.get(name) else None

    def flag(self, name: str) -> bool:
        return self._plain(name) is True

    def date(self, name: str) -> datetime | None:
        return date_of(self.text(name))

    def free(self, name: str) -> dict[str, Json]:
        held = self._item.get(packed_name(name))
        value = loads(unpacked(held)) if held else self._plain(name)
        return value if isinstance(value, dict) else {}

    def payload(self, name: str) -> str:
        held = self._item.get(packed_name(name))
        return unpacked(held).decode() if held else self.text(name)

    def jobs(self, name: str) -> tuple[Job, ...] | None:
        held = self._item.get(packed_name(name))
        if held:
            return decode_jobs(unpacked(held))
        jobs = self.many(name)
        return None if jobs is None else tuple(job_of(job) for job in jobs)

    def many(self, name: str) -> list[Mapping[str, AttributeValue]] | None:
        """The maps of a list; None when there is no list."""
        held = self._item.get(name)
        if held is None or "L" not in held:
            return None
        return [element["M"] for element in held["L"] if "M" in element]

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._plain(name)
        return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()

    def inner(self, name: str) -> Mapping[str, AttributeValue] | None:
        held = self._item.get(name)
        return held.get("M") if held else None

    def _plain(self, name: str) -> Json:
        held = self._item.get(name)
        return from_attribute(held) if held else None


def packed_name(name: str) -> str:
    return f"{name}Packed"


def definition_item(definition: WorkflowDefinition, *, packing: bool = False) -> Item:
    writer = Writer(packing=packing).text("id", definition.id).text("name", definition.name)
    if definition.version:
        writer.item["version"] = {"N": str(definition.version)}
    writer.date("createdAt", definition.created_at).text("manager", definition.manager)
    return (
        writer.free("stateMachine", definition.state_machine)
        .free("defaultTags", definition.default_tags)
        .item
    )


def definition_of(item: Mapping[str, AttributeValue]) -> WorkflowDefinition:
    reader = Reader(item)
    return WorkflowDefinition(
        id=reader.text("id"),
        name=reader.text("name"),
        version=reader.number("version"),
        created_at=reader.date("createdAt"),
        manager=reader.text("manager"),
        state_machine=reader.free("stateMachine"),
        default_tags=reader.free("defaultTags"),
    )


def resource_item(resource: StateResource) -> Item:
    writer = Writer().text("name", resource.name).text("namespace", resource.namespace)
    writer.text("uri", resource.uri).date("lastUpdated", resource.last_updated)
    return writer.text("type", resource.type.value if resource.type else "").item


def resource_of(item: Mapping[str, AttributeValue]) -> StateResource:
    reader = Reader(item)
    kind = reader.text("type")
    return StateResource(
        name=reader.text("name"),
        namespace=reader.text("namespace"),
        uri=reader.text("uri"),
        last_updated=reader.date("lastUpdated"),
        type=StateResourceType(kind) if kind else None,
    )


def job_item(job: Job, *, packing: bool = False) -> Item:
    writer = (
        Writer(packing=packing).text("id", job.id).text("state", job.state).text("stateType", job.state_type)
    )
    writer.text("status", job.status.value).text("statusReason", job.status_reason)
    writer.date("createdAt", job.created_at).date("startedAt", job.started_at).date(
        "stoppedAt", job.stopped_at
    )
    writer.payload("input", job.input).payload("output", job.output).text("container", job.container)
    writer.flag("nested", job.nested).text("parent", job.parent)
    writer.count("mapIndex", job.map_index).count("branch", job.branch)
    writer.inner("mapItems", _map_items_item(job.map_items) if job.map_items else None)
    writer.inner("stateResource", resource_item(job.state_resource) if job.state_resource else None)
    return writer.always("attempts", [{"M": _attempt_item(attempt)} for attempt in job.attempts]).item


def job_of(item: Mapping[str, AttributeValue]) -> Job:
    reader = Reader(item)
    resource, map_items = reader.inner("stateResource"), reader.inner("mapItems")
    return Job(
        id=reader.text("id"),
        state=reader.text("state"),
        state_type=reader.text("stateType"),
        status=JobStatus(reader.text("status") or "created"),
        status_reason=reader.text("statusReason"),
        created_at=reader.date("createdAt"),
        started_at=reader.date("startedAt"),
        stopped_at=reader.date("stoppedAt"),
        input=reader.payload("input"),
        output=reader.payload("output"),
        container=reader.text("container"),
        nested=reader.flag("nested"),
        parent=reader.text("parent"),
        map_index=reader.count("mapIndex"),
        branch=reader.count("branch"),
        map_items=_map_items_of(map_items) if map_items else None,
        state_resource=resource_of(resource) if resource else None,
        attempts=tuple(_attempt_of(attempt) for attempt in reader.many("attempts") or ()),
    )


def _map_items_item(items: MapItems) -> Item:
    writer = Writer().count("total", items.total).count("running", items.running)
    return writer.count("succeeded", items.succeeded).count("failed", items.failed).item


def _map_items_of(item: Mapping[str, AttributeValue]) -> MapItems:
    reader = Reader(item)
    return MapItems(
        total=reader.number("total"),
        running=reader.number("running"),
        succeeded=reader.number("succeeded"),
        failed=reader.number("failed"),
    )


def _attempt_item(attempt: JobAttempt) -> Item:
    writer = Writer().date("createdAt", attempt.created_at).date("startedAt", attempt.started_at)
    writer.date("stoppedAt", attempt.stopped_at).text("reason", attempt.reason)
    return writer.text("taskARN", attempt.task_arn).item


def _attempt_of(item: Mapping[str, AttributeValue]) -> JobAttempt:
    reader = Reader(item)
    return JobAttempt(
        created_at=reader.date("createdAt"),
        started_at=reader.date("startedAt"),
        stopped_at=reader.date("stoppedAt"),
        reason=reader.text("reason"),
        task_arn=reader.text("taskARN"),
    )


def workflow_item(workflow: Workflow, *, packing: bool = False) -> Item:
    writer = Writer(packing=packing).text("id", workflow.id)
    writer.date("createdAt", workflow.created_at).date("lastUpdated", workflow.last_updated)
    writer.date("stoppedAt", workflow.stopped_at)
    writer.inner("workflowDefinition", definition_item(workflow.workflow_definition, packing=packing))
    writer.text("status", workflow.status.value).text("statusReason", workflow.status_reason)
    writer.text("namespace", workflow.namespace).text("queue", workflow.queue)
    writer.payload("input", workflow.input).payload("output", workflow.output)
    # Tags stay legible: listings look into them.
    writer.item |= Writer().free("tags", workflow.tags).item
    writer.text("retryFor", workflow.retry_for).text("executionARN", workflow.execution_arn)
    writer.text("requestDigest", workflow.request_digest)
    writer.flag("resolvedByUser", workflow.resolved_by_user)
    writer.always("retries", [{"S": retry} for retry in workflow.retries])
    writer.inner("lastJob", job_item(workflow.last_job, packing=packing) if workflow.last_job else None)
    return writer.jobs("jobs", workflow.jobs).item


def jobs_value(jobs: tuple[Job, ...]) -> list[dict[str, Any]]:
    return [{"M": job_item(job)} for job in jobs]


def workflow_of(item: Mapping[str, AttributeValue]) -> Workflow:
    reader = Reader(item)
    last_job = reader.inner("lastJob")
    return Workflow(
        id=reader.text("id"),
        workflow_definition=definition_of(reader.inner("workflowDefinition") or {}),
        status=WorkflowStatus(reader.text("status") or "queued"),
        status_reason=reader.text("statusReason"),
        namespace=reader.text("namespace"),
        queue=reader.text("queue"),
        input=reader.payload("input"),
        output=reader.payload("output"),
        tags=reader.free("tags"),
        created_at=reader.date("createdAt"),
        last_updated=reader.date("lastUpdated"),
        stopped_at=reader.date("stoppedAt"),
        resolved_by_user=reader.flag("resolvedByUser"),
        retry_for=reader.text("retryFor"),
        retries=reader.texts("retries"),
        execution_arn=reader.text("executionARN"),
        request_digest=reader.text("requestDigest"),
        last_job=job_of(last_job) if last_job else None,
        jobs=reader.jobs("jobs"),
    )
