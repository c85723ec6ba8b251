"""Names of things: ARNs are made and taken apart here, and nowhere else in the engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Realm:
    """The region and account that everything here belongs to."""

    region: str = "us-east-1"
    account: str = "123456789012"

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:aws:states:{self.region}:{self.account}:{kind}:{name}"

    def machine(self, name: str) -> str:
        return self._arn("stateMachine", name)

    def activity(self, name: str) -> str:
        return self._arn("activity", name)

    def execution(self, machine: str, name: str) -> str:
        return self._arn("execution", f"{machine}:{name}")

    def express(self, machine: str, name: str, run: str) -> str:
        """`run` tells apart the executions of one name, of which there may be many."""
        return self._arn("express", f"{machine}:{name}:{run}")

    def trial(self, machine: str, name: str) -> str:
        """What a state under test runs in."""
        return self._arn("express", f"{machine}:{name}")


def child_execution(machine_arn: str, name: str, *, express: bool) -> str:
    """The ARN of an execution of a Map's own state machine; an express one is told apart by its name."""
    if express:
        return f"{machine_arn.replace(':stateMachine:', ':express:', 1)}:{name}:{name}"
    return f"{machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}"


def is_express(execution_arn: str) -> bool:
    return execution_arn.split(":", 6)[5:6] == ["express"]


def unqualified(machine_arn: str) -> str:
    """The ARN of a state machine without the version or alias behind it."""
    return ":".join(machine_arn.split(":")[:7])


def is_version(machine_arn: str) -> bool:
    """Whether it is the ARN of a version; the name of an alias is never a number alone."""
    return machine_arn[len(unqualified(machine_arn)) :].removeprefix(":").isdecimal()


def is_alias(machine_arn: str) -> bool:
    return unqualified(machine_arn) != machine_arn and not is_version(machine_arn)
