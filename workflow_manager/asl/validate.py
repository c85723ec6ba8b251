"""What ValidateStateMachineDefinition reports about a definition."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_manager.asl.parse import judge
from workflow_manager.kernel.errors import Problem
from workflow_manager.kernel.json import Json


def diagnose(definition: str | Mapping[str, Json], *, express: bool = False) -> list[Problem]:
    """Every problem; `asl.parse.parse` takes the definition exactly when none of them is an ERROR."""
    return list(judge(definition, express=express)[1])
