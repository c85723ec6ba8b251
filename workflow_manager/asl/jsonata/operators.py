"""The binary operators on two values."""

from __future__ import annotations

import math
from collections.abc import Callable

from workflow_manager.asl.jsonata.calls import Run
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.texts import text_of
from workflow_manager.asl.jsonata.values import (
    EXACT,
    UNDEFINED,
    Sequence,
    Value,
    as_float,
    is_number,
    number,
    precedes,
)

_LARGEST_RANGE = 10_000_000


def _arithmetic(calculate: Callable[[float, float], float]) -> Callable[[Run, Value, Value], Value]:
    def operate(run: Run, left: Value, right: Value) -> Value:
        if left is not UNDEFINED and not is_number(left):
            raise JsonataError("T2001", value=left)
        if right is not UNDEFINED and not is_number(right):
            raise JsonataError("T2002", value=right)
        if left is UNDEFINED or right is UNDEFINED:
            return UNDEFINED
        if not (type(left) is int and type(right) is int and -EXACT <= left <= EXACT >= abs(right)):
            left, right = as_float(left), as_float(right)
        try:
            return number(calculate(left, right))
        except (OverflowError, ZeroDivisionError):
            raise JsonataError("D1001", value="Infinity") from None

    return operate


def _quotient(left: float, right: float) -> float:
    return left / right


def _remainder(left: float, right: float) -> float:
    """With the sign of the dividend, as in JavaScript."""
    if right == 0:
        raise ZeroDivisionError
    return math.fmod(left, right)


ARITHMETIC = {
    "+": _arithmetic(lambda left, right: left + right),
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(_quotient),
    "%": _arithmetic(_remainder),
}


def _comparison(holds: Callable[[Value, Value], bool]) -> Callable[[Run, Value, Value], Value]:
    def operate(run: Run, left: Value, right: Value) -> Value:
        for value in (left, right):
            if value is not UNDEFINED and not isinstance(value, str) and not is_number(value):
                raise JsonataError("T2010", value=value)
        if left is UNDEFINED or right is UNDEFINED:
            return UNDEFINED
        if isinstance(left, str) is not isinstance(right, str):
            raise JsonataError("T2009", value=left, value2=right)
        return holds(left, right)

    return operate


COMPARISONS = {
    "<": _comparison(precedes),
    "<=": _comparison(lambda left, right: not precedes(right, left)),
    ">": _comparison(lambda left, right: precedes(right, left)),
    ">=": _comparison(lambda left, right: not precedes(left, right)),
}


def concatenate(run: Run, left: Value, right: Value) -> Value:
    """`&`: both as text, undefined as nothing."""
    first = "" if left is UNDEFINED else text_of(left, run)
    second = "" if right is UNDEFINED else text_of(right, run)
    run.spend((len(first) + len(second)) >> 4)
    return first + second


def span(run: Run, left: Value, right: Value) -> Value:
    """`..`: the integers from one to the other."""
    for value, code in ((left, "T2003"), (right, "T2004")):
        if value is not UNDEFINED and not (is_number(value) and value == value // 1):
            raise JsonataError(code, value=value)
    if left is UNDEFINED or right is UNDEFINED or left > right:
        return UNDEFINED
    size = int(right) - int(left) + 1
    if size > _LARGEST_RANGE:
        raise JsonataError("D2014", value=size)
    run.spend(size)
    return Sequence(range(int(left), int(right) + 1))


def included(run: Run, left: Value, right: Value) -> Value:
    """`in`: the same text, number, constant or object, without looking inside."""
    if left is UNDEFINED or right is UNDEFINED:
        return False
    candidates = right if isinstance(right, list) else [right]
    run.spend(len(candidates) >> 2)
    if isinstance(left, list | dict):
        return any(item is left for item in candidates)
    return any(type_matches(item, left) and item == left for item in candidates)


def type_matches(item: Value, value: Value) -> bool:
    """Keeps true from being 1."""
    return isinstance(item, bool) is isinstance(value, bool)
