"""Cuts an expression into tokens.

What `/` means depends on what came before it: the parser says whether an operator may follow.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from workflow_manager.asl.jsonata.errors import JsonataError


class Kind(Enum):
    NAME = "name"
    VARIABLE = "variable"
    OPERATOR = "operator"
    STRING = "string"
    NUMBER = "number"
    VALUE = "value"
    REGEX = "regex"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is the text, the number or the constant; of a regex, its pattern and its flags."""

    kind: Kind
    value: Any
    position: int


_TWO_CHARACTER_OPERATORS: Final = frozenset(["..", ":=", "!=", ">=", "<=", "**", "~>"])
_OPERATORS: Final = frozenset(".[]{}(),@#;:?+-*/%|=<>^&!~")
_SPACE: Final = frozenset(" \t\n\r\v")
_ESCAPES: Final = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_FOUR_HEX_DIGITS = re.compile(r"[0-9a-fA-F]{4}")


class Tokenizer:
    """Hands out the tokens of one expression, one at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def next(self, operator_may_follow: bool) -> Token:
        """The next token.  Raises `JsonataError` where there is none to be found."""
        self._skip_space_and_comments()
        text, start = self.text, self.position
        if start >= len(text):
            return Token(Kind.END, "(end)", start)
        char = text[start]
        if char == "/" and not operator_may_follow:
            return self._regex()
        pair = text[start : start + 2]
        if pair in _TWO_CHARACTER_OPERATORS:
            return self._take(Kind.OPERATOR, pair, start + 2)
        if char in _OPERATORS:
            return self._take(Kind.OPERATOR, char, start + 1)
        if char in "\"'":
            return self._string(char)
        if "0" <= char <= "9":
            return self._number()
        if char == "`":
            return self._quoted_name()
        return self._name()

    def _take(self, kind: Kind, value: Any, end: int) -> Token:
        token = Token(kind, value, self.position)
        self.position = end
        return token

    def _skip_space_and_comments(self) -> None:
        text, position = self.text, self.position
        while position < len(text):
            if text[position] in _SPACE:
                position += 1
            elif text.startswith("/*", position):
                end = text.find("*/", position + 2)
                if end < 0:
                    raise JsonataError("S0106", position)
                position = end + 2
            else:
                break
        self.position = position

    def _string(self, quote: str) -> Token:
        text, position = self.text, self.position + 1
        parts: list[str] = []
        while position < len(text):
            char = text[position]
            if char == quote:
                return self._take(Kind.STRING, _joined(parts), position + 1)
            if char != "\\":
                parts.append(char)
                position += 1
                continue
            escape = text[position + 1 : position + 2]
            if escape in _ESCAPES:
                parts.append(_ESCAPES[escape])
                position += 2
            elif escape == "u":
                if not _FOUR_HEX_DIGITS.match(text, position + 2):
                    raise JsonataError("S0104", position)
                parts.append(chr(int(text[position + 2 : position + 6], 16)))
                position += 6
            elif escape == "":
                break
            else:
                raise JsonataError("S0103", position, token=escape)
        raise JsonataError("S0101", position)

    def _number(self) -> Token:
        match = _NUMBER.match(self.text, self.position)
        assert match is not None
        digits = match.group()
        value: int | float
        if match.group(1) is None and match.group(2) is None:
            if len(digits) > 309:
                raise JsonataError("S0102", self.position, token=digits)
            value = int(digits)
        else:
            value = float(digits)
            if not math.isfinite(value):
                raise JsonataError("S0102", self.position, token=digits)
            if value.is_integer() and abs(value) <= 2**53:
                value = int(value)
        return self._take(Kind.NUMBER, value, match.end())

    def _quoted_name(self) -> Token:
        end = self.text.find("`", self.position + 1)
        if end < 0:
            raise JsonataError("S0105", len(self.text))
        return self._take(Kind.NAME, self.text[self.position + 1 : end], end + 1)

    def _name(self) -> Token:
        text, start = self.text, self.position
        end = start
        while end < len(text) and text[end] not in _SPACE and text[end] not in _OPERATORS:
            end += 1
        name = text[start:end]
        if name.startswith("$"):
            return self._take(Kind.VARIABLE, name[1:], end)
        if name in ("and", "or", "in"):
            return self._take(Kind.OPERATOR, name, end)
        if name in _CONSTANTS:
            return self._take(Kind.VALUE, _CONSTANTS[name], end)
        return self._take(Kind.NAME, name, end)

    def _regex(self) -> Token:
        """A pattern may hold a slash inside brackets or after a backslash."""
        text, start = self.text, self.position + 1
        depth, position = 0, start
        while position < len(text):
            char = text[position]
            if char == "\\":
                position += 2
                continue
            if char == "/" and depth == 0:
                break
            if char in "([{":
                depth += 1
            elif char in ")]}":
                depth -= 1
            position += 1
        if position >= len(text):
            raise JsonataError("S0302", self.position)
        pattern = text[start:position]
        if pattern == "":
            raise JsonataError("S0301", self.position)
        end = position + 1
        while end < len(text) and text[end] in "im":
            end += 1
        return self._take(Kind.REGEX, (pattern, text[position + 1 : end]), end)


def _joined(parts: list[str]) -> str:
    """Two escapes may have spelled one character as a surrogate pair."""
    text = "".join(parts)
    if any("\ud800" <= char <= "\udfff" for char in text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text
