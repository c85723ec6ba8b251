"""Redriven and Express executions, as callers see them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .callers import ROLE, Caller

FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "why"}}}
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


def run(call: Caller, name: str, definition: Any) -> tuple[str, str]:
    """A machine and an execution of it that has ended."""
    machine = call("CreateStateMachine", name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]
    execution = call("StartExecution", stateMachineArn=machine, name="e")["executionArn"]
    wait_until_ended(call, execution)
    return machine, execution


def wait_until_ended(call: Caller, execution: str) -> dict[str, Any]:
    until = time.monotonic() + 120
    while (found := call("DescribeExecution", executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < until
    return found


def test_a_redrive_is_told_wherever_the_execution_is_shown(call: Caller) -> None:
    machine, execution = run(call, "redriven", FAIL)
    assert "redriveDate" not in call("DescribeExecution", executionArn=execution)
    at = call("RedriveExecution", executionArn=execution, clientToken="t")["redriveDate"]
    assert call("RedriveExecution", executionArn=execution, clientToken="t") == {"redriveDate": at}
    found = wait_until_ended(call, execution)
    told = {"redriveCount": 1, "redriveDate": at}
    assert {name: found[name] for name in told} == told
    assert found["redriveStatus"] == "REDRIVABLE"
    (listed,) = call("ListExecutions", stateMachineArn=machine)["executions"]
    assert {name: listed[name] for name in told} == told
    history = call("GetExecutionHistory", executionArn=execution)["events"]
    assert [event["type"] for event in history] == [
        "ExecutionStarted",
        "FailStateEntered",
        "ExecutionFailed",
        "ExecutionRedriven",
        "ExecutionFailed",
    ]
    assert history[3]["executionRedrivenEventDetails"] == {"redriveCount": 1}


def test_what_succeeded_is_not_redriven(call: Caller) -> None:
    _, execution = run(call, "fine", PASS)
    reason = "Execution is SUCCEEDED and cannot be redriven"
    assert call.refused("RedriveExecution", executionArn=execution) == ("ExecutionNotRedrivable", reason)
    found = call("DescribeExecution", executionArn=execution)
    assert (found["redriveStatus"], found["redriveStatusReason"]) == ("NOT_REDRIVABLE", reason)


def test_an_express_execution_cannot_be_looked_at_afterwards(call: Caller) -> None:
    created = call("CreateStateMachine", name="x", definition=PASS, roleArn=ROLE, type="EXPRESS")
    machine = created["stateMachineArn"]
    execution = call("StartExecution", stateMachineArn=machine)["executionArn"]
    wrong = f"Invalid Arn: 'Resource type not valid in this context: {execution.split(':')[5]}'"
    for operation in (
        "DescribeExecution",
        "DescribeStateMachineForExecution",
        "GetExecutionHistory",
        "RedriveExecution",
        "StopExecution",
    ):
        assert call.refused(operation, executionArn=execution) == ("InvalidArn", wrong)
    assert call.refused("ListExecutions", stateMachineArn=machine)[0] == "StateMachineTypeNotSupported"


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m", "mapRunArn": "arn"},
        {
            "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m",
            "redriveFilter": "REDRIVEN",
        },
        {
            "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m",
            "statusFilter": "PENDING_REDRIVE",
        },
    ],
)
def test_executions_are_listed_of_one_thing(call: Caller, request_: dict[str, Any]) -> None:
    assert call.refused("ListExecutions", **request_)[0] == "ValidationException"
