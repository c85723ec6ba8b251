"""The activity a worker serves: its name, its tags, its creation; and the worker's own name."""

from __future__ import annotations

import json
import re
import secrets
import socket
import string
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from workflow_manager.kernel.errors import InvalidRequest, Unavailable
from workflow_manager.worker.client import ActivityClient, Trouble, explain, judge

_NAME_LIMIT: Final = 80

# Environment variable -> tag, as the deployments that set them expect.
_TAGS: Final = {
    "_DEPLOY_ENV": "environment",
    "_APP_NAME": "application",
    "_POD_ID": "pod",
    "_POD_SHORTNAME": "pod-shortname",
    "_POD_REGION": "pod-region",
    "_POD_ACCOUNT": "pod-account",
    "_TEAM_OWNER": "team",
}

_TASK_ARN: Final = "MAGIC_ECS_TASK_ARN"
_TASK_ID: Final = "MAGIC_ECS_TASK_ID"


def activity_tags(environment: Mapping[str, str]) -> dict[str, str]:
    return {tag: environment[name] for name, tag in _TAGS.items() if environment.get(name)}


def register(client: ActivityClient, name: str, tags: Mapping[str, str]) -> str:
    """The ARN of the activity, created unless it exists, with these tags.

    An ARN in place of a name is taken as it is: someone else created that activity.
    Raises `Unavailable` or `InvalidRequest`.
    """
    if name.startswith("arn:"):
        return name
    listed = [{"key": key, "value": value} for key, value in tags.items()]
    try:
        arn = str(client.create_activity(name=name, tags=listed)["activityArn"])
        # An activity that existed does not take tags from its second creation.
        client.tag_resource(resourceArn=arn, tags=listed)
    except Exception as error:  # clients differ in what they raise; `judge` knows them all
        kind = Unavailable if judge(error) is Trouble.PASSING else InvalidRequest
        raise kind(f"creating activity {name}: {explain(error)}") from error
    return arn


def expand(text: str, environment: Mapping[str, str]) -> str:
    """`$NAME` and `${NAME}` replaced; a name that is not set gives nothing, as in a shell."""
    return re.sub(
        r"\$(?:\{(\w+)\}|(\w+))",
        lambda found: environment.get(found[1] or found[2], ""),
        text,
    )


def default_worker_name(environment: Mapping[str, str], otherwise: str = "wfm-embedded") -> str:
    """The application (or what stands in for one that is not named), the machine, and five random
    characters."""
    letters = string.ascii_lowercase + string.digits
    suffix = "".join(secrets.choice(letters) for _ in range(5))
    application = environment.get("APP_NAME") or otherwise
    return f"{application}-{socket.gethostname()}"[: _NAME_LIMIT - len(suffix) - 1] + f"-{suffix}"


def name_from_ecs(
    name: str, environment: Mapping[str, str], pause: Callable[[float], None] = time.sleep
) -> str:
    """The name with its ECS placeholders filled in.

    The task's ARN comes from `$ECS_CONTAINER_METADATA_URI/task`, or else from the file
    `$ECS_CONTAINER_METADATA_FILE`, which is waited for: the agent writes it after the start.
    Raises `InvalidRequest` when neither is there.
    """
    if _TASK_ARN not in name and _TASK_ID not in name:
        return name
    arn = _task_arn(environment, pause)
    return name.replace(_TASK_ARN, arn, 1).replace(_TASK_ID, arn.rpartition("/")[2], 1)


def _task_arn(environment: Mapping[str, str], pause: Callable[[float], None]) -> str:
    if uri := environment.get("ECS_CONTAINER_METADATA_URI"):
        try:
            with urllib.request.urlopen(f"{uri}/task", timeout=10) as answer:
                return str(json.load(answer)["TaskARN"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidRequest(f"no task ARN from {uri}/task: {error}") from error
    if file := environment.get("ECS_CONTAINER_METADATA_FILE"):
        while True:
            if arn := _task_arn_in(Path(file)):
                return arn
            pause(1.0)
    raise InvalidRequest(
        "the worker's name asks for the ECS task, but neither ECS_CONTAINER_METADATA_URI"
        " nor ECS_CONTAINER_METADATA_FILE is set"
    )


def _task_arn_in(file: Path) -> str:
    """ "" while the file is missing, unfinished, or not ready."""
    try:
        metadata = json.loads(file.read_text())
    except (OSError, ValueError):
        return ""
    return str(metadata.get("TaskARN") or "") if isinstance(metadata, dict) else ""
