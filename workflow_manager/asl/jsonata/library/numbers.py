"""Functions on numbers."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from random import Random

from workflow_manager.asl.jsonata.calls import Native, Run
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.pictures.integers import format_integer, parse_integer
from workflow_manager.asl.jsonata.pictures.numbers import format_number
from workflow_manager.asl.jsonata.values import EXACT, UNDEFINED, Value, as_float, number, number_text

_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[Ee][-+]?[0-9]+)?")
_OTHER_BASES = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ROUNDING = Context(prec=700, rounding=ROUND_HALF_EVEN)


def total(items: Value) -> Value:
    if items is UNDEFINED:
        return UNDEFINED
    if all(type(item) is int for item in items):
        return number(sum(items))
    result = 0.0
    for item in items:
        result += as_float(item)
    return number(result)


def largest(items: Value) -> Value:
    return UNDEFINED if items is UNDEFINED or not items else max(items)


def smallest(items: Value) -> Value:
    return UNDEFINED if items is UNDEFINED or not items else min(items)


def average(items: Value) -> Value:
    return UNDEFINED if items is UNDEFINED or not items else number(as_float(total(items)) / len(items))


def to_number(value: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) <= 400:
        if _DECIMAL.fullmatch(value):
            exact = value.lstrip("-").isdigit()
            if exact or math.isfinite(float(value)):
                return int(value) if exact else number(float(value))
        elif _OTHER_BASES.fullmatch(value):
            return number(int(value, 0))
    raise JsonataError("D3030", value=value)


def absolute(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else abs(value)


def floor(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else _whole(value, math.floor(value))


def ceiling(value: Value) -> Value:
    return UNDEFINED if value is UNDEFINED else _whole(value, math.ceil(value))


def _whole(value: float, rounded: int) -> int | float:
    """A double beyond the exact integers has no fraction: it stays what it is."""
    return rounded if isinstance(value, int) or -EXACT <= rounded <= EXACT else value


def round_(value: Value, precision: Value) -> Value:
    """Half to even, on the decimal digits that are written; a negative precision rounds tens."""
    if value is UNDEFINED:
        return UNDEFINED
    places = 0 if precision is UNDEFINED else int(precision)
    if isinstance(value, int) and places >= 0:
        return value
    # No double has digits beyond these places.
    places = max(-320, min(places, 340))
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places, _ROUNDING), context=_ROUNDING)
    if isinstance(value, int):
        return int(rounded)
    return number(float(rounded))


def square_root(value: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    if value < 0:
        raise JsonataError("D3060", index=1, value=value)
    return number(math.sqrt(as_float(value)))


def power(base: Value, exponent: Value) -> Value:
    if base is UNDEFINED:
        return UNDEFINED
    # An exponent that is not there is not a number, and neither is the result.
    if exponent is UNDEFINED:
        raise JsonataError("D3061", index=1, value=base, exp=None)
    try:
        result = math.pow(base, exponent)
    except (OverflowError, ValueError):
        raise JsonataError("D3061", index=1, value=base, exp=exponent) from None
    return number(result)


def random_(run: Run, seed: Value) -> Value:
    """From 0 up to but not including 1; the same for the same seed."""
    if seed is UNDEFINED:
        return run.random.random()
    return Random(seed).random()


def format_base(value: Value, radix: Value) -> Value:
    if value is UNDEFINED:
        return UNDEFINED
    base = 10 if radix is UNDEFINED else int(round_(radix, UNDEFINED))
    if not 2 <= base <= 36:
        raise JsonataError("D3100", value=base)
    rounded = round_(value, UNDEFINED)
    if base == 10:
        return number_text(rounded)
    rest = int(rounded)
    sign, rest = ("-", -rest) if rest < 0 else ("", rest)
    digits = ""
    while rest:
        rest, digit = divmod(rest, base)
        digits = _DIGITS[digit] + digits
    return sign + (digits or "0")


def format_number_(value: Value, picture: Value, options: Value) -> Value:
    if value is UNDEFINED or picture is UNDEFINED:
        return UNDEFINED
    return format_number(value, picture, options)


def format_integer_(value: Value, picture: Value) -> Value:
    if value is UNDEFINED or picture is UNDEFINED:
        return UNDEFINED
    return format_integer(_digits_of(value), picture)


def _digits_of(value: int | float) -> int:
    """The integer that is written: 1e46 is a one and zeros, though the double is not quite."""
    return math.floor(value if isinstance(value, int) else Decimal(repr(value)))


def parse_integer_(text: Value, picture: Value) -> Value:
    if text is UNDEFINED or picture is UNDEFINED:
        return UNDEFINED
    return parse_integer(text, picture)


FUNCTIONS = {
    "sum": Native(total, "<a<n>:n>"),
    "max": Native(largest, "<a<n>:n>"),
    "min": Native(smallest, "<a<n>:n>"),
    "average": Native(average, "<a<n>:n>"),
    "number": Native(to_number, "<(nsb)-:n>"),
    "abs": Native(absolute, "<n-:n>"),
    "floor": Native(floor, "<n-:n>"),
    "ceil": Native(ceiling, "<n-:n>"),
    "round": Native(round_, "<n-n?:n>"),
    "sqrt": Native(square_root, "<n-:n>"),
    "power": Native(power, "<n-n:n>"),
    "random": Native(random_, "<n?:n>"),
    "formatBase": Native(format_base, "<n-n?:s>"),
    "formatNumber": Native(format_number_, "<n-so?:s>"),
    "formatInteger": Native(format_integer_, "<n-s:s>"),
    "parseInteger": Native(parse_integer_, "<s-s:n>"),
}
