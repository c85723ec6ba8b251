"""Members of requests and answers, found by paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from workflow_manager.kernel.json import Json

Members: TypeAlias = "dict[str, Json]"


def find(value: Json, path: str) -> Json:
    """The value at `A.0.B`; None where there is none.  Names match in any casing."""
    for step in path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = next((item for name, item in value.items() if name.lower() == step.lower()), None)
        else:
            return None
    return value


def gathered(value: Json, paths: Mapping[str, str]) -> Members:
    """Members by the paths at which they are found; `[]` before a path makes a list of one."""
    members: Members = {}
    for name, path in paths.items():
        found = find(value, path.removeprefix("[]"))
        if found is not None:
            members[name] = [found] if path.startswith("[]") else found
    return members
