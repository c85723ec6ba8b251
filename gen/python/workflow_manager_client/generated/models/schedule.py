from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.catch_up import CatchUp, check_catch_up
from ..models.overlap import Overlap, check_overlap
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.schedule_run import ScheduleRun
    from ..models.schedule_tags import ScheduleTags
    from ..models.scheduled_definition import ScheduledDefinition


T = TypeVar("T", bound="Schedule")


@_attrs_define
class Schedule:
    """
    Attributes:
        name (str):
        id (str): Another one after it was deleted and made anew
        version (int): Counts its changes, from 1
        time_zone (str):
        overlap (Overlap): What becomes of a time while a workflow of the schedule is running: both run (`allow`), it is
            left
            out (`skip`, which is what it means if absent), one waits and others are left out (`bufferOne`), all
            wait (`queue`), or the one that runs is cancelled (`cancelRunning`)
        catch_up (CatchUp): What is made up for of the times that came while no server ran: nothing, the latest (which
            is what it
            means if absent), or all up to `catchUpLimit`. A time that is seen within a minute was not missed.
        catch_up_limit (int):
        workflow_definition (ScheduledDefinition):
        created_at (datetime.datetime):
        updated_at (datetime.datetime):
        next_at (datetime.datetime): The zero date when there is none
        runs (list[ScheduleRun]): What became of the latest times, the latest first
        cron (str | Unset):
        every_seconds (int | Unset):
        start_at (datetime.datetime | Unset):
        end_at (datetime.datetime | Unset):
        jitter_seconds (int | Unset):
        input_ (str | Unset):
        namespace (str | Unset):
        queue (str | Unset):
        tags (ScheduleTags | Unset):
        description (str | Unset):
        paused (bool | Unset):  Default: False.
        pause_reason (str | Unset):
        waiting (int | Unset): Times that have come and are not started yet
        last_error (str | Unset): Why the one that waits could not be started so far
    """

    name: str
    id: str
    version: int
    time_zone: str
    overlap: Overlap
    catch_up: CatchUp
    catch_up_limit: int
    workflow_definition: ScheduledDefinition
    created_at: datetime.datetime
    updated_at: datetime.datetime
    next_at: datetime.datetime
    runs: list[ScheduleRun]
    cron: str | Unset = UNSET
    every_seconds: int | Unset = UNSET
    start_at: datetime.datetime | Unset = UNSET
    end_at: datetime.datetime | Unset = UNSET
    jitter_seconds: int | Unset = UNSET
    input_: str | Unset = UNSET
    namespace: str | Unset = UNSET
    queue: str | Unset = UNSET
    tags: ScheduleTags | Unset = UNSET
    description: str | Unset = UNSET
    paused: bool | Unset = False
    pause_reason: str | Unset = UNSET
    waiting: int | Unset = UNSET
    last_error: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        id = self.id

        version = self.version

        time_zone = self.time_zone

        overlap: str = self.overlap

        catch_up: str = self.catch_up

        catch_up_limit = self.catch_up_limit

        workflow_definition = self.workflow_definition.to_dict()

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        next_at = self.next_at.isoformat()

        runs = []
        for runs_item_data in self.runs:
            runs_item = runs_item_data.to_dict()
            runs.append(runs_item)

        cron = self.cron

        every_seconds = self.every_seconds

        start_at: str | Unset = UNSET
        if not isinstance(self.start_at, Unset):
            start_at = self.start_at.isoformat()

        end_at: str | Unset = UNSET
        if not isinstance(self.end_at, Unset):
            end_at = self.end_at.isoformat()

        jitter_seconds = self.jitter_seconds

        input_ = self.input_

        namespace = self.namespace

        queue = self.queue

        tags: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags.to_dict()

        description = self.description

        paused = self.paused

        pause_reason = self.pause_reason

        waiting = self.waiting

        last_error = self.last_error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "id": id,
                "version": version,
                "timeZone": time_zone,
                "overlap": overlap,
                "catchUp": catch_up,
                "catchUpLimit": catch_up_limit,
                "workflowDefinition": workflow_definition,
                "createdAt": created_at,
                "updatedAt": updated_at,
                "nextAt": next_at,
                "runs": runs,
            }
        )
        if cron is not UNSET:
            field_dict["cron"] = cron
        if every_seconds is not UNSET:
            field_dict["everySeconds"] = every_seconds
        if start_at is not UNSET:
            field_dict["startAt"] = start_at
        if end_at is not UNSET:
            field_dict["endAt"] = end_at
        if jitter_seconds is not UNSET:
            field_dict["jitterSeconds"] = jitter_seconds
        if input_ is not UNSET:
            field_dict["input"] = input_
        if namespace is not UNSET:
            field_dict["namespace"] = namespace
        if queue is not UNSET:
            field_dict["queue"] = queue
        if tags is not UNSET:
            field_dict["tags"] = tags
        if description is not UNSET:
            field_dict["description"] = description
        if paused is not UNSET:
            field_dict["paused"] = paused
        if pause_reason is not UNSET:
            field_dict["pauseReason"] = pause_reason
        if waiting is not UNSET:
            field_dict["waiting"] = waiting
        if last_error is not UNSET:
            field_dict["lastError"] = last_error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.schedule_run import ScheduleRun  # noqa: PLC0415
        from ..models.schedule_tags import ScheduleTags  # noqa: PLC0415
        from ..models.scheduled_definition import ScheduledDefinition  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        id = d.pop("id")

        version = d.pop("version")

        time_zone = d.pop("timeZone")

        overlap = check_overlap(d.pop("overlap"))

        catch_up = check_catch_up(d.pop("catchUp"))

        catch_up_limit = d.pop("catchUpLimit")

        workflow_definition = ScheduledDefinition.from_dict(d.pop("workflowDefinition"))

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updatedAt"))

        next_at = datetime.datetime.fromisoformat(d.pop("nextAt"))

        runs = []
        _runs = d.pop("runs")
        for runs_item_data in _runs:
            runs_item = ScheduleRun.from_dict(runs_item_data)

            runs.append(runs_item)

        cron = d.pop("cron", UNSET)

        every_seconds = d.pop("everySeconds", UNSET)

        _start_at = d.pop("startAt", UNSET)
        start_at: datetime.datetime | Unset
        if isinstance(_start_at, Unset):
            start_at = UNSET
        else:
            start_at = datetime.datetime.fromisoformat(_start_at)

        _end_at = d.pop("endAt", UNSET)
        end_at: datetime.datetime | Unset
        if isinstance(_end_at, Unset):
            end_at = UNSET
        else:
            end_at = datetime.datetime.fromisoformat(_end_at)

        jitter_seconds = d.pop("jitterSeconds", UNSET)

        input_ = d.pop("input", UNSET)

        namespace = d.pop("namespace", UNSET)

        queue = d.pop("queue", UNSET)

        _tags = d.pop("tags", UNSET)
        tags: ScheduleTags | Unset
        if isinstance(_tags, Unset):
            tags = UNSET
        else:
            tags = ScheduleTags.from_dict(_tags)

        description = d.pop("description", UNSET)

        paused = d.pop("paused", UNSET)

        pause_reason = d.pop("pauseReason", UNSET)

        waiting = d.pop("waiting", UNSET)

        last_error = d.pop("lastError", UNSET)

        schedule = cls(
            name=name,
            id=id,
            version=version,
            time_zone=time_zone,
            overlap=overlap,
            catch_up=catch_up,
            catch_up_limit=catch_up_limit,
            workflow_definition=workflow_definition,
            created_at=created_at,
            updated_at=updated_at,
            next_at=next_at,
            runs=runs,
            cron=cron,
            every_seconds=every_seconds,
            start_at=start_at,
            end_at=end_at,
            jitter_seconds=jitter_seconds,
            input_=input_,
            namespace=namespace,
            queue=queue,
            tags=tags,
            description=description,
            paused=paused,
            pause_reason=pause_reason,
            waiting=waiting,
            last_error=last_error,
        )

        schedule.additional_properties = d
        return schedule

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
