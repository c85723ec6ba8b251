from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.worker_seen import WorkerSeen


T = TypeVar("T", bound="ActivityLoad")


@_attrs_define
class ActivityLoad:
    """What waits, what runs and who works, now. Zeros are written here.

    Attributes:
        waiting (int): Tasks that no worker has taken yet
        running (int): Tasks that workers hold
        pollers (int): Workers that ask for a task now
        workers (list[WorkerSeen]): Those heard of in the last ten minutes, and those that hold tasks, by name. After a
            restart
            of the server, a worker is known again when it asks for a task.
        waiting_since (datetime.datetime | Unset): When the task that is next in line was scheduled; absent when nothing
            waits
    """

    waiting: int
    running: int
    pollers: int
    workers: list[WorkerSeen]
    waiting_since: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        waiting = self.waiting

        running = self.running

        pollers = self.pollers

        workers = []
        for workers_item_data in self.workers:
            workers_item = workers_item_data.to_dict()
            workers.append(workers_item)

        waiting_since: str | Unset = UNSET
        if not isinstance(self.waiting_since, Unset):
            waiting_since = self.waiting_since.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "waiting": waiting,
                "running": running,
                "pollers": pollers,
                "workers": workers,
            }
        )
        if waiting_since is not UNSET:
            field_dict["waitingSince"] = waiting_since

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.worker_seen import WorkerSeen  # noqa: PLC0415

        d = dict(src_dict)
        waiting = d.pop("waiting")

        running = d.pop("running")

        pollers = d.pop("pollers")

        workers = []
        _workers = d.pop("workers")
        for workers_item_data in _workers:
            workers_item = WorkerSeen.from_dict(workers_item_data)

            workers.append(workers_item)

        _waiting_since = d.pop("waitingSince", UNSET)
        waiting_since: datetime.datetime | Unset
        if isinstance(_waiting_since, Unset):
            waiting_since = UNSET
        else:
            waiting_since = datetime.datetime.fromisoformat(_waiting_since)

        activity_load = cls(
            waiting=waiting,
            running=running,
            pollers=pollers,
            workers=workers,
            waiting_since=waiting_since,
        )

        activity_load.additional_properties = d
        return activity_load

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
