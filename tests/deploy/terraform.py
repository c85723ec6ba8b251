"""The Terraform module as values: its blocks, what they refer to, and what its policies allow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import hcl2

from tests.processes import ROOT

FOLDER = ROOT / "deploy" / "terraform"

REFERENCE = re.compile(r"\b(var|local|data|aws_\w+)\.([\w.]+)")


@dataclass
class Module:
    """Blocks by address, such as `aws_sqs_queue.events`; texts without their quotes, expressions in `${}`."""

    resources: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    local_values: dict[str, Any] = field(default_factory=dict)

    def addresses(self) -> set[str]:
        return {
            *self.resources,
            *(f"data.{address}" for address in self.data),
            *(f"var.{name}" for name in self.variables),
            *(f"local.{name}" for name in self.local_values),
        }

    def references(self) -> set[tuple[str, ...]]:
        """Dotted names, as far as they are written."""
        bodies = (self.resources, self.data, self.outputs, self.local_values, self.variables)
        return {
            (kind, *rest.strip(".").split("."))
            for text in _texts(bodies)
            for kind, rest in REFERENCE.findall(text)
        }

    def actions(self, policy: str) -> set[str]:
        """What a policy document allows."""
        document = self.data[f"aws_iam_policy_document.{policy}"]
        written = list(document.get("statement", ()))
        for each in document.get("dynamic", ()):
            written += each["statement"]["content"]
        return {action for statement in written for action in statement["actions"]}


@cache
def read_module() -> Module:
    module = Module()
    for file in sorted(FOLDER.glob("*.tf")):
        parsed = _bare(hcl2.loads(file.read_text()))
        for kind, into in (("resource", module.resources), ("data", module.data)):
            for block in parsed.get(kind, ()):
                for type_, named in block.items():
                    into.update({f"{type_}.{name}": body for name, body in named.items()})
        for kind, into in (
            ("variable", module.variables),
            ("output", module.outputs),
            ("locals", module.local_values),
        ):
            for block in parsed.get(kind, ()):
                into.update(block)
    return module


def _bare(value: Any) -> Any:
    """Without the quotes and the marks of the parser."""
    if isinstance(value, dict):
        return {
            _bare(name): _bare(member) for name, member in value.items() if not str(name).startswith("__")
        }
    if isinstance(value, list):
        return [_bare(member) for member in value]
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _texts(member)
    elif isinstance(value, str) and "${" in value:
        yield value
