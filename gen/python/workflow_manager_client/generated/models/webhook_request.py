from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.end_status import EndStatus, check_end_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.webhook_request_tags_type_0 import WebhookRequestTagsType0


T = TypeVar("T", bound="WebhookRequest")


@_attrs_define
class WebhookRequest:
    """Of what is given besides the address, all must hold for an end to be told

    Attributes:
        url (str): An http or https address; private ones only if the server allows them
        description (None | str | Unset):
        statuses (list[EndStatus] | None | Unset): Ends to be told; absent or empty for all
        workflow_definition_name (None | str | Unset):
        namespace (None | str | Unset):
        tags (None | Unset | WebhookRequestTagsType0): Strings; workflows that have all of them
        secret (None | str | Unset): `whsec_` and the base64 of 24 to 64 bytes; drawn if absent
    """

    url: str
    description: None | str | Unset = UNSET
    statuses: list[EndStatus] | None | Unset = UNSET
    workflow_definition_name: None | str | Unset = UNSET
    namespace: None | str | Unset = UNSET
    tags: None | Unset | WebhookRequestTagsType0 = UNSET
    secret: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.webhook_request_tags_type_0 import WebhookRequestTagsType0  # noqa: PLC0415

        url = self.url

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        statuses: list[str] | None | Unset
        if isinstance(self.statuses, Unset):
            statuses = UNSET
        elif isinstance(self.statuses, list):
            statuses = []
            for statuses_type_0_item_data in self.statuses:
                statuses_type_0_item: str = statuses_type_0_item_data
                statuses.append(statuses_type_0_item)

        else:
            statuses = self.statuses

        workflow_definition_name: None | str | Unset
        if isinstance(self.workflow_definition_name, Unset):
            workflow_definition_name = UNSET
        else:
            workflow_definition_name = self.workflow_definition_name

        namespace: None | str | Unset
        if isinstance(self.namespace, Unset):
            namespace = UNSET
        else:
            namespace = self.namespace

        tags: dict[str, Any] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, WebhookRequestTagsType0):
            tags = self.tags.to_dict()
        else:
            tags = self.tags

        secret: None | str | Unset
        if isinstance(self.secret, Unset):
            secret = UNSET
        else:
            secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "url": url,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if statuses is not UNSET:
            field_dict["statuses"] = statuses
        if workflow_definition_name is not UNSET:
            field_dict["workflowDefinitionName"] = workflow_definition_name
        if namespace is not UNSET:
            field_dict["namespace"] = namespace
        if tags is not UNSET:
            field_dict["tags"] = tags
        if secret is not UNSET:
            field_dict["secret"] = secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.webhook_request_tags_type_0 import WebhookRequestTagsType0  # noqa: PLC0415

        d = dict(src_dict)
        url = d.pop("url")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_statuses(data: object) -> list[EndStatus] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                statuses_type_0 = []
                _statuses_type_0 = data
                for statuses_type_0_item_data in _statuses_type_0:
                    statuses_type_0_item = check_end_status(statuses_type_0_item_data)

                    statuses_type_0.append(statuses_type_0_item)

                return statuses_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[EndStatus] | None | Unset, data)

        statuses = _parse_statuses(d.pop("statuses", UNSET))

        def _parse_workflow_definition_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        workflow_definition_name = _parse_workflow_definition_name(d.pop("workflowDefinitionName", UNSET))

        def _parse_namespace(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        namespace = _parse_namespace(d.pop("namespace", UNSET))

        def _parse_tags(data: object) -> None | Unset | WebhookRequestTagsType0:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                tags_type_0 = WebhookRequestTagsType0.from_dict(data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | WebhookRequestTagsType0, data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_secret(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        secret = _parse_secret(d.pop("secret", UNSET))

        webhook_request = cls(
            url=url,
            description=description,
            statuses=statuses,
            workflow_definition_name=workflow_definition_name,
            namespace=namespace,
            tags=tags,
            secret=secret,
        )

        webhook_request.additional_properties = d
        return webhook_request

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
