"""Regular expressions, which in JSONata are functions that find the next match in a text.

JavaScript's dialect is translated into the `regex` package's, because that one can be stopped: a
pattern that would backtrack for ever ends the evaluation instead.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

import regex

from workflow_manager.asl.jsonata.calls import Computed, Run, apply
from workflow_manager.asl.jsonata.errors import JsonataError, too_long
from workflow_manager.asl.jsonata.values import UNDEFINED, Function, Value

# How long one search may take, in seconds, and what it costs when it does: ever more, so that all
# searches of an evaluation together stay within a few seconds.
_PATIENCE: Final = ((0.0001, 40), (0.01, 20_000), (0.5, 1_000_000))

Match: TypeAlias = "dict[str, Any]"  # match, start, end, groups, and next: a function

_SHORTHANDS: Final = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
}
_TOKEN = re.compile(
    r"""
    \\(?P<shorthand>[dwsDWS])
  | \\u(?P<unit>[0-9a-fA-F]{4}) | \\x(?P<byte>[0-9a-fA-F]{2}) | \\c(?P<control>[A-Za-z])
  | \\k<(?P<reference>\w+)>
  | \\(?P<number>[1-9]\d*)
  | \\(?P<escaped>[\s\S])
  | \(\?<(?P<name>[A-Za-z_]\w*)>
  | (?P<class>\[\^?\]|\[\^?|\])
  | (?P<quantifier>\{\d+(?:,\d*)?\})
  | (?P<other>[\s\S])
    """,
    re.VERBOSE,
)
_CONTROL_ESCAPES: Final = frozenset("tnvfr0")
# Unlike in Python, the letters of words are ASCII's.
_WORD_BEGINS: Final = "(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])"
_WORD_ENDS: Final = "(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])"
_OCTAL = re.compile(r"[0-3][0-7]{0,2}|[4-7][0-7]?")


class Matcher(Function):
    """`/pattern/flags`."""

    __slots__ = ("_pattern", "_source")
    arity = 1
    counts_as_true = False

    def __init__(self, pattern: str, flags: str) -> None:
        options = regex.VERSION1
        if "i" in flags:
            options |= regex.IGNORECASE
        if "m" in flags:
            options |= regex.MULTILINE
        self._source = pattern
        try:
            # Without full case folding: in JavaScript ß is not SS.
            self._pattern = regex.compile("(?V1-f)" + _translated(pattern, "m" in flags), options)
        except (regex.error, OverflowError, ValueError, RecursionError) as error:
            raise JsonataError("S0303", token=f"/{pattern}/{flags}", value=str(error)) from None

    def call(self, run: Run, args: list[Value], context: Value) -> Value:
        text = args[0] if args else UNDEFINED
        return self.find(run, text, 0) if isinstance(text, str) else UNDEFINED

    def find(self, run: Run, text: str, start: int) -> Match | Any:
        """The first match at or after `start`, or UNDEFINED."""
        found = self._search(run, text, start)
        if found is None:
            return UNDEFINED
        end = found.end()

        def following(run: Run, _: Value) -> Value:
            if end >= len(text):
                return UNDEFINED
            further = self.find(run, text, end)
            if further is not UNDEFINED and further["match"] == "":
                # It would be found again and again.
                raise JsonataError("D1004", value=self._source)
            return further

        return {
            "match": found.group(),
            "start": found.start(),
            "end": end,
            "groups": list(found.groups()),
            "next": Computed(following),
        }

    def _search(self, run: Run, text: str, start: int) -> Any:
        for seconds, cost in _PATIENCE:
            run.spend(cost)
            try:
                return self._pattern.search(text, start, timeout=seconds)
            except TimeoutError:
                continue
        raise too_long()


def next_match(run: Run, matcher: Value, text: str | None = None) -> Match | Any:
    """What a matcher finds, be it a regular expression or a function that someone wrote.

    Without a text, `matcher` is the `next` of an earlier match.
    """
    found = apply(run, matcher, [] if text is None else [text])
    if found is UNDEFINED or found is None:
        return UNDEFINED
    well_formed = isinstance(found, dict) and (
        _is_offset(found.get("start"))
        and _is_offset(found.get("end"))
        and isinstance(found.get("match"), str)
        and isinstance(found.get("groups"), list)
        and isinstance(found.get("next"), Function)
    )
    if not well_formed:
        raise JsonataError("T1010")
    return found


def _is_offset(value: Value) -> bool:
    return type(value) is int and value >= 0


def _translated(pattern: str, multiline: bool) -> str:
    """The same pattern in Python's dialect."""
    pieces: list[str] = []
    in_class = False
    tokens = list(_TOKEN.finditer(pattern))
    names = {token["name"] for token in tokens if token.lastgroup == "name"}
    groups = _count_groups(pattern, tokens)
    for token in tokens:
        kind, piece = token.lastgroup, token.group()
        if kind == "class":
            in_class, piece = _bracket(piece, in_class)
        elif kind == "shorthand":
            piece = _shorthand(token["shorthand"], in_class)
        elif kind in ("unit", "byte"):
            piece = regex.escape(chr(int(token[kind], 16)))
        elif kind == "control":
            piece = regex.escape(chr(ord(token["control"]) % 32))
        elif kind == "name" and not in_class:
            piece = f"(?P<{token['name']}>"
        elif kind == "reference":
            piece = _reference(token["reference"]) if names else "k<" + token["reference"] + ">"
        elif kind == "number":
            piece = _numbered(token["number"], 0 if in_class else groups)
        elif kind == "quantifier" and not in_class:
            pass
        elif kind == "escaped":
            piece = _escaped(token["escaped"], in_class)
        elif in_class:
            piece = _class_member(piece)
        elif piece == "$":
            # Python's $ also matches before a newline at the end.
            piece = r"(?=\n|\Z)" if multiline else r"\Z"
        elif piece == ".":
            piece = r"[^\n\r\u2028\u2029]"
        elif piece in "{}":
            # What is no quantifier stands for itself.
            piece = "\\" + piece
        pieces.append(piece)
    return "".join(pieces)


def _count_groups(pattern: str, tokens: list[re.Match[str]]) -> int:
    count, in_class = 0, False
    for token in tokens:
        if token.lastgroup == "class":
            in_class, _ = _bracket(token.group(), in_class)
        elif token.lastgroup == "name" or (token.group() == "(" and not pattern.startswith("?", token.end())):
            count += not in_class
    return count


def _reference(group: str) -> str:
    """What the group matched; nothing, where it has not taken part."""
    return f"(?({group})(?P={group}))" if not group.isdecimal() else f"(?({group})\\{group})"


def _numbered(digits: str, groups: int) -> str:
    """A reference to a group that there is; otherwise a character by its octal number, as in old times."""
    if int(digits[:6]) <= groups:
        return _reference(digits)
    octal = _OCTAL.match(digits)
    if octal is None:
        return digits
    return f"\\x{int(octal.group(), 8):02x}" + digits[octal.end() :]


def _bracket(piece: str, in_class: bool) -> tuple[bool, str]:
    """`[]` matches nothing and `[^]` anything; inside of a class an opening bracket is a character."""
    if in_class:
        if piece == "]":
            return False, piece
        # The token may hold the end of the class: "[[]" has one bracket in it.
        return not piece.endswith("]"), "".join("\\" + char if char in "[^" else char for char in piece)
    match piece:
        case "]":
            return False, r"\]"
        case "[]":
            return False, r"(?!)"
        case "[^]":
            return False, r"[\s\S]"
    return True, piece


def _shorthand(letter: str, in_class: bool) -> str:
    members = _SHORTHANDS[letter.lower()]
    if letter.islower():
        return members if in_class else f"[{members}]"
    return f"[^{members}]"


def _escaped(char: str, in_class: bool) -> str:
    if char == "b":
        return r"\x08" if in_class else f"(?:{_WORD_BEGINS}|{_WORD_ENDS})"
    if char == "B" and not in_class:
        return f"(?!{_WORD_BEGINS}|{_WORD_ENDS})"
    if char in _CONTROL_ESCAPES:
        return r"\x00" if char == "0" else "\\" + char
    return regex.escape(char, special_only=False) if not char.isalnum() else char


def _class_member(char: str) -> str:
    """Doubled, these would be set operations."""
    return "\\" + char if char in "&|~" else char
