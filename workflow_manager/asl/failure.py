"""What goes wrong inside a workflow: a value that travels through Retry and Catch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALL: Final = "States.ALL"
BRANCH_FAILED: Final = "States.BranchFailed"
DATA_LIMIT_EXCEEDED: Final = "States.DataLimitExceeded"
EXCEED_TOLERATED_FAILURE_THRESHOLD: Final = "States.ExceedToleratedFailureThreshold"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
HTTP_SOCKET: Final = "States.Http.Socket"
INTRINSIC_FAILURE: Final = "States.IntrinsicFailure"
ITEM_READER_FAILED: Final = "States.ItemReaderFailed"
NO_CHOICE_MATCHED: Final = "States.NoChoiceMatched"
PARAMETER_PATH_FAILURE: Final = "States.ParameterPathFailure"
PERMISSIONS: Final = "States.Permissions"
QUERY_EVALUATION_ERROR: Final = "States.QueryEvaluationError"
RESULT_PATH_MATCH_FAILURE: Final = "States.ResultPathMatchFailure"
RESULT_WRITER_FAILED: Final = "States.ResultWriterFailed"
RUNTIME: Final = "States.Runtime"
TASK_FAILED: Final = "States.TaskFailed"
TIMEOUT: Final = "States.Timeout"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error name, with a cause for people.  Either may be missing, as in a bare Fail state."""

    error: str | None = None
    cause: str | None = None


class EvaluationFailed(Exception):
    """An expression, path or template could not be evaluated.

    Raised by every `Expression.evaluate` and caught by the step alone, which turns it into a
    `Failure` and adds the sentence that names the state.  `cause` is AWS's text without that
    sentence.  `location` is the field's path within the state as AWS names it in an
    EvaluationFailed event ("Arguments/a/b", "Output", "Choices[0]/Condition"); the compiled
    expression knows it.
    """

    def __init__(self, error: str, cause: str, location: str | None = None) -> None:
        super().__init__(cause)
        self.error = error
        self.cause = cause
        self.location = location
