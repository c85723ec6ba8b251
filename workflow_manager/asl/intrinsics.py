"""Intrinsic calls, `States.Format('{} of {}', $.a, States.ArrayLength($.list))`, compiled once.

    call     = "States." name "(" [ argument { "," argument } ] ")"
    argument = call | path | number | "true" | "false" | "null" | "'" text "'"

In a text a backslash may only stand before `'`, `{`, `}` or another backslash; AWS refuses a
definition with any other.  What a call may be given is known here where it can be known: how many
arguments, and the type of those that are written down.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from workflow_manager.asl.environment import Environment
from workflow_manager.asl.failure import INTRINSIC_FAILURE, EvaluationFailed
from workflow_manager.asl.intrinsic_functions import FUNCTIONS, Function, Refused
from workflow_manager.asl.jsonpath import InvalidPath
from workflow_manager.asl.paths import PathExpression, compile_reference, shown
from workflow_manager.kernel.json import Json

# "You can nest up to 10 intrinsic functions within a field": Developer Guide, "Intrinsics".
MAX_NESTING: Final = 10

_NAME: Final = re.compile(r"States\.([A-Za-z0-9]+)\s*\(")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}


class InvalidIntrinsic(ValueError):
    """The text is no intrinsic call, or one that could never succeed."""


def is_intrinsic(text: str) -> bool:
    """Whether a text stands for a call rather than a path."""
    return text.startswith("States.")


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as it was written; `States.Format` must still tell `{}` from an escaped brace."""

    written: str

    @property
    def value(self) -> str:
        return _ESCAPE.sub(lambda match: match[1], self.written)


@dataclass(frozen=True, slots=True)
class _Constant:
    value: Json


@dataclass(frozen=True, slots=True)
class _Call:
    text: str
    function: Function
    arguments: tuple[_Argument, ...]


_Argument: TypeAlias = "_Text | _Constant | PathExpression | _Call"
_ESCAPE: Final = re.compile(r"\\([\\'{}])")


class Intrinsic:
    """An `Expression` that is a call.

    Fails with `States.IntrinsicFailure` and the text "The function '…' had the following evaluation
    error: …", where the function is the innermost that failed.
    """

    __slots__ = ("_evaluate", "paths", "text", "variables")

    def __init__(self, text: str, call: _Call) -> None:
        paths = _paths(call)
        self.text = text
        self.variables = frozenset[str]().union(*(path.variables for path in paths))
        self.paths = frozenset(path.text for path in paths)
        self._evaluate = _compile(call)

    def evaluate(self, env: Environment) -> Json:
        return self._evaluate(env)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Intrinsic) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Intrinsic({self.text!r})"


def compile_intrinsic(text: str) -> Intrinsic:
    """Raises `InvalidIntrinsic`."""
    return Intrinsic(text, _Parser(text).whole())


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> _Call:
        call = self._call(nesting=1)
        self._blanks()
        if self.at < len(self.text):
            raise InvalidIntrinsic(f"Unexpected text after the call: {self.text[self.at :]}")
        return call

    def _call(self, nesting: int) -> _Call:
        start = self.at
        name = _NAME.match(self.text, start)
        if name is None or name[1] not in FUNCTIONS:
            raise InvalidIntrinsic(f"No intrinsic function at position {start}: {self.text}")
        if nesting > MAX_NESTING:
            raise InvalidIntrinsic(
                f"Intrinsic functions are nested more than {MAX_NESTING} deep: {self.text}"
            )
        self.at = name.end()
        arguments = self._arguments(nesting)
        text = self.text[start : self.at]
        function = FUNCTIONS[name[1]]
        _check(text, function, arguments)
        return _Call(text, function, arguments)

    def _arguments(self, nesting: int) -> tuple[_Argument, ...]:
        arguments: list[_Argument] = []
        if self._next() == ")":
            self.at += 1
            return ()
        while True:
            arguments.append(self._argument(nesting))
            found = self._next()
            self.at += 1
            if found == ")":
                return tuple(arguments)
            if found != ",":
                raise InvalidIntrinsic(f"Expected , or ) at position {self.at - 1}: {self.text}")

    def _argument(self, nesting: int) -> _Argument:
        found = self._next()
        if found == "'":
            return self._quoted()
        if found == "$":
            return self._path()
        if self.text.startswith("States.", self.at):
            return self._call(nesting + 1)
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            written = number[0]
            return _Constant(int(written) if written.lstrip("-").isdigit() else float(written))
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return _Constant(value)
        raise InvalidIntrinsic(f"Expected an argument at position {self.at}: {self.text}")

    def _quoted(self) -> _Text:
        start = self.at = self.at + 1
        while self.at < len(self.text) and self.text[self.at] != "'":
            if self.text[self.at] == "\\":
                if _ESCAPE.match(self.text, self.at) is None:
                    raise InvalidIntrinsic(f"Illegal escape at position {self.at}: {self.text}")
                self.at += 1
            self.at += 1
        if self.at >= len(self.text):
            raise InvalidIntrinsic(f"A text is not closed: {self.text}")
        self.at += 1
        return _Text(self.text[start : self.at - 1])

    def _path(self) -> PathExpression:
        start = self.at
        self.at = _end_of_path(self.text, start)
        text = self.text[start : self.at].rstrip()
        try:
            return compile_reference(text, _argument_not_found)
        except InvalidPath as error:
            raise InvalidIntrinsic(f"{text}: {error}") from None

    def _next(self) -> str:
        self._blanks()
        return self.text[self.at : self.at + 1]

    def _blanks(self) -> None:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1


