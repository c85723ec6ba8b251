"""How one field of a state becomes an expression, in the query language of that state.

A `Compiler` belongs to one state.  It remembers which variables the state reads, and it knows
which members of `$states` exist where.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from workflow_manager.asl.environment import Environment, Expression, Literal
from workflow_manager.asl.failure import QUERY_EVALUATION_ERROR, RUNTIME, EvaluationFailed
from workflow_manager.asl.flow import DISCARD, Discard
from workflow_manager.asl.intrinsics import InvalidIntrinsic, compile_intrinsic
from workflow_manager.asl.jsonata import InvalidJsonata, JsonataExpression, compile_jsonata
from workflow_manager.asl.judging import Fields
from workflow_manager.asl.nodes import QueryLanguage
from workflow_manager.asl.paths import (
    InvalidPath,
    ReferencePath,
    compile_reference,
    compile_reference_path,
)
from workflow_manager.asl.templates import compile_jsonata_template, compile_payload
from workflow_manager.kernel.json import Json, dumps

OPEN: Final = "{%"
CLOSE: Final = "%}"

MAX_SECONDS: Final = 99_999_999
MAX_VARIABLE_NAME: Final = 80

_MEMBERS: Final = frozenset({"input", "context"})

_T = TypeVar("_T")


def type_name(value: Json) -> str:
    """JSON's own name for the type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "array"}.get(type(value), "object")


@dataclass(frozen=True, slots=True)
class Expecting:
    """A JSONata expression whose result must be of one type: 'array', 'boolean', 'number', 'string'."""

    expression: JsonataExpression
    text: str
    location: str
    expected: str

    def evaluate(self, env: Environment) -> Json:
        value = self.expression.evaluate(env)
        if type_name(value) != self.expected:
            raise EvaluationFailed(
                QUERY_EVALUATION_ERROR,
                f"The JSONata expression '{self.text}' specified for the field '{self.location}' returned an"
                f" unexpected result type. Expected '{self.expected}', but was '{type_name(value)}'"
                f" for value: {dumps(value)}",
                self.location,
            )
        return value


@dataclass(frozen=True, slots=True)
class FieldPath:
    """The path of a field such as SecondsPath, with its text for what goes wrong later."""

    field: str
    text: str
    reference: Expression

    def evaluate(self, env: Environment) -> Json:
        try:
            return self.reference.evaluate(env)
        except EvaluationFailed:
            if self.field not in ("SecondsPath", "TimestampPath"):
                raise
            raise EvaluationFailed(
                RUNTIME, f"The {self.field} parameter does not reference an input value: {self.text}"
            ) from None


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

    def field_path(self, fields: Fields, name: str) -> FieldPath | None:
        """A field that must hold a path to one value."""
        text = fields.text(name) if not self.is_jsonata else None
        if text is None:
            return None
        reference = self._reference(fields, name, text)
        return None if reference is None else FieldPath(name, text, reference)

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

    def _reference(self, fields: Fields, name: str, text: str) -> Expression | None:
        try:
            return self._read(compile_reference(text, name))
        except InvalidPath as error:
            fields.report(f"Value is not a valid JSONPath: {error}", name)
            return None

    def _dollar(self, key: str, text: str) -> Expression | None:
        """What may stand under a key that ends in `.$`; None where it is neither."""
        try:
            if text.startswith("$"):
                return self._read(compile_reference(text, key))
            return self._read(compile_intrinsic(text, key))
        except (InvalidPath, InvalidIntrinsic):
            return None

    def _read(self, expression: _T) -> _T:
        self.variables |= getattr(expression, "variables", frozenset())
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
        return compile_payload(fields[name], self._dollar, lambda message: fields.report(message, name))

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
        return (
            self.template(fields, "Output", self._result if extra is None else extra)
            if self.is_jsonata
            else None
        )

    def assign(self, fields: Fields, extra: frozenset[str] | None = None) -> Expression | None:
        """Assign: an object of names and values."""
        template = self.object_template(fields, "Assign", self._result if extra is None else extra)
        if template is not None:
            _check_variable_names(fields, self.is_jsonata)
        return template

    # Values of one type, in both languages.

    def integer(
        self, fields: Fields, name: str, low: int, high: int | None = None, *, path: bool = True
    ) -> Expression | None:
        """`name` as an integer or JSONata, or `<name>Path`."""
        return self._value(fields, name, "number", lambda: fields.integer(name, low, high), path=path)

    def number(self, fields: Fields, name: str, low: float, high: float) -> Expression | None:
        return self._value(fields, name, "number", lambda: fields.number(name, low, high), path=True)

    def _value(
        self, fields: Fields, name: str, expected: str, literal: Callable[[], Json], *, path: bool
    ) -> Expression | None:
        if path and not self.is_jsonata and fields.choose(name, f"{name}Path") == f"{name}Path":
            return self.field_path(fields, f"{name}Path")
        if name not in fields:
            return None
        if self.is_jsonata and isinstance(fields[name], str):
            return self.expecting(fields, name, expected)
        value = literal()
        return None if value is None else Literal(value)

    def string(self, fields: Fields, name: str) -> Expression | None:
        """A text, or JSONata that gives one."""
        text = fields.text(name)
        if text is None:
            return None
        if self.is_jsonata and (text.startswith(OPEN) or text.endswith(CLOSE)):
            return self.expecting(fields, name, "string")
        return Literal(text)

    def expecting(self, fields: Fields, name: str, expected: str) -> Expression | None:
        """A JSONata expression, and nothing else, that gives a value of one type."""
        text = fields.text(name)
        if text is None:
            return None
        location = self._location(fields, name)
        expression = self._texts(fields, name, _MEMBERS)(location, text)
        if expression is None:
            if not (text.startswith(OPEN) or text.endswith(CLOSE)):
                fields.report(f"Expected value of type {expected.title()} or a JSONata expression", name)
            return None
        assert isinstance(expression, JsonataExpression)
        return Expecting(expression, _inner(text), location, expected)

    def _location(self, fields: Fields, name: str) -> str:
        return fields.at(name)[len(self._place) + 1 :]

    def _texts(
        self, fields: Fields, name: str, members: frozenset[str]
    ) -> Callable[[str, str], JsonataExpression | None]:
        place = fields.at(name)
        start = len(self._location(fields, name))

        def compile_text(location: str, text: str) -> JsonataExpression | None:
            opened, closed = text.startswith(OPEN), text.endswith(CLOSE)
            if not opened and not closed:
                return None

            def report(message: str) -> None:
                fields.judge.report(message, place + location[start:])

            if not (opened and closed and len(text) >= len(OPEN) + len(CLOSE)):
                report(f"A JSONata expression must start with '{OPEN}' and end with '{CLOSE}'")
                return None
            try:
                expression = compile_jsonata(_inner(text), location)
            except InvalidJsonata as error:
                report(str(error))
                return None
            for member in sorted(expression.states_members - members):
                report(f"$states.{member} is not available in the field '{location}'")
            return self._read(expression)

        return compile_text


def _inner(text: str) -> str:
    return text[len(OPEN) : -len(CLOSE)].strip()


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
