"""What AWS accepts: the requests of Step Functions, checked against AWS's own description of them.

The description is the one that botocore ships: members, types, lengths, patterns and enumerations
of every operation.  It is read once and compiled to one function for each shape.  The texts of the
complaints are AWS's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

from botocore.loaders import Loader

from workflow_manager.kernel.json import Json, dumps

Shape: TypeAlias = Mapping[str, Any]
Request: TypeAlias = dict[str, Any]

# (value, path, complaints) → the value, without members that nobody knows
_Check: TypeAlias = "Callable[[Json, str, list[str]], Any]"

# AWS names the values of an enumeration in an order of its own.
_ENUM_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "ExecutionStatus": ("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"),
}


class WrongType(ValueError):
    """A member is not of its type; AWS calls that a SerializationException."""


class WrongValue(ValueError):
    """Members that break a constraint; the text names all of them, as AWS does."""


class RequestModel:
    """The input shape of one operation."""

    def __init__(self, check: _Check) -> None:
        self._check = check

    def read(self, request: Json) -> Request:
        """The known members that are given and not null.  Raises `WrongType`, `WrongValue`."""
        complaints: list[str] = []
        checked: Request = self._check(request, "", complaints)
        if complaints:
            errors = "1 validation error" if len(complaints) == 1 else f"{len(complaints)} validation errors"
            raise WrongValue(f"{errors} detected: {'; '.join(complaints)}")
        return checked


@cache
def description() -> Shape:
    """AWS's description of Step Functions."""
    loaded: Shape = Loader().load_service_model("stepfunctions", "service-2")
    return loaded


@cache
def requests() -> Mapping[str, RequestModel]:
    """The request of every operation, by the operation's name."""
    return {
        name: RequestModel(_shape(operation["input"]["shape"]))
        for name, operation in description()["operations"].items()
    }


@cache
def member_types(operation: str) -> Mapping[str, str]:
    """The types of the members of a request ("string", "structure", …); none for no operation."""
    found = description()["operations"].get(operation)
    if found is None:
        return {}
    shapes = description()["shapes"]
    members = shapes[found["input"]["shape"]]["members"]
    return {name: shapes[member["shape"]]["type"] for name, member in members.items()}


@cache
def error_codes() -> frozenset[str]:
    """The errors that AWS describes for Step Functions."""
    return frozenset(name for name, shape in description()["shapes"].items() if shape.get("exception"))


@cache
def _shape(name: str) -> _Check:
    shape: Shape = description()["shapes"][name]
    match shape["type"]:
        case "structure":
            return _structure(shape)
        case "list":
            return _list(shape)
        case "map":
            return _map(shape)
        case "string":
            return _string(name, shape)
        case "integer" | "long":
            return _number(shape, int, "Integer" if shape["type"] == "integer" else "Long")
        case "float" | "double":
            return _number(shape, (int, float), shape["type"].capitalize())
        case "boolean":
            return _boolean
        case other:
            raise NotImplementedError(f"a shape of type {other}")


def _structure(shape: Shape) -> _Check:
    required = frozenset(shape.get("required", ()))
    members = {name: _shape(member["shape"]) for name, member in shape["members"].items()}

    def check(value: Json, path: str, complaints: list[str]) -> Request:
        if not isinstance(value, dict):
            raise WrongType(f"{_kind(value)} can not be converted to a structure")
        prefix = f"{path}." if path else ""
        found: Request = {}
        for name, check_member in members.items():
            given = value.get(name)
            if given is not None:
                found[name] = check_member(given, prefix + name, complaints)
            elif name in required:
                complaints.append(
                    f"Value null at '{prefix}{name}' failed to satisfy constraint: Member must not be null"
                )
        return found

    return check


def _list(shape: Shape) -> _Check:
    check_member = _shape(shape["member"]["shape"])
    check_length = _length(shape)

    def check(value: Json, path: str, complaints: list[str]) -> list[Any]:
        if not isinstance(value, list):
            raise WrongType(f"{_kind(value)} can not be converted to a List")
        check_length(len(value), value, path, complaints)
        return [
            check_member(member, f"{path}.{number}.member", complaints)
            for number, member in enumerate(value, start=1)
            if member is not None
        ]

    return check


