"""A value as text: `$string`, and what `&` joins."""

from __future__ import annotations

import json
import math
from typing import Any

from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.values import Budget, Function, Sequence, Value, number_text


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
    return "".join(_json(value, budget, "\n" if pretty else ""))


def _json(value: Value, budget: Budget, newline: str) -> Any:
    """The pieces of the JSON text; `newline` carries the indentation, or is empty."""
    budget.spend(1)
    if value is None:
        yield "null"
    elif value is True or value is False:
        yield "true" if value else "false"
    elif isinstance(value, str):
        budget.spend(len(value) >> 4)
        yield json.dumps(value, ensure_ascii=False)
    elif isinstance(value, int | float):
        yield _rounded(value)
    elif isinstance(value, Function):
        yield '""'
    elif isinstance(value, list):
        yield from _enclosed("[", "]", (("", item) for item in value), budget, newline)
    else:
        colon = ": " if newline else ":"
        keyed = ((json.dumps(key, ensure_ascii=False) + colon, item) for key, item in value.items())
        yield from _enclosed("{", "}", keyed, budget, newline)


def _enclosed(opening: str, closing: str, members: Any, budget: Budget, newline: str) -> Any:
    inner = newline + "  " if newline else ""
    separator = opening + inner
    empty = True
    for prefix, item in members:
        yield separator + prefix
        yield from _json(item, budget, inner)
        separator, empty = "," + inner, False
    yield opening + closing if empty else newline + closing


def _rounded(value: int | float) -> str:
    """Fifteen digits, which hides what binary fractions add; integers are exact."""
    if isinstance(value, int):
        return number_text(value)
    return number_text(float(f"{value:.14e}"))
