"""What the executor asks of a Step Functions client, and what that client's errors mean here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from workflow_manager.kernel.errors import (
    AlreadyExists,
    InvalidDefinition,
    InvalidInput,
    InvalidRequest,
    NotFound,
    ServiceUnavailable,
    Throttled,
    Unavailable,
    WorkflowManagerError,
)

Answer = Mapping[str, Any]


class StepFunctions(Protocol):
    """A boto3 client, or anything with these methods of one."""

    def create_activity(self, **request: Any) -> Answer: ...
    def list_activities(self, **request: Any) -> Answer: ...
    def create_state_machine(self, **request: Any) -> Answer: ...
    def describe_state_machine(self, **request: Any) -> Answer: ...
    def update_state_machine(self, **request: Any) -> Answer: ...
    def list_state_machines(self, **request: Any) -> Answer: ...
    def list_tags_for_resource(self, **request: Any) -> Answer: ...
    def tag_resource(self, **request: Any) -> Answer: ...
    def start_execution(self, **request: Any) -> Answer: ...
    def describe_execution(self, **request: Any) -> Answer: ...
    def stop_execution(self, **request: Any) -> Answer: ...
    def get_execution_history(self, **request: Any) -> Answer: ...


_THROTTLED: Final = frozenset(
    {
        "ActivityLimitExceeded",
        "ExecutionLimitExceeded",
        "LimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "StateMachineLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)

_MISSING: Final = {
    "ExecutionDoesNotExist": "execution",
    "ResourceNotFound": "resource",
    "StateMachineDoesNotExist": "state machine",
}

_TAKEN: Final = {
    "ExecutionAlreadyExists": "execution",
    "ResourceAlreadyExistsException": "log group",
    "StateMachineAlreadyExists": "state machine",
}

_INVALID: Final[Mapping[str, type[InvalidRequest]]] = {
    "InvalidArn": InvalidRequest,
    "InvalidDefinition": InvalidDefinition,
    "InvalidExecutionInput": InvalidInput,
    "InvalidName": InvalidRequest,
    "InvalidToken": InvalidRequest,
    "TooManyTags": InvalidRequest,
    "ValidationException": InvalidRequest,
}


def call(method: Callable[..., Answer], **request: Any) -> Answer:
    """The answer to one request.

    Raises `NotFound` and `AlreadyExists` about an execution or a state machine, `InvalidRequest` for
    what can never work, `Throttled`, and `Unavailable` for everything else.
    """
    try:
        return method(**request)
    except ClientError as error:
        raise _meaning(error) from error
    except BotoCoreError as error:
        raise Unavailable(str(error)) from error


def _meaning(error: ClientError) -> WorkflowManagerError:
    detail = error.response.get("Error", {})
    code, message = detail.get("Code", ""), detail.get("Message") or str(error)
    if code in _MISSING:
        return NotFound(_MISSING[code], message)
    if code in _TAKEN:
        return AlreadyExists(_TAKEN[code], message)
    if code in _INVALID:
        return _INVALID[code](message)
    if code in _THROTTLED:
        return Throttled(f"{code}: {message}")
    kind = ServiceUnavailable if code == "ServiceUnavailable" else Unavailable
    return kind(f"{code}: {message}" if code else message)
