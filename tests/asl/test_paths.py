"""Paths from input, context and variables; the words of their failures; where results are put."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from tests.asl.environments import environment
from workflow_manager.asl.environment import Expression
from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.paths import (
    InvalidPath,
    Wording,
    choice_variable,
    compile_reference,
    compile_reference_path,
    invalid_path,
    not_an_input_value,
    not_in_input,
)
from workflow_manager.kernel.json import ABSENT

ENV = environment(
    input={"a": {"b": [1, 2]}, "delivery-partner": "x"},
    context={"Execution": {"Id": "arn"}, "Map": {"Item": {"Value": 7}}},
    variables={"foo": {"bar": [10, 20]}, "naïve_1": 3, "none": None},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$", ENV.input),
        ("$.a.b[1]", 2),
        ("$.delivery-partner", "x"),
        ("$.a.b[*]", [1, 2]),
        ("$$", dict(ENV.context)),
        ("$$.Execution.Id", "arn"),
        ("$$['Map'].Item.Value", 7),
        ("$foo", {"bar": [10, 20]}),
        ("$foo.bar[0]", 10),
        ("$foo['bar'][-1]", 20),
        ("$foo..bar", [[10, 20]]),
        ("$naïve_1", 3),
        ("$none", None),
    ],
)
def test_a_path_starts_from_input_context_or_a_variable(text: str, value: Any) -> None:
    expression = compile_reference(text)
    assert isinstance(expression, Expression)
    assert expression.evaluate(ENV) == value


def test_a_context_that_is_no_dictionary_can_be_read() -> None:
    env = environment()
    object.__setattr__(env, "context", MappingProxyType({"a": 1}))
    assert compile_reference("$$.a").evaluate(env) == 1


@pytest.mark.parametrize(
    "text", ["", "a", ".a", "foo.bar", "$.", "$$.", "$a b", "$1", "$foo.", "States.UUID()"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(InvalidPath):
        compile_reference(text)


@pytest.mark.parametrize(
    ("text", "variables", "is_reference"),
    [
        ("$.a.b[0]", set(), True),
        ("$$.Execution", set(), True),
        ("$foo.bar", {"foo"}, True),
        ("$", set(), True),
        ("$.a[*]", set(), False),
        ("$.a[0,1]", set(), False),
        ("$['a','b']", set(), False),
        ("$.a[0:1]", set(), False),
        ("$..a", set(), False),
        ("$.a.length()", set(), False),
        ("$.a[?(@.b)]", set(), False),
    ],
)
def test_a_path_knows_what_it_reads(text: str, variables: set[str], is_reference: bool) -> None:
    expression = compile_reference(text)
    assert expression.variables == variables
    assert expression.paths == {text}
    assert expression.is_reference is is_reference


@pytest.mark.parametrize(
    ("text", "wording", "cause"),
    [
        (
            "$$.Execution.Input.no_such_jsonpath",
            not_in_input("value.$"),
            "The JSONPath '$$.Execution.Input.no_such_jsonpath' specified for the field 'value.$'"
            " could not be found in the input '{\"int-literal\":0}'",
        ),
        (
            "$.ErrorX",
            not_in_input("ErrorPath"),
            "The JSONPath '$.ErrorX' specified for the field 'ErrorPath' could not be found in the input"
            " '{\"int-literal\":0}'",
        ),
        (
            "$.NoSuchTimeoutSecondsPath",
            invalid_path,
            "Invalid path '$.NoSuchTimeoutSecondsPath' : No results for path: $['NoSuchTimeoutSecondsPath']",
        ),
        ("$.a.b", invalid_path, "Invalid path '$.a.b' : Missing property in path $['a']"),
        (
            "$.input.waitSeconds",
            not_an_input_value("SecondsPath"),
            "The SecondsPath parameter does not reference an input value: $.input.waitSeconds",
        ),
        (
            "$.x",
            choice_variable,
            "Invalid path '$.x': The choice state's condition path references an invalid value.",
        ),
        ("$x.y", invalid_path, "The variable path '$x.y' references an invalid variable"),
    ],
)
def test_a_failure_speaks_for_its_field(text: str, wording: Wording, cause: str) -> None:
    expression = compile_reference(text, wording)
    env = environment(input={"int-literal": 0})
    with pytest.raises(EvaluationFailed) as failed:
        expression.evaluate(env)
    assert (failed.value.error, failed.value.cause) == ("States.Runtime", cause)
    assert expression.find(env) is ABSENT


def test_the_error_name_of_a_parameter_can_be_chosen() -> None:
    expression = compile_reference("$.x", not_in_input("x.$", "States.ParameterPathFailure"))
    with pytest.raises(EvaluationFailed) as failed:
        expression.evaluate(environment(input={}))
    assert failed.value.error == "States.ParameterPathFailure"


@pytest.mark.parametrize(
    ("path", "document", "result"),
    [
        ("$", {"a": 1}, 9),
        ("$.a", {"a": 1, "b": 2}, {"a": 9, "b": 2}),
        ("$.c", {"a": 1}, {"a": 1, "c": 9}),
        ("$['a b']", {}, {"a b": 9}),
        ("$.a.b.c", {}, {"a": {"b": {"c": 9}}}),
        ("$.a.b", {"a": {"x": 1}}, {"a": {"x": 1, "b": 9}}),
        ("$.a[1]", {"a": [1, 2, 3]}, {"a": [1, 9, 3]}),
        ("$.a[-1]", {"a": [1, 2, 3]}, {"a": [1, 2, 9]}),
        ("$.a[0].b", {"a": [{"x": 1}]}, {"a": [{"x": 1, "b": 9}]}),
        ("$[0]", [1, 2], [9, 2]),
        ("$[0].a.b", [{}], [{"a": {"b": 9}}]),
    ],
)
def test_a_result_is_put_in_its_place(path: str, document: Any, result: Any) -> None:
    before = repr(document)
    assert compile_reference_path(path).write(document, 9) == result
    assert repr(document) == before


def test_what_lies_beside_the_way_is_shared() -> None:
    document: Any = {"a": {"x": []}, "b": []}
    result: Any = compile_reference_path("$.a.y").write(document, 1)
    assert result["b"] is document["b"]
    assert result["a"]["x"] is document["a"]["x"]


@pytest.mark.parametrize(
    ("path", "document", "cause"),
    [
        ("$.a", 1, 'Unable to apply step "a" to input 1'),
        ("$.a", None, 'Unable to apply step "a" to input null'),
        ("$.a", [1], 'Unable to apply step "a" to input [1]'),
        ("$.a.b", {"a": "text"}, 'Unable to apply step "b" to input "text"'),
        ("$.a[2]", {"a": [1, 2]}, 'Unable to apply step "2" to input [1,2]'),
        ("$.a[-3]", {"a": [1, 2]}, 'Unable to apply step "-3" to input [1,2]'),
        ("$.a[0]", {}, 'Unable to apply step "0" to input {}'),
    ],
)
def test_a_result_that_does_not_fit_is_a_failure(path: str, document: Any, cause: str) -> None:
    with pytest.raises(EvaluationFailed) as failed:
        compile_reference_path(path).write(document, 9)
    assert (failed.value.error, failed.value.cause) == ("States.ResultPathMatchFailure", cause)


@pytest.mark.parametrize(
    "text",
    [
        "$$.a",
        "$foo",
        "a",
        "",
        "$.a[*]",
        "$.*",
        "$..a",
        "$.a[0:1]",
        "$.a[0,1]",
        "$['a','b']",
        "$.a[?(@.b)]",
        "$.a.length()",
        "$.",
    ],
)
def test_a_result_can_only_go_to_one_place_of_the_input(text: str) -> None:
    with pytest.raises(InvalidPath):
        compile_reference_path(text)
