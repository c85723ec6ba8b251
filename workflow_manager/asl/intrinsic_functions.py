"""What each intrinsic function does with its arguments, and what it refuses.

Limits are the Developer Guide's, "Intrinsics for JSONPath states": 1,000 elements for a range, 10,000
characters for Base64 and hashes.  A number that should be whole is rounded like Java's `Math.round`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from workflow_manager.asl.environment import Environment
from workflow_manager.asl.java_values import identity, same
from workflow_manager.asl.java_values import text as java_text
from workflow_manager.kernel.json import Json, NotJson, dumps, loads

MAX_RANGE: Final = 1000
MAX_TEXT: Final = 10_000

_ALGORITHMS: Final = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


class Refused(Exception):
    """The arguments are not what the function takes; the text completes AWS's sentence."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of argument; `name` is how messages call it."""

    name: str
    types: tuple[type, ...]

    def holds(self, value: Json) -> bool:
        return isinstance(value, self.types) and (bool in self.types or not isinstance(value, bool))


ANY: Final = Kind("value", (object, bool))
ARRAY: Final = Kind("array", (list,))
BOOLEAN: Final = Kind("boolean", (bool,))
NUMBER: Final = Kind("number", (int, float))
OBJECT: Final = Kind("object", (dict,))
STRING: Final = Kind("string", (str,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`kinds` are the arguments it must have, `optional` one more, `rest` any number more.

    A `template` is a first argument whose escapes the function resolves itself.
    """

    name: str
    kinds: tuple[Kind, ...]
    run: Callable[..., Json]
    optional: Kind | None = None
    rest: Kind | None = None
    with_random: bool = False
    template: bool = False

    def takes(self, count: int) -> bool:
        most = len(self.kinds) + (self.optional is not None)
        return len(self.kinds) <= count and (self.rest is not None or count <= most)

    def accepts(self, at: int, value: Json) -> bool:
        return self._kind(at).holds(value)

    def call(self, arguments: list[Json], env: Environment) -> Json:
        """Raises `Refused`.  The number of arguments has been checked."""
        for at, argument in enumerate(arguments):
            kind = self._kind(at)
            if not kind.holds(argument):
                raise Refused(f"Argument {at + 1} of States.{self.name} must be of type {kind.name}")
        try:
            return self.run(env.random, *arguments) if self.with_random else self.run(*arguments)
        except (NotJson, RecursionError) as error:
            raise Refused(f"The value cannot be written as text: {error}") from None

    def _kind(self, at: int) -> Kind:
        if at < len(self.kinds):
            return self.kinds[at]
        kind = self.optional or self.rest
        assert kind is not None
        return kind


_PIECE: Final = re.compile(r"\\([\\'{}])|\{\}")


def _format(template: str, *arguments: Json) -> Json:
    """Lists and objects appear as Java prints them, `{a=1}`."""
    remaining = iter(arguments)
    count = 0

    def piece(match: re.Match[str]) -> str:
        nonlocal count
        if match[1]:
            return match[1]
        count += 1
        return java_text(next(remaining, None))

    formatted = _PIECE.sub(piece, template)
    if count != len(arguments):
        raise Refused(
            "Invalid arguments in States.Format: the number of arguments does not match the number of"
            " occurrences of {}"
        )
    return formatted


def _string_to_json(text: str) -> Json:
    if not text.strip():
        return None
    try:
        return loads(text)
    except NotJson as error:
        raise Refused(f"Invalid JSON in States.StringToJson: {error}") from None


def _array(*items: Json) -> Json:
    return list(items)


def _array_partition(items: list[Json], size: float) -> Json:
    length = _whole(size)
    if length < 1:
        raise Refused("The chunk size of States.ArrayPartition must be a positive integer")
    return [items[at : at + length] for at in range(0, len(items), length)]


def _array_contains(items: list[Json], wanted: Json) -> Json:
    return any(same(item, wanted) for item in items)


def _array_range(first: float, last: float, step: float) -> Json:
    start, end, increment = _whole(first), _whole(last), _whole(step)
    if not increment:
        raise Refused("The increment of States.ArrayRange must not be zero")
    numbers = range(start, end + (1 if increment > 0 else -1), increment)
    # Not len(), which refuses what does not fit a machine word.
    if abs(end - start) // abs(increment) >= MAX_RANGE and (end > start) == (increment > 0):
        raise Refused(f"States.ArrayRange cannot make more than {MAX_RANGE} items")
    return list(numbers)


def _array_get_item(items: list[Json], at: float) -> Json:
    index = _whole(at)
    if not 0 <= index < len(items):
        raise Refused(f"Index {index} out of bounds for length {len(items)}")
    return items[index]


def _array_unique(items: list[Json]) -> Json:
    unique: dict[bytes, Json] = {}
    for item in items:
        unique.setdefault(identity(item), item)
    return list(unique.values())


def _base64_encode(text: str) -> Json:
    return base64.b64encode(_limited(text).encode()).decode()


def _base64_decode(text: str) -> Json:
    try:
        # Java's decoder does without the padding at the end.
        padding = "=" * (-len(text) % 4) if not text.endswith("=") else ""
        return base64.b64decode(_limited(text) + padding, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("The input of States.Base64Decode is not Base64-encoded text") from None


def _hash(data: Json, algorithm: str) -> Json:
    if algorithm not in _ALGORITHMS:
        raise Refused(f"Unknown hashing algorithm {algorithm}: one of {', '.join(_ALGORITHMS)}")
    text = _limited(data if isinstance(data, str) else dumps(data))
    return _ALGORITHMS[algorithm](text.encode(), usedforsecurity=False).hexdigest()


def _json_merge(first: dict[str, Json], second: dict[str, Json], deep: bool) -> Json:
    if deep:
        raise Refused("States.JsonMerge only merges shallowly: its third argument must be false")
    return {**first, **second}


def _math_random(chance: random.Random, first: float, last: float, seed: float | None = None) -> Json:
    """From the first number on and below the last one; a seed alone decides what comes out."""
    start, end = _whole(first), _whole(last)
    if start >= end:
        raise Refused("The start number of States.MathRandom must be smaller than the end number")
    source = chance if seed is None else random.Random(_whole(seed))
    return source.randrange(start, end)


def _math_add(first: float, second: float) -> Json:
    return _whole(first) + _whole(second)


def _string_split(text: str, delimiters: str) -> Json:
    """Every character of the second argument splits, and nothing empty is left."""
    if not delimiters:
        return [text] if text else []
    return [part for part in re.split(f"[{re.escape(delimiters)}]", text) if part]


def _uuid(chance: random.Random) -> Json:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _whole(number: float) -> int:
    """Java's `Math.round`: halves go up, so 1.5 is 2 and -1.5 is -1; within a `long`."""
    whole = number if isinstance(number, int) else math.floor(number + 0.5)
    if not -(2**63) <= whole < 2**63:
        raise Refused(f"The number {number} is out of range")
    return whole


def _limited(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Refused(f"The input is longer than {MAX_TEXT} characters")
    return text


_ALL: Final = (
    Function(name="Format", kinds=(STRING,), rest=ANY, run=_format, template=True),
    Function(name="StringToJson", kinds=(STRING,), run=_string_to_json),
    Function(name="JsonToString", kinds=(ANY,), run=dumps),
    Function(name="Array", kinds=(), rest=ANY, run=_array),
    Function(name="ArrayPartition", kinds=(ARRAY, NUMBER), run=_array_partition),
    Function(name="ArrayContains", kinds=(ARRAY, ANY), run=_array_contains),
    Function(name="ArrayRange", kinds=(NUMBER, NUMBER, NUMBER), run=_array_range),
    Function(name="ArrayGetItem", kinds=(ARRAY, NUMBER), run=_array_get_item),
    Function(name="ArrayLength", kinds=(ARRAY,), run=len),
    Function(name="ArrayUnique", kinds=(ARRAY,), run=_array_unique),
    Function(name="Base64Encode", kinds=(STRING,), run=_base64_encode),
    Function(name="Base64Decode", kinds=(STRING,), run=_base64_decode),
    Function(name="Hash", kinds=(ANY, STRING), run=_hash),
    Function(name="JsonMerge", kinds=(OBJECT, OBJECT, BOOLEAN), run=_json_merge),
    Function(name="MathRandom", kinds=(NUMBER, NUMBER), optional=NUMBER, run=_math_random, with_random=True),
    Function(name="MathAdd", kinds=(NUMBER, NUMBER), run=_math_add),
    Function(name="StringSplit", kinds=(STRING, STRING), run=_string_split),
    Function(name="UUID", kinds=(), run=_uuid, with_random=True),
)

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType({function.name: function for function in _ALL})
