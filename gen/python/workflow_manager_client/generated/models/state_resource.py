from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.state_resource_type import StateResourceType, check_state_resource_type
from ..types import UNSET, Unset

T = TypeVar("T", bound="StateResource")


@_attrs_define
class StateResource:
    """
    Attributes:
        last_updated (datetime.datetime):
        name (str | Unset):
        namespace (str | Unset):
        type_ (StateResourceType | Unset):
        uri (str | Unset):
    """

    last_updated: datetime.datetime
    name: str | Unset = UNSET
    namespace: str | Unset = UNSET
    type_: StateResourceType | Unset = UNSET
    uri: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        last_updated = self.last_updated.isoformat()

        name = self.name

        namespace = self.namespace

        type_: str | Unset = UNSET
        if not isinstance(self.type_, Unset):
            type_ = self.type_

        uri = self.uri

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "lastUpdated": last_updated,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if namespace is not UNSET:
            field_dict["namespace"] = namespace
        if type_ is not UNSET:
            field_dict["type"] = type_
        if uri is not UNSET:
            field_dict["uri"] = uri

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        last_updated = datetime.datetime.fromisoformat(d.pop("lastUpdated"))

        name = d.pop("name", UNSET)

        namespace = d.pop("namespace", UNSET)

        _type_ = d.pop("type", UNSET)
        type_: StateResourceType | Unset
        if isinstance(_type_, Unset):
            type_ = UNSET
        else:
            type_ = check_state_resource_type(_type_)

        uri = d.pop("uri", UNSET)

        state_resource = cls(
            last_updated=last_updated,
            name=name,
            namespace=namespace,
            type_=type_,
            uri=uri,
        )

        state_resource.additional_properties = d
        return state_resource

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
