"""Definitions for the tests, written as a user writes them."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from workflow_manager.asl.nodes import Machine
from workflow_manager.asl.parse import parse

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
CALLBACK = "arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken"


def machine(*states: dict[str, Any], **fields: Any) -> Machine:
    """A machine of states that follow each other; each has its `Name` among its fields."""
    return parse(json.dumps(definition(*states, **fields)))


def definition(*states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The same as a document, for use inside of Parallel and Map."""
    named = [(state["Name"], {k: v for k, v in state.items() if k != "Name"}) for state in states]
    for (_, state), (following, _) in pairwise(named):
        if "Next" not in state and "End" not in state and state["Type"] not in ("Choice", "Fail", "Succeed"):
            state["Next"] = following
    last = named[-1][1]
    if "Next" not in last and last["Type"] not in ("Choice", "Fail", "Succeed"):
        last["End"] = True
    return {"StartAt": named[0][0], "States": dict(named), **fields}


def pass_state(name: str, **fields: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Pass", **fields}


def task(name: str, resource: str = ACTIVITY, **fields: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Task", "Resource": resource, **fields}


def wait(name: str, seconds: int, **fields: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Wait", "Seconds": seconds, **fields}


def fail(name: str, error: str | None = None, cause: str | None = None) -> dict[str, Any]:
    given = {"Error": error, "Cause": cause}
    return {"Name": name, "Type": "Fail", **{k: v for k, v in given.items() if v is not None}}


def parallel(name: str, *branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Parallel", "Branches": list(branches), **fields}


def map_state(name: str, processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Map", "ItemProcessor": processor, **fields}
