"""Reads the parameters of an operation out of path, query and headers.

The first occurrence of a name counts, unknown names are ignored, and a name with an empty value
is a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from workflow_manager.api.codec import read_time
from workflow_manager.api.schema import Check, Compiler, Place
from workflow_manager.kernel.errors import InvalidRequest

Reader: TypeAlias = Callable[[str], Any]

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}


def read_integer(text: str) -> int:
    """Base 10, with or without a sign.  Raises `InvalidRequest`."""
    # 64 bits have 19 digits; int() refuses some thousands of them in its own words.
    if not _INTEGER.fullmatch(text) or len(text) > 40:
        raise InvalidRequest(f'parsing "{text[:40]}": not an integer')
    return int(text)


def read_boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise InvalidRequest(f'parsing "{text[:40]}": not a boolean')
    return _BOOLEANS[text]


_READERS: Mapping[tuple[str, str | None], Reader] = {
    ("string", None): str,
    ("string", "date-time"): read_time,
    ("integer", "int64"): read_integer,
    ("boolean", None): read_boolean,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `argument` is its name in the handler's signature."""

    name: str
    argument: str
    container: str  # path, query or header
    required: bool
    default: Any
    repeated: bool
    read: Reader
    check: Check

    def bind(self, texts: list[str] | None) -> Any:
        """The value of the occurrences, which are in their order; None when not given."""
        place = Place(self.container, self.name)
        if texts is None:
            if self.required:
                raise InvalidRequest(f"{self.container} parameter '{self.name}' must be specified")
            return self.default
        if self.repeated:
            return self.check([self._read(text, place) for text in texts], place)
        value = self._read(texts[0], place)
        return value if self.read is read_time else self.check(value, place)

    def _read(self, text: str, place: Place) -> Any:
        try:
            return self.read(text)
        except InvalidRequest as error:
            raise InvalidRequest(f"{place}: {error}") from None


def parameter(definition: Mapping[str, Any], compiler: Compiler) -> Parameter:
    """From an OpenAPI parameter object."""
    definition = compiler.resolve(definition)
    schema = compiler.resolve(definition["schema"])
    repeated = schema["type"] == "array"
    item = compiler.resolve(schema["items"]) if repeated else schema
    return Parameter(
        name=definition["name"],
        argument=argument_name(definition["name"]),
        container=definition["in"],
        required=definition.get("required", False),
        default=schema.get("default"),
        repeated=repeated,
        read=_READERS[item["type"], item.get("format")],
        check=compiler.compile(schema),
    )


def argument_name(name: str) -> str:
    """`workflowID` is `workflow_id`, `Idempotency-Key` is `idempotency_key`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")


def read_query(query: bytes) -> dict[str, list[str]]:
    """All occurrences of every name, in order."""
    occurrences: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace"):
        occurrences.setdefault(name, []).append(value)
    return occurrences


def read_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    """All occurrences of every name, which is in lower case, in order."""
    occurrences: dict[str, list[str]] = {}
    for name, value in headers:
        occurrences.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return occurrences