def _end_of_path(text: str, at: int) -> int:
    """The next comma or closing parenthesis that belongs to the call and not to the path."""
    depth = 0
    while at < len(text):
        found = text[at]
        if found in "'\"" and depth:
            closed = _closing_quote(text, at)
            if closed == -1:
                return len(text)
            at = closed
        elif found in "[(":
            depth += 1
        elif found in ",)" and not depth:
            return at
        elif found in "])":
            depth -= 1
        at += 1
    return at


def _closing_quote(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return at if at < len(text) else -1


def _check(text: str, function: Function, arguments: tuple[_Argument, ...]) -> None:
    if not function.takes(len(arguments)):
        raise InvalidIntrinsic(f"Wrong number of arguments: {text}")
    for at, argument in enumerate(arguments):
        if isinstance(argument, _Text | _Constant) and not function.accepts(at, argument.value):
            raise InvalidIntrinsic(f"Wrong type of argument: {text}")


_Evaluate: TypeAlias = Callable[[Environment], Json]


def _compile(call: _Call) -> _Evaluate:
    text, function = call.text, call.function
    arguments = tuple(
        _compile_argument(argument, template=function.template and at == 0)
        for at, argument in enumerate(call.arguments)
    )

    def evaluate(env: Environment) -> Json:
        try:
            return function.call([argument(env) for argument in arguments], env)
        except Refused as reason:
            raise _failure(text, str(reason)) from None
        except _ArgumentNotFound as reason:
            raise _failure(text, reason.cause) from None

    return evaluate


def _compile_argument(argument: _Argument, template: bool) -> _Evaluate:
    match argument:
        case _Text(written=written):
            value = written if template else argument.value
            return lambda env: value
        case _Constant(value=constant):
            return lambda env: constant
        case PathExpression():
            return argument.evaluate
        case _Call():
            return _compile(argument)


def _failure(text: str, reason: str) -> EvaluationFailed:
    return EvaluationFailed(
        INTRINSIC_FAILURE, f"The function '{text}' had the following evaluation error: {reason}"
    )


class _ArgumentNotFound(EvaluationFailed):
    """A path among the arguments leads nowhere; the call around it reports that."""


def _argument_not_found(text: str, reason: str, env: Environment) -> EvaluationFailed:
    return _ArgumentNotFound(
        INTRINSIC_FAILURE,
        f"The JSONPath argument for the field '{text}' could not be found in the input '{shown(env.input)}'",
    )


def _paths(call: _Call) -> list[PathExpression]:
    found: list[PathExpression] = []
    for argument in call.arguments:
        if isinstance(argument, PathExpression):
            found.append(argument)
        elif isinstance(argument, _Call):
            found.extend(_paths(argument))
    return found
