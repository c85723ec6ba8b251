"""What is left of a machine that starts further down."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from workflow_manager.executor.pruning import prune
from workflow_manager.kernel.errors import InvalidDefinition


def machine(start: str = "a", **states: Any) -> dict[str, Any]:
    return {"StartAt": start, "Comment": "kept", "States": states}


def to(target: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Next": target, **fields}


END = {"Type": "Pass", "End": True}
CHAIN = machine(a=to("b"), b=to("c"), c=END)


@pytest.mark.parametrize(("start", "left"), [("a", "abc"), ("b", "bc"), ("c", "c")])
def test_what_comes_before_the_start_is_removed(start: str, left: str) -> None:
    before = copy.deepcopy(CHAIN)
    pruned: Any = prune(CHAIN, start)
    assert "".join(sorted(pruned["States"])) == left
    assert (pruned["StartAt"], pruned["Comment"]) == (start, "kept")
    assert before == CHAIN


CHOICE = machine(
    a=to("c"),
    c={"Type": "Choice", "Choices": [{"Next": "d"}, {"Next": "e"}], "Default": "f"},
    d=END,
    e={"Type": "Task", "Resource": "r", "End": True, "Catch": [{"ErrorEquals": ["E"], "Next": "g"}]},
    f={"Type": "Succeed"},
    g={"Type": "Fail"},
)


def test_every_kind_of_transition_keeps_its_target() -> None:
    assert set(prune(CHOICE, "c")["States"]) == set("cdefg")  # type: ignore[arg-type]
    assert set(prune(CHOICE, "e")["States"]) == set("eg")  # type: ignore[arg-type]


def test_an_isolated_cycle_is_removed() -> None:
    cycle = machine(a=END, x=to("y"), y=to("x"))
    assert set(prune(cycle, "a")["States"]) == {"a"}  # type: ignore[arg-type]


def test_a_start_inside_a_cycle_keeps_it() -> None:
    assert set(prune(machine(a=to("b"), b=to("a")), "b")["States"]) == set("ab")  # type: ignore[arg-type]


def test_machines_inside_are_pruned_too() -> None:
    inner = machine("i", i=END, lost=END)
    nested = machine(p={"Type": "Parallel", "Branches": [inner], "End": True})
    pruned: Any = prune(nested, "p")
    assert set(pruned["States"]["p"]["Branches"][0]["States"]) == {"i"}


def inside(**states: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": [machine("i", **states)], "End": True}


@pytest.mark.parametrize(
    ("given", "start", "message"),
    [
        (CHAIN, "", "StartAt is a required field"),
        (CHAIN, "zz", "State zz not found in StateMachine"),
        (machine(a=to("gone")), "a", "invalid transition in 'a': 'gone'"),
        (machine(a={**END, "Catch": [{"Next": "gone"}]}), "a", "invalid transition in 'a': 'gone'"),
        (
            machine(a={"Type": "Choice", "Choices": [{"Next": "gone"}]}),
            "a",
            "invalid transition in 'a': 'gone'",
        ),
        (
            machine(a={"Type": "Choice", "Choices": [], "Default": "gone"}),
            "a",
            "invalid transition in 'a': 'gone'",
        ),
        (
            machine(a={"Type": "Pass"}),
            "a",
            "Must either be an End state, Choice state, or have a valid Next state",
        ),
        (machine(a={**END, "Next": "a"}), "a", "Can only be an End state or have a Next state not both"),
        (machine(p=inside(i={"Type": "Task"})), "p", "Must either be an End state"),
        (machine(p=inside(i=to("p"))), "p", "invalid transition in 'i': 'p'"),
        (
            machine(m={"Type": "Map", "Iterator": machine("i", i=to("gone")), "End": True}),
            "m",
            "in 'i': 'gone'",
        ),
    ],
)
def test_what_does_not_hang_together_is_refused(given: Any, start: str, message: str) -> None:
    with pytest.raises(InvalidDefinition, match=message):
        prune(given, start)


def test_a_broken_state_that_is_not_reached_does_not_matter() -> None:
    assert set(prune(machine(a=to("gone"), b=END), "b")["States"]) == {"b"}  # type: ignore[arg-type]


def test_a_deep_chain_needs_no_recursion() -> None:
    states = {f"s{n}": to(f"s{n + 1}") for n in range(5000)} | {"s5000": END}
    assert len(prune(machine("s0", **states), "s0")["States"]) == 5001  # type: ignore[arg-type]
