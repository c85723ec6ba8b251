"""Says whether a function takes the arguments it is given, and fills in the context value.

A signature such as `<s-nn?:s>` becomes a regular expression over one letter an argument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import regex

from workflow_manager.asl.jsonata.errors import JsonataError, too_long
from workflow_manager.asl.jsonata.values import (
    UNDEFINED,
    ConstructedArray,
    Sequence,
    Undefined,
    Value,
)

_TYPE_NAMES: Final = {
    "a": "arrays",
    "b": "booleans",
    "f": "functions",
    "n": "numbers",
    "o": "objects",
    "s": "strings",
}
_MOST_PLANS: Final = 64
_PATIENCE: Final = 0.5  # seconds; a signature with many + may otherwise be matched for ever
_CLASSES: Final = {"a": "[asnblfom]", "f": "f", "j": "[asnblom]", "x": "[asnblfom]"}


_LETTERS: Final[dict[type, str]] = {
    Undefined: "m",
    type(None): "l",
    bool: "b",
    str: "s",
    int: "n",
    float: "n",
    list: "a",
    Sequence: "a",
    ConstructedArray: "a",
    dict: "o",
}


def type_letter(value: Value) -> str:
    """`m` stands for a missing value, `f` for any function."""
    return _LETTERS.get(type(value), "f")


@dataclass(slots=True)
class _Parameter:
    type: str
    pattern: str
    subtype: str | None = None
    context: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where one validated argument comes from: the argument at `index`, or the context if `letters` is
    empty and the parameter takes it."""

    index: int
    parameter: _Parameter
    letter: str
    letters: str
    is_plain: bool  # nothing is left to check or to wrap


class Signature:
    """Raises `JsonataError` when the text is not a signature."""

    def __init__(self, text: str) -> None:
        self._parameters = _parse(text)
        self._whole = regex.compile("".join(f"({p.pattern})" for p in self._parameters) + r"\Z")
        # How to distribute arguments of certain types, by their letters: calls repeat themselves.
        self._plans: dict[str, tuple[_Piece, ...]] = {}

    def validate(self, args: list[Value], context: Value) -> list[Value]:
        """The arguments, wrapped in arrays and completed from the context where that is asked for."""
        supplied = "".join([_LETTERS.get(type(arg), "f") for arg in args])
        plan = self._plans.get(supplied)
        if plan is None:
            plan = self._plan(supplied, args)
        return [args[piece.index] if piece.is_plain else _filled(piece, args, context) for piece in plan]

    def _plan(self, supplied: str, args: list[Value]) -> tuple[_Piece, ...]:
        match = _matched(self._whole, supplied)
        if match is None:
            raise self._mismatch(args, supplied)
        pieces: list[_Piece] = []
        taken = 0
        for parameter, letters in zip(self._parameters, match.groups(), strict=True):
            if letters == "":
                pieces.append(_Piece(taken, parameter, "", "", False))
            for letter in letters:
                is_plain = parameter.type != "a" or letter == "m"
                pieces.append(_Piece(taken, parameter, letter, letters, is_plain))
                taken += 1
        plan = tuple(pieces)
        if len(self._plans) < _MOST_PLANS:
            self._plans[supplied] = plan
        return plan

    def _mismatch(self, args: list[Value], supplied: str) -> JsonataError:
        """The first argument up to which the signature does not match."""
        pattern, good = "", 0
        for parameter in self._parameters:
            pattern += parameter.pattern
            match = _matched(regex.compile(pattern), supplied)
            if match is None:
                break
            good = match.end()
        value = args[good] if good < len(args) else UNDEFINED
        return JsonataError("T0410", value=value, index=good + 1)


def _matched(pattern: regex.Pattern[str], supplied: str) -> regex.Match[str] | None:
    try:
        return pattern.match(supplied, timeout=_PATIENCE)
    except TimeoutError:
        raise too_long() from None


def _filled(piece: _Piece, args: list[Value], context: Value) -> Value:
    parameter = piece.parameter
    if piece.letters:
        return _as_array(parameter, piece.letter, piece.letters, args[piece.index], piece.index)
    if parameter.context is None:
        return UNDEFINED
    if not parameter.context.match(type_letter(context)):
        raise JsonataError("T0411", value=context, index=piece.index + 1)
    return context


def _as_array(parameter: _Parameter, letter: str, letters: str, value: Value, index: int) -> Value:
    if parameter.subtype is not None and not _holds(parameter.subtype, letter, letters, value):
        kind = _TYPE_NAMES.get(parameter.subtype, parameter.subtype)
        raise JsonataError("T0412", value=value, index=index + 1, type=kind)
    return value if letter == "a" else [value]


def _holds(subtype: str, letter: str, letters: str, value: Value) -> bool:
    if letter != "a":
        return letters == subtype
    if not value:
        return True
    first = type_letter(value[0])
    return first == subtype[0] and all(type_letter(item) == first for item in value)


def _parse(text: str) -> list[_Parameter]:
    parameters: list[_Parameter] = []
    position = 1
    while position < len(text) and text[position] not in ":>":
        symbol = text[position]
        if symbol in "snblo":
            parameters.append(_Parameter(symbol, f"[{symbol}m]"))
        elif symbol in _CLASSES:
            parameters.append(_Parameter(symbol, _CLASSES[symbol]))
        elif symbol == "(":
            end = _closing(text, position, "(", ")")
            choice = text[position + 1 : end]
            if "<" in choice or not choice.isalpha():
                raise JsonataError("S0402", position, value=choice)
            parameters.append(_Parameter(f"({choice})", f"[{choice}m]"))
            position = end
        elif symbol == "-" and parameters and parameters[-1].pattern[-1] not in "?+":
            last = parameters[-1]
            last.context = re.compile(last.pattern)
            last.pattern += "?"
        elif parameters and symbol in "?+" and parameters[-1].pattern[-1] not in "?+":
            parameters[-1].pattern += symbol
        elif symbol == "<":
            if not parameters or parameters[-1].type not in "af":
                raise JsonataError("S0401", position, value=symbol)
            end = _closing(text, position, "<", ">")
            parameters[-1].subtype = text[position + 1 : end]
            position = end
        position += 1
    return parameters


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    depth = 0
    for position in range(start, len(text)):
        if text[position] == opening:
            depth += 1
        elif text[position] == closing:
            depth -= 1
            if depth == 0:
                return position
    return len(text)
