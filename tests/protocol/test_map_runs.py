"""Map runs over the protocol."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.test_map_runner import PASS, distributed
from tests.engine.worlds import ROLE, World, definition, run, task
from workflow_manager.protocol.operations import Operations
from workflow_manager.protocol.refusals import Refusal

Calls = dict[str, Any]

STATES = "arn:aws:states:us-east-1:123456789012"


async def start(world: World, call: Operations, state: Calls, input: str) -> str:
    machine = await call.call(
        "CreateStateMachine", {"name": "m", "definition": definition(M=state), "roleArn": ROLE}
    )
    begun = await call.call("StartExecution", {"stateMachineArn": machine["stateMachineArn"], "input": input})
    return str(begun["executionArn"])


def test_a_run_is_described_listed_and_its_children_too() -> None:
    async def play(world: World) -> None:
        call = Operations(world.engine)
        state = distributed(PASS, Label="items", ItemBatcher={"MaxItemsPerBatch": 2})
        arn = await start(world, call, state, "[1, 2, 3]")
        await world.ended(arn)
        (listed,) = (await call.call("ListMapRuns", {"executionArn": arn}))["mapRuns"]
        assert listed["stateMachineArn"].endswith(":stateMachine:m/items")
        described = await call.call("DescribeMapRun", {"mapRunArn": listed["mapRunArn"]})
        assert (described["status"], described["executionArn"]) == ("SUCCEEDED", arn)
        counts = [described[name] for name in ("itemCounts", "executionCounts")]
        assert [(each["total"], each["succeeded"], each["resultsWritten"]) for each in counts] == [
            (3, 3, 3),
            (2, 2, 2),
        ]
        request: Calls = {"mapRunArn": listed["mapRunArn"], "maxResults": 1}
        page = await call.call("ListExecutions", request)
        more = await call.call("ListExecutions", {**request, "nextToken": page["nextToken"]})
        children = page["executions"] + more["executions"]
        assert [child["itemCount"] for child in children] == [1, 2]
        child = await call.call("DescribeExecution", {"executionArn": children[0]["executionArn"]})
        assert child["mapRunArn"] == listed["mapRunArn"]
        assert json.loads(child["input"]) == {"Items": [3]}
        history = await call.call("GetExecutionHistory", {"executionArn": child["executionArn"]})
        assert history["events"][-1]["type"] == "ExecutionSucceeded"
        machine = await call.call("DescribeStateMachineForExecution", {"executionArn": child["executionArn"]})
        assert (machine["name"], machine["label"]) == ("m/items", "items")
        assert json.loads(machine["definition"])["StartAt"] == "C"

    run(play)


def test_a_run_is_updated_only_while_it_runs() -> None:
    async def play(world: World) -> None:
        call = Operations(world.engine)
        activity = await world.activity()
        arn = await start(world, call, distributed(task(activity)), "[1]")
        (listed,) = (await call.call("ListMapRuns", {"executionArn": arn}))["mapRuns"]
        changes = {"maxConcurrency": 7, "toleratedFailureCount": 2, "toleratedFailurePercentage": 12.5}
        await call.call("UpdateMapRun", {"mapRunArn": listed["mapRunArn"], **changes})
        described = await call.call("DescribeMapRun", {"mapRunArn": listed["mapRunArn"]})
        assert {name: described[name] for name in changes} == changes
        assert described["executionCounts"]["running"] == 1
        await call.call("StopExecution", {"executionArn": arn})
        with pytest.raises(Refusal) as refused:
            await call.call("UpdateMapRun", {"mapRunArn": listed["mapRunArn"], **changes})
        assert refused.value.code == "ValidationException"

    run(play)


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("DescribeMapRun", {"mapRunArn": f"{STATES}:mapRun:m/l:x"}, "ResourceNotFound"),
        ("DescribeMapRun", {"mapRunArn": "x"}, "InvalidArn"),
        ("ListMapRuns", {"executionArn": f"{STATES}:execution:m:x"}, "ExecutionDoesNotExist"),
        ("ListExecutions", {}, "ValidationException"),
    ],
)
def test_what_is_not_there_is_refused(operation: str, request_: Calls, code: str) -> None:
    async def play(world: World) -> None:
        with pytest.raises(Refusal) as refused:
            await Operations(world.engine).call(operation, request_)
        assert refused.value.code == code

    run(play)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("", "Args=['Label cannot be empty']"),
        ("x" * 41, "Args=['Label cannot exceed 40 characters']"),
        ("a;b", "Args=[\"Label contains invalid character: ';'\"]"),
        ("a\x07b", "Args=[\"Label contains invalid character: '\\\\x07'\"]"),
    ],
)
def test_a_wrong_label_is_told_of_with_the_whole_definition(label: str, message: str) -> None:
    async def play(world: World) -> None:
        text = definition(M=distributed(PASS, Label=label))
        request = {"name": "m", "definition": text, "roleArn": ROLE}
        with pytest.raises(Refusal) as refused:
            await Operations(world.engine).call("CreateStateMachine", request)
        assert refused.value.code == "InvalidDefinition"
        assert refused.value.message == f"Error=ValueError {message} in definition '{text}'."

    run(play)
