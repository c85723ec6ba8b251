from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="JobAttempt")


@_attrs_define
class JobAttempt:
    """
    Attributes:
        created_at (datetime.datetime):
        started_at (datetime.datetime):
        stopped_at (datetime.datetime):
        container_instance_arn (str | Unset):
        exit_code (int | Unset):
        reason (str | Unset):
        task_arn (str | Unset): Name of the worker that had it
    """

    created_at: datetime.datetime
    started_at: datetime.datetime
    stopped_at: datetime.datetime
    container_instance_arn: str | Unset = UNSET
    exit_code: int | Unset = UNSET
    reason: str | Unset = UNSET
    task_arn: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        started_at = self.started_at.isoformat()

        stopped_at = self.stopped_at.isoformat()

        container_instance_arn = self.container_instance_arn

        exit_code = self.exit_code

        reason = self.reason

        task_arn = self.task_arn

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "createdAt": created_at,
                "startedAt": started_at,
                "stoppedAt": stopped_at,
            }
        )
        if container_instance_arn is not UNSET:
            field_dict["containerInstanceARN"] = container_instance_arn
        if exit_code is not UNSET:
            field_dict["exitCode"] = exit_code
        if reason is not UNSET:
            field_dict["reason"] = reason
        if task_arn is not UNSET:
            field_dict["taskARN"] = task_arn

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        started_at = datetime.datetime.fromisoformat(d.pop("startedAt"))

        stopped_at = datetime.datetime.fromisoformat(d.pop("stoppedAt"))

        container_instance_arn = d.pop("containerInstanceARN", UNSET)

        exit_code = d.pop("exitCode", UNSET)

        reason = d.pop("reason", UNSET)

        task_arn = d.pop("taskARN", UNSET)

        job_attempt = cls(
            created_at=created_at,
            started_at=started_at,
            stopped_at=stopped_at,
            container_instance_arn=container_instance_arn,
            exit_code=exit_code,
            reason=reason,
            task_arn=task_arn,
        )

        job_attempt.additional_properties = d
        return job_attempt

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
