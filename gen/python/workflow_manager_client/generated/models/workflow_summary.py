from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.workflow_status import WorkflowStatus, check_workflow_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.job import Job
    from ..models.workflow_definition import WorkflowDefinition
    from ..models.workflow_summary_tags import WorkflowSummaryTags


T = TypeVar("T", bound="WorkflowSummary")


@_attrs_define
class WorkflowSummary:
    """
    Attributes:
        created_at (datetime.datetime):
        last_updated (datetime.datetime):
        retries (list[str]): Ids of the workflows that resumed this one, oldest first
        stopped_at (datetime.datetime):
        id (str | Unset):
        input_ (str | Unset): JSON text, as it was given
        last_job (Job | Unset): One visit of one state
        namespace (str | Unset):
        queue (str | Unset):
        resolved_by_user (bool | Unset):  Default: False.
        retry_for (str | Unset): Id of the workflow that this one resumes
        status (WorkflowStatus | Unset):
        tags (WorkflowSummaryTags | Unset):
        workflow_definition (WorkflowDefinition | Unset): One immutable version of a named state machine
    """

    created_at: datetime.datetime
    last_updated: datetime.datetime
    retries: list[str]
    stopped_at: datetime.datetime
    id: str | Unset = UNSET
    input_: str | Unset = UNSET
    last_job: Job | Unset = UNSET
    namespace: str | Unset = UNSET
    queue: str | Unset = UNSET
    resolved_by_user: bool | Unset = False
    retry_for: str | Unset = UNSET
    status: WorkflowStatus | Unset = UNSET
    tags: WorkflowSummaryTags | Unset = UNSET
    workflow_definition: WorkflowDefinition | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        last_updated = self.last_updated.isoformat()

        retries = self.retries

        stopped_at = self.stopped_at.isoformat()

        id = self.id

        input_ = self.input_

        last_job: dict[str, Any] | Unset = UNSET
        if not isinstance(self.last_job, Unset):
            last_job = self.last_job.to_dict()

        namespace = self.namespace

        queue = self.queue

        resolved_by_user = self.resolved_by_user

        retry_for = self.retry_for

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        tags: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags.to_dict()

        workflow_definition: dict[str, Any] | Unset = UNSET
        if not isinstance(self.workflow_definition, Unset):
            workflow_definition = self.workflow_definition.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "createdAt": created_at,
                "lastUpdated": last_updated,
                "retries": retries,
                "stoppedAt": stopped_at,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id
        if input_ is not UNSET:
            field_dict["input"] = input_
        if last_job is not UNSET:
            field_dict["lastJob"] = last_job
        if namespace is not UNSET:
            field_dict["namespace"] = namespace
        if queue is not UNSET:
            field_dict["queue"] = queue
        if resolved_by_user is not UNSET:
            field_dict["resolvedByUser"] = resolved_by_user
        if retry_for is not UNSET:
            field_dict["retryFor"] = retry_for
        if status is not UNSET:
            field_dict["status"] = status
        if tags is not UNSET:
            field_dict["tags"] = tags
        if workflow_definition is not UNSET:
            field_dict["workflowDefinition"] = workflow_definition

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job import Job  # noqa: PLC0415
        from ..models.workflow_definition import WorkflowDefinition  # noqa: PLC0415
        from ..models.workflow_summary_tags import WorkflowSummaryTags  # noqa: PLC0415

        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        last_updated = datetime.datetime.fromisoformat(d.pop("lastUpdated"))

        retries = cast(list[str], d.pop("retries"))

        stopped_at = datetime.datetime.fromisoformat(d.pop("stoppedAt"))

        id = d.pop("id", UNSET)

        input_ = d.pop("input", UNSET)

        _last_job = d.pop("lastJob", UNSET)
        last_job: Job | Unset
        if isinstance(_last_job, Unset):
            last_job = UNSET
        else:
            last_job = Job.from_dict(_last_job)

        namespace = d.pop("namespace", UNSET)

        queue = d.pop("queue", UNSET)

        resolved_by_user = d.pop("resolvedByUser", UNSET)

        retry_for = d.pop("retryFor", UNSET)

        _status = d.pop("status", UNSET)
        status: WorkflowStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_workflow_status(_status)

        _tags = d.pop("tags", UNSET)
        tags: WorkflowSummaryTags | Unset
        if isinstance(_tags, Unset):
            tags = UNSET
        else:
            tags = WorkflowSummaryTags.from_dict(_tags)

        _workflow_definition = d.pop("workflowDefinition", UNSET)
        workflow_definition: WorkflowDefinition | Unset
        if isinstance(_workflow_definition, Unset):
            workflow_definition = UNSET
        else:
            workflow_definition = WorkflowDefinition.from_dict(_workflow_definition)

        workflow_summary = cls(
            created_at=created_at,
            last_updated=last_updated,
            retries=retries,
            stopped_at=stopped_at,
            id=id,
            input_=input_,
            last_job=last_job,
            namespace=namespace,
            queue=queue,
            resolved_by_user=resolved_by_user,
            retry_for=retry_for,
            status=status,
            tags=tags,
            workflow_definition=workflow_definition,
        )

        workflow_summary.additional_properties = d
        return workflow_summary

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
