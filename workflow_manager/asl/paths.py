"""Paths as a definition uses them: `$` the input, `$$` the context object, `$name` a variable.

A path that leads nowhere fails in words that depend on the field it stands in, so whoever compiles
one says which `Wording` it needs:

| field                                                             | wording                  |
|-------------------------------------------------------------------|--------------------------|
| a member `x.$` of Parameters, ResultSelector, ItemSelector, Assign | `not_in_input("x.$")`    |
| ErrorPath, CausePath                                              | `not_in_input("ErrorPath")` |
| InputPath, OutputPath, ItemsPath, TimeoutSecondsPath, HeartbeatSecondsPath | `invalid_path`  |
| Variable of a choice rule, and its …Path operators                | `choice_variable`        |
| SecondsPath, TimestampPath                                        | `not_an_input_value("SecondsPath")` |

`ReferencePath` is the other direction: where ResultPath puts a result into the input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias, cast

from workflow_manager.asl.environment import Environment
from workflow_manager.asl.failure import RESULT_PATH_MATCH_FAILURE, RUNTIME, EvaluationFailed
from workflow_manager.asl.jsonpath import InvalidPath, Path, PathNotFound, compile_path
from workflow_manager.asl.jsonpath.tokens import Indices, Property, Token
from workflow_manager.kernel.json import ABSENT, Absent, Json, NotJson, dumps

__all__ = [
    "InvalidPath",
    "Path",
    "PathExpression",
    "PathNotFound",
    "ReferencePath",
    "Wording",
    "choice_variable",
    "compile_path",
    "compile_reference",
    "compile_reference_path",
    "invalid_path",
    "not_an_input_value",
    "not_in_input",
]

_VARIABLE: Final = re.compile(r"\$([^\W\d]\w*)")

Wording: TypeAlias = "Callable[[str, str, Environment], EvaluationFailed]"
"""Makes the failure from the path's text, Jayway's reason and the environment."""


def not_in_input(field: str, error: str = RUNTIME) -> Wording:
    """The JSONPath '$.x' specified for the field 'y.$' could not be found in the input '{…}'."""

    def wording(text: str, reason: str, env: Environment) -> EvaluationFailed:
        return EvaluationFailed(
            error,
            f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input"
            f" '{shown(env.input)}'",
        )

    return wording


def invalid_path(text: str, reason: str, env: Environment) -> EvaluationFailed:
    """Invalid path '$.x' : No results for path: $['x']"""
    return EvaluationFailed(RUNTIME, f"Invalid path '{text}' : {reason}")


def choice_variable(text: str, reason: str, env: Environment) -> EvaluationFailed:
    """Invalid path '$.x': The choice state's condition path references an invalid value."""
    return EvaluationFailed(
        RUNTIME, f"Invalid path '{text}': The choice state's condition path references an invalid value."
    )


def not_an_input_value(field: str) -> Wording:
    """The SecondsPath parameter does not reference an input value: $.x"""

    def wording(text: str, reason: str, env: Environment) -> EvaluationFailed:
        return EvaluationFailed(RUNTIME, f"The {field} parameter does not reference an input value: {text}")

    return wording


def shown(value: Json) -> str:
    """The value as AWS's messages quote it."""
    try:
        return dumps(value)
    except NotJson:
        return str(value)


class Root(Enum):
    """What a path starts from."""

    INPUT = "$"
    CONTEXT = "$$"
    VARIABLE = "$name"


