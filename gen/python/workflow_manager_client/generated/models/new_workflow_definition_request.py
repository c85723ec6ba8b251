from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.manager import Manager, check_manager
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_workflow_definition_request_default_tags_type_0 import (
        NewWorkflowDefinitionRequestDefaultTagsType0,
    )
    from ..models.sl_state_machine import SLStateMachine


T = TypeVar("T", bound="NewWorkflowDefinitionRequest")


@_attrs_define
class NewWorkflowDefinitionRequest:
    """
    Attributes:
        name (None | str | Unset): Needed, and not empty
        version (int | None | Unset): Ignored; the server counts
        manager (Manager | Unset):
        state_machine (None | SLStateMachine | Unset): Needed
        default_tags (NewWorkflowDefinitionRequestDefaultTagsType0 | None | Unset): Strings; tags of every workflow of
            this definition
    """

    name: None | str | Unset = UNSET
    version: int | None | Unset = UNSET
    manager: Manager | Unset = UNSET
    state_machine: None | SLStateMachine | Unset = UNSET
    default_tags: NewWorkflowDefinitionRequestDefaultTagsType0 | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.new_workflow_definition_request_default_tags_type_0 import (
            NewWorkflowDefinitionRequestDefaultTagsType0,  # noqa: PLC0415
        )
        from ..models.sl_state_machine import SLStateMachine  # noqa: PLC0415

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        version: int | None | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        manager: str | Unset = UNSET
        if not isinstance(self.manager, Unset):
            manager = self.manager

        state_machine: dict[str, Any] | None | Unset
        if isinstance(self.state_machine, Unset):
            state_machine = UNSET
        elif isinstance(self.state_machine, SLStateMachine):
            state_machine = self.state_machine.to_dict()
        else:
            state_machine = self.state_machine

        default_tags: dict[str, Any] | None | Unset
        if isinstance(self.default_tags, Unset):
            default_tags = UNSET
        elif isinstance(self.default_tags, NewWorkflowDefinitionRequestDefaultTagsType0):
            default_tags = self.default_tags.to_dict()
        else:
            default_tags = self.default_tags

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if version is not UNSET:
            field_dict["version"] = version
        if manager is not UNSET:
            field_dict["manager"] = manager
        if state_machine is not UNSET:
            field_dict["stateMachine"] = state_machine
        if default_tags is not UNSET:
            field_dict["defaultTags"] = default_tags

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_workflow_definition_request_default_tags_type_0 import (
            NewWorkflowDefinitionRequestDefaultTagsType0,  # noqa: PLC0415
        )
        from ..models.sl_state_machine import SLStateMachine  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        version = _parse_version(d.pop("version", UNSET))

        _manager = d.pop("manager", UNSET)
        manager: Manager | Unset
        if isinstance(_manager, Unset):
            manager = UNSET
        else:
            manager = check_manager(_manager)

        def _parse_state_machine(data: object) -> None | SLStateMachine | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                state_machine_type_1 = SLStateMachine.from_dict(data)

                return state_machine_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SLStateMachine | Unset, data)

        state_machine = _parse_state_machine(d.pop("stateMachine", UNSET))

        def _parse_default_tags(data: object) -> NewWorkflowDefinitionRequestDefaultTagsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                default_tags_type_0 = NewWorkflowDefinitionRequestDefaultTagsType0.from_dict(data)

                return default_tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NewWorkflowDefinitionRequestDefaultTagsType0 | None | Unset, data)

        default_tags = _parse_default_tags(d.pop("defaultTags", UNSET))

        new_workflow_definition_request = cls(
            name=name,
            version=version,
            manager=manager,
            state_machine=state_machine,
            default_tags=default_tags,
        )

        new_workflow_definition_request.additional_properties = d
        return new_workflow_definition_request

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
