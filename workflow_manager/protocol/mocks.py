"""Whether the mocked result of a task is one that the service could give.

What a service can give is what botocore's description of it says; names are written as Step
Functions shows them, with a capital.  What no description covers is taken as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.utils import EVENT_ALIASES

from workflow_manager.engine.resources import Kind, Pattern, Resource, parse_resource
from workflow_manager.kernel.json import Json
from workflow_manager.protocol.refusals import Refusal

_SDK: Final = "aws-sdk:"

# Step Functions parses the payload of a function, which its description calls a string of bytes.
_PARSED: Final = frozenset((("lambda", "Invoke", "Payload"),))

_NUMBERS: Final = frozenset(("integer", "long", "float", "double"))
_TEXTS: Final = frozenset(("string", "character", "blob", "timestamp"))

Shape = Mapping[str, Any]


def check_mock_result(resource: str, result: Json, mode: str) -> None:
    """`mode` is STRICT, PRESENT (what is required may be missing) or NONE.

    Raises the refusal of a result that does not fit.
    """
    found = None if mode == "NONE" else _answered_by(parse_resource(resource))
    if found is None:
        return
    service, operation = found
    shapes, outputs = _outputs(service)
    if operation not in outputs:
        return
    check = _Check(shapes, service, operation, is_strict=mode == "STRICT")
    try:
        check.value(outputs[operation], result, "")
    except RecursionError:
        raise _wrong("The result is nested too deeply") from None


def _answered_by(resource: Resource) -> tuple[str, str] | None:
    """The service and the operation whose answer the result of a task is."""
    if resource.kind is not Kind.SERVICE or not resource.operation:
        return None
    operation = resource.operation[0].upper() + resource.operation[1:]
    match resource.pattern:
        case Pattern.REQUEST_RESPONSE:
            service = _service(resource.service)
            return None if service is None else (service, operation)
        case Pattern.SYNC if (resource.service, operation) == ("states", "StartExecution"):
            return "stepfunctions", "DescribeExecution"
        case _:
            # Whoever holds the token may answer anything.
            return None


class _Check:
    def __init__(self, shapes: Mapping[str, Shape], service: str, operation: str, *, is_strict: bool) -> None:
        self._shapes = shapes
        self._operation = (service, operation)
        self._is_strict = is_strict

    def value(self, shape_name: str, value: Json, field: str) -> None:
        shape = self._shapes[shape_name]
        kind = shape["type"]
        if kind == "structure":
            self._structure(shape, value, field)
        elif kind == "list":
            self._list(shape, value, field)
        elif kind == "map":
            if not isinstance(value, dict):
                raise _wrong_type(field, "an object")
            for member in value.values():
                self.value(shape["value"]["shape"], member, field)
        elif kind == "boolean":
            if not isinstance(value, bool):
                raise _wrong_type(field, "a boolean")
        elif kind in _NUMBERS:
            _check_number(shape, value, field)
        elif kind in _TEXTS:
            _check_text(shape, value, field)

    def _structure(self, shape: Shape, value: Json, field: str) -> None:
        if shape.get("document"):
            return
        if not isinstance(value, dict):
            raise _wrong_type(field, "an object")
        if self._is_strict:
            for name in shape.get("required", ()):
                if _capital(name) not in value:
                    raise _wrong(f"Required field '{_capital(name)}' is missing")
        for name, member in shape["members"].items():
            shown = _capital(name)
            if value.get(shown) is not None and (*self._operation, shown) not in _PARSED:
                self.value(member["shape"], value[shown], shown)

    def _list(self, shape: Shape, value: Json, field: str) -> None:
        if not isinstance(value, list):
            raise _wrong_type(field, "an array")
        if len(value) < shape.get("min", 0):
            raise _wrong(f"Field '{field}' has too few elements")
        if "max" in shape and len(value) > shape["max"]:
            raise _wrong(f"Field '{field}' has too many elements")
        for member in value:
            self.value(shape["member"]["shape"], member, field)


def _check_number(shape: Shape, value: Json, field: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(field, "a number")
    if "min" in shape and value < shape["min"]:
        raise _wrong(f"Field '{field}' is less than the minimum value")
    if "max" in shape and value > shape["max"]:
        raise _wrong(f"Field '{field}' is greater than the maximum value")


def _check_text(shape: Shape, value: Json, field: str) -> None:
    if not isinstance(value, str):
        raise _wrong_type(field, "a string")
    if "enum" in shape and value not in shape["enum"]:
        raise _wrong(f"Field '{field}' is not an expected value")
    if len(value) < shape.get("min", 0):
        raise _wrong(f"Field '{field}' is less than the minimum length")
    if "max" in shape and len(value) > shape["max"]:
        raise _wrong(f"Field '{field}' is greater than the maximum length")


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _wrong_type(field: str, expected: str) -> Refusal:
    return _wrong(f"Field '{field}' must be {expected}" if field else f"The result must be {expected}")


def _wrong(problem: str) -> Refusal:
    return Refusal("ValidationException", f"Mock result schema validation error: {problem}")


def _service(name: str) -> str | None:
    """botocore's name of a service; None for one it does not know."""
    if name == "states":
        return "stepfunctions"
    return _services().get(name.removeprefix(_SDK).replace("-", ""))


@cache
def _services() -> Mapping[str, str]:
    """botocore's names of all services, by those that resources have: the service's id, without blanks."""
    known = Loader().list_available_services("service-2")
    ids = {EVENT_ALIASES.get(name, name).replace("-", ""): name for name in known}
    ids |= {alias: ids[id_] for alias, id_ in _aliases() if id_ in ids}
    return {name.replace("-", ""): name for name in known} | ids


def _aliases() -> list[tuple[str, str]]:
    """What else a service is called, with its id."""
    return [(alias.replace("-", ""), id_.replace("-", "")) for alias, id_ in EVENT_ALIASES.items()]


# Some descriptions take megabytes.
@lru_cache(maxsize=4)
def _outputs(service: str) -> tuple[Mapping[str, Shape], Mapping[str, str]]:
    """The shapes of a service, and the shape of each operation's answer."""
    try:
        described = Loader().load_service_model(service, "service-2")
    except UnknownServiceError:
        return {}, {}
    outputs = {
        name: operation["output"]["shape"]
        for name, operation in described["operations"].items()
        if "output" in operation
    }
    return described["shapes"], outputs
