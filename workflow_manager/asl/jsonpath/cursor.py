"""Finding one's way in the text of a path: quotes, escapes, brackets that match."""

from __future__ import annotations

import re
from typing import Final

from workflow_manager.asl.jsonpath.errors import InvalidPath

_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROL: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def skip_blanks(text: str, at: int) -> int:
    """The place of the next character that is not a space, or the length."""
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def char(text: str, at: int) -> str:
    """The character there, or nothing beyond the end."""
    return text[at] if at < len(text) else ""


def closing_quote(text: str, opened: int) -> int:
    """Where the quote that opens at `opened` closes, or -1; a backslash hides the next character."""
    quote = text[opened]
    at = opened + 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == quote:
            return at
        at += 1
    return -1


def closing_bracket(text: str, opened: int, skip_regex: bool) -> int:
    """Where the bracket that opens at `opened` closes, or -1; strings and regexes are stepped over."""
    opening = text[opened]
    closing = {"(": ")", "[": "]", "{": "}"}[opening]
    depth = 1
    at = opened + 1
    while at < len(text):
        found = text[at]
        if found in "'\"" or (found == "/" and skip_regex):
            at = closing_quote(text, at)
            if at == -1:
                if found == "/":
                    raise InvalidPath(f"Could not find matching close for / when parsing regex in : {text}")
                raise InvalidPath(f"Could not find matching close quote for {found} when parsing : {text}")
        elif found == opening:
            depth += 1
        elif found == closing:
            depth -= 1
            if not depth:
                return at
        at += 1
    return -1


def unescape(text: str) -> str:
    r"""Java's escapes (`\n`, `\uXXXX`, …); any other character after a backslash stands for itself."""
    if "\\" not in text:
        return text
    units = _ESCAPE.sub(_unescaped, text)
    # Two escaped surrogates are one character; half of a pair is none that JSON can hold.
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescaped(match: re.Match[str]) -> str:
    escaped = match[1]
    if len(escaped) == 5:
        return chr(int(escaped[1:], 16))
    return _CONTROL.get(escaped, escaped)
