"""Activities and the tasks of workers, over the wire."""

from __future__ import annotations

from typing import Any, Final

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.runtime import ActivityTask, Engine
from workflow_manager.protocol.encryption import read_encryption, show_encryption
from workflow_manager.protocol.model import Request
from workflow_manager.protocol.names import check_arn, check_name
from workflow_manager.protocol.paging import make_token, page_size, parse_token
from workflow_manager.protocol.tags import read_tags

ATTEMPT_HEADER: Final = "x-wfm-attempt"
HEARTBEAT_HEADER: Final = "x-wfm-heartbeat-seconds"
DEADLINE_HEADER: Final = "x-wfm-deadline"


async def create_activity(engine: Engine, request: Request) -> dict[str, Any]:
    activity = await engine.create_activity(
        check_name(request["name"]), read_tags(request.get("tags", ())), read_encryption(request)
    )
    return {"activityArn": activity.arn, "creationDate": activity.created_at.timestamp()}


async def describe_activity(engine: Engine, request: Request) -> dict[str, Any]:
    activity = engine.registry.activity(check_arn(request["activityArn"], "activity"))
    return {
        "activityArn": activity.arn,
        "name": activity.name,
        "creationDate": activity.created_at.timestamp(),
        "encryptionConfiguration": show_encryption(activity.encryption),
    }


async def delete_activity(engine: Engine, request: Request) -> dict[str, Any]:
    await engine.delete_activity(check_arn(request["activityArn"], "activity"))
    return {}


async def list_activities(engine: Engine, request: Request) -> dict[str, Any]:
    after = parse_token(request, "activities", str) or ""
    size = page_size(request)
    found = sorted(arn for arn in engine.registry.activities if arn > after)
    page = [engine.registry.activities[arn] for arn in found[:size]]
    shown = [
        {"activityArn": found.arn, "name": found.name, "creationDate": found.created_at.timestamp()}
        for found in page
    ]
    more = {"nextToken": make_token("activities", page[-1].arn)} if len(found) > size else {}
    return {"activities": shown, **more}


async def take(engine: Engine, request: Request, wait: float) -> ActivityTask | None:
    """The task itself: whoever sends the answer may have to give it back."""
    arn = check_arn(request["activityArn"], "activity")
    return await engine.take_task(arn, request.get("workerName"), wait=wait)


def show_task(task: ActivityTask | None) -> dict[str, Any]:
    return {} if task is None else {"taskToken": task.token, "input": task.input}


def task_headers(task: ActivityTask | None) -> dict[str, str]:
    """What AWS does not tell a worker of its task; headers disturb no client."""
    if task is None:
        return {}
    headers = {ATTEMPT_HEADER: str(task.attempt)}
    if task.heartbeat_seconds is not None:
        headers[HEARTBEAT_HEADER] = f"{task.heartbeat_seconds:g}"
    if task.deadline_at is not None:
        headers[DEADLINE_HEADER] = task.deadline_at.isoformat()
    return headers


async def succeed(engine: Engine, request: Request) -> dict[str, Any]:
    await engine.task_succeeded(request["taskToken"], request["output"])
    return {}


async def fail(engine: Engine, request: Request) -> dict[str, Any]:
    failure = Failure(request.get("error"), request.get("cause"))
    await engine.task_failed(request["taskToken"], failure)
    return {}


async def heartbeat(engine: Engine, request: Request) -> dict[str, Any]:
    await engine.heartbeat(request["taskToken"])
    return {}
