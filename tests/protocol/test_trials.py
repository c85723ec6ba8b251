"""TestState.  What AWS answers to the like was recorded; see the cases of `test_state_api`."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.resources import Resource
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.services import HttpExchange, NoServices, ServiceCall
from workflow_manager.engine.thread import EngineThread
from workflow_manager.protocol.integrations import connect
from workflow_manager.protocol.operations import Operations

from .callers import ROLE, Caller

LAMBDA = "arn:aws:states:::lambda:invoke"
TASK = {"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "f"}, "End": True}
BOOM = {"errorOutput": {"error": "Boom", "cause": "why"}}
INNER = {"StartAt": "Inner", "States": {"Inner": {"Type": "Pass", "End": True}}}
MAP = {"Type": "Map", "ItemProcessor": INNER, "End": True}
DISTRIBUTED = {
    **MAP,
    "ItemProcessor": {**INNER, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},
}


@pytest.mark.parametrize(
    ("state", "input", "shown"),
    [
        pytest.param(
            {"Type": "Pass", "InputPath": "$.a", "Result": 1, "ResultPath": "$.r", "End": True},
            {"a": {}},
            {"result": "1", "afterResultSelector": "1", "afterResultPath": {"a": {}, "r": 1}},
            id="a fixed result makes what goes before pointless",
        ),
        pytest.param(
            {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": {"b": "{% $states.input.a %}"},
                "End": True,
            },
            {"a": [1]},
            {},
            id="no stages of paths in JSONata",
        ),
        pytest.param({"Type": "Fail", "Error": "E"}, {"a": 1}, {"afterInputPath": {"a": 1}}, id="Fail"),
        pytest.param(
            {"Type": "Wait", "Seconds": 0, "InputPath": "$.a", "Next": "X"},
            {"a": {"b": 1}},
            {"afterInputPath": {"b": 1}},
            id="Wait",
        ),
        pytest.param(
            {"Type": "Pass", "Assign": {"v.$": "$.a"}, "End": True},
            {"a": 7},
            {
                "afterInputPath": {"a": 7},
                "afterParameters": {"a": 7},
                "afterResultSelector": {"a": 7},
                "afterResultPath": {"a": 7},
                "variables": {"v": 7},
            },
            id="variables after the state",
        ),
    ],
)
def test_the_stages_of_the_data_are_shown(
    call: Caller, state: dict[str, Any], input: Any, shown: dict[str, Any]
) -> None:
    answer = call("TestState", definition=state, input=input, inspectionLevel="DEBUG")
    assert answer["inspectionData"] == {"input": input, **shown}


def test_no_stages_are_shown_unless_asked_for(call: Caller) -> None:
    answer = call("TestState", definition={"Type": "Pass", "Next": "B"}, input={"a": 1})
    assert answer == {"status": "SUCCEEDED", "output": {"a": 1}, "nextState": "B"}


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (0, {"status": "RETRIABLE", "errorDetails": {"retryIndex": 1, "retryBackoffIntervalSeconds": 3}}),
        (1, {"status": "RETRIABLE", "errorDetails": {"retryIndex": 1, "retryBackoffIntervalSeconds": 9}}),
        (2, {"status": "CAUGHT_ERROR", "errorDetails": {"retryIndex": 1, "catchIndex": 0}, "nextState": "C"}),
    ],
)
def test_a_mocked_error_goes_to_the_retrier_and_then_to_the_catcher(
    call: Caller, used: int, expected: dict[str, Any]
) -> None:
    state = {
        **TASK,
        "Retry": [
            {"ErrorEquals": ["Other"]},
            {"ErrorEquals": ["Boom"], "IntervalSeconds": 3, "BackoffRate": 3, "MaxAttempts": 2},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C", "ResultPath": "$.e"}],
    }
    answer = call(
        "TestState",
        definition=state,
        input={"i": 1},
        inspectionLevel="DEBUG",
        mock=BOOM,
        stateConfiguration={"retrierRetryCount": used},
    )
    details = answer.pop("inspectionData")["errorDetails"]
    output = answer.pop("output", None)
    assert {**answer, "errorDetails": details} == {"error": "Boom", "cause": "why", **expected}
    assert output == ({"i": 1, "e": {"Error": "Boom", "Cause": "why"}} if used == 2 else None)


@pytest.mark.parametrize("mocked", [True, False])
def test_a_runtime_error_is_retried_where_a_service_gave_it_only(call: Caller, mocked: bool) -> None:
    parameters = {} if mocked else {"Parameters": {"FunctionName.$": "$.none"}}
    answer = call(
        "TestState",
        definition={**TASK, **parameters, "Retry": [{"ErrorEquals": ["States.ALL"]}]},
        inspectionLevel="DEBUG",
        mock={"errorOutput": {"error": "States.Runtime"}},
    )
    assert answer["status"] == ("RETRIABLE" if mocked else "FAILED")
    assert answer["error"] == "States.Runtime"
    assert ("errorDetails" in answer["inspectionData"]) is mocked


def test_an_error_of_the_state_itself_is_caught_as_well(call: Caller) -> None:
    state = {
        **TASK,
        "Parameters": {"FunctionName": "f", "Payload.$": "States.MathAdd($.a, $.b)"},
        "Catch": [{"ErrorEquals": ["States.IntrinsicFailure"], "Next": "C"}],
    }
    answer = call("TestState", definition=state, input={"a": 1, "b": "x"}, mock={"result": "{}"})
    assert (answer["status"], answer["error"], answer["nextState"]) == (
        "CAUGHT_ERROR",
        "States.IntrinsicFailure",
        "C",
    )
    assert not answer["cause"].startswith("An error occurred while executing the state")


@pytest.mark.parametrize(
    ("limit", "failed", "status"),
    [
        ({}, 4, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, 1, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, 2, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, 2, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 50}, 3, "FAILED"),
    ],
)
def test_a_map_fails_when_more_items_failed_than_it_tolerates(
    call: Caller, limit: dict[str, Any], failed: int, status: str
) -> None:
    answer = call(
        "TestState",
        definition={**DISTRIBUTED, **limit},
        input=[1, 2, 3, 4],
        mock={"result": [0, 0, 0, 0]},
        stateConfiguration={"mapIterationFailureCount": failed},
    )
    assert answer["status"] == status
    assert answer.get("error") == ("States.ExceedToleratedFailureThreshold" if status == "FAILED" else None)


def test_what_the_iterations_of_a_map_are_given_is_shown(call: Caller) -> None:
    state = {
        **DISTRIBUTED,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "Parameters": {"Bucket": "b", "Key": "k"},
        },
        "ItemSelector": {"item.$": "$$.Map.Item.Value", "all.$": "$.x"},
        "ItemBatcher": {"MaxItemsPerBatch": 2},
        "MaxConcurrency": 7,
    }
    answer = call(
        "TestState",
        definition=state,
        input={"x": 1},
        inspectionLevel="TRACE",
        mock={"result": [1]},
        stateConfiguration={"mapItemReaderData": ["a", "b", "c"]},
    )
    selected = [{"item": item, "all": 1} for item in "abc"]
    assert answer["inspectionData"] == {
        "input": {"x": 1},
        "afterInputPath": {"x": 1},
        "afterItemSelector": selected,
        "afterItemBatcher": [{"Items": selected[:2]}, {"Items": selected[2:]}],
        "maxConcurrency": 7,
        "afterResultSelector": [1],
        "afterResultPath": [1],
    }


def test_without_a_mock_the_work_is_done(call: Caller) -> None:
    activity = call("CreateActivity", name="exists")["activityArn"]
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:describeActivity",
        "Parameters": {"ActivityArn.$": "$.arn"},
        "ResultSelector": {"name.$": "$.Name"},
        "Catch": [{"ErrorEquals": ["Sfn.ActivityDoesNotExistException"], "Next": "C"}],
        "End": True,
    }
    answer = call("TestState", definition=state, input={"arn": activity}, roleArn=ROLE)
    assert answer == {"status": "SUCCEEDED", "output": {"name": "exists"}}
    answer = call("TestState", definition=state, input={"arn": f"{activity}-not"}, roleArn=ROLE)
    assert (answer["status"], answer["nextState"]) == ("CAUGHT_ERROR", "C")


def test_a_wait_beyond_five_minutes_is_given_up_at_once(call: Caller) -> None:
    answer = call("TestState", definition={"Type": "Wait", "Seconds": 301, "End": True})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Timeout")


def test_a_state_is_found_at_any_depth_of_a_definition(call: Caller) -> None:
    parallel = {"Type": "Parallel", "Branches": [{"StartAt": "M", "States": {"M": MAP}}], "End": True}
    machine = {"StartAt": "P", "States": {"P": parallel}}
    assert call("TestState", definition=machine, stateName="Inner")["status"] == "SUCCEEDED"
    assert call.refused("TestState", definition=machine, stateName="Outer") == (
        "ValidationException",
        "State not found in definition",
    )


def test_a_state_goes_by_the_same_name_with_its_machine_and_without(call: Caller) -> None:
    named = {"Type": "Pass", "Parameters": {"name.$": "$$.State.Name"}, "End": True}
    machine = {"StartAt": "A", "States": {"A": named}}
    assert call("TestState", definition=machine, stateName="A")["output"] == {"name": "StateName"}
    assert call("TestState", definition=named)["output"] == {"name": "StateName"}


CALLBACK = {**TASK, "Resource": f"{LAMBDA}.waitForTaskToken"}


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"definition": MAP, "mock": {"result": {}}}, "Mocked result must be an array."),
        ({"definition": TASK}, "RoleArn must be specified when testing a Task state"),
        (
            {"definition": TASK, "mock": {"result": "{}"}, "revealSecrets": True},
            "TestState does not support RevealSecrets when a mock is specified.",
        ),
        (
            {"definition": TASK, "roleArn": ROLE, "stateConfiguration": {"retrierRetryCount": 1}},
            "TestState does not support RetrierRetryCount when a mock is not specified.",
        ),
        (
            {"definition": {"Type": "Wait", "Seconds": 1, "End": True}, "mock": BOOM},
            "State type 'Wait' is not supported when a mock is specified",
        ),
        (
            {"definition": CALLBACK, "mock": BOOM, "context": {"State": {"RetryCount": "1"}}},
            "Invalid Context object provided: State.RetryCount must be a number",
        ),
        (
            {"definition": TASK, "mock": BOOM, "context": {"Task": {"Token": "t"}}},
            "Invalid Context object provided: Context object contains 'Task' when state is not a Task state"
            " with a '.sync' or '.waitForTaskToken' service integration pattern",
        ),
        (
            {"definition": CALLBACK, "mock": BOOM, "context": {"Other": {}}},
            "Invalid Context object provided: Field 'Other' is not allowed",
        ),
    ],
)
def test_what_cannot_be_tested_is_refused(call: Caller, request_: dict[str, Any], text: str) -> None:
    assert call.refused("TestState", **request_) == ("ValidationException", text)


@pytest.mark.parametrize(
    ("resource", "result", "mode", "problem"),
    [
        ("sqs:sendMessage", {"MessageId": 1}, "STRICT", "Field 'MessageId' must be a string"),
        ("sqs:sendMessage", {"Other": 1}, "STRICT", None),
        ("aws-sdk:eventbridge:putEvents", {"Entries": {}}, "STRICT", "Field 'Entries' must be an array"),
        ("lambda:invoke", {"Payload": {"any": 1}}, "STRICT", None),
        ("aws-sdk:lambda:invoke", {"StatusCode": True}, "PRESENT", "Field 'StatusCode' must be a number"),
        ("dynamodb:getItem", {"Item": {"k": {"S": 1}}}, "PRESENT", "Field 'S' must be a string"),
        ("dynamodb:getItem", {"Item": {"k": {"BOOL": "x"}}}, "PRESENT", "Field 'BOOL' must be a boolean"),
        ("states:startExecution", {}, "STRICT", "Required field 'ExecutionArn' is missing"),
        ("states:startExecution", {}, "PRESENT", None),
        ("states:startExecution.sync", {}, "STRICT", "Required field 'ExecutionArn' is missing"),
        ("states:startExecution.waitForTaskToken", {}, "STRICT", None),
        ("states:startExecution", {"StartDate": 1}, "NONE", None),
        ("aws-sdk:cloudwatchlogs:putLogEvents", [], "STRICT", "The result must be an object"),
        ("aws-sdk:unheardof:doThings", 1, "STRICT", None),
    ],
)  # fmt: skip
def test_a_mocked_result_has_to_be_one_that_the_service_could_give(
    call: Caller, resource: str, result: Any, mode: str, problem: str | None
) -> None:
    request = {
        "definition": {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True},
        "mock": {"result": result, "fieldValidationMode": mode},
    }
    if problem is None:
        assert call("TestState", **request)["status"] == "SUCCEEDED"
    else:
        text = f"Mock result schema validation error: {problem}"
        assert call.refused("TestState", **request) == ("ValidationException", text)


class Web(NoServices):
    """An HTTP task whose request is seen."""

    def serves(self, resource: Resource) -> bool:
        return True

    async def call(self, call: ServiceCall) -> str:
        if call.watch is not None:
            call.watch(
                HttpExchange(
                    request={"method": "GET", "headers": "[]"},
                    revealed={"method": "GET", "headers": "[x-key: v]"},
                    response={"statusCode": "200"},
                )
            )
        return '{"StatusCode":200}'


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"inspectionLevel": "DEBUG"}, (None, None)),
        ({"inspectionLevel": "TRACE"}, ("[]", "200")),
        ({"inspectionLevel": "TRACE", "revealSecrets": True}, ("[x-key: v]", "200")),
    ],
)
def test_the_request_of_an_http_task_is_traced_and_its_secrets_revealed_on_demand(
    asked: dict[str, Any], shown: tuple[str | None, str | None]
) -> None:
    thread = EngineThread(Engine(MemoryJournal(), services=connect(Web()))).start()
    try:
        web = Caller(Operations(thread.engine), thread.bridge)
        state = '{"Type":"Task","Resource":"arn:aws:states:::http:invoke","End":true}'
        found = web.send("TestState", {"definition": state, "roleArn": ROLE, **asked})["inspectionData"]
    finally:
        thread.stop()
    assert (found.get("request", {}).get("headers"), found.get("response", {}).get("statusCode")) == shown
    assert found["result"] == '{"StatusCode":200}'


@pytest.mark.parametrize(
    ("config", "data", "selected"),
    [
        ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        ({"InputType": "JSONL", "MaxItems": 1}, "1\n2\n", [1]),
        ({"InputType": "JSON"}, '{"k": 1}', [1]),
        ({"InputType": "JSON", "ItemsPointer": "/in"}, '{"in": [1, 2]}', [1, 2]),
    ],
)
def test_what_an_item_reader_reads_is_given_as_it_is_at_its_source(
    call: Caller, config: dict[str, Any], data: str, selected: list[Any]
) -> None:
    state = {
        **DISTRIBUTED,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": config,
            "Parameters": {"Bucket": "b", "Key": "k"},
        },
        "ItemSelector": {"v.$": "$$.Map.Item.Value"},
    }
    found = call(
        "TestState",
        definition=state,
        roleArn=ROLE,
        input={},
        inspectionLevel="DEBUG",
        mock={"result": []},
        stateConfiguration={"mapItemReaderData": data},
    )["inspectionData"]
    assert found["afterItemSelector"] == [{"v": value} for value in selected]
    assert found.get("afterItemsPointer") == ([1, 2] if "ItemsPointer" in config else None)


def test_what_no_item_reader_could_read_is_refused(call: Caller) -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}}
    code, message = call.refused(
        "TestState",
        definition={**DISTRIBUTED, "ItemReader": reader},
        roleArn=ROLE,
        mock={"result": []},
        stateConfiguration={"mapItemReaderData": "{"},
    )
    assert (code, message.partition(":")[0]) == ("ValidationException", "Invalid mapItemReaderData")
