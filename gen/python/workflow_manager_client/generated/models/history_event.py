from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="HistoryEvent")


@_attrs_define
class HistoryEvent:
    """One event of an execution, as GetExecutionHistory returns it: besides these members, one with the
    details, which is named for the type, such as `activityFailedEventDetails`.

        Attributes:
            id (int):
            timestamp (datetime.datetime):
            type_ (str):  Example: TaskStateEntered.
            previous_event_id (int | Unset): Id of the event that led to this one; 0 for none
    """

    id: int
    timestamp: datetime.datetime
    type_: str
    previous_event_id: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        timestamp = self.timestamp.isoformat()

        type_ = self.type_

        previous_event_id = self.previous_event_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "timestamp": timestamp,
                "type": type_,
            }
        )
        if previous_event_id is not UNSET:
            field_dict["previousEventId"] = previous_event_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        timestamp = datetime.datetime.fromisoformat(d.pop("timestamp"))

        type_ = d.pop("type")

        previous_event_id = d.pop("previousEventId", UNSET)

        history_event = cls(
            id=id,
            timestamp=timestamp,
            type_=type_,
            previous_event_id=previous_event_id,
        )

        history_event.additional_properties = d
        return history_event

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
