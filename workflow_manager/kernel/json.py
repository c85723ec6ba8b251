"""JSON as this project holds it.

A payload is kept as the text that was given: numbers of any size, key order and spacing
survive every state that does not look inside.  `Document` is that text with its value read at
most once.  Values are never changed in place; make a new one.
"""

from __future__ import annotations

import json as _json
import math
from enum import Enum
from typing import Final, TypeAlias

import msgspec

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


class Absent(Enum):
    """The type of ABSENT, which tells "not given" from null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

MAX_DEPTH: Final = 1000

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


class NotJson(ValueError):
    """The text is not JSON; the message says where and why."""


def loads(text: str | bytes) -> Json:
    """The value of a JSON text.  Integers of any size stay exact.

    Raises `NotJson` for malformed text, NaN and infinities, lone surrogates, and nesting deeper
    than the decoder takes.
    """
    try:
        return _decoder.decode(text)  # type: ignore[no-any-return]
    except RecursionError:
        raise NotJson("nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise NotJson(_reason(text, str(error))) from None


def _reason(text: str | bytes, said: str) -> str:
    """What the decoder has said; of half a character it says that the text ends too early."""
    if "truncated" not in said:
        return said
    try:
        _json.loads(text)
    except (ValueError, RecursionError):
        return "it ends too early"
    return "an escape stands for half a character (a lone surrogate)"


def dumps(value: Json) -> str:
    """The compact text of a value, keys in their own order, as AWS writes it: `{"a":1}`.

    Raises `NotJson` for what JSON cannot hold (NaN, infinities, lone surrogates).
    """
    try:
        text = _encoder.encode(value).decode()
    except RecursionError:
        raise NotJson("nested too deeply") from None
    except (TypeError, ValueError, UnicodeError, OverflowError) as error:
        raise NotJson(str(error)) from None
    # msgspec writes NaN as null, silently.
    if "null" in text and _holds_nan(value):
        raise NotJson("not a number")
    return text


def pretty(value: Json) -> str:
    """The same with two spaces of indentation, for people."""
    return _json.dumps(value, indent=2, ensure_ascii=False)


def _holds_nan(value: Json) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(_holds_nan(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_nan(item) for item in value)
    return False


class Document:
    """A JSON payload: its text, its value, or both, each made from the other at most once."""

    __slots__ = ("_text", "_value")

    def __init__(self, text: str | None = None, value: Json | Absent = ABSENT) -> None:
        if text is None and value is ABSENT:
            raise TypeError("a document needs its text or its value")
        self._text = text
        self._value = value

    @property
    def text(self) -> str:
        """As given, or compact when it was made from a value."""
        if self._text is None:
            assert self._value is not ABSENT
            self._text = dumps(self._value)
        return self._text

    @property
    def value(self) -> Json:
        """Raises `NotJson` when the text is not JSON."""
        if self._value is ABSENT:
            assert self._text is not None
            self._value = loads(self._text)
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Document({self.text!r})"


def document(value: Json) -> Document:
    """A document made from a value."""
    return Document(value=value)
