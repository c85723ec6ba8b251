"""JSONata's values in Python, and the rules that hold for all of them.

JSON values are themselves, null is None.  `UNDEFINED` is the value of what is not there.  A
`Sequence` is the list that a path makes: with one member it is that member, empty it is nothing.
Numbers are doubles as in JavaScript; an integer that JSON gave stays exact until it is calculated with.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Any, Final, TypeAlias

from workflow_manager.asl.jsonata.errors import JsonataError, too_long

Value: TypeAlias = Any  # a JSON value, UNDEFINED, a Sequence or a Function


class Undefined(Enum):
    """The type of UNDEFINED."""

    UNDEFINED = "undefined"


UNDEFINED: Final = Undefined.UNDEFINED

EXACT: Final = 2**53  # integers up to here are the same as doubles


class Sequence(list[Any]):
    """`tuples` marks a stream of bindings rather than of values; `wrapper` the input, wrapped."""

    __slots__ = ("keep_singleton", "tuples", "wrapper")

    def __init__(self, items: Any = ()) -> None:
        super().__init__(items)
        self.keep_singleton = False
        self.tuples = False
        self.wrapper = False


class ConstructedArray(list[Any]):
    """An array written as `[…]` at the start or the end of a path: it is not flattened into the result."""

    __slots__ = ()


class Budget:
    """How much work and memory an evaluation may still use.

    Counted rather than timed, so that the same expression on the same data always ends the same
    way.  A unit is roughly one value visited or made.
    """

    __slots__ = ("left",)

    def __init__(self, units: int) -> None:
        self.left = units

    def spend(self, units: int) -> None:
        """Raises U1001 when there is not that much left."""
        self.left -= units
        if self.left < 0:
            raise too_long()


class Function:
    """Whatever can be called.  `arity` is the number of arguments it can use."""

    __slots__ = ()
    arity: int
    counts_as_true = True

    def call(self, run: Any, args: list[Any], context: Value) -> Any:
        """The result, or the call that gives it.  `context` fills in for an argument left out."""
        raise NotImplementedError


def unwrapped(value: Value) -> Value:
    """What a sequence stands for outside of the path that made it."""
    if type(value) is Sequence and not value.tuples:
        if not value:
            return UNDEFINED
        if len(value) == 1 and not value.keep_singleton:
            return value[0]
    return value


def appended(first: Value, second: Value) -> Value:
    """Both as one array; undefined adds nothing."""
    if first is UNDEFINED:
        return second
    if second is UNDEFINED:
        return first
    left = first if isinstance(first, list) else [first]
    return [*left, *second] if isinstance(second, list) else [*left, second]


def is_number(value: Value) -> bool:
    """Raises D1001 for an infinity."""
    if type(value) is float:
        if not math.isfinite(value):
            raise JsonataError("D1001", value=str(value))
        return True
    return type(value) is int


def number(value: float) -> int | float:
    """A calculated number: an integer where it is one and a double holds it exactly.

    Raises D1001 for what JSON cannot hold.
    """
    if type(value) is int:
        if -EXACT <= value <= EXACT:
            return value
        try:
            return float(value)
        except OverflowError:
            raise JsonataError("D1001", value="Infinity") from None
    if not math.isfinite(value):
        raise JsonataError("D1001", value="NaN" if math.isnan(value) else "Infinity")
    if value == (whole := int(value)) and -EXACT <= whole <= EXACT:
        return whole
    return value


def as_float(value: int | float) -> float:
    """Raises D1001 for an integer beyond all doubles."""
    try:
        return float(value)
    except OverflowError:
        raise JsonataError("D1001", value=str(value)[:20]) from None


def number_text(value: int | float) -> str:
    """A number as JavaScript writes it; exact for integers."""
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    # The value is 0.DIGITS * 10**point.
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if 0 < point <= 21:
        if len(digits) <= point:
            return sign + digits.ljust(point, "0")
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def truth(value: Value, budget: Budget) -> bool:
    """Whether a value counts as true: what is there, and neither empty nor zero."""
    if value is True or value is False:
        return bool(value)
    if value is UNDEFINED or value is None:
        return False
    if isinstance(value, Function):
        return value.counts_as_true
    if isinstance(value, list):
        budget.spend(len(value))
        return any(truth(item, budget) for item in value)
    if is_number(value):
        return bool(value != 0)
    return len(value) > 0


def equal(left: Value, right: Value, budget: Budget) -> bool:
    """Deep equality; true is not 1."""
    if isinstance(left, list):
        if not isinstance(right, list) or len(left) != len(right):
            return False
        budget.spend(len(left))
        return all(equal(a, b, budget) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        if not isinstance(right, dict) or left.keys() != right.keys():
            return False
        budget.spend(len(left))
        return all(equal(value, right[key], budget) for key, value in left.items())
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def precedes(left: Value, right: Value) -> bool:
    """Whether one of two numbers or two strings comes first."""
    if isinstance(left, str) and not (left.isascii() and right.isascii()):
        return _utf16(left) < _utf16(right)
    return bool(left < right)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def type_name(value: Value) -> str:
    """What JSON calls the type of a value that is there and no function."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"
