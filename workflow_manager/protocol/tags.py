"""Tags, over the wire: what they may be, and of what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from workflow_manager.engine.runtime import Engine
from workflow_manager.protocol.model import Request
from workflow_manager.protocol.names import check_arn
from workflow_manager.protocol.refusals import Refusal

# "Tags may only contain Unicode letters, digits, white space, or these symbols" (API Reference).
_FIT: Final = re.compile(r"[\w\s.:/=+@-]*")
_RESERVED: Final = "aws:"


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
    """Of two tags with the same key the last one counts.

    Raises the refusal of tags that nobody may set.
    """
    found = {tag.get("key", ""): tag.get("value", "") for tag in tags}
    for key, value in found.items():
        if key.lower().startswith(_RESERVED):
            raise _invalid(f"Tag keys that start with '{_RESERVED}' are reserved: '{key}'")
        for text in (key, value):
            if not _FIT.fullmatch(text):
                raise _invalid(
                    "Tags may only contain Unicode letters, digits, white space,"
                    f" or these symbols: _ . : / = + - @. Received: '{text}'"
                )
    return found


def _invalid(text: str) -> Refusal:
    return Refusal("ValidationException", text)


def _taggable(request: Request) -> str:
    return check_arn(request["resourceArn"], "stateMachine", "activity")
