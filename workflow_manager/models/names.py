"""What definitions, workflows and resources are called on Step Functions.

State machine names there are short, lack many characters and are all in one pot, so not every name of
ours fits: long ones are cut and carry a hash, and `distinct` gives a name of its own to a machine
whose plain name is taken by another.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from workflow_manager.kernel.errors import InvalidRequest

MAX_NAME: Final = 80

SEPARATOR: Final = "--"

# Blanks and control characters too: Step Functions takes none of them.
_BAD: Final = re.compile(r"""[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]""")

_HASH_DIGITS: Final = 10

# How much of a name that is too long a message repeats.
_SHOWN: Final = 100

GLUE_START_JOB: Final = "arn:aws:states:::glue:startJobRun.sync"


@dataclass(frozen=True, slots=True)
class MachineKey:
    """What a state machine is for: each key has one, and shares it with no other key."""

    namespace: str
    definition_name: str
    version: int
    start_at: str

    @property
    def full_name(self) -> str:
        """With the characters that names may have, at whatever length."""
        parts = (self.namespace, self.definition_name, str(self.version), self.start_at)
        return _BAD.sub("-", SEPARATOR.join(parts))

    @property
    def name(self) -> str:
        """At most 80 characters; the same for the same key, and readable where it fits."""
        full = self.full_name
        return full if len(full) <= MAX_NAME else self.distinct_name

    @property
    def distinct_name(self) -> str:
        """For use when `name` belongs to another key: it ends in a hash of this one."""
        identity = "\0".join((self.namespace, self.definition_name, str(self.version), self.start_at))
        digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
        return f"{self.full_name[: MAX_NAME - _HASH_DIGITS - 1]}-{digest}"


def named_workflow_id(key: MachineKey, suffix: str) -> str:
    """The machine's name and the suffix; what does not fit ends in a hash of both."""
    full = f"{key.name}{SEPARATOR}{suffix}"
    fitting = _BAD.sub("-", full)
    if fitting == full and len(full) <= MAX_NAME and full.isprintable():
        return full
    digest = hashlib.sha256(full.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    shown = "".join(each if each.isprintable() else "-" for each in fitting)
    return f"{shown[: MAX_NAME - _HASH_DIGITS - 1]}-{digest}"


def parse_machine_name(name: str) -> MachineKey:
    """The key of a machine whose name was neither cut nor changed.

    Raises `InvalidRequest` for a name that is not of our making.
    """
    parts = name.split(SEPARATOR)
    if len(parts) != 4:
        raise InvalidRequest(f"expected four parts in sm name: {name}")
    namespace, definition_name, version, start_at = parts
    if not re.fullmatch(r"[0-9]{1,18}", version):
        raise InvalidRequest(f"sm version '{version}' not an int: {name}")
    return MachineKey(namespace, definition_name, int(version), start_at)


def check_fits(definition_name: str, version: int, start_at: str) -> None:
    """Raises `InvalidRequest` when no namespace, not even the empty one, leaves room for the name."""
    shortest = MachineKey("", definition_name, version, start_at).full_name
    if len(shortest) > MAX_NAME:
        raise InvalidRequest(
            f"name and StartAt are too long: the state machine {shortest} would have {len(shortest)} "
            f"characters, and at most {MAX_NAME} are allowed"
        )


def check_activity_name(name: str, origin: str) -> None:
    """Raises `InvalidRequest` for what no activity can be called; `origin` says what makes the name."""
    if len(name) > MAX_NAME or _BAD.search(name):
        shown = name if len(name) <= _SHOWN else f"{name[: _SHOWN - 1]}…"
        raise InvalidRequest(
            f"{origin} the name {shown!r}, which no activity can have: "
            f"at most {MAX_NAME} characters, none of them blank or special"
        )


@dataclass(frozen=True, slots=True)
class Naming:
    """ARNs in one account and region, and what else is agreed between definitions and workers.

    The activities of an application that brings its own functions carry its name, and its inputs do
    not carry the execution's.
    """

    region: str = "us-east-1"
    account: str = "123456789012"
    application: str = ""
    tells_execution_name: bool = True

    def state_machine_arn(self, name: str) -> str:
        return f"arn:aws:states:{self.region}:{self.account}:stateMachine:{name}"

    def execution_arn(self, machine_name: str, workflow_id: str) -> str:
        return f"arn:aws:states:{self.region}:{self.account}:execution:{machine_name}:{workflow_id}"

    def log_group_arn(self, group: str) -> str:
        """As a state machine wants it, with `:*` at its end."""
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{group}:*"

    def activity_arn(self, namespace: str, resource: str) -> str:
        name = self.activity_name(namespace, resource)
        return f"arn:aws:states:{self.region}:{self.account}:activity:{name}"

    def activity_name(self, namespace: str, resource: str) -> str:
        return scoped(namespace, f"{self.application}-{resource}" if self.application else resource)

    def function_arn(self, namespace: str, function: str) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{scoped(namespace, function)}"


def scoped(namespace: str, resource: str) -> str:
    """A resource's name in its namespace."""
    return f"{namespace}{SEPARATOR}{resource}"


def workflow_id_of(execution_arn: str) -> str:
    """The last part of an execution's ARN; "" for what is none."""
    parts = execution_arn.split(":")
    return parts[7] if len(parts) == 8 and parts[5] == "execution" else ""


def may_be_workflow(execution_arn: str) -> bool:
    """Whether the execution's state machine is called as one of a workflow could be.

    A name of four parts has three separators, and one that was cut is as long as it may be.
    """
    parts = execution_arn.split(":")
    machine = parts[6] if len(parts) == 8 else ""
    return machine.count(SEPARATOR) >= 3 or len(machine) == MAX_NAME
