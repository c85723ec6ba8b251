from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.start_workflow_request_tags_type_0 import StartWorkflowRequestTagsType0
    from ..models.workflow_definition_ref import WorkflowDefinitionRef


T = TypeVar("T", bound="StartWorkflowRequest")


@_attrs_define
class StartWorkflowRequest:
    """
    Attributes:
        workflow_definition (WorkflowDefinitionRef):
        input_ (None | str | Unset): The JSON text of an object; empty for `{}`
        namespace (None | str | Unset): Part of the names of all activities and functions
        queue (None | str | Unset): Kept with the workflow; empty for `default`
        tags (None | StartWorkflowRequestTagsType0 | Unset): Strings, laid over the definition's default tags
        id_suffix (None | str | Unset): Ignored
    """

    workflow_definition: WorkflowDefinitionRef
    input_: None | str | Unset = UNSET
    namespace: None | str | Unset = UNSET
    queue: None | str | Unset = UNSET
    tags: None | StartWorkflowRequestTagsType0 | Unset = UNSET
    id_suffix: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.start_workflow_request_tags_type_0 import (
            StartWorkflowRequestTagsType0,  # noqa: PLC0415
        )

        workflow_definition = self.workflow_definition.to_dict()

        input_: None | str | Unset
        if isinstance(self.input_, Unset):
            input_ = UNSET
        else:
            input_ = self.input_

        namespace: None | str | Unset
        if isinstance(self.namespace, Unset):
            namespace = UNSET
        else:
            namespace = self.namespace

        queue: None | str | Unset
        if isinstance(self.queue, Unset):
            queue = UNSET
        else:
            queue = self.queue

        tags: dict[str, Any] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, StartWorkflowRequestTagsType0):
            tags = self.tags.to_dict()
        else:
            tags = self.tags

        id_suffix: None | str | Unset
        if isinstance(self.id_suffix, Unset):
            id_suffix = UNSET
        else:
            id_suffix = self.id_suffix

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "workflowDefinition": workflow_definition,
            }
        )
        if input_ is not UNSET:
            field_dict["input"] = input_
        if namespace is not UNSET:
            field_dict["namespace"] = namespace
        if queue is not UNSET:
            field_dict["queue"] = queue
        if tags is not UNSET:
            field_dict["tags"] = tags
        if id_suffix is not UNSET:
            field_dict["idSuffix"] = id_suffix

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.start_workflow_request_tags_type_0 import (
            StartWorkflowRequestTagsType0,  # noqa: PLC0415
        )
        from ..models.workflow_definition_ref import WorkflowDefinitionRef  # noqa: PLC0415

        d = dict(src_dict)
        workflow_definition = WorkflowDefinitionRef.from_dict(d.pop("workflowDefinition"))

        def _parse_input_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        input_ = _parse_input_(d.pop("input", UNSET))

        def _parse_namespace(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        namespace = _parse_namespace(d.pop("namespace", UNSET))

        def _parse_queue(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        queue = _parse_queue(d.pop("queue", UNSET))

        def _parse_tags(data: object) -> None | StartWorkflowRequestTagsType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                tags_type_0 = StartWorkflowRequestTagsType0.from_dict(data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StartWorkflowRequestTagsType0 | Unset, data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_id_suffix(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        id_suffix = _parse_id_suffix(d.pop("idSuffix", UNSET))

        start_workflow_request = cls(
            workflow_definition=workflow_definition,
            input_=input_,
            namespace=namespace,
            queue=queue,
            tags=tags,
            id_suffix=id_suffix,
        )

        start_workflow_request.additional_properties = d
        return start_workflow_request

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
