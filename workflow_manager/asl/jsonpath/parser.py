"""Text to tokens, the way Jayway's compiler walks it.

The odd corners are Jayway's too: a path that begins with neither `$` nor `@` is taken as `$.…`; one
character too many behind a closing bracket is overlooked; whatever follows `.f()` is read as a
property whose name begins with the parenthesis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workflow_manager.asl.jsonpath.cursor import (
    char,
    closing_bracket,
    closing_quote,
    skip_blanks,
    unescape,
)
from workflow_manager.asl.jsonpath.errors import InvalidPath
from workflow_manager.asl.jsonpath.tokens import (
    Constant,
    Filter,
    Function,
    Indices,
    Predicate,
    Property,
    Scan,
    Slice,
    Token,
    Tokens,
    Wildcard,
)
from workflow_manager.kernel.json import NotJson, loads

# Every step is a call on Python's stack while an indefinite path is being read.
MAX_STEPS: Final = 200

_MAX_INT: Final = 2**31


def parse_path(text: str, parse_filter: Callable[[str], Predicate]) -> Tokens:
    """Raises `InvalidPath`.  `parse_filter` reads `[?(…)]`, brackets included."""
    if not text:
        raise InvalidPath("The path is empty")
    if text[0] not in "$@":
        text = f"$.{text}"
    text = text.rstrip(" ")
    if text.endswith("."):
        raise InvalidPath("Path must not end with a '.' or '..'")
    if len(text) > 1 and text[1] not in ".[":
        raise InvalidPath("Illegal character at position 1 expected '.' or '['")
    steps = _Parser(text, parse_filter).steps()
    return _scan_inside_function(Tokens(text[0], tuple(steps)))


def _scan_inside_function(tokens: Tokens) -> Tokens:
    """`$..a.sum()` adds up everything found, so it becomes `$.sum($..a)`."""
    steps = tokens.steps
    if not steps or not isinstance(steps[0], Scan) or not isinstance(steps[-1], Function):
        return tokens
    at = next(at for at, step in enumerate(steps) if isinstance(step, Function))
    function = steps[at]
    assert isinstance(function, Function)
    scanned = Tokens(tokens.root, steps[:at])
    return Tokens("$", (Function(function.name, (scanned,)), *steps[at + 1 :]))


class _Parser:
    def __init__(self, text: str, parse_filter: Callable[[str], Predicate]) -> None:
        self.text = text
        self.parse_filter = parse_filter
        self.at = 1
        self.tokens: list[Token] = []

    def steps(self) -> list[Token]:
        if len(self.text) == 1:
            return []
        while True:
            self._step()
            if len(self.tokens) > MAX_STEPS:
                raise InvalidPath(f"The path has more than {MAX_STEPS} steps")
            if self.at >= len(self.text) - 1:
                return self.tokens

    def _step(self) -> None:
        if char(self.text, self.at) == ".":
            self._dot()
        match char(self.text, self.at):
            case "[":
                self._bracket()
            case "*":
                self.at += 1
                self.tokens.append(Wildcard())
            case "" | "." | " ":
                raise InvalidPath(f"Could not parse token starting at position {self.at}")
            case _:
                self._name()

    def _dot(self) -> None:
        if char(self.text, self.at + 1) == ".":
            self.tokens.append(Scan())
            self.at += 2
        else:
            self.at += 1
        if char(self.text, self.at) == ".":
            raise InvalidPath(f"Character '.' on position {self.at} is not valid.")

    def _bracket(self) -> None:
        inside = skip_blanks(self.text, self.at + 1)
        match char(self.text, inside):
            case "'" | '"' as quote:
                self._quoted(quote)
            case "*":
                end = skip_blanks(self.text, inside + 1)
                if char(self.text, end) != "]":
                    raise InvalidPath(f"Expected wildcard token to end with ']' on position {inside + 1}")
                self._add(Wildcard(), end + 1)
            case "?":
                self._filter(inside)
            case found if found and found in "0123456789-:":
                self._numbers()
            case _:
                raise self._no_token()

    def _quoted(self, quote: str) -> None:
        text, names = self.text, list[str]()
        at = skip_blanks(text, self.at + 1)
        while True:
            if char(text, at) != quote:
                raise InvalidPath(f"Found empty property at index {at}")
            end = closing_quote(text, at)
            if end == -1:
                raise InvalidPath(f"Property has not been closed - missing closing {quote}")
            names.append(_property_name(text[at + 1 : end], quote))
            after = skip_blanks(text, end + 1)
            if char(text, after) == "]":
                return self._add(Property(tuple(names), quote), after + 1)
            if char(text, after) != ",":
                raise InvalidPath(
                    "Property must be separated by comma or Property must be terminated close square bracket"
                    f" at index {end}"
                )
            at = skip_blanks(text, after + 1)

    def _filter(self, question: int) -> None:
        opened = skip_blanks(self.text, question + 1)
        if char(self.text, opened) == "]":
            raise InvalidPath(f"Not enough predicates supplied for filter [?] at position {self.at}")
        if char(self.text, opened) != "(":
            raise self._no_token()
        closed = closing_bracket(self.text, opened, skip_regex=True)
        end = skip_blanks(self.text, closed + 1)
        if closed == -1 or char(self.text, end) != "]":
            raise self._no_token()
        self._add(Filter(self.parse_filter(self.text[self.at : end + 1])), end + 1)

    def _numbers(self) -> None:
        end = self.text.find("]", self.at)
        inside = self.text[self.at + 1 : end].strip(" ")
        if end == -1 or not set(inside) <= set("0123456789-,: "):
            raise self._no_token()
        self._add(_slice(inside) if ":" in inside else _indices(inside), end + 1)

    def _name(self) -> None:
        start = end = self.at
        while end < len(self.text) and self.text[end] not in ".[(":
            if self.text[end] == " ":
                raise InvalidPath(
                    "Use bracket notion ['my prop'] if your property contains blank characters."
                    f" position: {start}"
                )
            end += 1
        name = self.text[start:end]
        if char(self.text, end) == "(":
            self._function(name, end)
        else:
            self._add(Property((name,)), end)

    def _function(self, name: str, opened: int) -> None:
        closed = _closing_parenthesis(self.text, opened)
        if closed == -1:
            raise InvalidPath(f"Arguments to function: '{name}' are not closed properly.")
        if closed == opened + 1:
            # One too early: what follows `()` becomes a property named `)`.
            self._add(Function(name), closed)
        else:
            arguments = tuple(self._arguments(self.text[opened + 1 : closed]))
            self._add(Function(name, arguments), closed + 1)

    def _arguments(self, text: str) -> list[Constant | Tokens]:
        """What begins like neither JSON nor a path, such as `'a'` or `true`, is passed over."""
        arguments: list[Constant | Tokens] = []
        for argument in _split_arguments(text):
            if argument[0] in "$@":
                arguments.append(parse_path(argument, self.parse_filter))
            elif argument[0] in '{"-0123456789':
                # Jayway loses the commas of a text on the way.
                written = argument.replace(",", "") if argument[0] == '"' else argument
                try:
                    arguments.append(Constant(loads(written)))
                except NotJson as error:
                    raise InvalidPath(f"Could not parse the argument {argument}: {error}") from None
        return arguments

    def _add(self, token: Token, end: int) -> None:
        self.tokens.append(token)
        self.at = end

    def _no_token(self) -> InvalidPath:
        return InvalidPath(f"Could not parse token starting at position {self.at}. Expected ?, ', 0-9, * ")


def _property_name(written: str, quote: str) -> str:
    r"""Without its escapes.

    Only a `\"` between single quotes stays as it is: Jayway would drop the backslash, and AWS,
    asked for `$['Test\"Name']`, finds the member whose name contains one.
    """
    if quote == "'" and '\\"' in written:
        return '\\"'.join(unescape(part) for part in written.split('\\"'))
    return unescape(written)


def _indices(inside: str) -> Indices:
    return Indices(tuple(_index(part.strip(" ")) for part in inside.split(",")))


def _index(text: str) -> int:
    if len(text) <= 11 and text.removeprefix("-").isdigit() and -_MAX_INT <= int(text) < _MAX_INT:
        return int(text)
    raise InvalidPath(f"Failed to parse token in ArrayIndexOperation: {text}")


def _slice(inside: str) -> Slice:
    """A step, as in `[1:5:2]`, is read and ignored."""
    parts = [*inside.split(":"), ""]
    if not set(inside) <= set("0123456789-:") or parts[0] == parts[1] == "":
        raise InvalidPath(f"Failed to parse SliceOperation: {inside}")
    start, stop = (_index(part) if part else None for part in parts[:2])
    return Slice(start, stop)


def _closing_parenthesis(text: str, opened: int) -> int:
    """A parenthesis within double quotes does not count."""
    depth, at = 1, opened + 1
    while at < len(text):
        match text[at]:
            case '"':
                at = closing_quote(text, at)
                if at == -1:
                    return -1
            case "(":
                depth += 1
            case ")":
                depth -= 1
                if not depth:
                    return at
        at += 1
    return -1


def _split_arguments(text: str) -> list[str]:
    """At the commas outside of every quote and bracket; blank ones are left out."""
    arguments, start, at = list[str](), 0, 0
    while at < len(text):
        found = text[at]
        if found in '"([{':
            at = closing_quote(text, at) if found == '"' else closing_bracket(text, at, skip_regex=False)
            if at == -1:
                raise InvalidPath(f"Arguments are not closed properly: {text}")
        elif found == ",":
            arguments.append(text[start:at])
            start = at + 1
        at += 1
    arguments.append(text[start:])
    return [argument.strip() for argument in arguments if argument.strip()]
