"""The rules of a Choice state, in both query languages."""

from __future__ import annotations

from typing import Final

from workflow_manager.asl.choice import (
    COMPARISONS,
    OPERATORS,
    PATH_COMPARISONS,
    TYPE_TESTS,
    And,
    Compare,
    CompareWithPath,
    HasType,
    Holds,
    IsPresent,
    Not,
    Or,
)
from workflow_manager.asl.compiling import Compiler
from workflow_manager.asl.environment import Expression, Literal
from workflow_manager.asl.judging import Fields
from workflow_manager.asl.nodes import ChoiceRule, Condition
from workflow_manager.asl.paths import choice_variable
from workflow_manager.asl.vocabulary import RULE

_COMBINATIONS: Final = ("And", "Or", "Not")
_NESTED: Final = OPERATORS | {"Variable", "Comment", *_COMBINATIONS}

# Stands in where a rule is wrong; a definition with a wrong rule never runs.
_NEVER: Final = Holds(Literal(False))


def parse_rule(rule: Fields, compiler: Compiler) -> ChoiceRule:
    """One member of Choices."""
    if compiler.is_jsonata:
        elsewhere = {name: RULE.elsewhere(compiler.language).get(name, _ONLY_JSONPATH) for name in _NESTED}
        rule.allow(RULE.allowed(compiler.language), elsewhere)
        rule.require("Condition", "Next")
        condition = _condition(rule, compiler)
    else:
        rule.allow(RULE.allowed(compiler.language) | _NESTED, RULE.elsewhere(compiler.language))
        rule.require("Next")
        condition = _jsonpath_condition(rule, compiler)
    return ChoiceRule(
        condition=condition,
        next=rule.text("Next") or "",
        assign=compiler.assign(rule),
        output=compiler.output(rule),
    )


_ONLY_JSONPATH: Final = "Field is not supported when 'QueryLanguage' is 'JSONata'"


def _condition(rule: Fields, compiler: Compiler) -> Condition:
    if "Condition" not in rule:
        return _NEVER
    if isinstance(rule["Condition"], bool):
        return Holds(Literal(rule["Condition"]))
    expression = compiler.expecting(rule, "Condition", "boolean")
    return _NEVER if expression is None else Holds(expression)


def _jsonpath_condition(rule: Fields, compiler: Compiler) -> Condition:
    combination = rule.choose(*_COMBINATIONS, "Variable")
    if combination is None:
        rule.report(f"Exactly one of these fields is required: [Variable, {', '.join(_COMBINATIONS)}]")
        return _NEVER
    if combination == "Variable":
        return _comparison(rule, compiler)
    for operator in OPERATORS & rule.values.keys():
        rule.report("Field is not supported beside And, Or and Not", operator)
    if combination == "Not":
        nested = rule.object("Not")
        return _NEVER if nested is None else Not(_nested(nested, compiler))
    conditions = tuple(_nested(nested, compiler) for nested in rule.objects(combination, nonempty=True))
    return And(conditions) if combination == "And" else Or(conditions)


def _nested(rule: Fields, compiler: Compiler) -> Condition:
    rule.allow(
        _NESTED, dict.fromkeys(("Next", "Assign"), "Field is only supported in a top-level choice rule")
    )
    return _jsonpath_condition(rule, compiler)


def _comparison(rule: Fields, compiler: Compiler) -> Condition:
    variable = compiler.field_path(rule, "Variable", choice_variable)
    operator = rule.choose(*sorted(OPERATORS & rule.values.keys()))
    if operator is None:
        rule.report("A comparison operator is required")
    if operator is None or variable is None:
        return _NEVER
    if operator in PATH_COMPARISONS:
        other = compiler.field_path(rule, operator, choice_variable)
        return _NEVER if other is None else CompareWithPath(variable, PATH_COMPARISONS[operator], other)
    if operator in COMPARISONS:
        return _compare(rule, variable, operator)
    expected = rule.flag(operator)
    if expected is None:
        return _NEVER
    if operator == "IsPresent":
        return IsPresent(variable, expected)
    return HasType(variable, TYPE_TESTS[operator], expected)


def _compare(rule: Fields, variable: Expression, operator: str) -> Condition:
    comparison = COMPARISONS[operator]
    right = comparison.right.read(rule[operator])
    if right is not None:
        return Compare(variable, comparison, right, rule[operator])
    if comparison.right.name == "Timestamp" and isinstance(rule[operator], str):
        rule.report("String does not match RFC3339 timestamp", operator)
    else:
        expected = {"Timestamp": "String", "Number": "Float"}.get(
            comparison.right.name, comparison.right.name
        )
        rule.report(f"Expected value of type {expected}", operator)
    return _NEVER
