"""How data goes through a state, in both query languages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asl.worlds import world
from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.nodes import DataFlow, Map, Node, Pass, QueryLanguage, Task
from workflow_manager.asl.parse import parse
from workflow_manager.kernel.json import Document, Json, document

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"


def state(**fields: Any) -> Node:
    type_ = {"Type": "Task", "Resource": ACTIVITY} | fields
    return parse({"StartAt": "X", "States": {"X": {**type_, "End": True}}}).states["X"]


def through(flow: DataFlow, given: Json, result: Json, **more: Any) -> tuple[Json, Json]:
    """What the work is given, and what the state puts out."""
    raw = document(given)
    effective = flow.effective_input(world(given, **more), raw)
    arguments = flow.arguments(world(effective.value, **more), effective)
    done = document(result)
    output = flow.output(world(effective.value, result=result, **more), raw, effective, done)
    return arguments.value, output.value


GIVEN = {"a": {"b": 1}, "c": 2}

# fields, what the work is given, the output when the result is {"r": 3}
JSONPATH = [
    ({}, GIVEN, {"r": 3}),
    ({"InputPath": "$.a"}, {"b": 1}, {"r": 3}),
    ({"InputPath": None}, {}, {"r": 3}),
    ({"InputPath": "$$.Execution.Name"}, "n", {"r": 3}),
    ({"InputPath": "$v.k"}, [7], {"r": 3}),
    ({"Parameters": {"x.$": "$.a", "y": {"z.$": "$v.k[0]"}}}, {"x": {"b": 1}, "y": {"z": 7}}, {"r": 3}),
    ({"InputPath": "$.a", "Parameters": {"x.$": "$"}}, {"x": {"b": 1}}, {"r": 3}),
    ({"ResultSelector": {"s.$": "$.r"}}, GIVEN, {"s": 3}),
    ({"ResultPath": "$.a.r"}, GIVEN, {"a": {"b": 1, "r": {"r": 3}}, "c": 2}),
    ({"ResultPath": None}, GIVEN, GIVEN),
    ({"ResultPath": "$"}, GIVEN, {"r": 3}),
    ({"InputPath": "$.a", "ResultPath": "$.n"}, {"b": 1}, {**GIVEN, "n": {"r": 3}}),
    ({"OutputPath": "$.r"}, GIVEN, 3),
    ({"OutputPath": None}, GIVEN, {}),
    ({"ResultPath": "$.n", "OutputPath": "$.n.r"}, GIVEN, 3),
    (
        {"ResultSelector": {"s.$": "$.r"}, "ResultPath": "$.n", "OutputPath": "$['c','n']"},
        GIVEN,
        {"c": 2, "n": {"s": 3}},
    ),
    ({"OutputPath": "$v"}, GIVEN, {"k": [7]}),
]


@pytest.mark.parametrize(("fields", "arguments", "output"), JSONPATH)
def test_jsonpath_stages_follow_each_other(fields: dict[str, Any], arguments: Json, output: Json) -> None:
    more = {"context": {"Execution": {"Name": "n"}}, "variables": {"v": {"k": [7]}}}
    assert through(state(**fields).flow, GIVEN, {"r": 3}, **more) == (arguments, output)


JSONATA = [
    ({}, GIVEN, {"r": 3}),
    (
        {"Arguments": {"x": "{% $states.input.a %}", "y": ["{% $v.k %}", 1]}},
        {"x": {"b": 1}, "y": [[7], 1]},
        {"r": 3},
    ),
    ({"Arguments": "{% $states.input.a %}"}, {"b": 1}, {"r": 3}),
    ({"Output": "{% $states.result.r + $states.input.c %}"}, GIVEN, 5),
    ({"Output": {"name": "{% $states.context.Execution.Name %}"}}, GIVEN, {"name": "n"}),
    ({"Output": None}, GIVEN, None),
    ({"Output": ""}, GIVEN, ""),
]


@pytest.mark.parametrize(("fields", "arguments", "output"), JSONATA)
def test_jsonata_stages_follow_each_other(fields: dict[str, Any], arguments: Json, output: Json) -> None:
    flow = state(QueryLanguage="JSONata", **fields).flow
    assert flow.language is QueryLanguage.JSONATA
    more = {"context": {"Execution": {"Name": "n"}}, "variables": {"v": {"k": [7]}}}
    assert through(flow, GIVEN, {"r": 3}, **more) == (arguments, output)


@pytest.mark.parametrize(
    "fields", [{}, {"InputPath": "$", "OutputPath": "$", "ResultPath": "$"}, {"QueryLanguage": "JSONata"}]
)
def test_what_nobody_looks_into_passes_untouched(fields: dict[str, Any]) -> None:
    flow = state(**fields).flow
    raw, result = Document('{"n": 1.000}'), Document('{ "m":  12345678901234567890.10 }')
    effective = flow.effective_input(world(), raw)
    assert effective is raw
    assert flow.arguments(world(), effective) is raw
    assert flow.output(world(), raw, effective, result) is result


def test_a_discarded_result_leaves_the_text_of_the_input() -> None:
    raw = Document('{"n": 1.000}')
    assert state(ResultPath=None).flow.output(world(), raw, raw, document(1)) is raw


@pytest.mark.parametrize(
    ("fields", "error", "cause"),
    [
        (
            {"InputPath": "$.x"},
            "States.Runtime",
            "Invalid path '$.x' : No results for path: $['x']",
        ),
        (
            {"Parameters": {"p": {"q.$": "$.x"}}},
            "States.Runtime",
            """The JSONPath '$.x' specified for the field 'q.$' could not be found in the input '{"c":2}'""",
        ),
        (
            {"ResultPath": "$.c.d"},
            "States.ResultPathMatchFailure",
            'Unable to apply step "d" to input 2',
        ),
    ],
)
def test_what_leads_nowhere_is_a_failure_in_aws_words(fields: dict[str, Any], error: str, cause: str) -> None:
    with pytest.raises(EvaluationFailed) as caught:
        through(state(**fields).flow, {"c": 2}, 3)
    assert (caught.value.error, caught.value.cause) == (error, cause)


@pytest.mark.parametrize("value", [False, 0, "", None, [], {"a.$": "$.a"}])
def test_any_result_of_a_pass_state_is_a_result(value: Json) -> None:
    node = parse({"StartAt": "X", "States": {"X": {"Type": "Pass", "Result": value, "End": True}}}).states[
        "X"
    ]
    assert isinstance(node, Pass)
    assert isinstance(node.result, Document)
    assert node.result.value == value


def test_a_template_keeps_the_order_of_its_keys() -> None:
    flow = state(Parameters={"b": 1, "a.$": "$.c", "c": [{"d.$": "$.c", "e": 2}]}).flow
    arguments, _ = through(flow, {"c": 9}, None)
    assert document(arguments).text == '{"b":1,"a":9,"c":[{"d":9,"e":2}]}'


def test_a_template_gives_a_value_of_its_own_each_time() -> None:
    flow = state(Parameters={"a.$": "$.c", "b": 1}).flow
    first, _ = through(flow, {"c": 1}, None)
    second, _ = through(flow, {"c": 2}, None)
    assert (first, second) == ({"a": 1, "b": 1}, {"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("catcher", "expected"),
    [
        ({}, {"Error": "E"}),
        ({"ResultPath": "$.error"}, {"c": 2, "error": {"Error": "E"}}),
        ({"ResultPath": None}, {"c": 2}),
    ],
)
def test_a_catcher_puts_the_error_output_where_its_result_path_says(
    catcher: dict[str, Any], expected: Json
) -> None:
    node = state(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "X", **catcher}])
    assert isinstance(node, Task)
    raw = document({"c": 2})
    assert node.catch[0].flow.output(world(raw.value), raw, {"Error": "E"}).value == expected


def test_a_jsonata_catcher_makes_an_output_and_assigns() -> None:
    catcher = {
        "ErrorEquals": ["States.ALL"],
        "Next": "X",
        "Output": "{% $states.errorOutput.Error & '!' %}",
        "Assign": {"seen": "{% $states.errorOutput %}"},
    }
    node = state(QueryLanguage="JSONata", Catch=[catcher])
    assert isinstance(node, Task)
    env = world({}, error_output={"Error": "E"})
    assert node.catch[0].flow.output(env, document({}), {"Error": "E"}).value == "E!"
    assert node.catch[0].assign is not None
    assert node.catch[0].assign.evaluate(env) == {"seen": {"Error": "E"}}


def test_the_parameters_of_an_old_map_are_its_selector() -> None:
    fields = {"Type": "Map", "Iterator": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}, "End": True}
    definition = {"StartAt": "M", "States": {"M": {**fields, "Parameters": {"i.$": "$$.Map.Item.Value"}}}}
    node = parse(definition).states["M"]
    assert isinstance(node, Map)
    assert node.selector is not None
    assert node.selector.evaluate(world({}, context={"Map": {"Item": {"Value": 5}}})) == {"i": 5}
    assert through(node.flow, GIVEN, [])[0] == GIVEN


@pytest.mark.parametrize(
    ("items", "expected"), [("[]", None), ("null", "null"), ("{'foo': 'bar'}", "object"), ("1", "number")]
)
def test_jsonata_items_must_be_an_array(items: str, expected: str | None) -> None:
    processor = {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}
    fields = {"Type": "Map", "Items": f"{{% {items} %}}", "ItemProcessor": processor, "End": True}
    node = parse({"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": fields}}).states["M"]
    assert isinstance(node, Map)
    assert node.items is not None
    if expected is None:
        assert node.items.evaluate(world({})) == []
        return
    with pytest.raises(EvaluationFailed) as caught:
        node.items.evaluate(world({}))
    assert caught.value.location == "Items"
    assert f"Expected 'array', but was '{expected}' for value: " in caught.value.cause
