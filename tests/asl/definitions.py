"""Hypothesis strategies: definitions that are valid, and definitions with one thing changed."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

PATHS = st.sampled_from(["$", "$.a", "$.a.b", "$.list[0]", "$['a']", "$$.Execution.Name", "$found.a"])
INNER_PATHS = st.sampled_from(["$.a", "$.a.b", "$.list[0]", "$['a b']"])
INTRINSICS = st.sampled_from(
    [
        "States.UUID()",
        "States.Format('{} and {}', $.a, 'b')",
        "States.Array(1, 'x', null, States.ArrayLength($.l))",
    ]
)
JSONATA = st.sampled_from(
    ["{% 1 + 1 %}", "{% $states.input.a %}", "{% $found & 'x' %}", "{% $states.context.Execution.Name %}"]
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 10**6) | st.sampled_from(["", "text", "ünïcode", "a.b"])
TIMESTAMPS = st.sampled_from(["2016-03-14T01:59:00Z", "2030-01-01T00:00:00.123+02:00"])
RESOURCES = st.sampled_from(
    [
        "arn:aws:states:us-east-1:123456789012:activity:work",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "arn:aws:states:::aws-sdk:dynamodb:getItem",
    ]
)
ERRORS = st.lists(
    st.sampled_from(["States.TaskFailed", "States.Timeout", "Boom", "My.Error"]), min_size=1, max_size=2
)

JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def templates(draw: st.DrawFn, jsonata: bool, depth: int = 2) -> dict[str, Any]:
    """An object that is a template of the language."""
    template: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from("abcdef"), max_size=3, unique=True)):
        kind = draw(st.integers(0, 3))
        if kind == 0 and depth:
            template[name] = draw(templates(jsonata, depth - 1))
        elif kind == 1 and depth:
            template[name] = [draw(SCALARS), draw(templates(jsonata, depth - 1))]
        elif kind == 2:
            template[name] = draw(SCALARS)
        elif jsonata:
            template[name] = draw(JSONATA)
        else:
            template[f"{name}.$"] = draw(PATHS | INTRINSICS)
    return template


@st.composite
def definitions(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """A whole definition."""
    language = draw(st.sampled_from([None, "JSONPath", "JSONata"]))
    names = (f"state {number}" for number in itertools.count())
    definition = draw(_machines(names, language == "JSONata", depth, may_override=language != "JSONata"))
    if language:
        definition["QueryLanguage"] = language
    _maybe(draw, definition, "Comment", st.text(max_size=10))
    _maybe(draw, definition, "TimeoutSeconds", st.integers(1, 1000))
    _maybe(draw, definition, "Version", st.just("1.0"))
    return definition


def _maybe(draw: st.DrawFn, fields: dict[str, Any], name: str, values: st.SearchStrategy[Any]) -> None:
    if draw(st.booleans()):
        fields[name] = draw(values)


@st.composite
def _machines(
    draw: st.DrawFn, names: Iterator[str], jsonata: bool, depth: int, may_override: bool
) -> dict[str, Any]:
    """Each state goes on to the next one, so that all are reached and the last one ends."""
    own = list(itertools.islice(names, draw(st.integers(1, 3))))
    states = {}
    for number, name in enumerate(own):
        following = own[number + 1] if number + 1 < len(own) else None
        in_jsonata = jsonata or (may_override and draw(st.booleans()))
        state = draw(_states(names, own, following, in_jsonata, jsonata, depth, may_override))
        if in_jsonata and not jsonata:
            state["QueryLanguage"] = "JSONata"
        states[name] = state
    return {"StartAt": own[0], "States": states}


@st.composite
def _states(
    draw: st.DrawFn,
    names: Iterator[str],
    siblings: list[str],
    following: str | None,
    jsonata: bool,
    inherited_jsonata: bool,
    depth: int,
    may_override: bool,
) -> dict[str, Any]:
    kinds = ["Pass", "Task", "Wait"] + (["Parallel", "Map"] if depth else [])
    kinds += ["Choice"] if following else ["Succeed", "Fail"]
    kind = draw(st.sampled_from(kinds))
    state: dict[str, Any] = {"Type": kind}
    _maybe(draw, state, "Comment", st.text(max_size=5))
    if kind not in ("Choice", "Succeed", "Fail"):
        state.update({"Next": following} if following else {"End": True})
    if kind not in ("Succeed", "Fail"):
        _maybe(draw, state, "Assign", templates(jsonata))
    if jsonata:
        if kind != "Fail":
            _maybe(draw, state, "Output", templates(True) | JSONATA | SCALARS)
        if kind in ("Task", "Parallel"):
            _maybe(draw, state, "Arguments", templates(True) | JSONATA)
    elif kind != "Fail":
        _maybe(draw, state, "InputPath", PATHS | st.none())
        _maybe(draw, state, "OutputPath", PATHS | st.none())
        if kind in ("Task", "Parallel", "Map", "Pass"):
            _maybe(draw, state, "ResultPath", INNER_PATHS | st.just("$") | st.none())
        if kind in ("Task", "Parallel", "Pass"):
            _maybe(draw, state, "Parameters", templates(False))
        if kind in ("Task", "Parallel", "Map"):
            _maybe(draw, state, "ResultSelector", templates(False))
    if kind in ("Task", "Parallel", "Map"):
        _maybe(draw, state, "Retry", st.lists(_retriers(), max_size=2))
        _maybe(draw, state, "Catch", st.lists(_catchers(siblings, jsonata), max_size=2))
    match kind:
        case "Pass" if not jsonata:
            _maybe(draw, state, "Result", JSON)
        case "Task":
            state["Resource"] = draw(RESOURCES)
            _maybe(
                draw, state, "TimeoutSeconds", st.integers(100, 200) | (JSONATA if jsonata else st.nothing())
            )
            _maybe(draw, state, "HeartbeatSeconds", st.integers(1, 99))
        case "Wait":
            choices = [("Seconds", st.integers(0, 100)), ("Timestamp", TIMESTAMPS)]
            if not jsonata:
                choices += [("SecondsPath", INNER_PATHS), ("TimestampPath", INNER_PATHS)]
            name, values = draw(st.sampled_from(choices))
            state[name] = draw(values)
        case "Fail":
            _maybe(draw, state, "Error", st.just("Boom"))
            _maybe(draw, state, "Cause", JSONATA if jsonata else st.text(max_size=5))
        case "Choice":
            state["Choices"] = draw(st.lists(_rules(siblings, jsonata), min_size=1, max_size=3))
            state["Default"] = following
        case "Parallel":
            inner = _machines(names, inherited_jsonata, depth - 1, may_override)
            state["Branches"] = draw(st.lists(inner, min_size=1, max_size=2))
        case "Map":
            field = draw(st.sampled_from(["ItemProcessor", "Iterator"]))
            state[field] = draw(_machines(names, inherited_jsonata, depth - 1, may_override))
            _maybe(draw, state, "MaxConcurrency", st.integers(0, 5))
            _maybe(draw, state, "ItemSelector", templates(jsonata))
            if jsonata:
                _maybe(draw, state, "Items", JSONATA | st.lists(SCALARS, max_size=2))
            else:
                _maybe(draw, state, "ItemsPath", INNER_PATHS)
            if field == "ItemProcessor" and draw(st.booleans()):
                state[field]["ProcessorConfig"] = {"Mode": "INLINE"}
    return state


@st.composite
def _retriers(draw: st.DrawFn) -> dict[str, Any]:
    retrier: dict[str, Any] = {"ErrorEquals": draw(ERRORS)}
    _maybe(draw, retrier, "IntervalSeconds", st.integers(1, 10))
    _maybe(draw, retrier, "MaxAttempts", st.integers(0, 5))
    _maybe(draw, retrier, "BackoffRate", st.sampled_from([1, 1.0, 1.5, 2]))
    _maybe(draw, retrier, "MaxDelaySeconds", st.integers(11, 60))
    _maybe(draw, retrier, "JitterStrategy", st.sampled_from(["FULL", "NONE"]))
    return retrier


@st.composite
def _catchers(draw: st.DrawFn, siblings: list[str], jsonata: bool) -> dict[str, Any]:
    catcher = {"ErrorEquals": draw(ERRORS), "Next": draw(st.sampled_from(siblings))}
    _maybe(draw, catcher, "Assign", templates(jsonata))
    if jsonata:
        _maybe(draw, catcher, "Output", st.just("{% $states.errorOutput %}") | templates(True))
    else:
        _maybe(draw, catcher, "ResultPath", INNER_PATHS | st.none())
    return catcher


@st.composite
def _rules(draw: st.DrawFn, siblings: list[str], jsonata: bool) -> dict[str, Any]:
    rule: dict[str, Any]
    if jsonata:
        rule = {
            "Condition": draw(st.booleans() | st.sampled_from(["{% true %}", "{% $states.input.a = 1 %}"]))
        }
        _maybe(draw, rule, "Output", templates(True))
    else:
        rule = draw(_tests(2))
    rule["Next"] = draw(st.sampled_from(siblings))
    _maybe(draw, rule, "Assign", templates(jsonata))
    return rule


@st.composite
def _tests(draw: st.DrawFn, depth: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["Variable", "And", "Or", "Not"] if depth else ["Variable"]))
    if kind == "Not":
        return {"Not": draw(_tests(depth - 1))}
    if kind != "Variable":
        return {kind: draw(st.lists(_tests(depth - 1), min_size=1, max_size=2))}
    operator, operand = draw(
        st.sampled_from(
            [
                ("StringEquals", "x"),
                ("StringMatches", "a*\\*"),
                ("StringLessThanPath", "$.b"),
                ("NumericEquals", 1.5),
                ("NumericGreaterThanEqualsPath", "$.b"),
                ("BooleanEquals", True),
                ("TimestampLessThan", "2016-03-14T01:59:00Z"),
                ("IsPresent", False),
                ("IsNull", True),
                ("IsTimestamp", True),
            ]
        )
    )
    return {"Variable": draw(PATHS), operator: operand}


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A definition in which one value, key or member was changed, and which may be valid or not."""
    definition = copy.deepcopy(draw(definitions()))
    containers = list(_containers(definition))
    container = draw(st.sampled_from(containers))
    value = draw(
        JSON
        | st.sampled_from(
            ["$", "$.a", "$..a", "$[", "States.Nope()", "{% ( %}", "{% 1 %}", "Next", -1, 1e300]
        )
    )
    if isinstance(container, list):
        container.insert(draw(st.integers(0, len(container))), value)
        return definition
    key = draw(st.sampled_from(sorted(container))) if container else "new"
    match draw(st.sampled_from(["remove", "replace", "rename", "add"])):
        case "remove":
            container.pop(key, None)
        case "replace":
            container[key] = value
        case "rename":
            container[draw(st.sampled_from(["", "x", "Next", "End", "Type", "Output", "InputPath"]))] = (
                container.pop(key, None)
            )
        case "add":
            container[
                draw(st.text(max_size=3) | st.sampled_from(["Next", "End", "Catch", "Items", "x.$"]))
            ] = value
    return definition


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from _containers(child)
