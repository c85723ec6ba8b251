"""An environment to evaluate in."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from workflow_manager.asl.environment import Environment


def environment(
    input: Any = None,
    context: dict[str, Any] | None = None,
    variables: dict[str, Any] | None = None,
    seed: int = 1,
) -> Environment:
    return Environment(
        input=input,
        context=context or {},
        variables=variables or {},
        now=datetime(2026, 1, 1, tzinfo=UTC),
        random=random.Random(seed),
    )
