"""Values written into a filter: numbers, lenient JSON such as `['a', b]`, regular expressions."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Final

import regex

from workflow_manager.asl.jsonpath.cursor import char, closing_quote, unescape
from workflow_manager.asl.jsonpath.errors import Inapplicable, InvalidPath
from workflow_manager.kernel.json import Json

MAX_REGEX: Final = 1000
REGEX_SECONDS: Final = 0.5

_MAX_DIGITS: Final = 1000
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_FLAGS: Final = {"i": regex.IGNORECASE, "x": regex.VERBOSE, "m": regex.MULTILINE, "s": regex.DOTALL}


def parse_number(text: str) -> int | float | Decimal | None:
    """A number as precise as it was written, or None where there is none."""
    if not text or len(text) > _MAX_DIGITS:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if text.removeprefix("-").isdigit():
        return int(text)
    return float(text) if repr(float(text)) == text else number


class Regex:
    """Matches whole texts, as Java's `matches`, and gives up instead of backtracking for hours."""

    __slots__ = ("_pattern",)

    def __init__(self, pattern: regex.Pattern[str]) -> None:
        self._pattern = pattern

    def matches(self, text: str) -> bool:
        try:
            return self._pattern.fullmatch(text, timeout=REGEX_SECONDS) is not None
        except TimeoutError:
            raise Inapplicable(f"The pattern /{self._pattern.pattern}/ takes too long to match") from None


def parse_regex(pattern: str, flags: str) -> Regex | None:
    """None for a pattern that cannot be read, or is longer than the limit."""
    if len(pattern) > MAX_REGEX:
        return None
    # Java's \w, \d and case folding know ASCII only, unless asked.
    options = regex.UNICODE if {"u", "U"} & set(flags) else regex.ASCII
    for flag in flags:
        options |= _FLAGS.get(flag, 0)
    try:
        return Regex(regex.compile(pattern, options))
    except (regex.error, RecursionError, OverflowError):
        return None


def parse_json(text: str) -> Json:
    """JSON whose strings may also stand in single quotes or in none.  Raises `InvalidPath`."""
    value, end = _value(text, 0)
    if _blank(text, end) != len(text):
        raise InvalidPath(f"Unexpected text after {text[:end]}")
    return value


def _value(text: str, at: int) -> tuple[Json, int]:
    at = _blank(text, at)
    match char(text, at):
        case "[":
            return _list(text, at)
        case "{":
            return _object(text, at)
        case "'" | '"':
            return _string(text, at)
        case _:
            return _bare(text, at)


def _list(text: str, at: int) -> tuple[Json, int]:
    items: list[Json] = []
    at = _blank(text, at + 1)
    while char(text, at) != "]":
        item, at = _value(text, at)
        items.append(item)
        at = _separator(text, at, "]")
    return items, at + 1


def _object(text: str, at: int) -> tuple[Json, int]:
    members: dict[str, Json] = {}
    at = _blank(text, at + 1)
    while char(text, at) != "}":
        name, at = _string(text, at) if char(text, at) in ("'", '"') else _until(text, at, ":,}")
        at = _blank(text, at)
        if char(text, at) != ":":
            raise InvalidPath(f"Expected a colon at position {at} of {text}")
        members[name], at = _value(text, at + 1)
        at = _separator(text, at, "}")
    return members, at + 1


def _separator(text: str, at: int, closing: str) -> int:
    at = _blank(text, at)
    if char(text, at) == ",":
        return _blank(text, at + 1)
    if char(text, at) != closing:
        raise InvalidPath(f"Expected , or {closing} at position {at} of {text}")
    return at


def _string(text: str, at: int) -> tuple[str, int]:
    end = closing_quote(text, at)
    if end == -1:
        raise InvalidPath(f"A string is not closed in {text}")
    return unescape(text[at + 1 : end]), end + 1


def _bare(text: str, at: int) -> tuple[Json, int]:
    word, at = _until(text, at, ",]}")
    if word in _WORDS:
        return _WORDS[word], at
    try:
        number = json.loads(word)
    except ValueError:
        return word, at
    return (number if isinstance(number, int | float) else word), at


def _until(text: str, at: int, stop: str) -> tuple[str, int]:
    end = at
    while char(text, end) and text[end] not in stop:
        end += 1
    word = text[at:end].strip()
    if not word:
        raise InvalidPath(f"Expected a value at position {at} of {text}")
    return word, end


def _blank(text: str, at: int) -> int:
    while char(text, at).isspace():
        at += 1
    return at
