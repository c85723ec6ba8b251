"""Which definitions are accepted, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_manager.executor.definitions import check_manager, check_state_machine, check_tags
from workflow_manager.kernel.errors import InvalidDefinition, InvalidRequest
from workflow_manager.models.names import Naming

END = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "echo", "End": True}
INNER = {"StartAt": "i", "States": {"i": {"Type": "Task", "Resource": "lambda:x", "End": True}}}
RULE = {"Variable": "$.a", "StringEquals": "x", "Next": "e"}


def machine(start: str = "s", **states: Any) -> dict[str, Any]:
    return {"StartAt": start, "States": states}


def judge(given: Any) -> list[str]:
    """The lines of what is said, none when it is accepted."""
    try:
        check_state_machine(given, "wf", 0, Naming())
    except InvalidDefinition as error:
        return str(error).split("\n")
    return []


ACCEPTED = {
    "a task": machine(s=TASK),
    "a success that is called an end": machine(s={"Type": "Succeed", "End": True}),
    "a failure that is called an end": machine(s={"Type": "Fail", "Error": "E", "End": True}),
    "glue": machine(s={**TASK, "Resource": "glue:x"}),
    "an ARN": machine(s={**TASK, "Resource": "arn:aws:states:us-east-1:123456789012:activity:x"}),
    "a map": machine(s={"Type": "Map", "Iterator": INNER, "End": True}),
    "a map with the name": machine(
        s={
            "Type": "Map",
            "Parameters": {"_EXECUTION_NAME.$": "$._EXECUTION_NAME"},
            "Iterator": INNER,
            "End": True,
        }
    ),
    "a map with a processor": machine(s={"Type": "Map", "ItemProcessor": INNER, "End": True}),
    "a parallel": machine(s={"Type": "Parallel", "Branches": [INNER], "End": True}),
    "a choice": machine(s={"Type": "Choice", "Choices": [RULE], "Default": "e"}, e={"Type": "Succeed"}),
    "a wait": machine(s={"Type": "Wait", "Seconds": 1, "End": True}),
    "no wait": machine(s={"Type": "Wait", "Seconds": 0, "End": True}),
    "fail": machine(s={"Type": "Fail"}),
    "succeed": machine(s={"Type": "Succeed"}),
    "two levels": machine(
        s={
            "Type": "Parallel",
            "Branches": [{"StartAt": "m", "States": {"m": {"Type": "Map", "Iterator": INNER, "End": True}}}],
            "End": True,
        }
    ),
    "nulls for nothing": machine(
        s={
            **TASK,
            "Next": None,
            "Comment": None,
            "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 0, "BackoffRate": None}],
            "Catch": None,
        }
    ),
    "a caught failure": machine(s={**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "e"}]}, e=END),
    "a loop": machine(
        s={"Type": "Pass", "Next": "e"},
        e={"Type": "Choice", "Choices": [{**RULE, "Next": "s"}], "Default": "f"},
        f=END,
    ),
    "a version": {**machine(s=END), "Version": "1.0"},
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_it_is_accepted(name: str) -> None:
    assert judge(ACCEPTED[name]) == []


NEXT_OR_END = "Must either be an End state, Choice state, or have a valid Next state"

REFUSED: dict[str, tuple[Any, str, str]] = {
    # definition, first line, the line that names the place
    "no states": ({"StartAt": "s", "States": {}}, "Must define at least one state", "/States"),
    "nothing": ({}, "Must define at least one state", "/States"),
    "null states": ({"StartAt": "s", "States": None}, "Must define at least one state", "/States"),
    "states of a wrong kind": ({"StartAt": "s", "States": [1]}, "Must define at least one state", "/States"),
    "an empty state": (machine(s={}), "States.s in body is required", "/States/s"),
    "a null state": (machine(s=None), "States.s in body is required", "/States/s"),
    "an unknown type": (
        machine(s={"Type": "Foo"}),
        "Unrecognized state type used in state maching Foo",
        "/States/s/Type",
    ),
    "no type": (machine(s={"End": True}), "Unrecognized state type used in state maching ", "/States/s/Type"),
    "a type of a wrong kind": (
        machine(s={"Type": 5}),
        "Unrecognized state type used in state maching 5",
        "/States/s/Type",
    ),
    "no resource": (
        machine(s={"Type": "Task", "End": True}),
        "Task states must contain a valid resource string",
        "/States/s",
    ),
    "an empty resource": (
        machine(s={**TASK, "Resource": ""}),
        "Task states must contain a valid resource string",
        "/States/s",
    ),
    "no choices": (
        machine(s={"Type": "Choice", "Choices": []}),
        "Choice states must contain at least one choice",
        "/States/s",
    ),
    "a choice without Next": (
        machine(s={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True}]}),
        "Every choice in a choice state must specify a Next state to transistion to",
        "/States/s/Choices[0]",
    ),
    "no way to wait": (
        machine(s={"Type": "Wait", "End": True}),
        "Wait states must use one and only one field to specify wait time",
        "/States/s",
    ),
    "two ways to wait": (
        machine(s={"Type": "Wait", "Seconds": 1, "SecondsPath": "$.a", "End": True}),
        "Wait states must use one and only one field to specify wait time",
        "/States/s",
    ),
    "Fail with Next": (
        machine(s={"Type": "Fail", "Next": "s"}),
        "Fail states cannot contain a Next value",
        "/States/s/Next",
    ),
    "Succeed with Next": (
        machine(s={"Type": "Succeed", "Next": "s"}),
        "Succeed states cannot contain a Next value",
        "/States/s/Next",
    ),
    "no branches": (
        machine(s={"Type": "Parallel", "End": True}),
        "Parallel states must contain at least one branch",
        "/States/s",
    ),
    "a null branch": (
        machine(s={"Type": "Parallel", "Branches": [None], "End": True}),
        "Branches must not contain null",
        "/States/s/Branches[0]",
    ),
    "a null retrier": (
        machine(s={**TASK, "Retry": [None]}),
        "Retry must not contain null",
        "/States/s/Retry[0]",
    ),
    "a null catcher": (
        machine(s={**TASK, "Catch": [None]}),
        "Catch must not contain null",
        "/States/s/Catch[0]",
    ),
    "a null choice": (
        machine(s={"Type": "Choice", "Choices": [None]}),
        "Choices must not contain null",
        "/States/s/Choices[0]",
    ),
    "a bad branch": (
        machine(
            s={"Type": "Parallel", "Branches": [machine("i", i={"Type": "Task", "End": True})], "End": True}
        ),
        "Task states must contain a valid resource string",
        "/States/s/Branches[0]/States/i",
    ),
    "no iterator": (
        machine(s={"Type": "Map", "End": True}),
        "Map states must contain an iterator with at least one state",
        "/States/s",
    ),
    "an empty iterator": (
        machine(s={"Type": "Map", "Iterator": {"StartAt": "i", "States": {}}, "End": True}),
        "Must define at least one state",
        "/States/s/Iterator/States",
    ),
    "no start": ({"States": {"s": END}}, "StartAt is a required field", "/StartAt"),
    "an unknown start": (machine("zz", s=END), "State zz not found in StateMachine", "/StartAt"),
    "an empty start inside": (
        machine(s={"Type": "Parallel", "Branches": [{"StartAt": "", "States": {"i": END}}], "End": True}),
        "State  not found in StateMachine",
        "/States/s/Branches[0]/StartAt",
    ),
    "End and Next": (
        machine(s={**END, "Next": "s"}),
        "Can only be an End state or have a Next state not both",
        "/States/s",
    ),
    "neither End nor Next": (machine(s={"Type": "Pass"}), NEXT_OR_END, "/States/s"),
    "Next to nowhere": (
        machine(s={"Type": "Pass", "Next": "x"}),
        "invalid transition in 's': 'x'",
        "/States/s/Next",
    ),
    "Default to nowhere": (
        machine(s={"Type": "Choice", "Choices": [{**RULE, "Next": "s"}], "Default": "x"}),
        "invalid transition in 's': 'x'",
        "/States/s/Default",
    ),
    "Catch to nowhere": (
        machine(s={**TASK, "Catch": [{"ErrorEquals": ["E"], "Next": "x"}]}),
        "invalid transition in 's': 'x'",
        "/States/s/Catch[0]/Next",
    ),
    "out of a branch": (
        machine(
            s={"Type": "Parallel", "Branches": [machine("i", i={"Type": "Pass", "Next": "e"})], "Next": "e"},
            e=END,
        ),
        "invalid transition in 'i': 'e'",
        "/States/s/Branches[0]/States/i/Next",
    ),
    "too many attempts": (
        machine(s={**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 2001}]}),
        "MaxAttempts in body should be less than or equal to 2000",
        "/States/s/Retry[0]/MaxAttempts",
    ),
    "another version": (
        {**machine(s=END), "Version": "2.0"},
        "Version in body should be one of [1.0]",
        "/Version",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_the_words_clients_know_and_with_its_place(name: str) -> None:
    given, first, place = REFUSED[name]
    lines = judge(given)
    assert lines[0] == first
    assert f"{first} at {place}" in lines[1:]


def test_states_without_a_way_to_them_are_counted_and_named_at_every_level() -> None:
    inner = machine("i", i=END, j=END)
    lines = judge(
        machine(
            s={"Type": "Parallel", "Branches": [inner], "End": True},
            x={"Type": "Pass", "Next": "y"},
            y={"Type": "Pass", "Next": "x"},
        )
    )
    assert lines[0] == "Invalid WorkflowDefinition: 3 states have no transition path"
    for place in ("/States/s/Branches[0]/States/j", "/States/x", "/States/y"):
        assert any(line.endswith(f"has no transition path at {place}") for line in lines)


def test_all_problems_are_told_in_the_order_of_the_rules() -> None:
    lines = judge(machine(b={"Type": "Task", "Next": "x"}, a={"Type": "Wait"}))
    assert lines[:6] == [
        "Wait states must use one and only one field to specify wait time",
        "Wait states must use one and only one field to specify wait time at /States/a",
        "Task states must contain a valid resource string at /States/b",
        "State s not found in StateMachine at /StartAt",
        f"{NEXT_OR_END} at /States/a",
        "invalid transition in 'b': 'x' at /States/b/Next",
    ]


@pytest.mark.parametrize("resource", ["a b", "a/b", "a:b", "x" * 79, " "])
def test_a_resource_that_no_namespace_makes_an_activity_is_refused_with_its_place(resource: str) -> None:
    inner = machine("i", i={"Type": "Task", "Resource": resource, "End": True})
    (problem,) = judge(machine(s={"Type": "Map", "Iterator": inner, "End": True}))
    assert problem == (
        f"Resource makes, after a namespace, the name '--{resource}', which no activity can have: "
        "at most 80 characters, none of them blank or special at /States/s/Iterator/States/i/Resource"
    )


@pytest.mark.parametrize("resource", ["x" * 78, "é", "a--b", "lambda:a b", "glue:a job"])
def test_any_other_resource_is_accepted(resource: str) -> None:
    assert judge(machine(s={"Type": "Task", "Resource": resource, "End": True})) == []


def test_what_only_the_language_forbids_is_refused_too() -> None:
    assert judge(machine(s={**END, "Bogus": 1})) == ["Field is not supported at /States/s/Bogus"]
    assert judge(machine(s={**TASK, "ResultPath": "nonsense"}))
    assert judge(machine(s={**TASK, "Resource": "arn:nonsense"}))
    assert judge(machine(s={"Type": "Pass", "End": True, "Comment": 5}))


RETRIERS = [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"], "MaxAttempts": -1}]


@pytest.mark.parametrize(
    ("retriers", "place"),
    [
        (RETRIERS, "Retry[1]/MaxAttempts"),
        ([*RETRIERS, {"ErrorEquals": ["sfncli.CommandTerminated"]}], "Retry[1]/MaxAttempts"),
        ([{"ErrorEquals": []}], "Retry[0]/ErrorEquals"),
    ],
    ids=["beside the default one", "in place of the default one", "the first"],
)
def test_the_place_of_a_retrier_is_the_one_that_was_written(retriers: Any, place: str) -> None:
    broken = {**TASK, "End": True, "Retry": retriers}
    (line,) = judge(machine("a/b", **{"a/b": broken}))
    assert line.endswith(f" at /States/a/b/{place}")
    inner = machine("i/Retry[0]", **{"i/Retry[0]": broken})
    (line,) = judge(machine(s={"Type": "Map", "ItemProcessor": inner, "End": True}))
    assert line.endswith(f" at /States/s/ItemProcessor/States/i/Retry[0]/{place}")


def test_a_nesting_without_end_is_refused_and_not_followed() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"States": deep}
    assert judge(machine(s={**END, "Result": deep})) == ["stateMachine is nested too deeply"]


def test_as_deep_as_is_allowed_is_judged_to_the_bottom() -> None:
    inner = machine("i", i={"Type": "Task", "End": True})
    for _ in range(35):
        inner = machine("p", p={"Type": "Parallel", "Branches": [inner], "End": True})
    assert any("valid resource string" in line for line in judge(inner))
    deep: Any = 1
    for _ in range(140):
        deep = [deep]
    assert judge(machine(s={**END, "Result": deep})) == []


def test_what_is_no_json_is_refused() -> None:
    (line,) = judge(machine(s={**END, "Result": float("nan")}))
    assert line.startswith("stateMachine is not valid JSON")
    assert judge(machine(s={**END, "Comment": "\ud800"}))


@pytest.mark.parametrize(("value", "shown"), [(4, "4"), ([1], "[1]"), (None, "null"), (True, "true")])
def test_a_tag_that_is_no_text_is_shown(value: Any, shown: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^error converting tag value to string: ") as raised:
        check_tags({"a": "ok", "b": value})
    assert str(raised.value).endswith(f": {shown}")


def test_there_is_one_manager() -> None:
    check_manager("")
    check_manager("step-functions")
    with pytest.raises(InvalidRequest, match=r"manager in body should be one of \[step-functions\]"):
        check_manager("batch")
