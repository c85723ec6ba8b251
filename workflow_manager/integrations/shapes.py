"""Arguments and answers between JSON as states write it and boto3's values, led by a service's model.

States name members as AWS's Java SDKs do, with a capital; models have their own way.  An object or an
array where text is wanted becomes its JSON text; a number does in a message only.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from workflow_manager.kernel.json import Json, dumps, loads

if TYPE_CHECKING:
    from botocore.model import Shape, StructureShape

MAX_STREAM: Final = 2**20  # bytes read of a body; what a state may return is less

# Members whose text is a message of the user's, of any kind.
_MESSAGES: Final = frozenset(("body", "detail", "input", "message", "messagebody", "payload"))
_FLOATS: Final = frozenset(("float", "double"))
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,30})(\.\d{1,30})?", re.ASCII)


class Unfit(Exception):
    """Arguments that no request can be made of; the text says why, in AWS's words."""


def to_request(shape: Shape, value: Json, place: str = "") -> Any:
    """The value for boto3.  Null members are left out.  `place` is its name.  Raises `Unfit`."""
    match shape.type_name:
        case "structure":
            if getattr(shape, "is_document_type", False):
                return value
            return _structure(shape, value, place)
        case "list":
            if not isinstance(value, list):
                raise _unfit(place, "an ARRAY")
            member: Shape = shape.member  # type: ignore[attr-defined]
            return [to_request(member, item, place) for item in value]
        case "map":
            if not isinstance(value, dict):
                raise _unfit(place, "an OBJECT")
            values: Shape = shape.value  # type: ignore[attr-defined]
            return {key: to_request(values, item, key) for key, item in value.items()}
        case kind:
            return _scalar(kind, value, place)


def _structure(shape: Shape, value: Json, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(place, "an OBJECT")
    names = _members(shape)
    request: dict[str, Any] = {}
    for given, item in value.items():
        name = names.get(given.lower())
        if name is None:
            raise Unfit(f'The field "{given}" is not supported by Step Functions')
        if item is not None:
            member = shape.members[name]  # type: ignore[attr-defined]
            request[name] = to_request(member, item, given)
    return request


@lru_cache(maxsize=2048)
def _members(shape: StructureShape) -> Mapping[str, str]:
    return {name.lower(): name for name in shape.members}


def _scalar(kind: str, value: Json, place: str) -> Any:
    if kind == "blob":
        return (value if isinstance(value, str) else dumps(value)).encode()
    if kind in ("string", "character"):
        if not isinstance(value, str | dict | list) and place.lower() not in _MESSAGES:
            raise _unfit(place, "a STRING")
        return value if isinstance(value, str) else dumps(value)
    if kind == "boolean":
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        raise _unfit(place, "a BOOLEAN")
    if kind == "timestamp":
        return _moment(value, place)
    return _number(kind, value, place)


def _number(kind: str, value: Json, place: str) -> int | float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = loads(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unfit(place, "a NUMBER")
    try:
        if kind in _FLOATS:
            return float(value)
        if value == int(value):
            return int(value)
    except OverflowError:
        pass
    raise _unfit(place, "a FLOAT" if kind in _FLOATS else "an INTEGER")


def _moment(value: Json, place: str) -> datetime:
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise _unfit(place, "a TIMESTAMP")


def _unfit(place: str, wanted: str) -> Unfit:
    return Unfit(f"The value for the field '{place}' must be {wanted}")


def missing(shape: Shape, request: Mapping[str, Any]) -> list[str]:
    """A complaint, as services make it, for every required member that is not there."""
    complaints = []
    for name in shape.required_members:
        if name not in request:
            path = f"{name[:1].lower()}{name[1:]}"
            complaints.append(f"Value null at '{path}' failed to satisfy constraint: Member must not be null")
    return complaints


def to_json(shape: Shape | None, value: Any, *, is_sdk: bool) -> Json:
    """An answer of boto3's as the integration shows it: times as text or, optimized, in milliseconds."""
    if shape is None or getattr(shape, "is_document_type", False):
        return value  # type: ignore[no-any-return]
    match shape.type_name:
        case "structure":
            members: Mapping[str, Shape] = shape.members  # type: ignore[attr-defined]
            return {
                f"{name[:1].upper()}{name[1:]}": to_json(members.get(name), item, is_sdk=is_sdk)
                for name, item in value.items()
                if name in members
            }
        case "list":
            member: Shape = shape.member  # type: ignore[attr-defined]
            return [to_json(member, item, is_sdk=is_sdk) for item in value]
        case "map":
            values: Shape = shape.value  # type: ignore[attr-defined]
            return {str(key): to_json(values, item, is_sdk=is_sdk) for key, item in value.items()}
        case "blob":
            return text_of(value)
        case "timestamp":
            return _shown(value, is_sdk=is_sdk)
        case _:
            return value  # type: ignore[no-any-return]


def text_of(value: Any) -> str:
    """Bytes, or as much of a stream as can matter, as text; in base64 where they are none."""
    data = value if isinstance(value, bytes | str) else value.read(MAX_STREAM)
    if isinstance(data, str):
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode()


def _shown(value: Any, *, is_sdk: bool) -> Json:
    if not isinstance(value, datetime):
        return str(value)
    if not is_sdk:
        return round(value.timestamp() * 1000)
    at = value.astimezone(UTC)
    timespec = "milliseconds" if at.microsecond else "seconds"
    return at.isoformat(timespec=timespec).replace("+00:00", "Z")
