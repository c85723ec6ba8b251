"""What a definition says about its states that their history does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from workflow_manager.executor.machine_document import State, nested_machines, states_of
from workflow_manager.kernel.json import Json
from workflow_manager.models.workflow import StateResource, StateResourceType, WorkflowDefinition

_SHORT = {"lambda": StateResourceType.LAMBDA_FUNCTION, "glue": StateResourceType.TASK}


@dataclass(frozen=True, slots=True)
class StateFacts:
    """`resource` is the shorthand, "" where there is none; `failure` what a Fail state says of itself."""

    resource: str = ""
    failure: tuple[str, str] = ("", "")  # error, cause

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
    level: list[Json] = [dict(definition.state_machine)]
    while level:
        inner: list[Json] = []
        for machine in level:
            for name, state in states_of(machine).items():
                if isinstance(state, dict):
                    facts.setdefault(name, _facts(state))
                    inner.extend(nested for _, nested in nested_machines(state))
        level = inner
    return facts


def _facts(state: State) -> StateFacts:
    return StateFacts(
        resource=_text(state, "Resource"), failure=(_text(state, "Error"), _text(state, "Cause"))
    )


def _text(state: State, field: str) -> str:
    value = state.get(field)
    return value if isinstance(value, str) else ""


def top_level_states(definition: WorkflowDefinition) -> Iterator[str]:
    yield from states_of(dict(definition.state_machine))
