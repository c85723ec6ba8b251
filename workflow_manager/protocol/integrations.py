"""Step Functions as a service that states call: nested executions, and every operation by its SDK name.

`states:startExecution` starts a child, and with `.sync` waits for its end; `aws-sdk:sfn:…` calls
any operation.  Other services are asked of whoever else is connected.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from workflow_manager.asl.failure import TASK_FAILED, Failure
from workflow_manager.engine.execution import Status
from workflow_manager.engine.resources import Pattern, Resource
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.services import NoServices, ServiceCall, ServiceFailed, Services
from workflow_manager.kernel.json import Json, dumps, loads
from workflow_manager.protocol.executions import describe_record
from workflow_manager.protocol.model import member_types
from workflow_manager.protocol.operations import Operations
from workflow_manager.protocol.refusals import Refusal

_SDK: Final = "aws-sdk:sfn"
_NAMES: Final = uuid.UUID("6f0d6a0e-8f43-4c39-9a0c-2c9c0f6a7b11")  # of children whose name is not given
_PAYLOADS: Final = frozenset(("input", "output"))  # text of JSON of any kind
_TIMES: Final = frozenset(("creationDate", "redriveDate", "startDate", "stopDate", "timestamp", "updateDate"))


def connect(others: Services | None = None) -> Callable[[Engine], Services]:
    """For the engine's `services`: Step Functions itself, and `others` for everything else."""
    return lambda engine: StepFunctions(Operations(engine), others or NoServices())


class StepFunctions:
    """Calls `operations` on behalf of states."""

    def __init__(self, operations: Operations, others: Services) -> None:
        self._operations = operations
        self._others = others

    def serves(self, resource: Resource) -> bool:
        return _is_nested(resource) or _is_sdk(resource) or self._others.serves(resource)

    async def call(self, call: ServiceCall) -> str:
        if _is_nested(call.resource):
            return await self._start(call)
        if _is_sdk(call.resource):
            return await self._call_operation(call)
        return await self._others.call(call)

    async def finish(self, call: ServiceCall, answer: str) -> str:
        if not _is_nested(call.resource):
            return await self._others.finish(call, answer)
        record = await self._operations.engine.ended(_child(answer))
        shown = _describe(describe_record(self._operations.engine, record, {}))
        if record.status is not Status.SUCCEEDED:
            raise ServiceFailed(Failure(TASK_FAILED, dumps(shown)))
        if call.resource.pattern is Pattern.SYNC_2:
            for name in ("Input", "Output"):
                shown[name] = loads(str(shown[name]))
        return dumps(shown)

    async def abandon(self, call: ServiceCall, answer: str) -> None:
        if not _is_nested(call.resource):
            await self._others.abandon(call, answer)
            return
        await self._operations.engine.stop(_child(answer), Failure())

    async def _start(self, call: ServiceCall) -> str:
        request = _request("StartExecution", loads(call.arguments))
        # The name follows from the task, so that a call repeated after a crash finds its own child.
        request.setdefault("name", str(uuid.uuid5(_NAMES, call.token)))
        try:
            answer = await self._operations.start_child(request, call.token)
        except Refusal as refusal:
            code = _exception(refusal.code)
            cause = (
                f"{refusal.message} (Service: AWSStepFunctions; Status Code: {refusal.status};"
                f" Error Code: {refusal.code}; Request ID: {_request_id(call)}; Proxy: null)"
            )
            raise ServiceFailed(Failure(f"StepFunctions.{code}", cause)) from None
        length = len(dumps(answer))
        started = answer["startDate"]
        return dumps(
            {
                "ExecutionArn": answer["executionArn"],
                # The answer is as old as the child: a call repeated after a crash gives the same one.
                **_metadata(_request_id(call), length, datetime.fromtimestamp(started, UTC)),
                "StartDate": round(started * 1000),
            }
        )

    async def _call_operation(self, call: ServiceCall) -> str:
        operation = call.resource.operation[:1].upper() + call.resource.operation[1:]
        request = _request(operation, loads(call.arguments))
        try:
            if operation == "StartExecution":
                request.setdefault("name", str(uuid.uuid5(_NAMES, call.token)))
                answer = await self._operations.start_child(request, call.token)
            else:
                answer = await self._operations.call(operation, request)
        except Refusal as refusal:
            cause = (
                f"{refusal.message} (Service: Sfn, Status Code: {refusal.status},"
                f" Request ID: {_request_id(call)}) (SDK Attempt Count: 1)"
            )
            raise ServiceFailed(Failure(f"Sfn.{_exception(refusal.code)}", cause)) from None
        return dumps(_capitalized(answer))


def _is_nested(resource: Resource) -> bool:
    return resource.service == "states" and resource.operation == "startExecution"


def _is_sdk(resource: Resource) -> bool:
    """Also an operation that there is not: it is refused here, and not looked for elsewhere."""
    return resource.service == _SDK and resource.pattern in (Pattern.REQUEST_RESPONSE, Pattern.CALLBACK)


def _child(answer: str) -> str:
    told = loads(answer)
    assert isinstance(told, dict)
    return str(told["ExecutionArn"])


def _request(operation: str, arguments: Json) -> dict[str, Any]:
    """Members as the protocol names them.  Where text is wanted, a value becomes its JSON text."""
    if not isinstance(arguments, dict):
        raise ServiceFailed(Failure("States.Runtime", "The arguments of a task must be an object."))
    types = member_types(operation)
    request: dict[str, Any] = {}
    for name, value in arguments.items():
        member = name[:1].lower() + name[1:]
        if types and member not in types:
            raise _unfit(arguments, f'The field "{name}" is not supported by Step Functions')
        if types.get(member) == "string" and value is not None and not isinstance(value, str):
            if not isinstance(value, dict | list) and member not in _PAYLOADS:
                raise _unfit(arguments, f"The value for the field '{name}' must be a STRING")
            request[member] = dumps(value)
        elif value is not None:
            request[member] = _uncapitalized(value)
    return request


def _unfit(arguments: dict[str, Json], problem: str) -> ServiceFailed:
    cause = f"The Parameters '{dumps(arguments)}' could not be used to start the Task: [{problem}]"
    return ServiceFailed(Failure("States.Runtime", cause))


def _uncapitalized(value: Json) -> Json:
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _uncapitalized(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_uncapitalized(member) for member in value]
    return value


def _capitalized(value: Json, name: str = "") -> Json:
    """An answer as the SDK integration shows it: members in capitals, times as text."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _capitalized(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_capitalized(member) for member in value]
    if name in _TIMES and isinstance(value, float):
        at = datetime.fromtimestamp(value, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def _describe(described: dict[str, Any]) -> dict[str, Json]:
    """DescribeExecution as `.sync` shows it: members in the order of their names, times in milliseconds."""
    shown: dict[str, Json] = {}
    for name in sorted(described):
        value = described[name]
        if name in _TIMES:
            value = round(value * 1000)
        shown[name[:1].upper() + name[1:]] = _capitalized(value)
    return shown


def _metadata(request_id: str, length: int, at: datetime) -> dict[str, Json]:
    headers = {
        "connection": "keep-alive",
        "Content-Length": str(length),
        "Content-Type": "application/x-amz-json-1.0",
        "Date": format_datetime(at, usegmt=True),
        "x-amzn-RequestId": request_id,
    }
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": dict(headers),
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }


def _exception(code: str) -> str:
    return code if code.endswith("Exception") else f"{code}Exception"


def _request_id(call: ServiceCall) -> str:
    return str(uuid.uuid5(_NAMES, f"request {call.token}"))
