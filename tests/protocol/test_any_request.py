"""Whatever is sent, the answer is AWS's shape or one of AWS's refusals, never a fault of the server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow_manager.protocol.model import description
from workflow_manager.protocol.operations import HANDLERS, TAKE
from workflow_manager.protocol.refusals import Refusal

from .callers import ROLE, Caller

ARNS = [
    f"arn:aws:states:us-east-1:123456789012:{tail}"
    for tail in (
        "stateMachine:any",
        "stateMachine:any:1",
        "stateMachine:any:live",
        "execution:any:e",
        "express:any:e:1",
        "activity:any",
        "mapRun:any/l:1",
        "stateMachine:",
        "",
    )
] + ["arn:", "", "no", ROLE, "x" * 257]
FAIL = '{"StartAt":"F","States":{"F":{"Type":"Fail"}}}'
TEXTS = ["", "{}", "[]", "1", "no", "\x00", "any", "a b", "é" * 81, FAIL, '{"Type":"Pass","End":true}']


def values(name: str) -> st.SearchStrategy[Any]:
    """Of a shape, mostly."""
    shape = description()["shapes"][name]
    return st.one_of(
        _fitting(name, shape), _fitting(name, shape), st.sampled_from([None, 1, "x", [], {}, True])
    )


def _fitting(name: str, shape: Any) -> st.SearchStrategy[Any]:
    match shape["type"]:
        case "structure":
            members = {key: st.deferred(_later(member["shape"])) for key, member in shape["members"].items()}
            required = {key: members[key] for key in shape.get("required", ())}
            return st.fixed_dictionaries(
                required, optional={key: members[key] for key in members if key not in required}
            )
        case "list":
            return st.lists(st.deferred(_later(shape["member"]["shape"])), max_size=3)
        case "integer" | "long":
            return st.sampled_from([-1, 0, 1, 50, 100, 1000, 1001, 2**70])
        case "float" | "double":
            return st.sampled_from([-1.0, 0.5, 100, 101])
        case "boolean":
            return st.booleans()
    if "enum" in shape:
        return st.sampled_from([*shape["enum"], "OTHER"])
    return st.sampled_from(ARNS if "Arn" in name else TEXTS)


def _later(name: str) -> Any:
    return lambda: values(name)


REQUESTS = {
    operation: values(description()["operations"][operation]["input"]["shape"])
    for operation in sorted({*HANDLERS} - {TAKE})
}


@pytest.fixture(scope="module", autouse=True)
def _world(call: Caller) -> None:
    created = call("CreateStateMachine", name="any", definition=FAIL, roleArn=ROLE, publish=True)
    routes = [{"stateMachineVersionArn": created["stateMachineVersionArn"], "weight": 100}]
    call("CreateStateMachineAlias", name="live", routingConfiguration=routes)
    call("CreateActivity", name="any")
    call("StartExecution", stateMachineArn=created["stateMachineArn"], name="e")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("operation", REQUESTS)
@given(data=st.data())
def test_any_request_is_answered_or_refused(call: Caller, operation: str, data: st.DataObject) -> None:
    assert status_of(call, operation, data.draw(REQUESTS[operation])) < 500


def status_of(call: Caller, operation: str, request: Any) -> int:
    try:
        call.send(operation, request)
    except Refusal as refusal:
        return refusal.status
    return 200
