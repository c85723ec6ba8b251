"""A value as text: `$string`, and what `&` joins."""

from __future__ import annotations

import json
import math
from decimal import ROUND_HALF_UP, Context

from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.values import Budget, Function, Sequence, Value, number_text

_FIFTEEN_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def text_of(value: Value, budget: Budget, pretty: bool = False) -> str:
    """JSON, except that a string is itself and a function is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, Function):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        raise JsonataError("D3001", value=str(value))
    if type(value) is Sequence and value.wrapper and value:
        value = value[0]
    pieces: list[str] = []
    _write(value, pieces, budget, "\n" if pretty else "")
    return "".join(pieces)


def _write(value: Value, pieces: list[str], budget: Budget, newline: str) -> None:
    """Adds the JSON text; `newline` carries the indentation, or is empty."""
    budget.spend(1)
    if value is None:
        pieces.append("null")
    elif value is True or value is False:
        pieces.append("true" if value else "false")
    elif isinstance(value, str):
        budget.spend(len(value) >> 4)
        pieces.append(_quoted(value))
    elif isinstance(value, int | float):
        pieces.append(_rounded(value))
    elif isinstance(value, Function):
        pieces.append('""')
    elif isinstance(value, list):
        _write_list(value, pieces, budget, newline)
    else:
        _write_object(value, pieces, budget, newline)


def _write_list(items: list[Value], pieces: list[str], budget: Budget, newline: str) -> None:
    inner = newline + "  " if newline else ""
    separator = "[" + inner
    for item in items:
        pieces.append(separator)
        _write(item, pieces, budget, inner)
        separator = "," + inner
    pieces.append(newline + "]" if items else "[]")


def _write_object(members: dict[str, Value], pieces: list[str], budget: Budget, newline: str) -> None:
    inner = newline + "  " if newline else ""
    separator, colon = "{" + inner, ": " if newline else ":"
    budget.spend(len(members))
    for key, item in members.items():
        pieces += separator, _quoted(key), colon
        _write(item, pieces, budget, inner)
        separator = "," + inner
    pieces.append(newline + "}" if members else "{}")


def _quoted(text: str) -> str:
    return _ENCODER.encode(text)


def _rounded(value: int | float) -> str:
    """Fifteen digits, which hides what binary fractions add; integers are exact."""
    if isinstance(value, int):
        return number_text(value)
    return number_text(float(_FIFTEEN_DIGITS.create_decimal_from_float(value)))
