"""Environments for evaluating expressions in tests."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime

from workflow_manager.asl.environment import Environment
from workflow_manager.kernel.json import ABSENT, Absent, Json


def world(
    input: Json = None,
    *,
    context: Mapping[str, Json] | None = None,
    variables: Mapping[str, Json] | None = None,
    result: Json | Absent = ABSENT,
    error_output: Json | Absent = ABSENT,
) -> Environment:
    """At a fixed moment, with a fixed seed."""
    return Environment(
        input=input,
        context=context or {},
        variables=variables or {},
        result=result,
        error_output=error_output,
        now=datetime(2026, 1, 1, tzinfo=UTC),
        random=random.Random(0),
    )
