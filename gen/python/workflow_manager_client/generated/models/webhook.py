from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.end_status import EndStatus, check_end_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.webhook_tags import WebhookTags


T = TypeVar("T", bound="Webhook")


@_attrs_define
class Webhook:
    """
    Attributes:
        id (str):
        url (str):
        statuses (list[EndStatus]):
        failing_since (datetime.datetime): The first failed attempt after the last success; the zero date when there is
            none
        created_at (datetime.datetime):
        updated_at (datetime.datetime):
        description (str | Unset):
        workflow_definition_name (str | Unset):
        namespace (str | Unset):
        tags (WebhookTags | Unset):
        disabled (bool | Unset):  Default: False.
        disabled_reason (str | Unset):
        secret (str | Unset): Only in the answer that creates it
    """

    id: str
    url: str
    statuses: list[EndStatus]
    failing_since: datetime.datetime
    created_at: datetime.datetime
    updated_at: datetime.datetime
    description: str | Unset = UNSET
    workflow_definition_name: str | Unset = UNSET
    namespace: str | Unset = UNSET
    tags: WebhookTags | Unset = UNSET
    disabled: bool | Unset = False
    disabled_reason: str | Unset = UNSET
    secret: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        url = self.url

        statuses = []
        for statuses_item_data in self.statuses:
            statuses_item: str = statuses_item_data
            statuses.append(statuses_item)

        failing_since = self.failing_since.isoformat()

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        description = self.description

        workflow_definition_name = self.workflow_definition_name

        namespace = self.namespace

        tags: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags.to_dict()

        disabled = self.disabled

        disabled_reason = self.disabled_reason

        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "url": url,
                "statuses": statuses,
                "failingSince": failing_since,
                "createdAt": created_at,
                "updatedAt": updated_at,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if workflow_definition_name is not UNSET:
            field_dict["workflowDefinitionName"] = workflow_definition_name
        if namespace is not UNSET:
            field_dict["namespace"] = namespace
        if tags is not UNSET:
            field_dict["tags"] = tags
        if disabled is not UNSET:
            field_dict["disabled"] = disabled
        if disabled_reason is not UNSET:
            field_dict["disabledReason"] = disabled_reason
        if secret is not UNSET:
            field_dict["secret"] = secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.webhook_tags import WebhookTags  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        url = d.pop("url")

        statuses = []
        _statuses = d.pop("statuses")
        for statuses_item_data in _statuses:
            statuses_item = check_end_status(statuses_item_data)

            statuses.append(statuses_item)

        failing_since = datetime.datetime.fromisoformat(d.pop("failingSince"))

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updatedAt"))

        description = d.pop("description", UNSET)

        workflow_definition_name = d.pop("workflowDefinitionName", UNSET)

        namespace = d.pop("namespace", UNSET)

        _tags = d.pop("tags", UNSET)
        tags: WebhookTags | Unset
        if isinstance(_tags, Unset):
            tags = UNSET
        else:
            tags = WebhookTags.from_dict(_tags)

        disabled = d.pop("disabled", UNSET)

        disabled_reason = d.pop("disabledReason", UNSET)

        secret = d.pop("secret", UNSET)

        webhook = cls(
            id=id,
            url=url,
            statuses=statuses,
            failing_since=failing_since,
            created_at=created_at,
            updated_at=updated_at,
            description=description,
            workflow_definition_name=workflow_definition_name,
            namespace=namespace,
            tags=tags,
            disabled=disabled,
            disabled_reason=disabled_reason,
            secret=secret,
        )

        webhook.additional_properties = d
        return webhook

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
