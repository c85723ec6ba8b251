"""Functions on text.  Positions and lengths count characters, not UTF-16 units."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from workflow_manager.asl.jsonata.calls import Native, Run, apply
from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.matching import next_match
from workflow_manager.asl.jsonata.texts import text_of
from workflow_manager.asl.jsonata.values import UNDEFINED, Sequence, Value

_SPACES = re.compile(r"[ \t\n\r]+")
_LEADING_DIGITS = re.compile(r"[0-9]+")


def string(run: Run, value: Value, prettify: Value = False) -> Value:
    return UNDEFINED if value is UNDEFINED else text_of(value, run, prettify is True)


def substring(text: Value, start: Value, length: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    begin = 0 if start is UNDEFINED or len(text) + start < 0 else start
    if length is UNDEFINED:
        return text[int(begin) :]
    if length <= 0 or start is UNDEFINED:
        return ""
    end = begin + length if begin >= 0 else len(text) + begin + length
    return text[int(begin) : int(end)]


def substring_before(text: Value, chars: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    at = text.find(_text(chars))
    return text[:at] if at >= 0 else text


def substring_after(text: Value, chars: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    at = text.find(_text(chars))
    return text[at + len(_text(chars)) :] if at >= 0 else text


def _text(value: Value) -> str:
    """JavaScript's text of a missing argument."""
    return "undefined" if value is UNDEFINED else value


def lowercase(text: Value) -> Value:
    return UNDEFINED if text is UNDEFINED else text.lower()


def uppercase(text: Value) -> Value:
    return UNDEFINED if text is UNDEFINED else text.upper()


def length(text: Value) -> Value:
    return UNDEFINED if text is UNDEFINED else len(text)


def trim(text: Value) -> Value:
    return UNDEFINED if text is UNDEFINED else _SPACES.sub(" ", text).strip(" ")


def pad(run: Run, text: Value, width: Value, char: Value) -> Value:
    """On the right for a positive width, on the left for a negative one."""
    if text is UNDEFINED or width is UNDEFINED:
        return text
    filler = " " if char is UNDEFINED or char == "" else char
    missing = int(abs(width)) - len(text)
    if missing <= 0:
        return text
    run.spend(missing >> 4)
    padding = (filler * (missing // len(filler) + 1))[:missing]
    return text + padding if width > 0 else padding + text


def contains(run: Run, text: Value, token: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    if isinstance(token, str):
        return token in text
    return next_match(run, token, text) is not UNDEFINED


def match(run: Run, text: Value, pattern: Value, limit: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3040", value=limit)
    found = Sequence()
    for each in _matches(run, text, pattern, limit):
        found.append({"match": each["match"], "index": each["start"], "groups": each["groups"]})
    return found


def _matches(run: Run, text: str, pattern: Value, limit: Value) -> Any:
    count = 0
    if limit is not UNDEFINED and limit <= 0:
        return
    found = next_match(run, pattern, text)
    while found is not UNDEFINED and (limit is UNDEFINED or count < limit):
        yield found
        count += 1
        found = next_match(run, found["next"])


def replace(run: Run, text: Value, pattern: Value, replacement: Value, limit: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    if pattern == "":
        raise JsonataError("D3010", value=pattern)
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3011", value=limit)
    if isinstance(pattern, str):
        return _replace_text(run, text, pattern, replacement, limit)
    substitute = _substitution(replacement) if isinstance(replacement, str) else _called(run, replacement)
    pieces: list[str] = []
    position = 0
    for found in _matches(run, text, pattern, limit):
        piece = substitute(found)
        if not isinstance(piece, str):
            raise JsonataError("D3012", value=piece)
        run.spend(len(piece) >> 4)
        pieces += text[position : found["start"]], piece
        position = found["start"] + len(found["match"])
    return "".join(pieces) + text[position:]


def _replace_text(run: Run, text: str, pattern: str, replacement: Value, limit: Value) -> str:
    occurrences = text.count(pattern)
    if limit is not UNDEFINED:
        occurrences = min(occurrences, -int(-limit // 1))
    if occurrences == 0:
        return text
    if not isinstance(replacement, str):
        raise JsonataError("D3012", value=replacement)
    run.spend((occurrences * len(replacement)) >> 4)
    return text.replace(pattern, replacement, occurrences)


def _called(run: Run, function: Value) -> Callable[[dict[str, Any]], Value]:
    return lambda found: apply(run, function, [found])


def _substitution(template: str) -> Callable[[dict[str, Any]], str]:
    """`$0` is the match, `$1` its first group, `$$` a dollar."""

    def substitute(found: dict[str, Any]) -> str:
        groups = found["groups"]
        pieces: list[str] = []
        position = 0
        while (at := template.find("$", position)) >= 0:
            pieces.append(template[position:at])
            piece, position = _reference(template, at + 1, found["match"], groups)
            pieces.append(piece)
        return "".join(pieces) + template[position:]

    return substitute


def _reference(template: str, position: int, matched: str, groups: list[Any]) -> tuple[str, int]:
    """What the `$` before `position` stands for, and where to go on."""
    follows = template[position : position + 1]
    if follows == "$":
        return "$", position + 1
    if follows == "0":
        return matched, position + 1
    most = len(str(len(groups)))
    digits = _LEADING_DIGITS.match(template[position : position + most])
    if digits is None:
        return "$", position
    number = digits.group()
    if most > 1 and int(number) > len(groups) and len(number) == most:
        number = number[:-1]
    index = int(number)
    group = groups[index - 1] if 0 < index <= len(groups) else None
    return group or "", position + len(str(index))


def split(run: Run, text: Value, separator: Value, limit: Value) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3020", value=limit)
    if isinstance(separator, str):
        parts = text.split(separator) if separator else list(text)
        run.spend(len(parts))
        return parts if limit is UNDEFINED else parts[: int(limit)]
    parts, position, count = [], 0, 0
    for found in _matches(run, text, separator, limit):
        parts.append(text[position : found["start"]])
        position = found["end"]
        count += 1
    if limit is UNDEFINED or count < limit:
        parts.append(text[position:])
    return parts


def join(run: Run, texts: Value, separator: Value) -> Value:
    if texts is UNDEFINED:
        return UNDEFINED
    glue = "" if separator is UNDEFINED else separator
    run.spend((sum(map(len, texts)) + len(glue) * len(texts)) >> 4)
    return glue.join(texts)


FUNCTIONS = {
    "string": Native(string, "<x-b?:s>"),
    "substring": Native(substring, "<s-nn?:s>"),
    "substringBefore": Native(substring_before, "<s-s:s>"),
    "substringAfter": Native(substring_after, "<s-s:s>"),
    "lowercase": Native(lowercase, "<s-:s>"),
    "uppercase": Native(uppercase, "<s-:s>"),
    "length": Native(length, "<s-:n>"),
    "trim": Native(trim, "<s-:s>"),
    "pad": Native(pad, "<s-ns?:s>"),
    "contains": Native(contains, "<s-(sf):b>"),
    "match": Native(match, "<s-f<s:o>n?:a<o>>"),
    "replace": Native(replace, "<s-(sf)(sf)n?:s>"),
    "split": Native(split, "<s-(sf)n?:a<s>>"),
    "join": Native(join, "<a<s>s?:s>"),
}
