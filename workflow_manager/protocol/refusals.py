"""AWS's word for everything that can go wrong: from our errors to codes and texts on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_manager.engine.registry import TooManyTags
from workflow_manager.engine.runtime import (
    InvalidOutput,
    InvalidToken,
    NotRedrivable,
    TooManyExecutions,
    WrongMachineType,
)
from workflow_manager.kernel.errors import (
    AlreadyExists,
    AlreadyFinished,
    Conflict,
    InvalidDefinition,
    InvalidInput,
    InvalidRequest,
    NotFound,
    Throttled,
    Unavailable,
    WorkflowManagerError,
)


class Refusal(Exception):
    """An error as AWS answers it."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


MISSING: Final[Mapping[str, tuple[str, str]]] = {
    "state machine": ("StateMachineDoesNotExist", "State Machine Does Not Exist: '{}'"),
    "execution": ("ExecutionDoesNotExist", "Execution Does Not Exist: '{}'"),
    "activity": ("ActivityDoesNotExist", "Activity Does Not Exist: '{}'"),
    "task": ("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist anymore'"),
    "map run": ("ResourceNotFound", "Map Run Does Not Exist: '{}'"),
    "resource": ("ResourceNotFound", "Resource not found: '{}'"),
    "alias": ("ResourceNotFound", "Request references a resource that does not exist."),
}

EXISTING: Final[Mapping[str, tuple[str, str]]] = {
    "state machine": ("StateMachineAlreadyExists", "State Machine Already Exists: '{}'"),
    "execution": ("ExecutionAlreadyExists", "Execution Already Exists: '{}'"),
    "activity": (
        "ActivityAlreadyExists",
        "Activity already exists. EncryptionConfiguration may not be updated.",
    ),
}


# The first class that fits gives the code.
_CODES: Final[tuple[tuple[type[WorkflowManagerError], str, int], ...]] = (
    (InvalidDefinition, "InvalidDefinition", 400),
    (InvalidInput, "InvalidExecutionInput", 400),
    (InvalidToken, "InvalidToken", 400),
    (InvalidOutput, "InvalidOutput", 400),
    (TooManyTags, "TooManyTags", 400),
    (WrongMachineType, "StateMachineTypeNotSupported", 400),
    (InvalidRequest, "ValidationException", 400),
    (AlreadyFinished, "TaskTimedOut", 400),
    (NotRedrivable, "ExecutionNotRedrivable", 400),
    (Conflict, "ConflictException", 400),
    # Only those who poll an activity are ever turned away.
    (TooManyExecutions, "ExecutionLimitExceeded", 400),
    (Throttled, "ActivityWorkerLimitExceeded", 400),
    (Unavailable, "ServiceUnavailable", 503),
)


def refusal_of(error: WorkflowManagerError) -> Refusal:
    """What AWS would answer where we raise `error`."""
    match error:
        case NotFound(kind=kind, key=key) if kind in MISSING:
            code, text = MISSING[kind]
            return Refusal(code, text.format(key))
        case AlreadyExists(kind=kind, key=key) if kind in EXISTING:
            code, text = EXISTING[kind]
            return Refusal(code, text.format(key))
    for family, code, status in _CODES:
        if isinstance(error, family):
            return Refusal(code, str(error), status)
    return Refusal("InternalError", str(error), 500)
