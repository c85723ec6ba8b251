from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SLStateMachine")


@_attrs_define
class SLStateMachine:
    """A state machine in the Amazon States Language. It is kept whole, with every member it has. As the
    `Resource` of a Task, a short name stands for the activity of that name in the workflow's
    namespace, `lambda:NAME` for a function, `glue:NAME` for a job; ARNs are left as they are.

        Example:
            {'StartAt': 's', 'States': {'s': {'Type': 'Task', 'Resource': 'echo', 'Next': 'e'}, 'e': {'Type': 'Succeed'}}}

    """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sl_state_machine = cls()

        sl_state_machine.additional_properties = d
        return sl_state_machine

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
