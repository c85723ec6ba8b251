"""Hypothesis strategies: definitions that are valid, and definitions with one thing changed."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.asl.drawn import (
    COMMENTS,
    INNER_PATHS,
    INTRINSICS,
    JSON,
    JSONATA,
    PATHS,
    RESOURCES,
    SCALARS,
    TIMESTAMPS,
    Fields,
    batchers,
    catchers,
    credentials,
    maybe,
    maybe_number,
    readers,
    recovery,
    retriers,
    rules,
    templates,
    writers,
)


@dataclass(frozen=True)
class Around:
    """What a state is drawn in: `jsonata` is the definition's language; `depth` how deep it may nest."""

    names: Iterator[str]
    jsonata: bool
    depth: int
    is_top: bool = True


@st.composite
def definitions(draw: st.DrawFn, depth: int = 2) -> Fields:
    """A whole definition, in which any state may have any of its fields."""
    language = draw(st.sampled_from([None, "JSONPath", "JSONata"]))
    names = (f"state {number}" for number in itertools.count())
    definition = draw(_machines(Around(names, language == "JSONata", depth)))
    if language:
        definition["QueryLanguage"] = language
    maybe(draw, definition, "TimeoutSeconds", st.integers(1, 1000))
    maybe(draw, definition, "Version", st.just("1.0"))
    return definition


@st.composite
def _machines(draw: st.DrawFn, around: Around) -> Fields:
    """Each state goes on to the next one, so that all are reached and the last one ends."""
    own = list(itertools.islice(around.names, draw(st.integers(1, 3))))
    states = {}
    for number, name in enumerate(own):
        following = own[number + 1] if number + 1 < len(own) else None
        # A definition in JSONata has no other states at its top.
        may_differ = not (around.is_top and around.jsonata)
        jsonata = around.jsonata is not (may_differ and draw(st.booleans()))
        state = draw(_states(own, following, jsonata, around))
        if jsonata is not around.jsonata:
            state["QueryLanguage"] = "JSONata" if jsonata else "JSONPath"
        states[name] = state
    machine = {"StartAt": own[0], "States": states}
    maybe(draw, machine, "Comment", COMMENTS)
    return machine


@st.composite
def _states(
    draw: st.DrawFn, siblings: list[str], following: str | None, jsonata: bool, around: Around
) -> Fields:
    kinds = ["Pass", "Task", "Wait"] + (["Parallel", "Map"] if around.depth else [])
    kind = draw(st.sampled_from([*kinds, *(["Choice"] if following else ["Succeed", "Fail"])]))
    state: Fields = {"Type": kind}
    maybe(draw, state, "Comment", COMMENTS)
    if kind not in ("Choice", "Succeed", "Fail"):
        state.update({"Next": following} if following else {"End": True})
    if kind not in ("Succeed", "Fail"):
        maybe(draw, state, "Assign", templates(jsonata))
    if kind in ("Task", "Parallel", "Map"):
        maybe(draw, state, "Retry", recovery(retriers()))
        maybe(draw, state, "Catch", recovery(catchers(siblings, jsonata)))
    _flow(draw, state, kind, jsonata)
    match kind:
        case "Pass" if not jsonata:
            maybe(draw, state, "Result", JSON)
        case "Task":
            state["Resource"] = draw(RESOURCES)
            maybe(draw, state, "Credentials", credentials(jsonata))
            maybe_number(draw, state, "TimeoutSeconds", jsonata, st.integers(100, 200))
            maybe_number(draw, state, "HeartbeatSeconds", jsonata, st.integers(1, 99))
        case "Wait":
            state |= draw(_waits(jsonata))
        case "Fail":
            for name in ("Error", "Cause"):
                ways = [(name, COMMENTS | (JSONATA if jsonata else st.nothing()))]
                ways += [] if jsonata else [(f"{name}Path", PATHS | INTRINSICS)]
                maybe(draw, state, *draw(st.sampled_from(ways)))
        case "Choice":
            state["Choices"] = draw(st.lists(rules(siblings, jsonata), min_size=1, max_size=3))
            state["Default"] = following
        case "Parallel":
            inner = _machines(replace(around, depth=around.depth - 1, is_top=False))
            state["Branches"] = draw(st.lists(inner, min_size=1, max_size=2))
        case "Map":
            _map(draw, state, jsonata, around)
    return state


def _flow(draw: st.DrawFn, state: Fields, kind: str, jsonata: bool) -> None:
    if kind == "Fail":
        return
    if jsonata:
        maybe(draw, state, "Output", templates(True) | JSONATA | SCALARS)
        if kind in ("Task", "Parallel"):
            maybe(draw, state, "Arguments", templates(True) | JSONATA)
        return
    maybe(draw, state, "InputPath", PATHS | st.none())
    maybe(draw, state, "OutputPath", PATHS | st.none())
    if kind in ("Task", "Parallel", "Map", "Pass"):
        maybe(draw, state, "ResultPath", INNER_PATHS | st.just("$") | st.none())
    if kind in ("Task", "Parallel", "Pass"):
        maybe(draw, state, "Parameters", templates(False) | SCALARS)
    if kind in ("Task", "Parallel", "Map"):
        maybe(draw, state, "ResultSelector", templates(False))


@st.composite
def _waits(draw: st.DrawFn, jsonata: bool) -> Fields:
    ways = [("Seconds", st.integers(0, 100)), ("Timestamp", TIMESTAMPS)]
    if jsonata:
        ways += [("Seconds", JSONATA), ("Timestamp", JSONATA)]
    else:
        ways += [("SecondsPath", INNER_PATHS), ("TimestampPath", INNER_PATHS)]
    name, values = draw(st.sampled_from(ways))
    return {name: draw(values)}


def _map(draw: st.DrawFn, state: Fields, jsonata: bool, around: Around) -> None:
    field = draw(st.sampled_from(["ItemProcessor", "Iterator"]))
    processor = draw(_machines(replace(around, depth=around.depth - 1, is_top=False)))
    state[field] = processor
    maybe_number(draw, state, "MaxConcurrency", jsonata, st.integers(0, 5))
    maybe_number(draw, state, "ToleratedFailureCount", jsonata, st.integers(0, 5))
    maybe_number(draw, state, "ToleratedFailurePercentage", jsonata, st.sampled_from([0, 12.5, 100]))
    maybe(draw, state, "Label", st.sampled_from(["label", "Ü-1"]))
    selectors = ["ItemSelector"] if jsonata else ["ItemSelector", "Parameters"]
    maybe(draw, state, draw(st.sampled_from(selectors)), templates(jsonata))
    if jsonata:
        maybe(draw, state, "Items", JSONATA | st.lists(SCALARS | JSONATA, max_size=2))
    else:
        maybe(draw, state, "ItemsPath", INNER_PATHS)
    match draw(st.sampled_from([None, "INLINE", "DISTRIBUTED"])):
        case "INLINE":
            processor["ProcessorConfig"] = {"Mode": "INLINE"}
        case "DISTRIBUTED":
            # What waits for somebody's answer cannot run in an express execution.
            processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
            maybe(draw, state, "ItemReader", readers(jsonata))
            maybe(draw, state, "ItemBatcher", batchers(jsonata))
            maybe(draw, state, "ResultWriter", writers(jsonata))


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
