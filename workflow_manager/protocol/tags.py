"""Tags, over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflow_manager.engine.runtime import Engine
from workflow_manager.protocol.model import Request
from workflow_manager.protocol.names import check_arn


async def tag(engine: Engine, request: Request) -> dict[str, Any]:
    await engine.tag(_taggable(request), read_tags(request["tags"]))
    return {}


async def untag(engine: Engine, request: Request) -> dict[str, Any]:
    await engine.untag(_taggable(request), request["tagKeys"])
    return {}


async def list_tags(engine: Engine, request: Request) -> dict[str, Any]:
    tags = engine.registry.tags(_taggable(request))
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def read_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Of two tags with the same key the last one counts."""
    return {tag.get("key", ""): tag.get("value", "") for tag in tags}


def _taggable(request: Request) -> str:
    return check_arn(request["resourceArn"], "stateMachine", "activity")
