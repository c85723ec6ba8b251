from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.catch_up import CatchUp, check_catch_up
from ..models.overlap import Overlap, check_overlap
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.schedule_request_tags_type_0 import ScheduleRequestTagsType0
    from ..models.scheduled_definition import ScheduledDefinition


T = TypeVar("T", bound="ScheduleRequest")


@_attrs_define
class ScheduleRequest:
    """Either `cron` or `everySeconds`

    Attributes:
        workflow_definition (ScheduledDefinition):
        name (None | str | Unset): Needed where it is not in the path; letters, digits and `_ . : -`
        cron (None | str | Unset): Minute, hour, day of month, month, day of week, as Debian's cron has them: lists,
            ranges, steps,
            names, `L` for a month's last day, `MON#2` for its second Monday; or `@daily` and the like
        every_seconds (int | None | Unset): Counted from `startAt`, else from its creation
        time_zone (None | str | Unset): Of IANA's database, such as `Europe/Berlin`; `UTC` if absent
        start_at (datetime.datetime | None | Unset): No time before it counts
        end_at (datetime.datetime | None | Unset): No time after it counts
        jitter_seconds (int | None | Unset): It fires later by a part of this, which is the same every time
        overlap (Overlap | Unset): What becomes of a time while a workflow of the schedule is running: both run
            (`allow`), it is left
            out (`skip`, which is what it means if absent), one waits and others are left out (`bufferOne`), all
            wait (`queue`), or the one that runs is cancelled (`cancelRunning`)
        catch_up (CatchUp | Unset): What is made up for of the times that came while no server ran: nothing, the latest
            (which is what it
            means if absent), or all up to `catchUpLimit`. A time that is seen within a minute was not missed.
        catch_up_limit (int | None | Unset): How many are made up for at most; 100 if absent
        input_ (None | str | Unset): The JSON text of an object; empty for `{}`
        namespace (None | str | Unset):
        queue (None | str | Unset):
        tags (None | ScheduleRequestTagsType0 | Unset): Strings, laid over the definition's default tags
        description (None | str | Unset):
        paused (bool | None | Unset):
    """

    workflow_definition: ScheduledDefinition
    name: None | str | Unset = UNSET
    cron: None | str | Unset = UNSET
    every_seconds: int | None | Unset = UNSET
    time_zone: None | str | Unset = UNSET
    start_at: datetime.datetime | None | Unset = UNSET
    end_at: datetime.datetime | None | Unset = UNSET
    jitter_seconds: int | None | Unset = UNSET
    overlap: Overlap | Unset = UNSET
    catch_up: CatchUp | Unset = UNSET
    catch_up_limit: int | None | Unset = UNSET
    input_: None | str | Unset = UNSET
    namespace: None | str | Unset = UNSET
    queue: None | str | Unset = UNSET
    tags: None | ScheduleRequestTagsType0 | Unset = UNSET
    description: None | str | Unset = UNSET
    paused: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.schedule_request_tags_type_0 import ScheduleRequestTagsType0  # noqa: PLC0415

        workflow_definition = self.workflow_definition.to_dict()

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        cron: None | str | Unset
        if isinstance(self.cron, Unset):
            cron = UNSET
        else:
            cron = self.cron

        every_seconds: int | None | Unset
        if isinstance(self.every_seconds, Unset):
            every_seconds = UNSET
        else:
            every_seconds = self.every_seconds

        time_zone: None | str | Unset
        if isinstance(self.time_zone, Unset):
            time_zone = UNSET
        else:
            time_zone = self.time_zone

        start_at: None | str | Unset
        if isinstance(self.start_at, Unset):
            start_at = UNSET
        elif isinstance(self.start_at, datetime.datetime):
            start_at = self.start_at.isoformat()
        else:
            start_at = self.start_at

        end_at: None | str | Unset
        if isinstance(self.end_at, Unset):
            end_at = UNSET
        elif isinstance(self.end_at, datetime.datetime):
            end_at = self.end_at.isoformat()
        else:
            end_at = self.end_at

        jitter_seconds: int | None | Unset
        if isinstance(self.jitter_seconds, Unset):
            jitter_seconds = UNSET
        else:
            jitter_seconds = self.jitter_seconds

        overlap: str | Unset = UNSET
        if not isinstance(self.overlap, Unset):
            overlap = self.overlap

        catch_up: str | Unset = UNSET
        if not isinstance(self.catch_up, Unset):
            catch_up = self.catch_up

        catch_up_limit: int | None | Unset
        if isinstance(self.catch_up_limit, Unset):
            catch_up_limit = UNSET
        else:
            catch_up_limit = self.catch_up_limit

        input_: None | str | Unset
        if isinstance(self.input_, Unset):
            input_ = UNSET
        else:
            input_ = self.input_

        namespace: None | str | Unset
        if isinstance(self.namespace, Unset):
            namespace = UNSET
        else:
            namespace = self.namespace

        queue: None | str | Unset
        if isinstance(self.queue, Unset):
            queue = UNSET
        else:
            queue = self.queue

        tags: dict[str, Any] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, ScheduleRequestTagsType0):
            tags = self.tags.to_dict()
        else:
            tags = self.tags

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        paused: bool | None | Unset
        if isinstance(self.paused, Unset):
            paused = UNSET
        else:
            paused = self.paused

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "workflowDefinition": workflow_definition,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if cron is not UNSET:
            field_dict["cron"] = cron
        if every_seconds is not UNSET:
            field_dict["everySeconds"] = every_seconds
        if time_zone is not UNSET:
            field_dict["timeZone"] = time_zone
        if start_at is not UNSET:
            field_dict["startAt"] = start_at
        if end_at is not UNSET:
            field_dict["endAt"] = end_at
        if jitter_seconds is not UNSET:
            field_dict["jitterSeconds"] = jitter_seconds
        if overlap is not UNSET:
            field_dict["overlap"] = overlap
        if catch_up is not UNSET:
            field_dict["catchUp"] = catch_up
        if catch_up_limit is not UNSET:
            field_dict["catchUpLimit"] = catch_up_limit
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

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.schedule_request_tags_type_0 import ScheduleRequestTagsType0  # noqa: PLC0415
        from ..models.scheduled_definition import ScheduledDefinition  # noqa: PLC0415

        d = dict(src_dict)
        workflow_definition = ScheduledDefinition.from_dict(d.pop("workflowDefinition"))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_cron(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cron = _parse_cron(d.pop("cron", UNSET))

        def _parse_every_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        every_seconds = _parse_every_seconds(d.pop("everySeconds", UNSET))

        def _parse_time_zone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        time_zone = _parse_time_zone(d.pop("timeZone", UNSET))

        def _parse_start_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                start_at_type_0 = datetime.datetime.fromisoformat(data)

                return start_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        start_at = _parse_start_at(d.pop("startAt", UNSET))

        def _parse_end_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                end_at_type_0 = datetime.datetime.fromisoformat(data)

                return end_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        end_at = _parse_end_at(d.pop("endAt", UNSET))

        def _parse_jitter_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        jitter_seconds = _parse_jitter_seconds(d.pop("jitterSeconds", UNSET))

        _overlap = d.pop("overlap", UNSET)
        overlap: Overlap | Unset
        if isinstance(_overlap, Unset):
            overlap = UNSET
        else:
            overlap = check_overlap(_overlap)

        _catch_up = d.pop("catchUp", UNSET)
        catch_up: CatchUp | Unset
        if isinstance(_catch_up, Unset):
            catch_up = UNSET
        else:
            catch_up = check_catch_up(_catch_up)

        def _parse_catch_up_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        catch_up_limit = _parse_catch_up_limit(d.pop("catchUpLimit", UNSET))

        def _parse_input_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        input_ = _parse_input_(d.pop("input", UNSET))

        def _parse_namespace(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        namespace = _parse_namespace(d.pop("namespace", UNSET))

        def _parse_queue(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        queue = _parse_queue(d.pop("queue", UNSET))

        def _parse_tags(data: object) -> None | ScheduleRequestTagsType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                tags_type_0 = ScheduleRequestTagsType0.from_dict(data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ScheduleRequestTagsType0 | Unset, data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_paused(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        paused = _parse_paused(d.pop("paused", UNSET))

        schedule_request = cls(
            workflow_definition=workflow_definition,
            name=name,
            cron=cron,
            every_seconds=every_seconds,
            time_zone=time_zone,
            start_at=start_at,
            end_at=end_at,
            jitter_seconds=jitter_seconds,
            overlap=overlap,
            catch_up=catch_up,
            catch_up_limit=catch_up_limit,
            input_=input_,
            namespace=namespace,
            queue=queue,
            tags=tags,
            description=description,
            paused=paused,
        )

        schedule_request.additional_properties = d
        return schedule_request

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
