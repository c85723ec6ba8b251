"""Definitions that were parsed are kept while they are used, and only so many."""

from __future__ import annotations

import gc
import json
import tracemalloc

import pytest

from workflow_manager.asl.parse import parse
from workflow_manager.engine.definitions import Definitions, _weight, digest


def passing(number: int) -> str:
    return json.dumps(
        {"Comment": f"{number}", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    )


def test_those_used_last_are_kept_and_the_others_read_again() -> None:
    texts = {digest(text): text for text in map(passing, range(10))}
    read: list[str] = []

    def look_up(name: str) -> str:
        read.append(name)
        return texts[name]

    definitions = Definitions(look_up, max_weight=3 * _weight(passing(0)))
    first, *others = texts
    for name in others:
        definitions.machine(first)
        definitions.machine(name)
    assert read == [first, *others]
    definitions.machine(others[0])
    assert read[-1] == others[0]


JSONATA = {
    f"k{number}": "{% $sum($states.input.a[x > 3].b) + $map([1, 2], function($v) { $v * 2 })[0] %}"
    for number in range(30)
}
TASKS = {
    f"S{number}": {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "f", "Payload.$": "$.a.b"},
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}],
        **({"Next": f"S{number + 1}"} if number < 29 else {"End": True}),
    }
    for number in range(30)
}


@pytest.mark.parametrize(
    "states",
    [TASKS, {"S0": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": JSONATA, "End": True}}],
    ids=["jsonpath", "jsonata"],
)
def test_what_they_weigh_is_about_what_they_take(states: object) -> None:
    text = json.dumps({"StartAt": "S0", "States": states})
    parse(text)
    gc.collect()
    tracemalloc.start()
    kept = [parse(text) for _ in range(3)]
    taken = tracemalloc.get_traced_memory()[0] / len(kept)
    tracemalloc.stop()
    assert taken / 2 < _weight(text) < taken * 4
