"""How a state machine's document is laid out: states, transitions and nested machines.

Documents come from clients of all ages, so nothing here expects more than JSON.  A null, and an empty
transition, is what older clients send for a field they do not use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from workflow_manager.kernel.json import Json

Machine = Mapping[str, Json]
State = Mapping[str, Json]

# Levels of JSON; what recurses below this is far from Python's own limit.
MAX_LEVELS: Final = 150

# Fields whose null says something.
_MEANINGFUL_NULLS: Final = frozenset({"InputPath", "Output", "OutputPath", "Result", "ResultPath"})

# Fields whose value is the user's payload, not the language's: nulls and the order of keys inside are data.
PAYLOADS: Final = frozenset(
    {
        "Arguments",
        "Assign",
        "BatchInput",
        "Credentials",
        "ItemSelector",
        "Items",
        "Output",
        "Parameters",
        "Result",
        "ResultSelector",
    }
)


def states_of(machine: Json) -> Mapping[str, Json]:
    states = machine.get("States") if isinstance(machine, dict) else None
    return states if isinstance(states, dict) else {}


def given(state: State, field: str) -> bool:
    """Whether the field says something: neither absent nor null nor an empty text."""
    return state.get(field) not in (None, "")


def items_of(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def nested_machines(state: State) -> Iterator[tuple[str, Json]]:
    """The branches of a Parallel, the processor of a Map: where each stands, and it."""
    for index, branch in enumerate(items_of(state.get("Branches"))):
        if branch is not None:
            yield f"/Branches[{index}]", branch
    for field in ("Iterator", "ItemProcessor"):
        if state.get(field) is not None:
            yield f"/{field}", state[field]


def transitions(state: State) -> Iterator[tuple[str, Json]]:
    """Every state named as the next one: where, and its name."""
    if state.get("Type") in ("Succeed", "Fail"):
        return
    for field in ("Next", "Default"):
        if given(state, field):
            yield f"/{field}", state[field]
    for field in ("Choices", "Catch"):
        for index, item in enumerate(items_of(state.get(field))):
            if isinstance(item, dict) and given(item, "Next"):
                yield f"/{field}[{index}]/Next", item["Next"]


def reachable(states: Mapping[str, Json], start_at: Json) -> set[str]:
    """Those of the states of one level that a walk from `start_at` comes to."""
    seen: set[str] = set()
    ahead = [start_at]
    while ahead:
        name = ahead.pop()
        if not isinstance(name, str) or name in seen or name not in states:
            continue
        seen.add(name)
        state = states[name]
        if isinstance(state, dict):
            ahead.extend(target for _, target in transitions(state))
    return seen


def map_machines(state: State, change: Callable[[Json], Json]) -> dict[str, Json]:
    """The state with every machine inside it changed."""
    changed = dict(state)
    branches = state.get("Branches")
    if isinstance(branches, list):
        changed["Branches"] = [change(branch) for branch in branches]
    for field in ("Iterator", "ItemProcessor"):
        if state.get(field) is not None:
            changed[field] = change(state[field])
    return changed


def map_states(machine: Machine, change: Callable[[str, dict[str, Json]], Json]) -> dict[str, Json]:
    """The machine with every state of this level changed; what is no object stays as it is."""
    states = machine.get("States")
    if not isinstance(states, dict):
        return dict(machine)
    changed = {
        name: change(name, state) if isinstance(state, dict) else state for name, state in states.items()
    }
    return {**machine, "States": changed}


def without_blanks(machine: Machine) -> dict[str, Json]:
    """The document without fields that say nothing: nulls, empty transitions, empty lists of rules, and
    the End of a state that is one anyway."""
    return _fields(machine, _telling)


def _telling(fields: Iterable[tuple[str, Json]]) -> Iterable[tuple[str, Json]]:
    told = {field: value for field, value in fields if not _is_blank(field, value)}
    if told.get("Type") in ("Succeed", "Fail") and told.get("End") is True:
        del told["End"]
    return told.items()


def _is_blank(field: str, value: Json) -> bool:
    if value is None:
        return field not in _MEANINGFUL_NULLS
    return (value == "" and field in ("Next", "Default")) or (value == [] and field in ("Retry", "Catch"))


def sorted_fields(machine: Machine) -> dict[str, Json]:
    """The same document with its fields and states in alphabetical order, payloads as they are."""
    return _fields(machine, sorted)


def _fields(
    fields: Mapping[str, Json], arrange: Callable[[Iterable[tuple[str, Json]]], Iterable[tuple[str, Json]]]
) -> dict[str, Json]:
    """The object with its own fields arranged, and those of every object of the language inside it."""

    def inside(field: str, value: Json) -> Json:
        if field in PAYLOADS:
            return value
        if field == "States" and isinstance(value, dict):
            # Keys here are names of states, which may look like fields.
            return {name: inside("", state) for name, state in sorted(value.items())}
        if isinstance(value, list):
            return [inside("", item) for item in value]
        return _fields(value, arrange) if isinstance(value, dict) else value

    return {field: inside(field, value) for field, value in arrange(fields.items())}


def is_too_deep(document: Json) -> bool:
    """Whether it has more levels than we take; found without recursion."""
    level = [document]
    for _ in range(MAX_LEVELS):
        inner = [item for item in level if isinstance(item, dict | list)]
        if not inner:
            return False
        level = []
        for container in inner:
            level.extend(container.values() if isinstance(container, dict) else container)
    return any(isinstance(item, dict | list) for item in level)
