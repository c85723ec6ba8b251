"""From a definition as users write it to one that Step Functions runs in a namespace.

Short resource names become ARNs, every task is retried when its worker was told to stop, and a Map
hands the name of the execution to its items.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, cast

from workflow_manager.executor.machine_document import (
    Machine,
    State,
    items_of,
    map_machines,
    map_states,
    nested_machines,
    sorted_fields,
    states_of,
    without_blanks,
)
from workflow_manager.kernel.errors import InvalidDefinition, Problem
from workflow_manager.kernel.json import Json
from workflow_manager.models.names import GLUE_START_JOB, Naming, scoped

# Rises when the same definition expands differently, so that machines made earlier are recognised.
CONVENTIONS: Final = "1"

EXECUTION_NAME: Final = "_EXECUTION_NAME"

COMMAND_TERMINATED: Final = "sfncli.CommandTerminated"

# A worker that is being replaced reports this; the next one should get the task soon, and for as long
# as a roll-out takes.
DEFAULT_RETRIER: Final[dict[str, Json]] = {
    "ErrorEquals": [COMMAND_TERMINATED],
    "IntervalSeconds": 10,
    "BackoffRate": 1,
    "MaxAttempts": 10,
}

_NO_ACTIVITY: Final = ("arn:", "lambda:", "glue:")

_RETRIER: Final = re.compile(r"/Retry\[(\d+)\]")

_NAME_IN_JSONATA: Final = (
    "{% $exists($states.input._EXECUTION_NAME)"
    " ? $states.input._EXECUTION_NAME : $states.context.Execution.Name %}"
)


def definition_text(machine: Machine, namespace: str, naming: Naming) -> str:
    """The expanded definition as it is sent: always the same text for the same machine.

    Raises `InvalidDefinition` for a null where a machine belongs.
    """
    expanded = expand(without_blanks(machine), namespace, naming)
    return json.dumps(sorted_fields(expanded), indent=2, ensure_ascii=False)


def expand(machine: Machine, namespace: str, naming: Naming) -> dict[str, Json]:
    return _Expansion(namespace, naming, is_jsonata=machine.get("QueryLanguage") == "JSONata").machine(
        machine
    )


def written_place(place: str, machine: Json) -> str:
    """Where in the machine as it was written stands what is at `place` in the expanded one.

    Only the retriers move, by the default one in front of them.
    """
    for name, state in states_of(machine).items():
        at = f"/States/{name}"
        if not isinstance(state, dict) or not place.startswith(f"{at}/"):
            continue
        rest = place[len(at) :]
        if (found := _RETRIER.match(rest)) and is_retried_by_default(state):
            return f"{at}/Retry[{int(found[1]) - 1}]{rest[found.end() :]}"
        for where, inner in nested_machines(state):
            if rest.startswith(f"{where}/"):
                return at + where + written_place(rest[len(where) :], inner)
    return place


def activity_names(machine: Json, namespace: str, naming: Naming) -> set[str]:
    """The activities behind the short resource names of a machine, at every level."""
    names: set[str] = set()
    for state in states_of(machine).values():
        if not isinstance(state, dict):
            continue
        resource = activity_of(state)
        if resource is not None:
            names.add(naming.activity_name(namespace, resource))
        for _, inner in nested_machines(state):
            names |= activity_names(inner, namespace, naming)
    return names


def activity_of(state: State) -> str | None:
    """The short name of the activity that does a state's work; None for any other state."""
    resource = state.get("Resource") if state.get("Type") == "Task" else None
    if not isinstance(resource, str) or not resource or resource.startswith(_NO_ACTIVITY):
        return None
    return resource


@dataclass(frozen=True, slots=True)
class _Expansion:
    namespace: str
    naming: Naming
    is_jsonata: bool

    def machine(self, machine: Machine) -> dict[str, Json]:
        return map_states(machine, lambda _, state: self.state(state))

    def state(self, state: dict[str, Json]) -> dict[str, Json]:
        match state.get("Type"):
            case "Task":
                return _with_default_retrier(self.task(state))
            case "Parallel":
                return map_machines(
                    state, lambda branch: self.inner(branch, "Nil branch found in parallel state")
                )
            case "Map":
                named = self.with_execution_name(state) if self.naming.tells_execution_name else state
                return map_machines(named, lambda inner: self.inner(inner, "Nil iterator found in map state"))
            case _:
                return state

    def inner(self, machine: Json, nil: str) -> Json:
        if machine is None:
            raise InvalidDefinition(nil, [Problem(nil)])
        return self.machine(machine) if isinstance(machine, dict) else machine

    def task(self, state: dict[str, Json]) -> dict[str, Json]:
        resource = state.get("Resource")
        if not isinstance(resource, str) or not resource or resource.startswith("arn:"):
            return state
        kind, colon, name = resource.partition(":")
        if colon and kind == "lambda":
            return {**state, "Resource": self.naming.function_arn(self.namespace, name)}
        if colon and kind == "glue":
            return self.glue_job(state, scoped(self.namespace, name))
        return {**state, "Resource": self.naming.activity_arn(self.namespace, resource)}

    def glue_job(self, state: dict[str, Json], job: str) -> dict[str, Json]:
        field = "Arguments" if self.speaks_jsonata(state) else "Parameters"
        given = state.get(field)
        arguments: Json
        if isinstance(given, str):
            inner = given.strip().removeprefix("{%").removesuffix("%}")
            arguments = f'{{% $merge([({inner}), {{"JobName": {json.dumps(job)}}}]) %}}'
        else:
            kept = given if isinstance(given, dict) else {}
            arguments = {**{key: kept[key] for key in kept if key != "JobName.$"}, "JobName": job}
        return {**state, "Resource": GLUE_START_JOB, field: arguments}

    def with_execution_name(self, state: dict[str, Json]) -> dict[str, Json]:
        """The Map with the execution's name in what it selects for each item.

        Workers need the name, and an item does not have it.  A Map that selects nothing hands the
        items on as they are; only the old form, whose users count on the name, is made to select.
        """
        field = "ItemSelector"
        if "ItemSelector" not in state and not self.speaks_jsonata(state):
            if "Parameters" not in state and "Iterator" not in state:
                return state
            field = "Parameters"
        selection = state.get(field, {} if field == "Parameters" else None)
        if not isinstance(selection, dict) or selection.keys() & {EXECUTION_NAME, f"{EXECUTION_NAME}.$"}:
            return state
        if self.speaks_jsonata(state):
            return {**state, field: {**selection, EXECUTION_NAME: _NAME_IN_JSONATA}}
        return {**state, field: {**selection, f"{EXECUTION_NAME}.$": f"$.{EXECUTION_NAME}"}}

    def speaks_jsonata(self, state: dict[str, Json]) -> bool:
        language = state.get("QueryLanguage")
        return self.is_jsonata if language is None else language == "JSONata"


def is_retried_by_default(state: State) -> bool:
    """Whether a state gets the default retrier: a task, unless a retrier of its own names that error."""
    retry = state.get("Retry", [])
    return (
        state.get("Type") == "Task"
        and isinstance(retry, list)
        and not any(
            isinstance(retrier, dict) and COMMAND_TERMINATED in items_of(retrier.get("ErrorEquals"))
            for retrier in retry
        )
    )


def _with_default_retrier(state: dict[str, Json]) -> dict[str, Json]:
    """In front, because a retrier for States.ALL has to be the last."""
    if not is_retried_by_default(state):
        return state
    return {**state, "Retry": [cast(Json, DEFAULT_RETRIER), *items_of(state.get("Retry"))]}
