"""What a definition says about its states that their history does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from workflow_manager.executor.machine_document import State, items_of, states_of
from workflow_manager.kernel.json import Json
from workflow_manager.models.workflow import StateResource, StateResourceType, WorkflowDefinition

_SHORT = {"lambda": StateResourceType.LAMBDA_FUNCTION, "glue": StateResourceType.TASK}


@dataclass(frozen=True, slots=True)
class StateFacts:
    """`resource` is the shorthand, "" where there is none; `failure` what a Fail state says of itself;
    `branch` the number, from 0, of the branch that the state is in."""

    resource: str = ""
    failure: tuple[str, str] = ("", "")  # error, cause
    branch: int | None = None

    def state_resource(self, namespace: str, at: datetime) -> StateResource | None:
        if not self.resource:
            return None
        kind, name = _kind_and_name(self.resource)
        return StateResource(name=name, namespace=namespace, last_updated=at, type=kind)


def _kind_and_name(resource: str) -> tuple[StateResourceType, str]:
    prefix, colon, name = resource.partition(":")
    if colon and prefix in _SHORT:
        return _SHORT[prefix], name
    if resource.startswith("arn:aws:lambda:"):
        return StateResourceType.LAMBDA_FUNCTION, resource
    if resource.startswith("arn:aws:states:::"):
        return StateResourceType.TASK, resource
    return StateResourceType.ACTIVITY, resource


def facts_by_state(definition: WorkflowDefinition) -> Mapping[str, StateFacts]:
    """Of every state at every level; where two have one name, of the one further out."""
    facts: dict[str, StateFacts] = {}
    level: list[tuple[Json, int | None]] = [(dict(definition.state_machine), None)]
    while level:
        inner: list[tuple[Json, int | None]] = []
        for machine, branch in level:
            for name, state in states_of(machine).items():
                if isinstance(state, dict):
                    facts.setdefault(name, _facts(state, branch))
                    inner.extend(_inside(state))
        level = inner
    return facts


def _inside(state: State) -> Iterator[tuple[Json, int | None]]:
    """The machines inside, those of a Parallel with their numbers."""
    for index, branch in enumerate(items_of(state.get("Branches"))):
        yield branch, index
    for field in ("Iterator", "ItemProcessor"):
        yield state.get(field), None


def _facts(state: State, branch: int | None) -> StateFacts:
    return StateFacts(
        resource=_text(state, "Resource"),
        failure=(_literal(state, "Error"), _literal(state, "Cause")),
        branch=branch,
    )


def _text(state: State, field: str) -> str:
    value = state.get(field)
    return value if isinstance(value, str) else ""


def _literal(state: State, field: str) -> str:
    """The field's own words; "" for an expression, whose value the definition does not tell."""
    text = _text(state, field)
    return "" if text.startswith("{%") and text.endswith("%}") else text


def top_level_states(definition: WorkflowDefinition) -> Iterator[str]:
    yield from states_of(dict(definition.state_machine))
