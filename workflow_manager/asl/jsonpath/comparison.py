"""The operators of a filter.

Two things compare if they are of a kind; numbers and strings also as each other, the left one
deciding how: `1 == '1.0'` holds and `'1.0' == 1` does not.  Whatever does not compare is unequal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeAlias, TypeGuard

from workflow_manager.asl.java_values import number_text, same
from workflow_manager.asl.jsonpath.errors import Inapplicable, InvalidPath
from workflow_manager.asl.jsonpath.literals import Regex
from workflow_manager.kernel.json import Json


class Undefined(Enum):
    """The type of UNDEFINED: what a path in a filter gives when it leads nowhere."""

    UNDEFINED = "undefined"


UNDEFINED: Final = Undefined.UNDEFINED

Operand: TypeAlias = "Json | Decimal | Regex"
_Side: TypeAlias = "Operand | Undefined"
Comparison: TypeAlias = "Callable[[_Side, _Side], bool]"
_Number: TypeAlias = int | float | Decimal


def _is_number(side: _Side) -> TypeGuard[_Number]:
    return isinstance(side, int | float | Decimal) and not isinstance(side, bool)


def _is_json(side: _Side) -> TypeGuard[list[Json] | dict[str, Json]]:
    return isinstance(side, list | dict)


def _equal(left: _Side, right: _Side) -> bool:
    if isinstance(left, str):
        return left == (_decimal_text(right) if _is_number(right) else right)
    if _is_number(left):
        number = _parsed(right) if isinstance(right, str) else right
        return _is_number(number) and _compare(left, number) == 0
    if _is_json(left):
        return _is_json(right) and same(left, right)
    return left is right and (left is None or isinstance(left, bool))


def _compare(left: _Number, right: _Number) -> int:
    """Below, at or above zero.  A written 8.95 is the 8.95 of a document, whatever its binary digits."""
    if type(left) is not type(right):
        left, right = _exact(left), _exact(right)
    return (left > right) - (left < right)


def _exact(number: _Number) -> Decimal:
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def _parsed(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and text == text.strip() and "_" not in text else None


def _decimal_text(number: _Number) -> str:
    return str(number) if isinstance(number, Decimal) else str(Decimal(number_text(number)))


def _same_type(left: _Side, right: _Side) -> bool:
    kinds: tuple[Callable[[_Side], bool], ...] = (_is_number, _is_json)
    return type(left) is type(right) or any(kind(left) and kind(right) for kind in kinds)


def _ordered(holds: Callable[[int], bool]) -> Comparison:
    def comparison(left: _Side, right: _Side) -> bool:
        if _is_number(left) and _is_number(right):
            return holds(_compare(left, right))
        if isinstance(left, str) and isinstance(right, str):
            # Java compares UTF-16 units, not code points.
            a, b = left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")
            return holds((a > b) - (a < b))
        return False

    return comparison


def _values(side: _Side) -> list[Json] | None:
    """The elements to look through, or None for an object, which is no list of values."""
    if isinstance(side, list):
        if any(isinstance(item, list | dict) for item in side):
            raise Inapplicable("Could not determine value type")
        return side
    if isinstance(side, dict):
        return None
    raise InvalidPath("Expected value list node")


def _in(left: _Side, right: _Side) -> bool:
    values = _values(right)
    return values is not None and any(_equal(left, value) for value in values)


def _contains(left: _Side, right: _Side) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return right in left
    return _is_json(left) and _in(right, left)


def _sets(holds: Callable[[list[Json], list[Json]], bool]) -> Comparison:
    def comparison(left: _Side, right: _Side) -> bool:
        wanted = _values(right)
        given = None if wanted is None else _values(left)
        return wanted is not None and given is not None and holds(given, wanted)

    return comparison


def _subset(given: list[Json], wanted: list[Json]) -> bool:
    return all(_in(value, wanted) for value in given)


def _overlap(given: list[Json], wanted: list[Json]) -> bool:
    return any(_in(value, wanted) for value in given)


def _size(left: _Side, right: _Side) -> bool:
    if not _is_number(right):
        return False
    if isinstance(left, str):
        return len(left) == int(right)
    return _is_json(left) and (len(left) if isinstance(left, list) else -1) == int(right)


def _empty(left: _Side, right: _Side) -> bool:
    if not (isinstance(left, str) or _is_json(left)):
        return False
    if not isinstance(right, bool):
        raise InvalidPath("Expected boolean node")
    return (not left) is right


def _matches(left: _Side, right: _Side) -> bool:
    """One of the two is a pattern; a list matches if one of its elements does."""
    if isinstance(left, Regex) == isinstance(right, Regex):
        return False
    pattern, side = (left, right) if isinstance(left, Regex) else (right, left)
    assert isinstance(pattern, Regex)
    if isinstance(side, list):
        return any(pattern.matches(_regex_input(each)) for each in _values(side) or ())
    return pattern.matches(_regex_input(side))


def _regex_input(side: _Side) -> str:
    if isinstance(side, str):
        return side
    if isinstance(side, bool):
        return "true" if side else "false"
    return _decimal_text(side) if _is_number(side) else ""


def _exists(left: _Side, right: _Side) -> bool:
    if not isinstance(left, bool) and not isinstance(right, bool):
        raise Inapplicable("Failed to evaluate exists expression")
    return left is right


def _unusable(left: _Side, right: _Side) -> bool:
    """TYPE, MATCHES and ALL take what only Java code can hand over; in a text they never hold."""
    raise InvalidPath("Expected class node")


OPERATORS: Final[Mapping[str, Comparison]] = MappingProxyType(
    {
        "==": _equal,
        "!=": lambda left, right: not _equal(left, right),
        "===": lambda left, right: _same_type(left, right) and _equal(left, right),
        "!==": lambda left, right: not (_same_type(left, right) and _equal(left, right)),
        "<": _ordered(lambda order: order < 0),
        "<=": _ordered(lambda order: order <= 0),
        ">": _ordered(lambda order: order > 0),
        ">=": _ordered(lambda order: order >= 0),
        "=~": _matches,
        "IN": _in,
        "NIN": lambda left, right: not _in(left, right),
        "CONTAINS": _contains,
        "SUBSETOF": _sets(_subset),
        "ANYOF": _sets(_overlap),
        "NONEOF": _sets(lambda given, wanted: not _overlap(given, wanted)),
        "SIZE": _size,
        "EMPTY": _empty,
        "EXISTS": _exists,
        "TYPE": _unusable,
        "MATCHES": _unusable,
        "ALL": _unusable,
    }
)
