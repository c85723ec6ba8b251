"""From shorthand to what Step Functions runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflow_manager.executor.expand import definition_text, expand
from workflow_manager.kernel.errors import InvalidDefinition
from workflow_manager.models.names import Naming

NAMING = Naming(region="us-west-2", account="1")
RETRIER = {
    "ErrorEquals": ["sfncli.CommandTerminated"],
    "IntervalSeconds": 10,
    "BackoffRate": 1,
    "MaxAttempts": 10,
}
ACTIVITY = "arn:aws:states:us-west-2:1:activity:ns--"
GLUE = "arn:aws:states:::glue:startJobRun.sync"


def expanded(state: dict[str, Any], **machine: Any) -> dict[str, Any]:
    """One state, expanded in a machine of its own."""
    result: Any = expand({"StartAt": "s", "States": {"s": state}, **machine}, "ns", NAMING)
    found: dict[str, Any] = result["States"]["s"]
    return found


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, **fields}


@pytest.mark.parametrize(
    ("resource", "arn"),
    [
        ("echo", f"{ACTIVITY}echo"),
        ("other:x", f"{ACTIVITY}other:x"),
        ("lambda:x", "arn:aws:lambda:us-west-2:1:function:ns--x"),
        ("arn:aws:states:us-east-1:2:activity:x", "arn:aws:states:us-east-1:2:activity:x"),
        ("arn:aws:states:::sqs:sendMessage", "arn:aws:states:::sqs:sendMessage"),
    ],
)
def test_a_short_resource_becomes_an_arn_in_the_namespace(resource: str, arn: str) -> None:
    assert expanded(task(resource, End=True)) == task(arn, End=True, Retry=[RETRIER])


JSONATA = {"QueryLanguage": "JSONata"}


@pytest.mark.parametrize(
    ("machine", "given", "sent"),
    [
        ({}, {}, {"Parameters": {"JobName": "ns--x"}}),
        (
            {},
            {"Parameters": {"Arguments": {"--a.$": "$.a"}}},
            {"Parameters": {"JobName": "ns--x", "Arguments": {"--a.$": "$.a"}}},
        ),
        ({}, {"Parameters": {"JobName": "mine", "JobName.$": "$.x"}}, {"Parameters": {"JobName": "ns--x"}}),
        (JSONATA, {}, {"Arguments": {"JobName": "ns--x"}}),
        (JSONATA, {"Arguments": {"a": 1}}, {"Arguments": {"JobName": "ns--x", "a": 1}}),
        (
            JSONATA,
            {"Arguments": "{% $states.input %}"},
            {"Arguments": '{% $merge([( $states.input ), {"JobName": "ns--x"}]) %}'},
        ),
        ({}, JSONATA, {**JSONATA, "Arguments": {"JobName": "ns--x"}}),
    ],
)
def test_a_glue_job_is_named_where_the_query_language_has_the_place(
    machine: dict[str, Any], given: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert expanded(task("glue:x", **given), **machine) == task(GLUE, Retry=[RETRIER], **sent)


NAME_PATH = {"_EXECUTION_NAME.$": "$._EXECUTION_NAME"}
INNER = {"StartAt": "i", "States": {"i": task("echo", End=True)}}
INNER_SENT = {"StartAt": "i", "States": {"i": task(f"{ACTIVITY}echo", End=True, Retry=[RETRIER])}}


def a_map(**fields: Any) -> dict[str, Any]:
    return {"Type": "Map", **fields}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"Iterator": INNER}, {"Iterator": INNER_SENT, "Parameters": NAME_PATH}),
        (
            {"Iterator": INNER, "Parameters": {"i.$": "$$.Map.Item.Value"}},
            {"Iterator": INNER_SENT, "Parameters": {"i.$": "$$.Map.Item.Value", **NAME_PATH}},
        ),
        (
            {"Iterator": INNER, "Parameters": {"_EXECUTION_NAME.$": "$.own"}},
            {"Iterator": INNER_SENT, "Parameters": {"_EXECUTION_NAME.$": "$.own"}},
        ),
        (
            {"ItemProcessor": INNER, "ItemSelector": {"a": 1}},
            {"ItemProcessor": INNER_SENT, "ItemSelector": {"a": 1, **NAME_PATH}},
        ),
        ({"ItemProcessor": INNER}, {"ItemProcessor": INNER_SENT}),
        ({"Iterator": {"States": {"m": a_map(Iterator=INNER)}}}, None),
    ],
)
def test_a_map_hands_the_name_of_the_execution_on(given: dict[str, Any], sent: dict[str, Any] | None) -> None:
    result = expanded(a_map(**given))
    if sent is None:
        result, sent = result["Iterator"]["States"]["m"], {"Iterator": INNER_SENT, "Parameters": NAME_PATH}
    assert result == a_map(**sent)


@pytest.mark.parametrize("selector", ["{% $states.context.Map.Item.Value %}", {"_EXECUTION_NAME": "own"}])
def test_a_map_in_jsonata_keeps_a_selector_that_is_whole(selector: Any) -> None:
    given = a_map(ItemProcessor=INNER, ItemSelector=selector)
    assert expanded(given, **JSONATA)["ItemSelector"] == selector
    assert "ItemSelector" not in expanded(a_map(ItemProcessor=INNER), **JSONATA)
    assert "Parameters" not in expanded(a_map(Iterator=INNER), **JSONATA)


def test_a_map_in_jsonata_hands_the_name_on_in_jsonata() -> None:
    selector = expanded(a_map(ItemProcessor=INNER, ItemSelector={"a": 1}), **JSONATA)["ItemSelector"]
    assert selector.keys() == {"a", "_EXECUTION_NAME"}
    assert selector["_EXECUTION_NAME"].startswith("{% ")


def test_branches_are_expanded_at_every_level() -> None:
    deep = {
        "Type": "Parallel",
        "Branches": [INNER, {"States": {"p": {"Type": "Parallel", "Branches": [INNER]}}}],
    }
    first, second = expanded(deep)["Branches"]
    assert first == INNER_SENT
    assert second["States"]["p"]["Branches"] == [INNER_SENT]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"Type": "Parallel", "Branches": [None]}, "Nil branch found in parallel state"),
        (
            {"Type": "Map", "Iterator": {"States": {"p": {"Type": "Parallel", "Branches": [None]}}}},
            "Nil branch",
        ),
    ],
)
def test_a_null_machine_is_refused(state: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidDefinition, match=message):
        expanded(state)


@pytest.mark.parametrize(
    ("retry", "sent"),
    [
        (None, [RETRIER]),
        ([], [RETRIER]),
        ([{"ErrorEquals": ["States.ALL"]}], [RETRIER, {"ErrorEquals": ["States.ALL"]}]),
        (
            [{"ErrorEquals": ["a", "sfncli.CommandTerminated"], "MaxAttempts": 0}],
            [{"ErrorEquals": ["a", "sfncli.CommandTerminated"], "MaxAttempts": 0}],
        ),
    ],
)
def test_the_default_retrier_comes_first_unless_the_error_has_one(retry: Any, sent: Any) -> None:
    given = task("echo") if retry is None else task("echo", Retry=retry)
    assert expanded(given)["Retry"] == sent


def test_only_tasks_are_retried() -> None:
    assert "Retry" not in expanded({"Type": "Parallel", "Branches": [INNER]})
    assert expanded({"Type": "Pass", "Resource": "x"}) == {"Type": "Pass", "Resource": "x"}


def test_the_definition_itself_is_left_alone() -> None:
    machine = {"StartAt": "s", "States": {"s": a_map(Iterator=INNER, Parameters={"a": [1]})}}
    before = json.dumps(machine)
    definition_text(machine, "ns", NAMING)
    assert json.dumps(machine) == before


def test_the_text_is_indented_sorted_and_without_what_says_nothing() -> None:
    machine = {
        "States": {
            "Result": {
                "Type": "Pass",
                "Result": {"z": None, "a": 12345678901234567890123},
                "Next": "",
                "Comment": None,
                "End": True,
                "ResultPath": None,
                "InputPath": None,
            },
            "b": {"Type": "Wait", "Seconds": 0, "Next": "Result", "Catch": [], "Retry": []},
        },
        "StartAt": "b",
        "Comment": None,
    }
    assert definition_text(machine, "ns", NAMING) == (
        '{\n  "StartAt": "b",\n  "States": {\n'
        '    "Result": {\n      "End": true,\n      "InputPath": null,\n'
        '      "Result": {\n        "z": null,\n        "a": 12345678901234567890123\n      },\n'
        '      "ResultPath": null,\n      "Type": "Pass"\n    },\n'
        '    "b": {\n      "Next": "Result",\n      "Seconds": 0,\n      "Type": "Wait"\n    }\n  }\n}'
    )


@pytest.mark.parametrize("odd", [None, 1, "x", [], {"Type": 5}, {"Type": "Task", "Resource": 5, "Retry": 7}])
def test_what_is_no_state_goes_through_for_the_judge_to_see(odd: Any) -> None:
    assert expand({"States": {"s": odd}}, "ns", NAMING) == ({"States": {"s": odd}})
    assert expand({"States": odd}, "ns", NAMING)["States"] == odd or isinstance(odd, dict)