def _map(shape: Shape) -> _Check:
    check_member = _shape(shape["value"]["shape"])

    def check(value: Json, path: str, complaints: list[str]) -> Request:
        if not isinstance(value, dict):
            raise WrongType(f"{_kind(value)} can not be converted to a Map")
        return {key: check_member(member, f"{path}.{key}", complaints) for key, member in value.items()}

    return check


def _string(name: str, shape: Shape) -> _Check:
    check_length = _length(shape)
    # Java's classes are not all Python's.
    pattern = (
        re.compile(shape["pattern"].replace(r"\p{ASCII}", r"[\x00-\x7f]")) if "pattern" in shape else None
    )
    values = _ENUM_ORDER.get(name, tuple(shape.get("enum", ())))

    def check(value: Json, path: str, complaints: list[str]) -> str:
        if not isinstance(value, str):
            raise WrongType(f"{_kind(value)} can not be converted to a String")
        check_length(len(value), value, path, complaints)
        if pattern is not None and not pattern.fullmatch(value):
            text = f"Member must satisfy regular expression pattern: {shape['pattern']}"
            complaints.append(_complaint(shape, value, path, text))
        if values and value not in values:
            text = f"Member must satisfy enum value set: [{', '.join(values)}]"
            complaints.append(_complaint(shape, value, path, text))
        return value

    return check


def _number(shape: Shape, kinds: type | tuple[type, ...], name: str) -> _Check:
    lowest, highest = shape.get("min"), shape.get("max")

    def check(value: Json, path: str, complaints: list[str]) -> Any:
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise WrongType(f"{_kind(value)} can not be converted to {name}")
        assert isinstance(value, int | float)
        if lowest is not None and value < lowest:
            text = f"Member must have value greater than or equal to {lowest}"
            complaints.append(_complaint(shape, value, path, text))
        if highest is not None and value > highest:
            text = f"Member must have value less than or equal to {highest}"
            complaints.append(_complaint(shape, value, path, text))
        return value

    return check


def _boolean(value: Json, path: str, complaints: list[str]) -> bool:
    if not isinstance(value, bool):
        raise WrongType(f"{_kind(value)} can not be converted to a Boolean")
    return value


def _length(shape: Shape) -> Callable[[int, Json, str, list[str]], None]:
    shortest, longest = shape.get("min"), shape.get("max")

    def check(length: int, value: Json, path: str, complaints: list[str]) -> None:
        if shortest is not None and length < shortest:
            text = f"Member must have length greater than or equal to {shortest}"
            complaints.append(_complaint(shape, value, path, text))
        if longest is not None and length > longest:
            text = f"Member must have length less than or equal to {longest}"
            complaints.append(_complaint(shape, value, path, text))

    return check


def _complaint(shape: Shape, value: Json, path: str, text: str) -> str:
    # What is sensitive is not repeated.
    shown = "" if shape.get("sensitive") else f" '{_shown(shape, value)}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {text}"


def _shown(shape: Shape, value: Json) -> str:
    """The value as AWS quotes it: a structure as `Name(member=value)`, a list as `[a, b]`."""
    match value:
        case list() if shape["type"] == "list":
            return f"[{', '.join(_shown_named(shape['member']['shape'], member) for member in value)}]"
        case str():
            return value
        case _:
            return dumps(value)


def _shown_named(name: str, value: Json) -> str:
    shape: Shape = description()["shapes"][name]
    if shape["type"] != "structure" or not isinstance(value, dict):
        return _shown(shape, value)
    members = (
        f"{key}={_shown_named(member['shape'], value[key])}"
        for key, member in shape["members"].items()
        if value.get(key) is not None
    )
    return f"{name}({', '.join(members)})"


def _kind(value: Json) -> str:
    match value:
        case bool():
            return "TRUE_VALUE" if value else "FALSE_VALUE"
        case int() | float():
            return "NUMBER_VALUE"
        case str():
            return "STRING_VALUE"
        case list():
            return "START_ARRAY"
        case _:
            return "START_OBJECT"
