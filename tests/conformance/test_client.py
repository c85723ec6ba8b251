"""One suite for both ways to the engine: the client in this process, and boto3 over a socket."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError

from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.thread import EngineThread
from workflow_manager.protocol.app import ProtocolApp
from workflow_manager.protocol.client import LocalClient
from workflow_manager.protocol.operations import Operations

ROLE = "arn:aws:iam::123456789012:role/workflows"
POLL_SECONDS = 0.3


@pytest.fixture(scope="module", params=["local", "boto3"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    thread = EngineThread(Engine(MemoryJournal())).start()
    operations = Operations(thread.engine, poll_seconds=POLL_SECONDS)
    if request.param == "local":
        yield LocalClient(operations, thread.bridge)
    else:
        yield from _over_a_socket(operations, thread)
    thread.stop()


def _over_a_socket(operations: Operations, thread: EngineThread) -> Iterator[Any]:
    server = uvicorn.Server(uvicorn.Config(ProtocolApp(operations), lifespan="off", log_level="critical"))
    listener = socket.create_server(("127.0.0.1", 0))
    serving = threading.Thread(target=lambda: thread.bridge.run(server.serve(sockets=[listener])))
    serving.start()
    yield boto3.client(
        "stepfunctions",
        endpoint_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32, inject_host_prefix=False),
    )
    server.should_exit = True
    serving.join()


_counter = iter(range(1_000_000))


def unique(prefix: str = "n") -> str:
    return f"{prefix}-{next(_counter)}"


def definition(**states: Any) -> str:
    return json.dumps({"StartAt": next(iter(states)), "States": states})


PASS = definition(A={"Type": "Pass", "End": True})
WAIT = definition(A={"Type": "Wait", "Seconds": 3600, "End": True})


def create(client: Any, text: str = PASS, **more: Any) -> str:
    created = client.create_state_machine(name=unique("machine"), definition=text, roleArn=ROLE, **more)
    return str(created["stateMachineArn"])


def wait_until_ended(client: Any, arn: str) -> Any:
    until = time.monotonic() + 120
    while (found := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < until
    return found


def refused(client: Any, code: str, method: str, **request: Any) -> str:
    """Call, expect the error, and give its text."""
    with pytest.raises(ClientError) as caught:
        getattr(client, method)(**request)
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert type(caught.value).__name__ in (code, "ClientError")
    return str(error["Message"])


def test_an_execution_can_be_started_and_described(client: Any) -> None:
    machine = create(client)
    begun = client.start_execution(stateMachineArn=machine, name="first", input='{"n": 1.50}')
    found = wait_until_ended(client, begun["executionArn"])
    assert found["executionArn"] == machine.replace(":stateMachine:", ":execution:") + ":first"
    assert (found["status"], found["input"], found["output"]) == ("SUCCEEDED", '{"n": 1.50}', '{"n": 1.50}')
    assert found["startDate"] == begun["startDate"]
    assert abs(found["stopDate"] - datetime.now(UTC)) < timedelta(minutes=1)


def test_history_is_paged_in_both_directions(client: Any) -> None:
    machine = create(
        client,
        definition(
            **{f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(9)},
            S9={"Type": "Pass", "End": True},
        ),
    )
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    wait_until_ended(client, arn)
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": 7}
    )
    events = [event for page in pages for event in page["events"]]
    assert [event["id"] for event in events] == list(range(1, 23))
    assert events[1]["stateEnteredEventDetails"]["name"] == "S0"
    last = client.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=2)
    assert [event["id"] for event in last["events"]] == [22, 21]
    assert last["events"][0]["type"] == "ExecutionSucceeded"
    bare = client.get_execution_history(executionArn=arn, includeExecutionData=False, maxResults=2)
    assert bare["events"][1]["stateEnteredEventDetails"] == {"name": "S0"}


def test_the_same_start_twice_is_one_execution(client: Any) -> None:
    machine = create(client, WAIT)
    request = {"stateMachineArn": machine, "name": "once", "input": "{}"}
    first = client.start_execution(**request)
    assert client.start_execution(**request)["executionArn"] == first["executionArn"]
    assert "Execution Already Exists: '" in refused(
        client, "ExecutionAlreadyExists", "start_execution", **{**request, "input": '{"other": 1}'}
    )
    client.stop_execution(executionArn=first["executionArn"], error="E", cause="why")
    refused(client, "ExecutionAlreadyExists", "start_execution", **request)
    found = client.describe_execution(executionArn=first["executionArn"])
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "E", "why")
    again = client.stop_execution(executionArn=first["executionArn"])
    assert again["stopDate"] == found["stopDate"]


def test_a_thousand_names_race_for_one_execution(client: Any) -> None:
    machine = create(client, WAIT)
    with ThreadPoolExecutor(8) as pool:
        begun = list(
            pool.map(
                lambda _: client.start_execution(stateMachineArn=machine, name="raced", input="{}"), range(40)
            )
        )
    assert len({found["executionArn"] for found in begun}) == 1
    assert len(client.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_a_worker_gets_a_task_and_reports(client: Any) -> None:
    activity = client.create_activity(name=unique("activity"))["activityArn"]
    machine = create(client, definition(A={"Type": "Task", "Resource": activity, "End": True}))
    assert client.get_activity_task(activityArn=activity).get("taskToken") is None
    with ThreadPoolExecutor(1) as pool:
        polled = pool.submit(client.get_activity_task, activityArn=activity, workerName="w")
        arn = client.start_execution(stateMachineArn=machine, input='{"a": 1}')["executionArn"]
        task = polled.result()
    if "taskToken" not in task:
        task = client.get_activity_task(activityArn=activity, workerName="w")
    assert json.loads(task["input"]) == {"a": 1}
    client.send_task_heartbeat(taskToken=task["taskToken"])
    assert "Invalid Output" in refused(
        client, "InvalidOutput", "send_task_success", taskToken=task["taskToken"], output="no json"
    )
    client.send_task_success(taskToken=task["taskToken"], output='{"b": 2}')
    assert wait_until_ended(client, arn)["output"] == '{"b": 2}'
    for method, more in (
        ("send_task_success", {"output": "{}"}),
        ("send_task_failure", {}),
        ("send_task_heartbeat", {}),
    ):
        text = refused(client, "TaskTimedOut", method, taskToken=task["taskToken"], **more)
        assert text == "Task Timed Out: 'Provided task does not exist anymore'"
    refused(client, "InvalidToken", "send_task_heartbeat", taskToken="made up")
    refused(client, "InvalidToken", "send_task_heartbeat", taskToken=task["taskToken"].replace("A", "B"))


def test_each_task_goes_to_one_worker(client: Any) -> None:
    activity = client.create_activity(name=unique("activity"))["activityArn"]
    machine = create(client, definition(A={"Type": "Task", "Resource": activity, "End": True}))
    for _ in range(10):
        client.start_execution(stateMachineArn=machine)
    with ThreadPoolExecutor(8) as pool:
        tasks = list(pool.map(lambda _: client.get_activity_task(activityArn=activity), range(14)))
    tokens = [task["taskToken"] for task in tasks if task.get("taskToken")]
    assert len(tokens) == len(set(tokens)) == 10


def test_a_failed_task_fails_its_execution(client: Any) -> None:
    activity = client.create_activity(name=unique("activity"))["activityArn"]
    machine = create(client, definition(A={"Type": "Task", "Resource": activity, "End": True}))
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    token = client.get_activity_task(activityArn=activity)["taskToken"]
    client.send_task_failure(taskToken=token, error="Broken", cause="as told")
    found = wait_until_ended(client, arn)
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "Broken", "as told")


def test_a_task_of_an_activity_that_is_not_there_fails(client: Any) -> None:
    missing = "arn:aws:states:us-east-1:123456789012:activity:missing"
    machine = create(client, definition(A={"Type": "Task", "Resource": missing, "End": True}))
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    assert wait_until_ended(client, arn)["error"] == "ActivityDoesNotExist"
    types = [event["type"] for event in client.get_execution_history(executionArn=arn)["events"]]
    assert types[-2:] == ["ActivityScheduleFailed", "ExecutionFailed"]


def test_executions_are_listed_newest_first(client: Any) -> None:
    machine = create(client)
    arns = [client.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(7)]
    pages = client.get_paginator("list_executions").paginate(
        stateMachineArn=machine, PaginationConfig={"PageSize": 3}
    )
    listed = [found["executionArn"] for page in pages for found in page["executions"]]
    assert listed == arns[::-1]
    token = client.list_executions(stateMachineArn=machine, maxResults=3)["nextToken"]
    refused(
        client,
        "InvalidToken",
        "list_executions",
        stateMachineArn=machine,
        statusFilter="RUNNING",
        nextToken=token,
    )


def test_machines_activities_and_tags_are_kept(client: Any) -> None:
    name = unique("machine")
    arn = client.create_state_machine(
        name=name, definition=PASS, roleArn=ROLE, tags=[{"key": "team", "value": "x"}]
    )["stateMachineArn"]
    assert arn in [
        machine["stateMachineArn"]
        for page in client.get_paginator("list_state_machines").paginate()
        for machine in page["stateMachines"]
    ]
    client.tag_resource(resourceArn=arn, tags=[{"key": "stage", "value": "y"}])
    client.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "stage", "value": "y"}]
    too_many = [{"key": str(number), "value": ""} for number in range(51)]
    refused(client, "TooManyTags", "tag_resource", resourceArn=arn, tags=too_many)
    client.update_state_machine(stateMachineArn=arn, definition=WAIT)
    assert client.describe_state_machine(stateMachineArn=arn)["definition"] == WAIT
    client.delete_state_machine(stateMachineArn=arn)
    refused(client, "StateMachineDoesNotExist", "describe_state_machine", stateMachineArn=arn)
    refused(client, "StateMachineDoesNotExist", "start_execution", stateMachineArn=arn)


def test_executions_outlive_their_machine(client: Any) -> None:
    machine = create(client, WAIT)
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    client.delete_state_machine(stateMachineArn=machine)
    assert client.describe_execution(executionArn=arn)["status"] == "RUNNING"
    assert client.describe_state_machine_for_execution(executionArn=arn)["definition"] == WAIT
    client.stop_execution(executionArn=arn)


def test_an_alias_leads_to_its_version(client: Any) -> None:
    arn = create(client, publish=True)
    version = client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"][0]
    alias = client.create_state_machine_alias(
        name="live",
        routingConfiguration=[{"stateMachineVersionArn": version["stateMachineVersionArn"], "weight": 100}],
    )["stateMachineAliasArn"]
    client.update_state_machine(stateMachineArn=arn, definition=WAIT)
    begun = client.start_execution(stateMachineArn=alias)
    found = wait_until_ended(client, begun["executionArn"])
    assert found["stateMachineAliasArn"] == alias
    assert found["stateMachineVersionArn"] == version["stateMachineVersionArn"]
    assert found["stateMachineArn"] == arn


@pytest.mark.parametrize(
    ("code", "method", "request_", "text"),
    [
        ("InvalidName", "create_activity", {"name": "a b"}, "Invalid Name: 'a b'"),
        ("InvalidArn", "describe_execution", {"executionArn": "x"}, "Invalid Arn: 'Invalid ARN prefix: x'"),
        (
            "InvalidArn",
            "describe_execution",
            {"executionArn": "arn:aws:states:us-east-1:123456789012:activity:a"},
            "Invalid Arn: 'Resource type not valid in this context: activity'",
        ),
        (
            "ExecutionDoesNotExist",
            "get_execution_history",
            {"executionArn": "arn:aws:states:us-east-1:123456789012:execution:m:x"},
            "Execution Does Not Exist: 'arn:aws:states:us-east-1:123456789012:execution:m:x'",
        ),
        (
            "ActivityDoesNotExist",
            "get_activity_task",
            {"activityArn": "arn:aws:states:us-east-1:123456789012:activity:none"},
            "Activity Does Not Exist: 'arn:aws:states:us-east-1:123456789012:activity:none'",
        ),
        (
            "ValidationException",
            "list_state_machines",
            {"maxResults": 1001},
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint:"
            " Member must have value less than or equal to 1000",
        ),
        (
            "MissingRequiredParameter",
            "update_state_machine",
            {"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"},
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration"
            " must be specified",
        ),
    ],
)
def test_refusals_are_aws_s(client: Any, code: str, method: str, request_: dict[str, Any], text: str) -> None:
    assert refused(client, code, method, **request_) == text


def test_what_is_no_input_is_refused(client: Any) -> None:
    machine = create(client)
    text = refused(client, "InvalidExecutionInput", "start_execution", stateMachineArn=machine, input="no")
    assert text == (
        "Invalid State Machine Execution Input: 'Unrecognized token 'no': was expecting (JSON String,"
        " Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"no\"; line: 1,"
        " column: 3]'"
    )


def test_an_express_execution_is_answered_with_its_end(client: Any) -> None:
    fails = definition(
        A={"Type": "Wait", "Seconds": 0, "Next": "B"}, B={"Type": "Fail", "Error": "E", "Cause": "c"}
    )
    express = create(client, fails, type="EXPRESS")
    found = client.start_sync_execution(stateMachineArn=express, name="n", input='{"a": 1}')
    assert (found["status"], found["error"], found["cause"], found["input"]) == (
        "FAILED",
        "E",
        "c",
        '{"a": 1}',
    )
    assert found["executionArn"].startswith(express.replace(":stateMachine:", ":express:") + ":n:")
    assert client.start_execution(stateMachineArn=express, name="n")["executionArn"] != found["executionArn"]
    refused(client, "StateMachineTypeNotSupported", "list_executions", stateMachineArn=express)
    refused(client, "StateMachineTypeNotSupported", "start_sync_execution", stateMachineArn=create(client))
    refused(client, "InvalidArn", "describe_execution", executionArn=found["executionArn"])


def test_errors_can_be_caught_by_their_class(client: Any) -> None:
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        client.describe_state_machine(
            stateMachineArn="arn:aws:states:us-east-1:123456789012:stateMachine:none"
        )


def test_the_local_client_does_not_wait_for_its_own_thread() -> None:
    async def call_from_the_loop() -> None:
        local = LocalClient(Operations(thread.engine), thread.bridge)
        with pytest.raises(RuntimeError, match="call from a thread"):
            local.list_state_machines()

    thread = EngineThread(Engine(MemoryJournal())).start()
    thread.bridge.run(call_from_the_loop())
    thread.stop()
