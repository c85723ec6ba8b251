"""When a choice rule holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asl.worlds import world
from workflow_manager.asl.choice import COMPARISONS, OPERATORS, PATH_COMPARISONS
from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.nodes import Choice, Condition
from workflow_manager.asl.parse import parse


def condition(rule: dict[str, Any], **more: Any) -> Condition:
    states = {"C": {"Type": "Choice", "Choices": [{**rule, "Next": "E"}]}, "E": {"Type": "Succeed"}}
    node = parse({"StartAt": "C", "States": states, **more}).states["C"]
    assert isinstance(node, Choice)
    return node.rules[0].condition


def test_there_are_39_operators() -> None:
    assert len(OPERATORS) == 39


EARLY, LATE, LATE_TOO = (
    "2016-08-18T17:33:00Z",
    "2016-08-18T17:33:00.000001Z",
    "2016-08-18T19:33:00.000001+02:00",
)

# operator, value of the variable, value to compare with, whether it holds
COMPARED = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", 1, "1", False),
    ("StringEquals", None, "", False),
    ("StringLessThan", "a", "b", True),
    ("StringLessThan", "B", "a", True),
    ("StringLessThan", "a", "a", False),
    ("StringLessThan", "\U0001f600", "\uffee", True),  # by UTF-16 code units, not by characters
    ("StringGreaterThan", "é", "z", True),
    ("StringLessThanEquals", "a", "a", True),
    ("StringGreaterThanEquals", "a", "b", False),
    ("StringGreaterThanEquals", ["b"], "a", False),
    ("NumericEquals", 1, 1.0, True),
    ("NumericEquals", True, 1, False),
    ("NumericEquals", "1", 1, False),
    ("NumericEquals", 10**30, 10**30 + 1, False),
    ("NumericLessThan", 1, 1.5, True),
    ("NumericLessThan", -0.0, 0, False),
    ("NumericGreaterThan", 2, 1, True),
    ("NumericLessThanEquals", 1, 1, True),
    ("NumericGreaterThanEquals", 0.5, 1, False),
    ("BooleanEquals", False, False, True),
    ("BooleanEquals", 0, False, False),
    ("BooleanEquals", None, False, False),
    ("TimestampEquals", LATE, LATE_TOO, True),
    ("TimestampEquals", EARLY, LATE, False),
    ("TimestampEquals", "today", EARLY, False),
    ("TimestampLessThan", EARLY, LATE, True),
    ("TimestampLessThan", LATE, LATE_TOO, False),
    ("TimestampGreaterThan", LATE, EARLY, True),
    ("TimestampLessThanEquals", LATE_TOO, LATE, True),
    ("TimestampGreaterThanEquals", EARLY, LATE, False),
    ("TimestampGreaterThanEquals", 0, LATE, False),
]


@pytest.mark.parametrize(("operator", "value", "other", "expected"), COMPARED)
def test_a_comparison_with_a_value_and_with_a_path_agree(
    operator: str, value: Any, other: Any, expected: bool
) -> None:
    env = world({"value": value, "other": other})
    assert condition({"Variable": "$.value", operator: other}).holds(env) is expected
    assert condition({"Variable": "$.value", f"{operator}Path": "$.other"}).holds(env) is expected


def test_every_comparison_is_in_the_table() -> None:
    assert {operator for operator, *_ in COMPARED} == {*COMPARISONS} - {"StringMatches"}
    assert len(PATH_COMPARISONS) == len(COMPARISONS) - 1


# pattern, text, whether it matches
MATCHED = [
    ("log-*.txt", "log-1.txt", True),
    ("log-*.txt", "log-.txt", True),
    ("log-*.txt", "log-1.txt.gz", False),
    ("*", "", True),
    ("", "", True),
    ("", "a", False),
    ("a*a", "a", False),
    ("a*a", "aa", True),
    ("*b*", "abc", True),
    ("*b*b*", "abc", False),
    ("a**c", "abbc", True),
    (r"a\*c", "a*c", True),
    (r"a\*c", "abc", False),
    (r"a\\*", "a\\bc", True),
    ("a.c", "abc", False),
    ("a*", "a\nb", True),
    ("*zebra.log", "foo.zebra.log", True),
    ("*", 1, False),
]


@pytest.mark.parametrize(("pattern", "value", "expected"), MATCHED)
def test_string_matches_knows_the_wildcard_and_its_escape(pattern: str, value: Any, expected: bool) -> None:
    assert condition({"Variable": "$.v", "StringMatches": pattern}).holds(world({"v": value})) is expected


def test_a_pattern_of_many_wildcards_is_quick() -> None:
    rule = condition({"Variable": "$.v", "StringMatches": "*a" * 1000 + "*b"})
    assert rule.holds(world({"v": "a" * 100_000})) is False


TYPES = {
    "IsNull": [None],
    "IsNumeric": [0, -1.5, 10**30],
    "IsString": ["", "x", "2016-08-18T17:33:00Z"],
    "IsBoolean": [True, False],
    "IsTimestamp": ["2016-08-18T17:33:00Z"],
}
VALUES = [None, 0, -1.5, 10**30, "", "x", "2016-08-18T17:33:00Z", "2016-08-18", True, False, [], {}]


@pytest.mark.parametrize("operator", TYPES)
@pytest.mark.parametrize("value", VALUES)
def test_a_type_test_says_yes_to_its_type_only(operator: str, value: Any) -> None:
    is_of_type = any(type(value) is type(member) and value == member for member in TYPES[operator])
    is_of_type = is_of_type or (operator == "IsString" and isinstance(value, str))
    env = world({"v": value})
    assert condition({"Variable": "$.v", operator: True}).holds(env) is is_of_type
    assert condition({"Variable": "$.v", operator: False}).holds(env) is not is_of_type


def test_is_present_is_about_the_path_and_not_the_value() -> None:
    present = condition({"Variable": "$.a.b", "IsPresent": True})
    absent = condition({"Variable": "$.a.b", "IsPresent": False})
    assert present.holds(world({"a": {"b": None}}))
    assert absent.holds(world({"a": {}}))
    assert not present.holds(world({"a": 1}))
    assert condition({"Variable": "$v", "IsPresent": False}).holds(world({}))


def test_a_variable_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(EvaluationFailed) as caught:
        condition({"Variable": "$.a", "IsNull": True}).holds(world({}))
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == (
        "Invalid path '$.a': The choice state's condition path references an invalid value."
    )


@pytest.mark.parametrize("input", [{"a": "x"}, {"a": "x", "b": 1}])
def test_a_path_to_compare_with_must_lead_to_a_value_of_the_type(input: dict[str, Any]) -> None:
    with pytest.raises(EvaluationFailed, match=r"Invalid path '\$\.b'"):
        condition({"Variable": "$.a", "StringEqualsPath": "$.b"}).holds(world(input))


def test_context_and_variables_can_be_compared() -> None:
    env = world({}, context={"Execution": {"Name": "n"}}, variables={"v": {"k": ["n"]}})
    rule = {"Variable": "$$.Execution.Name", "StringEqualsPath": "$v.k[0]"}
    assert condition(rule).holds(env)


YES, NO = {"Variable": "$.t", "BooleanEquals": True}, {"Variable": "$.t", "BooleanEquals": False}
MISSING = {"Variable": "$.missing", "IsNull": True}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"And": [YES, YES]}, True),
        ({"And": [YES, NO]}, False),
        ({"And": [NO, MISSING]}, False),
        ({"Or": [NO, YES]}, True),
        ({"Or": [NO, NO]}, False),
        ({"Or": [YES, MISSING]}, True),
        ({"Not": NO}, True),
        ({"Not": {"Or": [NO, {"Not": YES}]}}, True),
    ],
)
def test_rules_are_combined(rule: dict[str, Any], expected: bool) -> None:
    assert condition(rule).holds(world({"t": True})) is expected


def test_a_jsonata_condition_must_be_true_or_false() -> None:
    rule = condition({"Condition": "{% $states.input.a %}"}, QueryLanguage="JSONata")
    assert rule.holds(world({"a": True}))
    assert not rule.holds(world({"a": False}))
    with pytest.raises(EvaluationFailed) as caught:
        rule.holds(world({"a": "x"}))
    assert (caught.value.error, caught.value.location) == (
        "States.QueryEvaluationError",
        "Choices[0]/Condition",
    )
    assert caught.value.cause == (
        "The JSONata expression '$states.input.a' specified for the field 'Choices[0]/Condition' returned an"
        """ unexpected result type. Expected 'boolean', but was 'string' for value: "x\""""
    )
    assert condition({"Condition": True}, QueryLanguage="JSONata").holds(world({}))
