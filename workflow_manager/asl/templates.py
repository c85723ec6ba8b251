"""Payload templates: JSON with paths, intrinsic calls or JSONata at some of its places.

A template is compiled once.  What is constant in it stays one constant; only the objects and
lists on the way to something that varies are built anew for each evaluation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from workflow_manager.asl.environment import Environment, Expression, Literal
from workflow_manager.asl.judging import ERROR, NO_DOLLAR, SCHEMA, WARNING
from workflow_manager.kernel.json import Json

DOLLAR: Final = ".$"

# A place is kept with each expression, and keys can be of any length.
MAX_LOCATION: Final = 1000

# What somebody who forgot the `.$` has written.
_LOOKS_LIKE_PATH: Final = re.compile(r"\$\$?[.\[]|States\.\w+\(")

# Compiles the text at one place of a template; gives None where the text is a plain string.
CompileText = Callable[[str, str], "Expression | None"]


class Report(Protocol):
    """Tells what is wrong with a template."""

    def __call__(self, message: str, *, code: str = SCHEMA, severity: str = ERROR) -> None: ...


@dataclass(frozen=True, slots=True)
class ObjectTemplate:
    """`constants` has every key, so that the order is the template's."""

    constants: dict[str, Json]
    members: tuple[tuple[str, Expression], ...]

    def evaluate(self, env: Environment) -> Json:
        built = self.constants.copy()
        for name, member in self.members:
            built[name] = member.evaluate(env)
        return built


@dataclass(frozen=True, slots=True)
class ListTemplate:
    items: tuple[Expression, ...]

    def evaluate(self, env: Environment) -> Json:
        return [item.evaluate(env) for item in self.items]


def compile_payload(value: Json, compile_text: CompileText, report: Report) -> Expression:
    """A JSONPath payload template: what stands under `name.$` is a path or an intrinsic call."""
    if isinstance(value, dict):
        return _object(_payload_members(value, compile_text, report))
    if isinstance(value, list):
        return _list([compile_payload(item, compile_text, report) for item in value])
    return Literal(value)


def _payload_members(
    value: dict[str, Json], compile_text: CompileText, report: Report
) -> list[tuple[str, Expression]]:
    members: list[tuple[str, Expression]] = []
    for key, item in value.items():
        if not key.endswith(DOLLAR):
            if isinstance(item, str) and _LOOKS_LIKE_PATH.match(item):
                report(
                    f"The value for the field '{key}' looks like a JSONPath or an intrinsic function call,"
                    f" but it is one only in a field '{key}{DOLLAR}'",
                    code=NO_DOLLAR,
                    severity=WARNING,
                )
            members.append((key, compile_payload(item, compile_text, report)))
            continue
        name = key.removesuffix(DOLLAR)
        if name in value:
            report(f"The fields '{name}' and '{key}' cannot both be given")
        compiled = compile_text(key, item) if isinstance(item, str) else None
        if compiled is None:
            report(
                f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
            )
        else:
            members.append((name, compiled))
    return members


def compile_jsonata_template(value: Json, location: str, compile_text: CompileText) -> Expression:
    """A JSONata template: any string in it may be an expression between `{%` and `%}`.

    `compile_text` is told the place of each string, such as `Arguments/list[0]/name`.
    """
    if isinstance(value, str):
        compiled = compile_text(location, value)
        return Literal(value) if compiled is None else compiled
    if isinstance(value, dict):
        return _object(
            [
                (key, compile_jsonata_template(item, f"{location}/{key}"[:MAX_LOCATION], compile_text))
                for key, item in value.items()
            ]
        )
    if isinstance(value, list):
        return _list(
            [
                compile_jsonata_template(item, f"{location}[{number}]"[:MAX_LOCATION], compile_text)
                for number, item in enumerate(value)
            ]
        )
    return Literal(value)


def _object(members: list[tuple[str, Expression]]) -> Expression:
    constants = {name: member.value if isinstance(member, Literal) else None for name, member in members}
    varying = tuple((name, member) for name, member in members if not isinstance(member, Literal))
    return ObjectTemplate(constants, varying) if varying else Literal(constants)


def _list(items: list[Expression]) -> Expression:
    if any(not isinstance(item, Literal) for item in items):
        return ListTemplate(tuple(items))
    return Literal([item.value for item in items if isinstance(item, Literal)])
