"""What only the engine refuses."""

from __future__ import annotations

from workflow_manager.kernel.errors import Conflict, InvalidRequest, Throttled


class InvalidToken(InvalidRequest):
    """What was given is no task token."""


class InvalidOutput(InvalidRequest):
    """The output of a task is not JSON."""


class WrongMachineType(InvalidRequest):
    """Express machines have no such thing, or only express machines have it."""


class NotRedrivable(Conflict):
    """The execution cannot be redriven, or not now."""


class TooManyExecutions(Throttled):
    """As many executions are running as may be."""
