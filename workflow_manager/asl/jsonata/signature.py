"""Says whether a function takes the arguments it is given, and fills in the context value.

A signature such as `<s-nn?:s>` becomes a regular expression over one letter an argument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from workflow_manager.asl.jsonata.errors import JsonataError
from workflow_manager.asl.jsonata.values import UNDEFINED, Function

_TYPE_NAMES = {
    "a": "arrays",
    "b": "booleans",
    "f": "functions",
    "n": "numbers",
    "o": "objects",
    "s": "strings",
}
_CLASSES = {"a": "[asnblfom]", "f": "f", "j": "[asnblom]", "x": "[asnblfom]"}


def type_letter(value: Any) -> str:
    """`m` stands for a missing value."""
    if value is UNDEFINED:
        return "m"
    if value is None:
        return "l"
    if isinstance(value, bool):
        return "b"
    if isinstance(value, str):
        return "s"
    if isinstance(value, int | float):
        return "n"
    if isinstance(value, list):
        return "a"
    return "f" if isinstance(value, Function) else "o"


@dataclass(slots=True)
class _Parameter:
    type: str
    pattern: str
    subtype: str | None = None
    context: re.Pattern[str] | None = None


class Signature:
    """Raises `JsonataError` when the text is not a signature."""

    def __init__(self, text: str) -> None:
        self._parameters = _parse(text)
        self._whole = re.compile("".join(f"({p.pattern})" for p in self._parameters) + r"\Z")

    def validate(self, args: list[Any], context: Any) -> list[Any]:
        """The arguments, wrapped in arrays and completed from the context where that is asked for."""
        supplied = "".join(map(type_letter, args))
        match = self._whole.match(supplied)
        if match is None:
            raise self._mismatch(args, supplied)
        validated: list[Any] = []
        taken = 0
        for parameter, letters in zip(self._parameters, match.groups(), strict=True):
            if letters == "":
                if parameter.context is None:
                    validated.append(args[taken] if taken < len(args) else UNDEFINED)
                    taken += 1
                elif parameter.context.match(type_letter(context)):
                    validated.append(context)
                else:
                    raise JsonataError("T0411", value=context, index=taken + 1)
            for letter in letters:
                value = args[taken]
                if parameter.type == "a" and letter != "m":
                    value = _as_array(parameter, letter, letters, value, taken)
                validated.append(value)
                taken += 1
        return validated

    def _mismatch(self, args: list[Any], supplied: str) -> JsonataError:
        """The first argument up to which the signature does not match."""
        pattern, good = "", 0
        for parameter in self._parameters:
            pattern += parameter.pattern
            match = re.match(pattern, supplied)
            if match is None:
                break
            good = match.end()
        value = args[good] if good < len(args) else UNDEFINED
        return JsonataError("T0410", value=value, index=good + 1)


def _as_array(parameter: _Parameter, letter: str, letters: str, value: Any, index: int) -> Any:
    if parameter.subtype is not None and not _holds(parameter.subtype, letter, letters, value):
        kind = _TYPE_NAMES.get(parameter.subtype, parameter.subtype)
        raise JsonataError("T0412", value=value, index=index + 1, type=kind)
    return value if letter == "a" else [value]


def _holds(subtype: str, letter: str, letters: str, value: Any) -> bool:
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
        elif parameters and symbol == "-":
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
