"""The operations: from a name and a request to an answer, or to AWS's refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from workflow_manager.engine.runtime import ActivityTask, Engine
from workflow_manager.kernel.errors import WorkflowManagerError
from workflow_manager.kernel.json import Json
from workflow_manager.protocol import executions, machines, map_runs, tags, tasks, trials
from workflow_manager.protocol.model import Request, WrongType, WrongValue, requests
from workflow_manager.protocol.refusals import Refusal, refusal_of

Handler: TypeAlias = "Callable[[Engine, Request], Awaitable[dict[str, Any]]]"

POLL_SECONDS: Final = 55.0  # clients give up after 60

TAKE: Final = "GetActivityTask"

HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateStateMachine": machines.create,
    "UpdateStateMachine": machines.update,
    "DeleteStateMachine": machines.delete,
    "DescribeStateMachine": machines.describe,
    "DescribeStateMachineForExecution": machines.describe_for_execution,
    "ListStateMachines": machines.list_all,
    "ValidateStateMachineDefinition": machines.validate,
    "PublishStateMachineVersion": machines.publish_version,
    "DeleteStateMachineVersion": machines.delete_version,
    "ListStateMachineVersions": machines.list_versions,
    "CreateStateMachineAlias": machines.create_alias,
    "UpdateStateMachineAlias": machines.update_alias,
    "DeleteStateMachineAlias": machines.delete_alias,
    "DescribeStateMachineAlias": machines.describe_alias,
    "ListStateMachineAliases": machines.list_aliases,
    "StartExecution": executions.start,
    "StartSyncExecution": executions.run_express,
    "StopExecution": executions.stop,
    "RedriveExecution": executions.redrive,
    "DescribeExecution": executions.describe,
    "ListExecutions": executions.list_all,
    "GetExecutionHistory": executions.history,
    "DescribeMapRun": map_runs.describe,
    "ListMapRuns": map_runs.list_all,
    "UpdateMapRun": map_runs.update,
    "CreateActivity": tasks.create_activity,
    "DescribeActivity": tasks.describe_activity,
    "DeleteActivity": tasks.delete_activity,
    "ListActivities": tasks.list_activities,
    "SendTaskSuccess": tasks.succeed,
    "SendTaskFailure": tasks.fail,
    "SendTaskHeartbeat": tasks.heartbeat,
    "TestState": trials.test,
    "TagResource": tags.tag,
    "UntagResource": tags.untag,
    "ListTagsForResource": tags.list_tags,
}


class Operations:
    """Step Functions, over an engine.  For use on the engine's event loop."""

    def __init__(self, engine: Engine, *, poll_seconds: float = POLL_SECONDS) -> None:
        self.engine = engine
        self._poll_seconds = poll_seconds

    async def call(self, operation: str, request: Json) -> dict[str, Any]:
        """The answer, with times in seconds since 1970.  Raises `Refusal`."""
        if operation == TAKE:
            task = await self.take(request)
            if task is not None:
                self.engine.delivered(task)
            return tasks.show_task(task)
        handler = HANDLERS.get(operation)
        if handler is None:
            raise Refusal("UnknownOperationException", f"The operation {operation} is not known.")
        try:
            return await handler(self.engine, _read(operation, request))
        except WorkflowManagerError as error:
            raise refusal_of(error) from error

    async def start_child(self, request: Json, token: str) -> dict[str, Any]:
        """StartExecution on behalf of a task; the same task always gets the same child.

        Raises `Refusal`.
        """
        try:
            return await executions.start(self.engine, _read("StartExecution", request), token)
        except WorkflowManagerError as error:
            raise refusal_of(error) from error

    async def take(self, request: Json) -> ActivityTask | None:
        """GetActivityTask, with what is needed to give the task back.  Raises `Refusal`."""
        try:
            return await tasks.take(self.engine, _read(TAKE, request), self._poll_seconds)
        except WorkflowManagerError as error:
            raise refusal_of(error) from error


def _read(operation: str, request: Json) -> Request:
    try:
        return requests()[operation].read(request)
    except WrongType as error:
        raise Refusal("SerializationException", str(error)) from None
    except WrongValue as error:
        raise Refusal("ValidationException", str(error)) from None
