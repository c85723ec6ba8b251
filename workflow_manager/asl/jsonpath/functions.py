"""What may end a path: `$.prices.sum()`, `$.list.length()`, `$.words.concat("!")`.

A function takes the value before it and the values of its arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

from workflow_manager.asl.java_values import provider_text
from workflow_manager.asl.jsonpath.errors import Inapplicable, OutOfBounds
from workflow_manager.kernel.json import Json

Arguments: TypeAlias = Sequence[Json]
PathFunction: TypeAlias = Callable[[Json, Arguments], Json]


def _length(value: Json, arguments: Arguments) -> Json:
    if arguments and isinstance(arguments[0], list):
        return len(arguments[0])
    return len(value) if isinstance(value, list | dict) else None


def _keys(value: Json, arguments: Arguments) -> Json:
    return list(value) if isinstance(value, dict) else None


def _append(value: Json, arguments: Arguments) -> Json:
    return [*value, *arguments] if isinstance(value, list) else value


def _concat(value: Json, arguments: Arguments) -> Json:
    words = [item for item in _items(value) if isinstance(item, str)]
    words += [provider_text(item) for item in _given(arguments) if item is not None]
    return "".join(words)


def _first(value: Json, arguments: Arguments) -> Json:
    return _element(value, 0)


def _last(value: Json, arguments: Arguments) -> Json:
    return _element(value, -1)


def _index(value: Json, arguments: Arguments) -> Json:
    numbers = _numbers(_given(arguments[:1]))
    if not isinstance(value, list):
        return _element(value, 0)
    if not numbers:
        raise OutOfBounds("Index 0 out of bounds for length 0")
    return _element(value, int(numbers[0]))


def _element(value: Json, index: int) -> Json:
    if not isinstance(value, list):
        raise Inapplicable(_NOTHING)
    length = len(value)
    if 0 <= index < length:
        return value[index]
    if index >= 0:
        raise OutOfBounds(f"Index {index} out of bounds for length {length}")
    # The first element cannot be counted from the end: Jayway asks for a place above zero.
    if index + length > 0:
        return value[index]
    raise Inapplicable(f"Target index:{index} larger than object count:{length}")


_NOTHING: Final = "Aggregation function attempted to calculate value using empty array"


def _aggregate(calculate: Callable[[list[float]], float]) -> PathFunction:
    def function(value: Json, arguments: Arguments) -> Json:
        numbers = _numbers(_items(value)) + _numbers(_given(arguments))
        if not numbers:
            raise Inapplicable(_NOTHING)
        result = calculate(numbers)
        if not math.isfinite(result):
            raise Inapplicable("The numbers are too large to calculate with")
        return result

    return function


def _average(numbers: list[float]) -> float:
    return _sum(numbers) / len(numbers)


def _sum(numbers: list[float]) -> float:
    # One after the other, as Java adds; Python's own sum is more exact from 3.12 on.
    total = 0.0
    for number in numbers:
        total += number
    return total


def _deviation(numbers: list[float]) -> float:
    mean = _average(numbers)
    # Products and not powers, which raise where a product is infinite.
    variance = _sum([number * number for number in numbers]) / len(numbers) - mean * mean
    return math.sqrt(variance) if variance >= 0 else math.nan


def _numbers(values: Iterator[Json]) -> list[float]:
    try:
        return [
            float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)
        ]
    except OverflowError:
        raise Inapplicable("The numbers are too large to calculate with") from None


def _items(value: Json) -> Iterator[Json]:
    if isinstance(value, list):
        yield from value


def _given(arguments: Arguments) -> Iterator[Json]:
    """What the arguments hold; a list counts as its elements."""
    for argument in arguments:
        if isinstance(argument, list):
            yield from argument
        else:
            yield argument


FUNCTIONS: Final[Mapping[str, PathFunction]] = MappingProxyType(
    {
        "append": _append,
        "avg": _aggregate(_average),
        "concat": _concat,
        "first": _first,
        "index": _index,
        "keys": _keys,
        "last": _last,
        "length": _length,
        "max": _aggregate(max),
        "min": _aggregate(min),
        "size": _length,
        "stddev": _aggregate(_deviation),
        "sum": _aggregate(_sum),
    }
)