class PathExpression:
    """An `Expression` that reads one path.

    `variables` are the names it needs; `is_reference` says whether it can only ever name one place,
    as the fields that take a Reference Path require.
    """

    __slots__ = ("_name", "_path", "_read", "_wording", "is_reference", "root", "text", "variables")

    def __init__(self, text: str, root: Root, name: str, path: Path, wording: Wording) -> None:
        self.text = text
        self.root = root
        self.variables = frozenset((name,) if root is Root.VARIABLE else ())
        self.is_reference = all(map(_is_single, path.tokens.steps))
        self._name = name
        self._path = path
        self._read = path.read
        self._wording = wording

    @property
    def paths(self) -> frozenset[str]:
        return frozenset((self.text,))

    @property
    def definite(self) -> bool:
        return self._path.definite

    def evaluate(self, env: Environment) -> Json:
        try:
            return self._read(self._root(env))
        except PathNotFound as reason:
            # AWS answers `$.nope[*]` with an empty list, where Jayway itself fails.
            if not self._path.definite:
                return []
            raise self._wording(self.text, str(reason), env) from None
        except InvalidPath as reason:
            raise self._wording(self.text, str(reason), env) from None

    def find(self, env: Environment) -> Json | Absent:
        """The value, or ABSENT where there is none: what IsPresent asks."""
        try:
            return self._read(self._root(env))
        except (InvalidPath, EvaluationFailed):
            return ABSENT

    def _root(self, env: Environment) -> Json:
        if self.root is Root.INPUT:
            return env.input
        if self.root is Root.CONTEXT:
            return _as_dict(env.context)
        return self._variable(env)

    def _variable(self, env: Environment) -> Json:
        try:
            return env.variables[self._name]
        except KeyError:
            raise EvaluationFailed(
                RUNTIME, f"The variable path '{self.text}' references an invalid variable"
            ) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathExpression) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"PathExpression({self.text!r})"


def _as_dict(context: Mapping[str, Json]) -> dict[str, Json]:
    return context if isinstance(context, dict) else dict(context)


def _is_single(token: Token) -> bool:
    match token:
        case Property(names=names):
            return len(names) == 1
        case Indices(indices=indices):
            return len(indices) == 1
        case _:
            return False


def compile_reference(text: str, wording: Wording = invalid_path) -> PathExpression:
    """A path from the input, the context object or a variable.  Raises `InvalidPath`."""
    if text.startswith("$$"):
        return PathExpression(text, Root.CONTEXT, "", compile_path(text[1:]), wording)
    if variable := _VARIABLE.match(text):
        return PathExpression(
            text, Root.VARIABLE, variable[1], compile_path(f"${text[variable.end() :]}"), wording
        )
    if not text.startswith("$"):
        raise InvalidPath(f"Path must start with '$': {text}")
    return PathExpression(text, Root.INPUT, "", compile_path(text), wording)


class ReferencePath:
    """Where in the input a result belongs; `keys` are member names and list indices."""

    __slots__ = ("keys", "text")

    def __init__(self, text: str, keys: tuple[str | int, ...]) -> None:
        self.text = text
        self.keys = keys

    def write(self, document: Json, value: Json) -> Json:
        """The document with the value in its place; everything beside the way there is shared.

        Missing objects on the way are made.  A list has to have the element already, and anything
        else on the way is a `States.ResultPathMatchFailure`.
        """
        if not self.keys:
            return value
        top: list[Any] = [document]
        parent: Any = top
        place: str | int = 0
        for key in self.keys:
            inner = _copy_for(key, parent[place])
            parent[place] = inner
            parent, place = inner, key
            if isinstance(key, str):
                inner.setdefault(key, {})
        parent[place] = value
        return cast(Json, top[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReferencePath) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"ReferencePath({self.text!r})"


def _copy_for(key: str | int, value: Json) -> Any:
    """A copy of what the step goes into; the failure names the step and what it met."""
    if isinstance(key, str) and isinstance(value, dict):
        return dict(value)
    if isinstance(key, int) and isinstance(value, list) and -len(value) <= key < len(value):
        return list(value)
    raise EvaluationFailed(RESULT_PATH_MATCH_FAILURE, f'Unable to apply step "{key}" to input {shown(value)}')


def compile_reference_path(text: str) -> ReferencePath:
    """A path that can only name one place of the input, for ResultPath.

    Raises `InvalidPath` for wildcards, filters, slices, `..`, functions, several names at once, and
    for anything that starts from the context object or a variable.
    """
    if not text.startswith("$"):
        raise InvalidPath("Value is not a Reference Path")
    keys: list[str | int] = []
    for token in compile_path(text).tokens.steps:
        match token:
            case Property(names=(name,)):
                keys.append(name)
            case Indices(indices=(index,)):
                keys.append(index)
            case _:
                raise InvalidPath("Value is not a Reference Path")
    return ReferencePath(text, tuple(keys))
