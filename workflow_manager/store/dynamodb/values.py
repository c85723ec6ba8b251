"""JSON values as DynamoDB attribute values, and back.

DynamoDB is not JSON: numbers have 38 digits, maps no order, and nesting ends at 32 levels.  What
would not come back the same is kept as compressed text instead (`packed`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, TypeAlias

from workflow_manager.kernel.json import Json

AttributeValue: TypeAlias = Mapping[str, Any]

MAX_DIGITS = 38
MAX_NESTING = 24  # of 32, the record around it takes its share


def to_attribute(value: Json) -> dict[str, Any]:
    """The attribute value of a JSON value that `survives`."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case float():
            return {"N": repr(value)}
        case str():
            return {"S": value}
        case list():
            return {"L": [to_attribute(item) for item in value]}
        case _:
            return {"M": {key: to_attribute(item) for key, item in value.items()}}


def from_attribute(attribute: AttributeValue) -> Json:
    """The JSON value of an attribute value; sets become lists."""
    ((kind, held),) = attribute.items()
    match kind:
        case "NULL":
            return None
        case "N":
            return _number(held)
        case "L":
            return [from_attribute(item) for item in held]
        case "M":
            return {key: from_attribute(item) for key, item in held.items()}
        case "NS":
            return [_number(item) for item in held]
        case "SS":
            return list(held)
        case _:
            return held  # type: ignore[no-any-return]


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def survives(value: Json, nesting: int = MAX_NESTING) -> bool:
    """Would DynamoDB give back the very same value (but for the order of keys)?"""
    match value:
        case bool() | None | str():
            return True
        case int():
            return len(str(abs(value))) <= MAX_DIGITS
        case float():
            return not value.is_integer() and 1e-100 < abs(value) < 1e100
        case list():
            return nesting > 0 and all(survives(item, nesting - 1) for item in value)
        case _:
            return nesting > 0 and all(key and survives(item, nesting - 1) for key, item in value.items())


def packed(text: bytes) -> dict[str, Any]:
    """Text as it is, compressed."""
    return {"B": zlib.compress(text)}


def unpacked(attribute: AttributeValue) -> bytes:
    """What `packed` held."""
    return zlib.decompress(attribute["B"])
