from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="WorkerSeen")


@_attrs_define
class WorkerSeen:
    """
    Attributes:
        name (str): As it calls itself; empty when it does not
        last_seen (datetime.datetime): When it last asked for a task, or told of one
        tasks (int): How many it holds
    """

    name: str
    last_seen: datetime.datetime
    tasks: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        last_seen = self.last_seen.isoformat()

        tasks = self.tasks

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "lastSeen": last_seen,
                "tasks": tasks,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        last_seen = datetime.datetime.fromisoformat(d.pop("lastSeen"))

        tasks = d.pop("tasks")

        worker_seen = cls(
            name=name,
            last_seen=last_seen,
            tasks=tasks,
        )

        worker_seen.additional_properties = d
        return worker_seen

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
