from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.delivery_status import DeliveryStatus, check_delivery_status
from ..types import UNSET, Unset

T = TypeVar("T", bound="WebhookDelivery")


@_attrs_define
class WebhookDelivery:
    """
    Attributes:
        id (str):
        message_id (str): The `webhook-id` of every attempt
        type_ (str):  Example: workflow.failed.
        workflow_id (str):
        status (DeliveryStatus):
        last_attempt_at (datetime.datetime):
        created_at (datetime.datetime):
        attempts (int | Unset):
        last_status (int | Unset): HTTP status of the last answer, if there was one
        last_error (str | Unset):
    """

    id: str
    message_id: str
    type_: str
    workflow_id: str
    status: DeliveryStatus
    last_attempt_at: datetime.datetime
    created_at: datetime.datetime
    attempts: int | Unset = UNSET
    last_status: int | Unset = UNSET
    last_error: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        message_id = self.message_id

        type_ = self.type_

        workflow_id = self.workflow_id

        status: str = self.status

        last_attempt_at = self.last_attempt_at.isoformat()

        created_at = self.created_at.isoformat()

        attempts = self.attempts

        last_status = self.last_status

        last_error = self.last_error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "messageID": message_id,
                "type": type_,
                "workflowID": workflow_id,
                "status": status,
                "lastAttemptAt": last_attempt_at,
                "createdAt": created_at,
            }
        )
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if last_status is not UNSET:
            field_dict["lastStatus"] = last_status
        if last_error is not UNSET:
            field_dict["lastError"] = last_error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        message_id = d.pop("messageID")

        type_ = d.pop("type")

        workflow_id = d.pop("workflowID")

        status = check_delivery_status(d.pop("status"))

        last_attempt_at = datetime.datetime.fromisoformat(d.pop("lastAttemptAt"))

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        attempts = d.pop("attempts", UNSET)

        last_status = d.pop("lastStatus", UNSET)

        last_error = d.pop("lastError", UNSET)

        webhook_delivery = cls(
            id=id,
            message_id=message_id,
            type_=type_,
            workflow_id=workflow_id,
            status=status,
            last_attempt_at=last_attempt_at,
            created_at=created_at,
            attempts=attempts,
            last_status=last_status,
            last_error=last_error,
        )

        webhook_delivery.additional_properties = d
        return webhook_delivery

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
