"""How one field of a state becomes an expression, in the query language of that state.

A `Compiler` belongs to one state.  It remembers which variables the state reads, and it knows
which members of `$states` exist where.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

from workflow_manager.asl.environment import Environment, Expression, Literal
from workflow_manager.asl.flow import DISCARD, Discard
from workflow_manager.asl.intrinsics import InvalidIntrinsic, compile_intrinsic
from workflow_manager.asl.jsonata import InvalidJsonata, JsonataExpression, compile_jsonata
from workflow_manager.asl.jsonata.values import type_name
from workflow_manager.asl.judging import Fields
from workflow_manager.asl.nodes import QueryLanguage
from workflow_manager.asl.paths import (
    InvalidPath,
    PathExpression,
    ReferencePath,
    Wording,
    compile_reference,
    compile_reference_path,
    invalid_path,
    not_in_input,
)
from workflow_manager.asl.templates import compile_jsonata_template, compile_payload
from workflow_manager.kernel.json import Json

OPEN: Final = "{%"
CLOSE: Final = "%}"

_FROM_THE_END: Final = re.compile(r"\[\(@\.length\s*-\s*(\d+)\)\]")

MAX_SECONDS: Final = 99_999_999
MAX_VARIABLE_NAME: Final = 80

_MEMBERS: Final = frozenset({"input", "context"})


class _Reading(Expression, Protocol):
    @property
    def variables(self) -> frozenset[str]: ...


_T = TypeVar("_T", bound=_Reading)


def is_marked(text: str) -> bool:
    """Whether a text in a JSONata state is meant as an expression; it may still be marked wrongly."""
    return text.startswith(OPEN) or text.endswith(CLOSE)


@dataclass(frozen=True, slots=True)
class Expecting:
    """A JSONata expression whose result must be of one type: 'array', 'boolean', 'number', 'string'.

    `also` is a second type that will do, and that no complaint names.
    """

    expression: JsonataExpression
    expected: str
    also: str | None = None

    def evaluate(self, env: Environment) -> Json:
        value = self.expression.evaluate(env)
        if type_name(value) not in (self.expected, self.also):
            raise self.expression.mismatch(self.expected, value)
        return value


class Compiler:
    """`place` is the state's own; `has_result` whether `$states.result` exists in its Output and Assign."""

    def __init__(self, language: QueryLanguage, place: str, *, has_result: bool = False) -> None:
        self.language = language
        self.variables: set[str] = set()
        self._place = place
        self._result = frozenset({"result"}) if has_result else frozenset[str]()

    @property
    def is_jsonata(self) -> bool:
        return self.language is QueryLanguage.JSONATA

    # Paths, in JSONPath states.

    def path(self, fields: Fields, name: str) -> Expression | Discard | None:
        """InputPath and OutputPath: None for `$`, DISCARD for null."""
        if name not in fields or self.is_jsonata:
            return None
        if fields[name] is None:
            return DISCARD
        text = fields.text(name)
        if text is None or text == "$":
            return None
        return self._reference(fields, name, text)

    def field_path(self, fields: Fields, name: str, wording: Wording = invalid_path) -> PathExpression | None:
        """A field that holds a path to a value.  `wording` tells that there is none."""
        text = fields.text(name) if not self.is_jsonata else None
        if text is None:
            return None
        return self._reference(fields, name, text, wording)

    def single_path(self, fields: Fields, name: str, wording: Wording) -> PathExpression | None:
        """A field that takes a Reference Path, to a number or a time: it names one place."""
        path = self.field_path(fields, name, wording)
        if path is not None and not path.is_reference:
            fields.report("Value is not a Reference Path: it does not name a single place", name)
        return path

    def result_path(self, fields: Fields) -> ReferencePath | Discard | None:
        """ResultPath: None for `$`, DISCARD for null."""
        name = "ResultPath"
        if name not in fields or self.is_jsonata:
            return None
        if fields[name] is None:
            return DISCARD
        text = fields.text(name)
        if text is None or text == "$":
            return None
        try:
            return compile_reference_path(text)
        except InvalidPath as error:
            fields.report(f"Value is not a Reference Path: {error}", name)
            return None

    def path_or_intrinsic(self, fields: Fields, name: str) -> Expression | None:
        """ErrorPath and CausePath."""
        text = fields.text(name) if not self.is_jsonata else None
        if text is None:
            return None
        compiled = self._dollar(name, text)
        if compiled is None:
            fields.report("Value must be a valid JSONPath or a valid intrinsic function call", name)
        return compiled

    def _reference(
        self, fields: Fields, name: str, text: str, wording: Wording = invalid_path
    ) -> PathExpression | None:
        try:
            return self._read(_compile_path(text, wording))
        except InvalidPath as error:
            fields.report(f"Value is not a valid JSONPath: {error}", name)
            return None
        except RecursionError:
            fields.report("Value is not a valid JSONPath: nested too deeply", name)
            return None

    def _dollar(self, key: str, text: str) -> Expression | None:
        """What may stand under a key that ends in `.$`; None where it is neither."""
        try:
            if text.startswith("$"):
                return self._read(_compile_path(text, not_in_input(key)))
            return self._read(compile_intrinsic(text))
        except (InvalidPath, InvalidIntrinsic, RecursionError):
            return None

    def _read(self, expression: _T) -> _T:
        self.variables |= expression.variables
        return expression

    # Templates, in both languages.

    def template(self, fields: Fields, name: str, extra: frozenset[str] = frozenset()) -> Expression | None:
        """A template of any shape; None when the field is not there."""
        if name not in fields:
            return None
        if self.is_jsonata:
            return compile_jsonata_template(
                fields[name], self._location(fields, name), self._texts(fields, name, _MEMBERS | extra)
            )
        return compile_payload(fields[name], self._dollar, partial(fields.report, name=name))

    def object_template(
        self, fields: Fields, name: str, extra: frozenset[str] = frozenset()
    ) -> Expression | None:
        """A template that must be an object."""
        if name in fields and not isinstance(fields[name], dict):
            fields.report("Expected value of type Object", name)
            return None
        return self.template(fields, name, extra)

    def output(self, fields: Fields, extra: frozenset[str] | None = None) -> Expression | None:
        """Output, in JSONata states."""
        if not self.is_jsonata:
            return None
        return self.template(fields, "Output", self._result if extra is None else extra)

    def assign(self, fields: Fields, extra: frozenset[str] | None = None) -> Expression | None:
        """Assign: an object of names and values."""
        template = self.object_template(fields, "Assign", self._result if extra is None else extra)
        if template is not None:
            _check_variable_names(fields, self.is_jsonata)
        return template

    # Values of one type, in both languages.

    def integer(
        self, fields: Fields, name: str, low: int, high: int | None = None, wording: Wording = invalid_path
    ) -> Expression | None:
        """`name` as an integer or JSONata, or `<name>Path`."""
        return self._number(fields, name, lambda: fields.integer(name, low, high), wording)

    def number(self, fields: Fields, name: str, low: float, high: float) -> Expression | None:
        """The same for any number."""
        return self._number(fields, name, lambda: fields.number(name, low, high), invalid_path)

    def _number(
        self, fields: Fields, name: str, literal: Callable[[], Json], wording: Wording
    ) -> Expression | None:
        if not self.is_jsonata and fields.choose(name, f"{name}Path") == f"{name}Path":
            return self.single_path(fields, f"{name}Path", wording)
        if name not in fields:
            return None
        if self.is_jsonata and isinstance(fields[name], str):
            return self.expecting(fields, name, "number")
        value = literal()
        return None if value is None else Literal(value)

    def string(self, fields: Fields, name: str) -> Expression | None:
        """A text, or JSONata that gives one."""
        text = fields.text(name)
        if text is None:
            return None
        if self.is_jsonata and is_marked(text):
            return self.expecting(fields, name, "string")
        return Literal(text)

    def expecting(
        self, fields: Fields, name: str, expected: str, also: str | None = None
    ) -> Expression | None:
        """A JSONata expression, and nothing else, that gives a value of one type; see `Expecting`."""
        text = fields.text(name)
        if text is None:
            return None
        location = self._location(fields, name)
        if not is_marked(text):
            fields.report(f"Expected value of type {expected.title()} or a JSONata expression", name)
            return None
        expression = self._texts(fields, name, _MEMBERS)(location, text)
        return None if expression is None else Expecting(expression, expected, also)

    def _location(self, fields: Fields, name: str) -> str:
        return fields.at(name)[len(self._place) + 1 :]

    def _texts(
        self, fields: Fields, name: str, members: frozenset[str]
    ) -> Callable[[str, str], JsonataExpression | None]:
        place = fields.at(name)
        start = len(self._location(fields, name))

        def compile_text(location: str, text: str) -> JsonataExpression | None:
            if not is_marked(text):
                return None

            def report(message: str) -> None:
                fields.judge.report(message, place + location[start:])

            if not (text.startswith(OPEN) and text.endswith(CLOSE) and len(text) >= len(OPEN + CLOSE)):
                report(f"A JSONata expression must start with '{OPEN}' and end with '{CLOSE}'")
                return None
            try:
                expression = compile_jsonata(text[len(OPEN) : -len(CLOSE)], location)
            except InvalidJsonata as error:
                for problem in error.problems:
                    report(problem)
                return None
            except RecursionError:
                report("The JSONata expression is nested too deeply")
                return None
            for member in sorted(expression.states_members - members):
                report(f"$states.{member} is not available in the field '{location}'")
            return self._read(expression)

        return compile_text


def _compile_path(text: str, wording: Wording) -> PathExpression:
    """Raises `InvalidPath`."""
    try:
        return compile_reference(text, wording)
    except InvalidPath:
        # The first JSONPath, of 2007, had no negative indices and counted from the end in this way.
        counted_back = _FROM_THE_END.sub(r"[-\1]", text)
        if counted_back == text:
            raise
        return compile_reference(counted_back, wording)


def _check_variable_names(fields: Fields, is_jsonata: bool) -> None:
    names = fields["Assign"]
    assert isinstance(names, dict)
    for key in names:
        name = key if is_jsonata else key.removesuffix(".$")
        if name == "states":
            fields.report("The variable name 'states' is reserved", "Assign")
        elif not name.isidentifier():
            fields.report(f"'{name}' is not a valid variable name", "Assign")
        elif len(name) > MAX_VARIABLE_NAME:
            fields.report(
                f"The variable name '{name}' is longer than {MAX_VARIABLE_NAME} characters", "Assign"
            )
