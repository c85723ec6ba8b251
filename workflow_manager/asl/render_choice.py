"""Choice rules as they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from workflow_manager.asl.choice import (
    COMPARISONS,
    TYPE_TESTS,
    And,
    Compare,
    CompareWithPath,
    Comparison,
    HasType,
    Holds,
    IsPresent,
    Not,
    Or,
)
from workflow_manager.asl.nodes import ChoiceRule, Condition
from workflow_manager.asl.render_values import Rendered, field, path_field
from workflow_manager.kernel.json import Json

_OPERATORS: Final[Mapping[Comparison, str]] = {each: name for name, each in COMPARISONS.items()}
_TESTS: Final[Mapping[Callable[[Json], bool], str]] = {test: name for name, test in TYPE_TESTS.items()}


def render_rule(rule: ChoiceRule) -> Rendered:
    return {
        **_condition(rule.condition),
        **field("Assign", rule.assign),
        **field("Output", rule.output),
        "Next": rule.next,
    }


def _condition(condition: Condition) -> Rendered:
    match condition:
        case Holds():
            return field("Condition", condition.expression)
        case And():
            return {"And": [_condition(each) for each in condition.conditions]}
        case Or():
            return {"Or": [_condition(each) for each in condition.conditions]}
        case Not():
            return {"Not": _condition(condition.condition)}
        case Compare():
            return _test(condition, _OPERATORS[condition.comparison], condition.written)
        case CompareWithPath():
            return _test(condition, f"{_OPERATORS[condition.comparison]}Path", condition.other.text)
        case HasType():
            return _test(condition, _TESTS[condition.test], condition.expected)
        case IsPresent():
            return _test(condition, "IsPresent", condition.expected)
    raise TypeError(f"not a condition: {condition!r}")


def _test(
    condition: Compare | CompareWithPath | HasType | IsPresent, operator: str, operand: Json
) -> Rendered:
    return {**path_field("Variable", condition.variable), operator: operand}
