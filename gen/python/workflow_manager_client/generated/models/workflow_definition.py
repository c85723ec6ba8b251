from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.manager import Manager, check_manager
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.sl_state_machine import SLStateMachine
    from ..models.workflow_definition_default_tags import WorkflowDefinitionDefaultTags


T = TypeVar("T", bound="WorkflowDefinition")


@_attrs_define
class WorkflowDefinition:
    """One immutable version of a named state machine

    Attributes:
        created_at (datetime.datetime):
        default_tags (WorkflowDefinitionDefaultTags | Unset):
        id (str | Unset): Another one for every version
        manager (Manager | Unset):
        name (str | Unset):
        state_machine (SLStateMachine | Unset): A state machine in the Amazon States Language. It is kept whole, with
            every member it has. As the
            `Resource` of a Task, a short name stands for the activity of that name in the workflow's
            namespace, `lambda:NAME` for a function, `glue:NAME` for a job; ARNs are left as they are.
             Example: {'StartAt': 's', 'States': {'s': {'Type': 'Task', 'Resource': 'echo', 'Next': 'e'}, 'e': {'Type':
            'Succeed'}}}.
        version (int | Unset): Counted from 0; absent means 0 Default: 0.
    """

    created_at: datetime.datetime
    default_tags: WorkflowDefinitionDefaultTags | Unset = UNSET
    id: str | Unset = UNSET
    manager: Manager | Unset = UNSET
    name: str | Unset = UNSET
    state_machine: SLStateMachine | Unset = UNSET
    version: int | Unset = 0
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        default_tags: dict[str, Any] | Unset = UNSET
        if not isinstance(self.default_tags, Unset):
            default_tags = self.default_tags.to_dict()

        id = self.id

        manager: str | Unset = UNSET
        if not isinstance(self.manager, Unset):
            manager = self.manager

        name = self.name

        state_machine: dict[str, Any] | Unset = UNSET
        if not isinstance(self.state_machine, Unset):
            state_machine = self.state_machine.to_dict()

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "createdAt": created_at,
            }
        )
        if default_tags is not UNSET:
            field_dict["defaultTags"] = default_tags
        if id is not UNSET:
            field_dict["id"] = id
        if manager is not UNSET:
            field_dict["manager"] = manager
        if name is not UNSET:
            field_dict["name"] = name
        if state_machine is not UNSET:
            field_dict["stateMachine"] = state_machine
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.sl_state_machine import SLStateMachine  # noqa: PLC0415
        from ..models.workflow_definition_default_tags import (
            WorkflowDefinitionDefaultTags,  # noqa: PLC0415
        )

        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        _default_tags = d.pop("defaultTags", UNSET)
        default_tags: WorkflowDefinitionDefaultTags | Unset
        if isinstance(_default_tags, Unset):
            default_tags = UNSET
        else:
            default_tags = WorkflowDefinitionDefaultTags.from_dict(_default_tags)

        id = d.pop("id", UNSET)

        _manager = d.pop("manager", UNSET)
        manager: Manager | Unset
        if isinstance(_manager, Unset):
            manager = UNSET
        else:
            manager = check_manager(_manager)

        name = d.pop("name", UNSET)

        _state_machine = d.pop("stateMachine", UNSET)
        state_machine: SLStateMachine | Unset
        if isinstance(_state_machine, Unset):
            state_machine = UNSET
        else:
            state_machine = SLStateMachine.from_dict(_state_machine)

        version = d.pop("version", UNSET)

        workflow_definition = cls(
            created_at=created_at,
            default_tags=default_tags,
            id=id,
            manager=manager,
            name=name,
            state_machine=state_machine,
            version=version,
        )

        workflow_definition.additional_properties = d
        return workflow_definition

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
