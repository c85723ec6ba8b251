from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.schedule_run_outcome import ScheduleRunOutcome, check_schedule_run_outcome
from ..types import UNSET, Unset

T = TypeVar("T", bound="ScheduleRun")


@_attrs_define
class ScheduleRun:
    """
    Attributes:
        at (datetime.datetime):
        outcome (ScheduleRunOutcome):
        workflow_id (str | Unset):
        reason (str | Unset):
    """

    at: datetime.datetime
    outcome: ScheduleRunOutcome
    workflow_id: str | Unset = UNSET
    reason: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        outcome: str = self.outcome

        workflow_id = self.workflow_id

        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "outcome": outcome,
            }
        )
        if workflow_id is not UNSET:
            field_dict["workflowID"] = workflow_id
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        outcome = check_schedule_run_outcome(d.pop("outcome"))

        workflow_id = d.pop("workflowID", UNSET)

        reason = d.pop("reason", UNSET)

        schedule_run = cls(
            at=at,
            outcome=outcome,
            workflow_id=workflow_id,
            reason=reason,
        )

        schedule_run.additional_properties = d
        return schedule_run

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
