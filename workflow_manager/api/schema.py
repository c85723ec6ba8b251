"""Compiles the schemas of `swagger.yml` into checks, once.

A check takes a value and its place and gives the value back without what means "not given"; or it
raises `InvalidRequest` with one line that names the place and the reason.  It knows the part of
JSON Schema that our requests use and refuses, at start-up, a schema that asks for more: no rule
is written down there that nobody enforces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from workflow_manager.kernel.errors import InvalidRequest


class Place(NamedTuple):
    """`container` is body, query or path; `field` the dotted way into it, "" for all of it."""

    container: str
    field: str = ""

    def member(self, name: str) -> Place:
        return Place(self.container, f"{self.field}.{name}" if self.field else name)

    def __str__(self) -> str:
        return f"{self.field} in {self.container}" if self.field else self.container


Schema: TypeAlias = Mapping[str, Any]
Check: TypeAlias = Callable[[Any, Place], Any]

_ANNOTATIONS = {"description", "example", "title", "default", "deprecated", "nullable", "format"}
_INT64 = (-(2**63), 2**63 - 1)


class Compiler:
    """Makes checks for the schemas of one specification."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = spec

    def resolve(self, schema: Schema) -> Schema:
        """The schema behind its references."""
        while "$ref" in schema:
            target: Any = self._spec
            for part in str(schema["$ref"]).removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def compile(self, schema: Schema) -> Check:
        schema = self.resolve(schema)
        if "allOf" in schema:
            return self._all_of(schema)
        kind = schema.get("type")
        compilers: Mapping[Any, Callable[[Schema], Check]] = {
            "object": self._object,
            "array": self._array,
            "string": _string,
            "integer": _number,
            "number": _number,
            "boolean": _boolean,
            None: _anything,
        }
        return compilers[kind](schema)

    def _all_of(self, schema: Schema) -> Check:
        _understand(schema, "allOf")
        checks = [self.compile(part) for part in schema["allOf"]]

        def check(value: Any, place: Place) -> Any:
            for part in checks:
                value = part(value, place)
            return value

        return check

    def _object(self, schema: Schema) -> Check:
        _understand(schema, "type", "properties", "required", "additionalProperties")
        if schema.get("additionalProperties") not in (None, True, {}):
            raise NotImplementedError("additionalProperties with a schema of its own")
        members = {name: self.compile(part) for name, part in schema.get("properties", {}).items()}
        required = tuple(schema.get("required", ()))

        def check(value: Any, place: Place) -> Any:
            if not isinstance(value, dict):
                raise _wrong_type(value, place, "an object")
            if not members:
                return value
            given = {}
            for name, member in value.items():
                if name not in members:
                    given[name] = member
                elif member is not None:
                    given[name] = members[name](member, place.member(name))
            for name in required:
                if name not in given:
                    raise InvalidRequest(f"{place.member(name)} is required")
            return given

        return check

    def _array(self, schema: Schema) -> Check:
        _understand(schema, "type", "items")
        item_check = self.compile(schema["items"])

        def check(value: Any, place: Place) -> Any:
            if not isinstance(value, list):
                raise _wrong_type(value, place, "a list")
            return [item_check(item, place.member(str(index))) for index, item in enumerate(value)]

        return check


def _string(schema: Schema) -> Check:
    _understand(schema, "type", "enum", "minLength", "maxLength")
    allowed = schema.get("enum")
    shortest = schema.get("minLength", 0)
    longest = schema.get("maxLength")

    def check(value: Any, place: Place) -> Any:
        if not isinstance(value, str):
            raise _wrong_type(value, place, "a string")
        # The empty string is a choice's way of not being given.
        if allowed is not None and value and value not in allowed:
            raise InvalidRequest(_in_list(place, f"{place} should be one of [{' '.join(allowed)}]"))
        if len(value) < shortest:
            raise InvalidRequest(f"{place} should be at least {shortest} chars long")
        if longest is not None and len(value) > longest:
            raise InvalidRequest(f"{place} should be at most {longest} chars long")
        return value

    return check


def _number(schema: Schema) -> Check:
    _understand(schema, "type", "minimum", "maximum")
    whole = schema["type"] == "integer"
    kinds = int if whole else (int, float)
    name = "an integer" if whole else "a number"
    least = schema.get("minimum", _INT64[0] if whole else float("-inf"))
    most = schema.get("maximum", _INT64[1] if whole else float("inf"))

    def check(value: Any, place: Place) -> Any:
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise _wrong_type(value, place, name)
        if value < least:
            raise InvalidRequest(f"{place} should be greater than or equal to {least}")
        if value > most:
            raise InvalidRequest(f"{place} should be less than or equal to {most}")
        return value

    return check


def _boolean(schema: Schema) -> Check:
    _understand(schema, "type")

    def check(value: Any, place: Place) -> Any:
        if not isinstance(value, bool):
            raise _wrong_type(value, place, "a boolean")
        return value

    return check


def _anything(schema: Schema) -> Check:
    _understand(schema)
    return lambda value, place: value


def _understand(schema: Schema, *keywords: str) -> None:
    unknown = set(schema) - _ANNOTATIONS - set(keywords)
    if unknown:
        raise NotImplementedError(f"swagger.yml asks for {sorted(unknown)}, which nothing checks")


def _wrong_type(value: Any, place: Place, expected: str) -> InvalidRequest:
    match value:
        case None:
            given = "null"
        case bool():
            given = "a boolean"
        case int():
            given = "an integer" if expected != "a string" else "a number"
        case float():
            given = "a fraction" if expected == "an integer" else "a number"
        case str():
            given = "a string"
        case list():
            given = "a list"
        case _:
            given = "an object"
    return InvalidRequest(f"{place} should be {expected}, not {given}")


def _in_list(place: Place, failure: str) -> str:
    """As old clients know a failed rule of a body: one line in front for each enclosing object."""
    if place.container != "body":
        return failure
    return "validation failure list:\n" * (place.field.count(".") + 1) + failure
