"""What stands behind the Resource of a Task state, and which history events tell of it."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import NamedTuple


class Kind(Enum):
    """Who does the work; the value begins the names of the events."""

    ACTIVITY = "Activity"
    LAMBDA = "LambdaFunction"
    SERVICE = "Task"


class Pattern(Enum):
    """When a service integration is over."""

    REQUEST_RESPONSE = ""
    SYNC = ".sync"
    SYNC_2 = ".sync:2"
    CALLBACK = ".waitForTaskToken"


class Resource(NamedTuple):
    """`service` and `action` are the resourceType and resource of AWS's events, for SERVICE only.

    `action` carries the pattern ("sendMessage.waitForTaskToken"); `operation` is it without.
    """

    arn: str
    kind: Kind
    service: str = ""
    action: str = ""
    operation: str = ""
    pattern: Pattern = Pattern.REQUEST_RESPONSE


@lru_cache(maxsize=4096)
def parse_resource(arn: str) -> Resource:
    """Reads the ARN.  What is neither an activity nor a function counts as a service."""
    parts = arn.split(":", 5)
    rest = parts[5] if len(parts) == 6 else arn
    if len(parts) == 6 and parts[2] == "states" and rest.startswith("activity:"):
        return Resource(arn, Kind.ACTIVITY)
    if len(parts) == 6 and parts[2] == "lambda":
        return Resource(arn, Kind.LAMBDA)
    service, _, action = rest.partition(":")
    if service == "aws-sdk":
        service, _, action = action.partition(":")
        service = f"aws-sdk:{service}"
    pattern = next((p for p in Pattern if p.value and action.endswith(p.value)), Pattern.REQUEST_RESPONSE)
    return Resource(arn, Kind.SERVICE, service, action, action.removesuffix(pattern.value), pattern)
