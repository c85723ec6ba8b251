"""The text of a definition as JSON, or what is wrong with it in the words that AWS's parser uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from workflow_manager.asl.judging import INVALID_JSON, Judge
from workflow_manager.kernel.json import ABSENT, Absent, Json, NotJson, loads

MAX_BYTES: Final = 1_048_576
MAX_DEPTH: Final = 200  # of JSON; a Map in a Map costs four levels
_SHOWN: Final = 500

NOTHING_READ: Final = -1

_KINDS: Final = {"{": "Object", "[": "Array"}

_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


def read_definition(definition: str | Mapping[str, Json], judge: Judge) -> Mapping[str, Json] | None:
    """The definition's object; None after a report when there is none that can be read."""
    value = _read_text(definition, judge) if isinstance(definition, str) else dict(definition)
    if value is ABSENT:
        return None
    if not isinstance(value, dict):
        judge.report("Expected value of type Object", "")
        return None
    if _is_too_deep(value):
        judge.report(f"The definition is nested more than {MAX_DEPTH} levels deep", "")
        return None
    if isinstance(definition, str):
        for name in _duplicates(definition):
            judge.report(f"Duplicate field '{name}'", "", INVALID_JSON)
    return value


def _read_text(text: str, judge: Judge) -> Json | Absent:
    # Characters are at least as many bytes, so that only a long text needs to be counted.
    if len(text) > MAX_BYTES // 4 and len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        judge.report(f"The definition must not be larger than {MAX_BYTES} bytes", "")
        return ABSENT
    try:
        return loads(text)
    except (NotJson, UnicodeError) as error:
        message, at = _fault(text, str(error))
        place = _source(text, at)
        judge.report(f"{message}\n at {place}", place, INVALID_JSON)
        return ABSENT


def describe_fault(text: str) -> str:
    """What is wrong with a text that is not JSON, and where, as AWS's parser tells it."""
    try:
        loads(text)
    except (NotJson, UnicodeError) as error:
        message, at = _fault(text, str(error))
        return f"{message}\n at {_source(text, at)}"
    return ""


def _is_too_deep(value: Json) -> bool:
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent) if isinstance(child, (dict, list))]
        if not level:
            return False
    return True


def _children(value: Json) -> Iterable[Json]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _duplicates(text: str) -> list[str]:
    """Names that occur twice in one object: the decoder keeps the last one and says nothing."""
    found: list[str] = []

    def collect(pairs: list[tuple[str, Json]]) -> None:
        if len({name for name, _ in pairs}) < len(pairs):
            seen: set[str] = set()
            found.extend(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]

    # Numbers are of no interest, and Python refuses to read integers of many digits.
    json.loads(text, object_pairs_hook=collect, parse_int=float, parse_float=float)
    return found


def _fault(text: str, otherwise: str) -> tuple[str, int]:
    """What is wrong with a text that is not JSON, and how many characters were read until then."""
    try:
        json.loads(text, parse_int=float)
    except RecursionError:
        return f"The definition is nested more than {MAX_DEPTH} levels deep", 0
    except json.JSONDecodeError as error:
        return _described(text, error)
    return otherwise, 0


def _described(text: str, error: json.JSONDecodeError) -> tuple[str, int]:
    at = error.pos
    if not text.strip():
        return "No content to map due to end-of-input", NOTHING_READ
    if error.msg.startswith("Unterminated string"):
        return "Unexpected end-of-input: was expecting closing quote for a string value", len(text)
    start = _open_bracket(text, at)
    kind = _KINDS[text[start]] if start is not None else ""
    if at >= len(text):
        return f"Unexpected end-of-input{_missing(text, kind, start)}", len(text)
    character = text[at]
    if error.msg.startswith("Invalid control character"):
        return (
            f"Illegal unquoted character ((CTRL-CHAR, code {ord(character)})): has to be escaped using"
            " backslash to be included in string value"
        ), at + 1
    if error.msg.startswith("Invalid \\"):
        escaped = text[at + 1 : at + 2]
        return f"Unrecognized character escape '{escaped}' (code {ord(escaped or ' ')})", at + 2
    found = f"Unexpected character ('{character}' (code {ord(character)})): "
    if error.msg.startswith(("Expecting property name", "Illegal trailing comma before end of object")):
        return found + "was expecting double-quote to start field name", at + 1
    if error.msg.startswith("Expecting ':'"):
        return found + "was expecting a colon to separate field name and value", at + 1
    if error.msg.startswith("Expecting ','"):
        return found + f"was expecting comma to separate {kind} entries", at + 1
    word = _word(text, at)
    if word:
        return f"Unrecognized token '{word}': was expecting {_VALUES}", at + len(word)
    return found + f"expected a valid value {_VALUES}", at + 1


def _missing(text: str, kind: str, start: int | None) -> str:
    """What a text lacks that ends within brackets: more of an entry, or the closing one."""
    if start is None:
        return ""
    if text.rstrip()[-1] in ",:" or _is_after_name(text, start):
        return f" within/between {kind} entries"
    return f": expected close marker for {kind} (start marker at {_source(text, start)})"


def _is_after_name(text: str, start: int) -> bool:
    """Whether the text, which ends within an object, ends after the name of a member."""
    try:
        json.loads(text[start:] + ":0}", parse_int=float)
    except json.JSONDecodeError:
        return False
    return text[start] == "{"


def _word(text: str, at: int) -> str:
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] in "_$"):
        end += 1
    return "" if text[at].isdigit() else text[at:end]


def _open_bracket(text: str, end: int) -> int | None:
    """Where the bracket is that is open before the position `end`, None outside of all."""
    open_: list[int] = []
    in_string = escaped = False
    for position, character in enumerate(text[:end]):
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "{[":
            open_.append(position)
        elif character in "}]" and open_:
            open_.pop()
    return open_[-1] if open_ else None


def _source(text: str, at: int) -> str:
    """Where a fault is, as AWS's parser writes it.  `at` is how many characters had been read.

    The parser counts lines and columns from 1, but has no column before it has found anything.
    """
    shown = f'"{text[:_SHOWN]}"'
    if len(text) > _SHOWN:
        shown += f"[truncated {len(text) - _SHOWN} chars]"
    if at == NOTHING_READ:
        return f"[Source: (String){shown}; line: 1, column: 0]"
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"[Source: (String){shown}; line: {line}, column: {column}]"
