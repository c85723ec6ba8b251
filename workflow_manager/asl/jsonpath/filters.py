"""What stands in `[?(…)]`: a condition on each element, compiled to a predicate.

condition  = conjunction { "||" conjunction }
conjunction = operand { "&&" operand }
operand    = "!" operand | "(" condition ")" | path | value operator value
value      = path | string | number | true | false | null | JSON | /regex/flags
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from workflow_manager.asl.jsonpath.comparison import OPERATORS, UNDEFINED, Comparison, Operand, Undefined
from workflow_manager.asl.jsonpath.cursor import (
    char,
    closing_bracket,
    closing_quote,
    skip_blanks,
    unescape,
)
from workflow_manager.asl.jsonpath.errors import InvalidPath, PathNotFound
from workflow_manager.asl.jsonpath.evaluation import Reader, reader
from workflow_manager.asl.jsonpath.literals import parse_json, parse_number, parse_regex
from workflow_manager.asl.jsonpath.parser import parse_path
from workflow_manager.asl.jsonpath.run import Run
from workflow_manager.asl.jsonpath.tokens import Predicate
from workflow_manager.kernel.json import Json

# Parentheses and negations, each a call on Python's stack.
MAX_DEPTH: Final = 50

_OPERATOR_CHARACTERS: Final = "<>=~!"


def parse_filter(text: str) -> Predicate:
    """`text` is the filter with its brackets, `[?(@.a == 1)]`.  Raises `InvalidPath`."""
    inside = text[1:-1].strip(" ")[1:].strip(" ")
    if not inside.startswith("(") or not inside.endswith(")"):
        raise InvalidPath(f"Filter must start with '[?(' and end with ')]'. {text}")
    # Blanks at the end must not be mistaken for the end of an operator's name.
    return _Parser(text, text.index("("), text.rindex(")") + 1).whole()


class _Unreadable(Exception):
    """There is no value at this place; not a mistake while an operator is only being looked for."""


class _Parser:
    def __init__(self, text: str, start: int, end: int) -> None:
        self.filter = text
        self.text = text[:end]
        self.at = start
        self.depth = 0

    def whole(self) -> Predicate:
        try:
            predicate = self._condition()
        except _Unreadable:
            raise InvalidPath(
                f"Failed to parse filter: {self.filter}, error on position: {self.at},"
                f" char: {char(self.text, self.at)}"
            ) from None
        if self._next():
            raise InvalidPath(f"Expected end of filter expression instead of: {self.text[self.at :]}")
        return predicate

    def _next(self) -> str:
        self.at = skip_blanks(self.text, self.at)
        return char(self.text, self.at)

    def _condition(self) -> Predicate:
        return self._joined("||", self._conjunction, _any_of)

    def _conjunction(self) -> Predicate:
        return self._joined("&&", self._operand, _all_of)

    def _joined(
        self,
        word: str,
        parse: Callable[[], Predicate],
        join: Callable[[Sequence[Predicate]], Predicate],
    ) -> Predicate:
        parts = [parse()]
        while self._next() and self.text.startswith(word, self.at):
            self.at += len(word)
            parts.append(parse())
        return parts[0] if len(parts) == 1 else join(parts)

    def _operand(self) -> Predicate:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise InvalidPath(f"The filter is nested more than {MAX_DEPTH} deep")
        try:
            if self._next() == "!" and self._after_bang() not in ("$", "@"):
                self.at += 1
                return _not(self._operand())
            if self._next() == "(":
                self.at += 1
                condition = self._condition()
                if self._next() != ")":
                    raise InvalidPath("Expected character: )")
                self.at += 1
                return condition
            return self._expression()
        finally:
            self.depth -= 1

    def _after_bang(self) -> str:
        return char(self.text, skip_blanks(self.text, self.at + 1))

    def _expression(self) -> Predicate:
        left, exists = self._value()
        before = self.at
        try:
            compare = self._operator()
            right, _ = self._value()
        except InvalidPath:
            # No comparison after all: the path alone asks whether something is there.
            self.at = before
            if exists is None:
                raise InvalidPath("Expected path node") from None
            return exists
        return lambda item, run: compare(left(item, run), right(item, run))

    def _operator(self) -> Comparison:
        self._next()
        start = self.at
        symbolic = char(self.text, start) in tuple(_OPERATOR_CHARACTERS)
        while self.at < len(self.text):
            found = self.text[self.at]
            if (found not in _OPERATOR_CHARACTERS) if symbolic else found == " ":
                break
            self.at += 1
        name = self.text[start : self.at].upper()
        if name not in OPERATORS:
            raise InvalidPath(f"Filter operator {name} is not supported!")
        return OPERATORS[name]

    def _value(self) -> tuple[_Value, Predicate | None]:
        """The value, and for a path also the test whether it leads anywhere."""
        negated = self._next() == "!"
        if negated:
            self.at += 1
        found = self._next()
        if found and found in "$@":
            return self._path(negated)
        if negated:
            raise InvalidPath("Unexpected character: !")
        return _always(self._literal(found)), None

    def _literal(self, found: str) -> Operand:
        text, start = self.text, self.at
        match found:
            case "'" | '"':
                self.at = self._closed("String literal does not have matching quotes")
                return unescape(text[start + 1 : self.at - 1])
            case "/":
                end = self.at = self._closed("Pattern not closed")
                while char(text, self.at) in tuple("dixmsuU"):
                    self.at += 1
                pattern = parse_regex(text[start + 1 : end - 1], text[end : self.at])
                if pattern is None:
                    raise _Unreadable
                return pattern
            case "[" | "{":
                end = closing_bracket(text, start, skip_regex=False)
                if end == -1:
                    raise InvalidPath(f"String not closed. Expected {found} in {self.filter}")
                self.at = end + 1
                return parse_json(text[start : end + 1])
            case "t" | "f" | "n":
                return self._word({"t": "true", "f": "false", "n": "null"}[found])
        while self.at < len(text) and text[self.at] in "0123456789-.eE":
            self.at += 1
        number = parse_number(text[start : self.at])
        if number is None:
            self.at = start
            raise _Unreadable
        return number

    def _closed(self, complaint: str) -> int:
        """The place behind the quote that closes the one here."""
        end = closing_quote(self.text, self.at)
        if end == -1:
            raise InvalidPath(f"{complaint}. Expected {self.text[self.at]} in {self.filter}")
        return end + 1

    def _word(self, word: str) -> bool | None:
        if not self.text.startswith(word, self.at):
            raise InvalidPath(f"Expected <{word}> value")
        self.at += len(word)
        return {"true": True, "false": False, "null": None}[word]

    def _path(self, negated: bool) -> tuple[_Value, Predicate]:
        start = self.at
        self.at += 1
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                self.at = closing_bracket(self.text, self.at, skip_regex=False) + 1
                if not self.at:
                    raise InvalidPath(f"Square brackets does not match in filter {self.filter}")
            found = char(self.text, self.at)
            if not found or found in _OPERATOR_CHARACTERS or found == " ":
                break
            if found == ")" and not self._closes_function(start):
                break
            self.at += 1
        tokens = parse_path(self.text[start : self.at], parse_filter)
        read = reader(tokens)
        return _read_value(read, from_root=tokens.root == "$"), _existence(read, expected=not negated)

    def _closes_function(self, start: int) -> bool:
        """`.f()` has its parentheses side by side; any other closing one ends the path."""
        before = self.text[: self.at].rstrip(" ")
        return before.endswith("(") and "." in before[start + 1 :]


_Value: TypeAlias = "Callable[[Json, Run], Operand | Undefined]"


def _always(operand: Operand) -> _Value:
    return lambda item, run: operand


def _read_value(read: Reader, from_root: bool) -> _Value:
    def value(item: Json, run: Run) -> Operand | Undefined:
        try:
            return read(run.root if from_root else item, Run(run.root, run.budget))
        except PathNotFound:
            return UNDEFINED

    return value


def _existence(read: Reader, expected: bool) -> Predicate:
    """Here, unlike in a comparison, even `$` starts from the item, and every member has to be there."""

    def predicate(item: Json, run: Run) -> bool:
        try:
            read(item, Run(run.root, run.budget, strict=True))
        except PathNotFound:
            return not expected
        return expected

    return predicate


def _any_of(parts: Sequence[Predicate]) -> Predicate:
    return lambda item, run: any(part(item, run) for part in parts)


def _all_of(parts: Sequence[Predicate]) -> Predicate:
    return lambda item, run: all(part(item, run) for part in parts)


def _not(part: Predicate) -> Predicate:
    return lambda item, run: not part(item, run)
