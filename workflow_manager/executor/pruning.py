"""Which states of a machine can be reached, and the machine without the others.

A definition that needs pruning is refused; a retry, which starts further down, is pruned on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflow_manager.executor.machine_document import (
    Machine,
    State,
    given,
    items_of,
    map_machines,
    map_states,
    nested_machines,
    reachable,
    states_of,
    transitions,
)
from workflow_manager.kernel.errors import InvalidDefinition, Problem
from workflow_manager.kernel.json import Json

_ENDLESS = ("Fail", "Succeed", "Choice")


def prune(machine: Machine, start_at: str) -> dict[str, Json]:
    """The machine begun at another of its states, with nothing that cannot be reached from there.

    Raises `InvalidDefinition` when what is left does not hang together.
    """
    pruned = _pruned({**machine, "StartAt": start_at})
    problems = [*start_problems(pruned, ""), *transition_problems(pruned, "")]
    if problems:
        raise InvalidDefinition(problems[0].message, problems)
    return pruned


def _pruned(machine: Machine) -> dict[str, Json]:
    states = states_of(dict(machine))
    kept = reachable(states, machine.get("StartAt"))
    left = {name: state for name, state in states.items() if name in kept}
    return map_states({**machine, "States": left}, lambda _, state: map_machines(state, _pruned_inside))


def _pruned_inside(machine: Json) -> Json:
    return _pruned(machine) if isinstance(machine, dict) else machine


@dataclass(frozen=True, slots=True)
class Unreachable:
    name: str
    place: str


def unreachable(machine: Json, place: str) -> Iterator[Unreachable]:
    """Every state without a transition path from the start of its own machine, by name."""
    states = states_of(machine)
    kept = reachable(states, start_of(machine))
    for name, state in sorted(states.items()):
        at = f"{place}/States/{name}"
        if name not in kept:
            yield Unreachable(name, at)
        if isinstance(state, dict):
            for where, inner in nested_machines(state):
                yield from unreachable(inner, at + where)


def start_of(machine: Json) -> Json:
    return machine.get("StartAt") if isinstance(machine, dict) else None


def start_problems(machine: Json, place: str) -> Iterator[Problem]:
    """A start that is missing or unknown, here or in a machine inside."""
    states = states_of(machine)
    start_at = start_of(machine)
    if not place and start_at in (None, ""):
        yield Problem("StartAt is a required field", "/StartAt")
    elif not isinstance(start_at, str) or start_at not in states:
        name = start_at if isinstance(start_at, str) else ""
        yield Problem(f"State {name} not found in StateMachine", f"{place}/StartAt")
    for name, state in sorted(states.items()):
        if isinstance(state, dict):
            for where, inner in nested_machines(state):
                yield from start_problems(inner, f"{place}/States/{name}{where}")


def transition_problems(machine: Json, place: str) -> Iterator[Problem]:
    """States that lead nowhere, in two directions, or to no state of their own machine."""
    states = states_of(machine)
    for name, state in sorted(states.items()):
        at = f"{place}/States/{name}"
        if isinstance(state, dict):
            yield from _state_problems(name, state, states, at)
            for where, inner in nested_machines(state):
                yield from transition_problems(inner, at + where)


def _state_problems(name: str, state: State, states: Mapping[str, Json], at: str) -> Iterator[Problem]:
    end = bool(state.get("End"))
    if end and given(state, "Next"):
        yield Problem("Can only be an End state or have a Next state not both", at)
    elif not end and not given(state, "Next") and state.get("Type") not in _ENDLESS:
        yield Problem("Must either be an End state, Choice state, or have a valid Next state", at)
    for where, target in transitions(state):
        if isinstance(target, str) and target not in states:
            yield Problem(f"invalid transition in '{name}': '{target}'", at + where)


def null_members(state: State) -> Iterator[tuple[str, str]]:
    """Lists that hold a null where a rule or a machine belongs: the field and the place."""
    for field in ("Branches", "Catch", "Choices", "Retry"):
        for index, item in enumerate(items_of(state.get(field))):
            if item is None:
                yield field, f"/{field}[{index}]"
