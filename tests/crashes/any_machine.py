"""Hypothesis strategies: machines that come to an end whatever happens, with tasks whose answers are
written down in what they are given.

States only ever lead to later ones, retries are counted, and a worker who vanishes is noticed by a
timeout; so every run ends, and only the moments of its commits differ from run to run.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from workflow_manager.engine.arns import Realm

Fields = dict[str, Any]

INPUT = json.dumps({"items": [1, 2, 3]})
CHILD = {
    "StartAt": "C",
    "States": {
        "C": {"Type": "Wait", "Seconds": 2, "Next": "D"},
        "D": {"Type": "Pass", "Result": {"by": "child"}, "End": True},
    },
}

# What a worker does at each attempt, the last for all that follow: answers, fails, or is never heard of.
OUTCOMES = st.sampled_from(["ok", "ok", "Boom", "Other", "vanish"])
SCRIPTS = st.lists(OUTCOMES, min_size=1, max_size=3)
SECONDS = st.integers(0, 5)
ERRORS = st.sampled_from(
    [["Boom"], ["Boom", "Other"], ["States.Timeout"], ["States.TaskFailed"], ["States.ALL"]]
)


@dataclass(frozen=True)
class Plot:
    """What may happen in a machine.

    With `distributed` maps nothing depends on chance or on which of two children is first, for a
    run begins and judges its children as they come.  Nor is such a map cut short, by a time-out or by
    the failure of another line, `beside` which it runs: what its children have still done at that
    instant is nobody's to promise.  Services answer when they like, so only a line that is `alone` in
    its execution calls one: the same holds for the order of two answers.
    """

    names: Iterator[str]
    jsonata: bool
    distributed: bool
    depth: int = 2
    alone: bool = True
    beside: bool = False


@st.composite
def definitions(draw: st.DrawFn, *, distributed: bool) -> Fields:
    names = (f"s{number}" for number in itertools.count())
    jsonata = draw(st.booleans())
    definition: Fields = draw(_machines(Plot(names, jsonata, distributed)))
    if jsonata:
        definition["QueryLanguage"] = "JSONata"
    # What a nested execution still does at the instant at which it is cut short is nobody's to promise.
    has_nested = ":states:startExecution" in json.dumps(definition)
    if not (distributed or has_nested) and draw(st.integers(0, 5)) == 0:
        definition["TimeoutSeconds"] = draw(st.integers(1, 12))
    return definition


def activities(definition: Fields) -> list[str]:
    """One for each state that asks for a worker, so that it is known who is asked first."""
    return [name for name, state in _tasks(definition) if ":activity:" in state["Resource"]]


def _tasks(value: Any) -> Iterator[tuple[str, Fields]]:
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, dict) and member.get("Type") == "Task":
                yield name, member
            yield from _tasks(member)
    elif isinstance(value, list):
        for member in value:
            yield from _tasks(member)


@st.composite
def _machines(draw: st.DrawFn, plot: Plot) -> Fields:
    own = list(itertools.islice(plot.names, draw(st.integers(1, 3))))
    last = next(plot.names)
    states = {}
    for number, name in enumerate(own):
        later = [*own[number + 1 :], last]
        states[name] = draw(_states(plot, name, later))
    ends: list[Fields] = [{"Type": "Succeed"}, {"Type": "Fail", "Error": "Boom", "Cause": "drawn"}]
    ends.append({"Type": "Pass", "End": True, **_noted(draw, plot, last)})
    states[last] = draw(st.sampled_from([ends[0], ends[2], ends[2], ends[1]]))
    return {"StartAt": own[0], "States": states}


@st.composite
def _states(draw: st.DrawFn, plot: Plot, name: str, later: list[str]) -> Fields:
    kinds = ["Pass", "Wait", "Choice", "Task", "Task", *(["Nested"] if plot.alone else [])]
    if plot.depth:
        kinds += ["Parallel"] * 2 if plot.distributed and plot.beside else ["Parallel", "Map"] * 2
    kind = draw(st.sampled_from(kinds))
    following = {"Next": later[0]}
    match kind:
        case "Pass":
            return {"Type": "Pass", **following, **_noted(draw, plot, name)}
        case "Wait":
            return {"Type": "Wait", "Seconds": draw(SECONDS), **following, **_assigned(draw, plot, name)}
        case "Choice":
            return _choice(draw, plot, later)
        case "Nested":
            resource = draw(
                st.sampled_from(["startExecution", "startExecution.sync", "startExecution.sync:2"])
            )
            work: Fields = {"Type": "Task", "Resource": f"arn:aws:states:::states:{resource}"}
            given = {"StateMachineArn": Realm().machine("child"), "Input": {"by": name}}
            return {**work, **_given(plot, given), **_kept(plot, name), **following}
        case "Task":
            return {**_task(draw, plot, name), **_recovery(draw, plot, later), **following}
    state: Fields = {"Type": kind, **_kept(plot, name), **_recovery(draw, plot, later), **following}
    if kind == "Map":
        return state | _map(draw, plot)
    count = draw(st.integers(1, 3))
    several = count > 1
    inside = replace(
        plot, depth=plot.depth - 1, alone=plot.alone and not several, beside=plot.beside or several
    )
    inner = _machines(inside)
    return state | {"Branches": [draw(inner) for _ in range(count)]}


def _map(draw: st.DrawFn, plot: Plot) -> Fields:
    concurrency = draw(st.integers(0, 2))
    # Children of a distributed map have histories of their own.
    alone = plot.distributed or (plot.alone and concurrency == 1)
    processor = draw(_machines(replace(plot, depth=plot.depth - 1, alone=alone, beside=False)))
    fields: Fields = {"MaxConcurrency": concurrency, "ItemProcessor": processor}
    if plot.distributed:
        # An express execution asks no worker, and has no distributed map of its own.
        is_simple = not any(kind in json.dumps(processor) for kind in ('"Task"', '"Map"'))
        kind = draw(st.sampled_from(["STANDARD", "EXPRESS"])) if is_simple else "STANDARD"
        processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
        fields["ToleratedFailurePercentage"] = 100
        if draw(st.booleans()):
            fields["ItemBatcher"] = {"MaxItemsPerBatch": 2}
    if plot.jsonata:
        fields["Items"] = draw(st.sampled_from(["{% $states.input.items %}", [], [1]]))
        selected = {"items": [4, 5], "item": "{% $states.context.Map.Item.Value %}"}
    else:
        fields["ItemsPath"] = "$.items"
        selected = {"items": [4, 5], "item.$": "$$.Map.Item.Value"}
    if "ItemBatcher" in fields:
        fields["ItemBatcher"]["BatchInput"] = {"items": [6]}
    return fields | {"ItemSelector": selected}


def _task(draw: st.DrawFn, plot: Plot, name: str) -> Fields:
    script = draw(SCRIPTS)
    given: Fields = {"script": script, "state": name}
    if plot.jsonata:
        given |= {"attempt": "{% $states.context.State.RetryCount %}", "seen": "{% $states.input %}"}
    else:
        given |= {"attempt.$": "$$.State.RetryCount", "seen.$": "$"}
    limits = draw(st.sampled_from([{"TimeoutSeconds": 3}, {"TimeoutSeconds": 9, "HeartbeatSeconds": 2}]))
    return {
        "Type": "Task",
        "Resource": Realm().activity(name),
        **(limits if "vanish" in script else {}),
        **_given(plot, given),
        **_kept(plot, name),
        **_assigned(draw, plot, name),
    }


def _choice(draw: st.DrawFn, plot: Plot, later: list[str]) -> Fields:
    target = draw(st.sampled_from(later))
    if plot.jsonata:
        rule: Fields = {"Condition": draw(st.sampled_from(["{% $count($states.input.items) > 2 %}", True]))}
    else:
        rule = {"Variable": "$.items[0]", "NumericGreaterThan": draw(st.integers(0, 5))}
    return {"Type": "Choice", "Choices": [{**rule, "Next": target}], "Default": later[0]}


def _recovery(draw: st.DrawFn, plot: Plot, later: list[str]) -> Fields:
    fields: Fields = {}
    if draw(st.booleans()):
        retrier: Fields = {"ErrorEquals": draw(ERRORS), "MaxAttempts": draw(st.integers(1, 2))}
        retrier["IntervalSeconds"] = draw(st.integers(1, 3))
        if not plot.distributed and draw(st.booleans()):
            retrier["JitterStrategy"] = "FULL"
        fields["Retry"] = [retrier]
    if draw(st.booleans()):
        catcher: Fields = {"ErrorEquals": draw(ERRORS), "Next": draw(st.sampled_from(later))}
        kept = _beside("$states.errorOutput", "caught")
        catcher |= {"Output": kept} if plot.jsonata else {"ResultPath": "$.caught"}
        fields["Catch"] = [catcher]
    return fields


def _beside(value: str, name: str) -> str:
    return f"{{% $merge([$states.input, {{'{name}': {value}}}]) %}}"


def _given(plot: Plot, arguments: Fields) -> Fields:
    return {"Arguments" if plot.jsonata else "Parameters": arguments}


def _kept(plot: Plot, name: str) -> Fields:
    """The result beside the input, so that every state finds its items."""
    return {"Output": _beside("$states.result", name)} if plot.jsonata else {"ResultPath": f"$.{name}"}


def _noted(draw: st.DrawFn, plot: Plot, name: str) -> Fields:
    """Something that a Pass state adds; where chance counts, something drawn."""
    drawn = not plot.distributed and draw(st.booleans())
    if plot.jsonata:
        return {"Output": _beside("$uuid()" if drawn else "$now()", name), **_assigned(draw, plot, name)}
    value = "States.UUID()" if drawn else "$$.State.EnteredTime"
    return {"Parameters": {"noted.$": value}, "ResultPath": f"$.{name}", **_assigned(draw, plot, name)}


def _assigned(draw: st.DrawFn, plot: Plot, name: str) -> Fields:
    if not draw(st.booleans()):
        return {}
    when = (
        {"at": "{% $states.context.State.EnteredTime %}"}
        if plot.jsonata
        else {"at.$": "$$.State.EnteredTime"}
    )
    return {"Assign": {f"v_{name}": when}}
