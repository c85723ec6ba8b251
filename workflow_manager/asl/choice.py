"""Which rule of a Choice state holds: the comparison operators, And, Or and Not.

A comparison whose variable has another type than the operator asks for does not hold; a path that
leads nowhere, or to a value that cannot be compared with, is a failure.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflow_manager.asl.environment import Environment, Expression
from workflow_manager.asl.failure import EvaluationFailed
from workflow_manager.asl.nodes import Condition
from workflow_manager.asl.paths import PathExpression, choice_variable
from workflow_manager.asl.timestamps import Moment, parse_timestamp
from workflow_manager.kernel.json import Json


@dataclass(frozen=True, slots=True)
class Kind:
    """What an operator compares.  `read` gives it in a form that compares, None for another type."""

    name: str
    read: Callable[[Json], Any]


def _string(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _code_units(value: Json) -> bytes | None:
    # Strings are ordered as Java does it, by UTF-16 code units and not by characters.
    return value.encode("utf-16-be", "surrogatepass") if isinstance(value, str) else None


def _number(value: Json) -> int | float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _boolean(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _timestamp(value: Json) -> Moment | None:
    return parse_timestamp(value) if isinstance(value, str) else None


def _pattern(value: Json) -> tuple[str, ...] | None:
    r"""The texts between the wildcards; `\*` and `\\` stand for the characters themselves."""
    if not isinstance(value, str):
        return None
    parts = [""]
    for piece in re.findall(r"\\[*\\]|.", value, re.DOTALL):
        if piece == "*":
            parts.append("")
        else:
            parts[-1] += piece[-1]
    return tuple(parts)


def matches_wildcard(text: str, parts: tuple[str, ...]) -> bool:
    """Whether `text` is `parts` with any characters, also none, between them.

    Takes each part at its first chance, so that no pattern can make it backtrack.
    """
    if len(parts) == 1:
        return text == parts[0]
    first, *middle, last = parts
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


STRING: Final = Kind("String", _string)
ORDERED_STRING: Final = Kind("String", _code_units)
PATTERN: Final = Kind("String", _pattern)
NUMBER: Final = Kind("Number", _number)
BOOLEAN: Final = Kind("Boolean", _boolean)
TIMESTAMP: Final = Kind("Timestamp", _timestamp)


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Kind
    right: Kind
    holds: Callable[[Any, Any], bool]


def _comparisons(name: str, equal: Kind, ordered: Kind) -> dict[str, Comparison]:
    return {
        f"{name}Equals": Comparison(equal, equal, operator.eq),
        f"{name}LessThan": Comparison(ordered, ordered, operator.lt),
        f"{name}GreaterThan": Comparison(ordered, ordered, operator.gt),
        f"{name}LessThanEquals": Comparison(ordered, ordered, operator.le),
        f"{name}GreaterThanEquals": Comparison(ordered, ordered, operator.ge),
    }


COMPARISONS: Final[Mapping[str, Comparison]] = {
    **_comparisons("String", STRING, ORDERED_STRING),
    **_comparisons("Numeric", NUMBER, NUMBER),
    **_comparisons("Timestamp", TIMESTAMP, TIMESTAMP),
    "BooleanEquals": Comparison(BOOLEAN, BOOLEAN, operator.eq),
    "StringMatches": Comparison(STRING, PATTERN, matches_wildcard),
}

PATH_COMPARISONS: Final[Mapping[str, Comparison]] = {
    f"{name}Path": comparison for name, comparison in COMPARISONS.items() if name != "StringMatches"
}

TYPE_TESTS: Final[Mapping[str, Callable[[Json], bool]]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": lambda value: _number(value) is not None,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: _timestamp(value) is not None,
}

OPERATORS: Final = frozenset({*COMPARISONS, *PATH_COMPARISONS, *TYPE_TESTS, "IsPresent"})


@dataclass(frozen=True, slots=True)
class Compare:
    """With a value in the rule: as it is written, and in `right` as `comparison.right` reads it."""

    variable: Expression
    comparison: Comparison
    right: Any
    written: Json

    def holds(self, env: Environment) -> bool:
        left = self.comparison.left.read(self.variable.evaluate(env))
        return left is not None and self.comparison.holds(left, self.right)


@dataclass(frozen=True, slots=True)
class CompareWithPath:
    variable: Expression
    comparison: Comparison
    other: PathExpression

    def holds(self, env: Environment) -> bool:
        left = self.comparison.left.read(self.variable.evaluate(env))
        right = self.comparison.right.read(self.other.evaluate(env))
        if right is None:
            raise choice_variable(self.other.text, "", env)
        return left is not None and self.comparison.holds(left, right)


@dataclass(frozen=True, slots=True)
class HasType:
    variable: Expression
    test: Callable[[Json], bool]
    expected: bool

    def holds(self, env: Environment) -> bool:
        return self.test(self.variable.evaluate(env)) is self.expected


@dataclass(frozen=True, slots=True)
class IsPresent:
    variable: Expression
    expected: bool

    def holds(self, env: Environment) -> bool:
        try:
            self.variable.evaluate(env)
        except EvaluationFailed:
            return not self.expected
        return self.expected


@dataclass(frozen=True, slots=True)
class And:
    conditions: tuple[Condition, ...]

    def holds(self, env: Environment) -> bool:
        return all(condition.holds(env) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Or:
    conditions: tuple[Condition, ...]

    def holds(self, env: Environment) -> bool:
        return any(condition.holds(env) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition

    def holds(self, env: Environment) -> bool:
        return not self.condition.holds(env)


@dataclass(frozen=True, slots=True)
class Holds:
    """A JSONata condition; the expression gives nothing but true or false."""

    expression: Expression

    def holds(self, env: Environment) -> bool:
        return self.expression.evaluate(env) is True
