"""Lambda functions: what an invocation's payload means for the task that waits for it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.services import ServiceCall, ServiceFailed
from workflow_manager.integrations.calls import Answer, Requests, metadata
from workflow_manager.integrations.naming import OPTIMIZED
from workflow_manager.integrations.shapes import text_of
from workflow_manager.kernel.json import Json, NotJson, dumps, loads

UNKNOWN: Final = "Lambda.Unknown"

_REQUESTS: Final = uuid.UUID("a4c1c1de-52a1-4a3b-a1a5-4d5a7c2f6f04")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a function answered.  `is_error` is set where `payload` describes an unhandled exception."""

    payload: str
    is_error: bool = False
    members: Mapping[str, Json] = field(default_factory=dict)  # of Invoke's answer, but for the payload


class Function(Protocol):
    """One function on this machine."""

    async def invoke(self, event: str, *, request_id: str, arn: str) -> Invocation:
        """Cancelled when nobody waits for the answer any more."""
        ...


def request_id_of(call: ServiceCall) -> str:
    """The same for a call that is made again after a crash."""
    return str(uuid.uuid5(_REQUESTS, call.token))


def read_invocation(answer: Answer) -> Invocation:
    """What Invoke of AWS Lambda answered."""
    value: dict[str, Any] = dict(answer.value)
    payload = text_of(value.pop("Payload", b""))
    is_error = value.pop("FunctionError", None) is not None
    return Invocation(payload, is_error, Answer(value, answer.model).shown(OPTIMIZED["lambda"].dialect))


def local_invocation(payload: str, request_id: str, *, is_error: bool = False) -> Invocation:
    """The same for a function on this machine."""
    told = {
        "HTTPHeaders": {"Content-Type": "application/json", "Content-Length": str(len(payload.encode()))},
        "RequestId": request_id,
    }
    return Invocation(payload, is_error, {"ExecutedVersion": "$LATEST", "StatusCode": 200, **metadata(told)})


def invoke_on_aws(requests: Requests, arguments: Json) -> Invocation:
    return read_invocation(requests.send("Invoke", arguments))


def output_of(invocation: Invocation) -> str:
    """The JSON text that the function returned, as it is.  Raises `ServiceFailed` for what it raised."""
    if invocation.is_error:
        raise ServiceFailed(failure_of(invocation.payload))
    if not invocation.payload:
        return "null"
    try:
        loads(invocation.payload)
    except NotJson:
        return dumps(invocation.payload)
    return invocation.payload


def result_of(invocation: Invocation) -> dict[str, Json]:
    """The result of `lambda:invoke`.  Raises `ServiceFailed`."""
    result = dict(invocation.members)
    if invocation.payload or invocation.is_error:
        result["Payload"] = loads(output_of(invocation))
    return {name: result[name] for name in sorted(result)}


def sdk_result_of(invocation: Invocation) -> dict[str, Json]:
    """The result of `aws-sdk:lambda:invoke`: to have raised an exception is an answer like others."""
    result: dict[str, Json] = {name: invocation.members[name] for name in ("ExecutedVersion", "StatusCode")}
    if invocation.is_error:
        result["FunctionError"] = "Unhandled"
    result["Payload"] = invocation.payload
    return {name: result[name] for name in sorted(result)}


def failure_of(payload: str) -> Failure:
    """The error is named as the function's exception; the cause is all that Lambda tells of it."""
    try:
        told = loads(payload)
    except NotJson:
        told = None
    if isinstance(told, dict) and isinstance(told.get("errorType"), str) and told["errorType"]:
        return Failure(str(told["errorType"]), dumps(told))  # compact, however the function wrote it
    cause = (
        "The cause could not be determined because Lambda did not return an error type."
        f" Returned payload: {payload}"
    )
    return Failure(UNKNOWN, cause)
