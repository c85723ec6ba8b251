from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_status import JobStatus, check_job_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.job_attempt import JobAttempt
    from ..models.map_items import MapItems
    from ..models.state_resource import StateResource


T = TypeVar("T", bound="Job")


@_attrs_define
class Job:
    """One visit of one state

    Attributes:
        attempts (list[JobAttempt]): Earlier attempts of this visit, oldest first
        created_at (datetime.datetime):
        started_at (datetime.datetime):
        stopped_at (datetime.datetime):
        branch (int | Unset): In a branch of a Parallel, the number of the branch, from 0
        container (str | Unset): Name of the worker that has it
        id (str | Unset):
        input_ (str | Unset): JSON text
        map_index (int | Unset): In an inline Map, the index of the item, from 0
        map_items (MapItems | Unset): How far an inline Map has come; items in none of the other numbers are still to
            begin
        name (str | Unset):
        output (str | Unset): JSON text
        parent (str | Unset): Id of the job of the Parallel or Map that the state is in
        queue (str | Unset):
        state (str | Unset): Name of the state
        state_resource (StateResource | Unset):
        state_type (str | Unset): Type of the state, such as `Task`
        status (JobStatus | Unset):
        status_reason (str | Unset):
    """

    attempts: list[JobAttempt]
    created_at: datetime.datetime
    started_at: datetime.datetime
    stopped_at: datetime.datetime
    branch: int | Unset = UNSET
    container: str | Unset = UNSET
    id: str | Unset = UNSET
    input_: str | Unset = UNSET
    map_index: int | Unset = UNSET
    map_items: MapItems | Unset = UNSET
    name: str | Unset = UNSET
    output: str | Unset = UNSET
    parent: str | Unset = UNSET
    queue: str | Unset = UNSET
    state: str | Unset = UNSET
    state_resource: StateResource | Unset = UNSET
    state_type: str | Unset = UNSET
    status: JobStatus | Unset = UNSET
    status_reason: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = []
        for attempts_item_data in self.attempts:
            attempts_item = attempts_item_data.to_dict()
            attempts.append(attempts_item)

        created_at = self.created_at.isoformat()

        started_at = self.started_at.isoformat()

        stopped_at = self.stopped_at.isoformat()

        branch = self.branch

        container = self.container

        id = self.id

        input_ = self.input_

        map_index = self.map_index

        map_items: dict[str, Any] | Unset = UNSET
        if not isinstance(self.map_items, Unset):
            map_items = self.map_items.to_dict()

        name = self.name

        output = self.output

        parent = self.parent

        queue = self.queue

        state = self.state

        state_resource: dict[str, Any] | Unset = UNSET
        if not isinstance(self.state_resource, Unset):
            state_resource = self.state_resource.to_dict()

        state_type = self.state_type

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        status_reason = self.status_reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "createdAt": created_at,
                "startedAt": started_at,
                "stoppedAt": stopped_at,
            }
        )
        if branch is not UNSET:
            field_dict["branch"] = branch
        if container is not UNSET:
            field_dict["container"] = container
        if id is not UNSET:
            field_dict["id"] = id
        if input_ is not UNSET:
            field_dict["input"] = input_
        if map_index is not UNSET:
            field_dict["mapIndex"] = map_index
        if map_items is not UNSET:
            field_dict["mapItems"] = map_items
        if name is not UNSET:
            field_dict["name"] = name
        if output is not UNSET:
            field_dict["output"] = output
        if parent is not UNSET:
            field_dict["parent"] = parent
        if queue is not UNSET:
            field_dict["queue"] = queue
        if state is not UNSET:
            field_dict["state"] = state
        if state_resource is not UNSET:
            field_dict["stateResource"] = state_resource
        if state_type is not UNSET:
            field_dict["stateType"] = state_type
        if status is not UNSET:
            field_dict["status"] = status
        if status_reason is not UNSET:
            field_dict["statusReason"] = status_reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_attempt import JobAttempt  # noqa: PLC0415
        from ..models.map_items import MapItems  # noqa: PLC0415
        from ..models.state_resource import StateResource  # noqa: PLC0415

        d = dict(src_dict)
        attempts = []
        _attempts = d.pop("attempts")
        for attempts_item_data in _attempts:
            attempts_item = JobAttempt.from_dict(attempts_item_data)

            attempts.append(attempts_item)

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        started_at = datetime.datetime.fromisoformat(d.pop("startedAt"))

        stopped_at = datetime.datetime.fromisoformat(d.pop("stoppedAt"))

        branch = d.pop("branch", UNSET)

        container = d.pop("container", UNSET)

        id = d.pop("id", UNSET)

        input_ = d.pop("input", UNSET)

        map_index = d.pop("mapIndex", UNSET)

        _map_items = d.pop("mapItems", UNSET)
        map_items: MapItems | Unset
        if isinstance(_map_items, Unset):
            map_items = UNSET
        else:
            map_items = MapItems.from_dict(_map_items)

        name = d.pop("name", UNSET)

        output = d.pop("output", UNSET)

        parent = d.pop("parent", UNSET)

        queue = d.pop("queue", UNSET)

        state = d.pop("state", UNSET)

        _state_resource = d.pop("stateResource", UNSET)
        state_resource: StateResource | Unset
        if isinstance(_state_resource, Unset):
            state_resource = UNSET
        else:
            state_resource = StateResource.from_dict(_state_resource)

        state_type = d.pop("stateType", UNSET)

        _status = d.pop("status", UNSET)
        status: JobStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_job_status(_status)

        status_reason = d.pop("statusReason", UNSET)

        job = cls(
            attempts=attempts,
            created_at=created_at,
            started_at=started_at,
            stopped_at=stopped_at,
            branch=branch,
            container=container,
            id=id,
            input_=input_,
            map_index=map_index,
            map_items=map_items,
            name=name,
            output=output,
            parent=parent,
            queue=queue,
            state=state,
            state_resource=state_resource,
            state_type=state_type,
            status=status,
            status_reason=status_reason,
        )

        job.additional_properties = d
        return job

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
