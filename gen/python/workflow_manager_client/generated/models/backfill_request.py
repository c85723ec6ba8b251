from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.overlap import Overlap, check_overlap
from ..types import UNSET, Unset

T = TypeVar("T", bound="BackfillRequest")


@_attrs_define
class BackfillRequest:
    """
    Attributes:
        start_at (datetime.datetime):
        end_at (datetime.datetime): Not in the future
        overlap (Overlap | Unset): What becomes of a time while a workflow of the schedule is running: both run
            (`allow`), it is left
            out (`skip`, which is what it means if absent), one waits and others are left out (`bufferOne`), all
            wait (`queue`), or the one that runs is cancelled (`cancelRunning`)
    """

    start_at: datetime.datetime
    end_at: datetime.datetime
    overlap: Overlap | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        start_at = self.start_at.isoformat()

        end_at = self.end_at.isoformat()

        overlap: str | Unset = UNSET
        if not isinstance(self.overlap, Unset):
            overlap = self.overlap

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "startAt": start_at,
                "endAt": end_at,
            }
        )
        if overlap is not UNSET:
            field_dict["overlap"] = overlap

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        start_at = datetime.datetime.fromisoformat(d.pop("startAt"))

        end_at = datetime.datetime.fromisoformat(d.pop("endAt"))

        _overlap = d.pop("overlap", UNSET)
        overlap: Overlap | Unset
        if isinstance(_overlap, Unset):
            overlap = UNSET
        else:
            overlap = check_overlap(_overlap)

        backfill_request = cls(
            start_at=start_at,
            end_at=end_at,
            overlap=overlap,
        )

        backfill_request.additional_properties = d
        return backfill_request

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
