"""The errors this project raises.

    WorkflowManagerError            REST  AWS __type                    exit
    ├─ InvalidRequest               400   ValidationException           2
    │  ├─ InvalidDefinition         400   InvalidDefinition             2    .problems: all of them
    │  ├─ InvalidInput              400   InvalidExecutionInput         2
    │  └─ NotSupported              400   ValidationException           2
    ├─ NotFound(kind, key)          404   ExecutionDoesNotExist, …      2
    ├─ Conflict                     409                                 4
    │  ├─ AlreadyExists(kind, key)  409   ExecutionAlreadyExists, …     4
    │  └─ AlreadyFinished           409   TaskTimedOut, …               4    a terminal status never moves
    ├─ Throttled                    429   ThrottlingException           5    .retry_after
    └─ Unavailable                  500   ServiceUnavailable            5    .retry_after; worth trying again
       └─ ServiceUnavailable        503   ServiceUnavailable            5    a full disk, say

An error knows what happened, not who asked: each edge (`api`, `protocol`, `cli`) has its own
table from these classes to its own words.  Failures of a *workflow* are not errors; they are
values (`asl.failure.Failure`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WorkflowManagerError(Exception):
    """Anything that went wrong in a way we foresaw.  The text is written for the caller."""


class InvalidRequest(WorkflowManagerError):
    """The caller asked for something that can never be done as asked."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a definition.

    `place` is where, as AWS writes it: `/States/Choose/Choices[0]/Next`, and `/` for the whole of
    it.  `code` is AWS's diagnostic code, such as SCHEMA_VALIDATION_FAILED or
    MISSING_TRANSITION_TARGET.
    """

    message: str
    place: str = "/"
    code: str = "SCHEMA_VALIDATION_FAILED"
    severity: str = "ERROR"  # or WARNING


class InvalidDefinition(InvalidRequest):
    """A state machine that cannot run; `problems` holds all of them, in document order."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class InvalidInput(InvalidRequest):
    """The input of an execution is not what it has to be."""


class NotSupported(InvalidRequest):
    """Part of the interface, but not of what there is behind it."""


class NotFound(WorkflowManagerError):
    """Nothing of that kind has that key."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(key)
        self.kind = kind
        self.key = key


class Conflict(WorkflowManagerError):
    """Someone else was first."""


class AlreadyExists(Conflict):
    """Something of that kind already has that key."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"Already Exists: {key}")
        self.kind = kind
        self.key = key


class AlreadyFinished(Conflict):
    """It has ended, and what has ended does not change."""


class Throttled(WorkflowManagerError):
    """More was asked than can be taken now."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(WorkflowManagerError):
    """Something we depend on does not answer; the same request may succeed later."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServiceUnavailable(Unavailable):
    """What keeps the data takes or gives nothing for now, as on a disk that is full."""
