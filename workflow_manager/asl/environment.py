"""What an expression may look at, and what every expression looks like from outside."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from workflow_manager.kernel.json import ABSENT, Absent, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The world as one field of one state sees it.

    `input` is `$` in JSONPath and `$states.input` in JSONata; `context` is `$$` and
    `$states.context`; `result` and `error_output` exist where AWS defines them.  Time and chance
    are arguments: `now` and `random` are drawn from the event that moved the execution.
    """

    input: Json
    context: Mapping[str, Json] = field(default_factory=dict)
    variables: Mapping[str, Json] = field(default_factory=dict)
    result: Json | Absent = ABSENT
    error_output: Json | Absent = ABSENT
    now: datetime
    random: random.Random


@runtime_checkable
class Expression(Protocol):
    """Anything a field can hold: a literal, a path, an intrinsic call, a template, JSONata."""

    def evaluate(self, env: Environment) -> Json:
        """The value in that environment.

        Never changes what it is given, and never returns a part of it that the caller may change.
        Raises `EvaluationFailed`, and nothing else.
        """
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that was written down as it is."""

    value: Json

    def evaluate(self, env: Environment) -> Json:
        return self.value
