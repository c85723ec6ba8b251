"""An application's definitions: what it may hand over, and what is wrong with it before anything runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from workflow_manager.executor.definitions import check_state_machine
from workflow_manager.executor.expand import activity_of
from workflow_manager.executor.machine_document import nested_machines, states_of
from workflow_manager.kernel.errors import InvalidDefinition, InvalidRequest
from workflow_manager.kernel.json import Json
from workflow_manager.library.documents import Given, read_definition, read_definitions
from workflow_manager.models.names import Naming

Source: TypeAlias = "str | Path | Mapping[str, Any] | Iterable[str | Path | Mapping[str, Any]]"
"""YAML or JSON text, a file of it, a definition as a dict, or several of these."""

MUTABLE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """As the application wrote it.  `version` is its own count; MUTABLE where it does not count."""

    name: str
    version: int = MUTABLE
    state_machine: Mapping[str, Json]
    manager: str = ""
    default_tags: Mapping[str, Json]

    @property
    def is_mutable(self) -> bool:
        return self.version < 0


def read_source(source: Source) -> list[Definition]:
    """The definitions in the order they were given.  Raises `InvalidRequest`."""
    if isinstance(source, str):
        return [_definition(each) for each in read_definitions("definitions", source)]
    if isinstance(source, Path):
        return [_definition(each) for each in read_definitions(source.name, _text(source))]
    if isinstance(source, Mapping):
        return [_definition(read_definition("definition", _plain(source)))]
    return [definition for each in source for definition in read_source(each)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"cannot read {path}: {error}") from None


def _plain(given: Mapping[str, Any]) -> Any:
    """A copy that nobody else can change."""
    try:
        return json.loads(json.dumps(given))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"definition is not JSON: {error}") from None


def _definition(given: Given) -> Definition:
    body = given.body
    return Definition(
        name=given.name,
        version=MUTABLE if given.version is None else given.version,
        state_machine=body["stateMachine"],
        manager=body.get("manager", ""),
        default_tags=body.get("defaultTags", {}),
    )


def check_definition(definition: Definition, functions: Collection[str], naming: Naming) -> None:
    """What the server would refuse, and Task states that no function serves.

    Raises `InvalidDefinition`.
    """
    try:
        check_state_machine(definition.state_machine, definition.name, max(definition.version, 0), naming)
    except InvalidDefinition as error:
        raise InvalidDefinition(f"could not validate state machine: {error}", error.problems) from None
    for place, resource in _resources(dict(definition.state_machine), definition.name):
        if resource not in functions:
            raise InvalidDefinition(
                f"could not validate state machine: unknown resource '{resource}' in {place}"
            )


def _resources(machine: Json, place: str) -> Iterator[tuple[str, str]]:
    """The short names of activities, each with the place of its state: `workflow.state`."""
    for name, state in states_of(machine).items():
        if not isinstance(state, dict):
            continue
        resource = activity_of(state)
        if resource is not None:
            yield f"{place}.{name}", resource
        for _, inner in nested_machines(state):
            yield from _resources(inner, f"{place}.{name}")
