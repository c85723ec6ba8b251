from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.activity_load import ActivityLoad


T = TypeVar("T", bound="Activity")


@_attrs_define
class Activity:
    """
    Attributes:
        name (str): That of the namespace, `--`, and the name that definitions give as `Resource`
        activity_arn (str):
        created_at (datetime.datetime):
        load (ActivityLoad | Unset): What waits, what runs and who works, now. Zeros are written here.
    """

    name: str
    activity_arn: str
    created_at: datetime.datetime
    load: ActivityLoad | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        activity_arn = self.activity_arn

        created_at = self.created_at.isoformat()

        load: dict[str, Any] | Unset = UNSET
        if not isinstance(self.load, Unset):
            load = self.load.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "activityArn": activity_arn,
                "createdAt": created_at,
            }
        )
        if load is not UNSET:
            field_dict["load"] = load

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.activity_load import ActivityLoad  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        activity_arn = d.pop("activityArn")

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        _load = d.pop("load", UNSET)
        load: ActivityLoad | Unset
        if isinstance(_load, Unset):
            load = UNSET
        else:
            load = ActivityLoad.from_dict(_load)

        activity = cls(
            name=name,
            activity_arn=activity_arn,
            created_at=created_at,
            load=load,
        )

        activity.additional_properties = d
        return activity

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
