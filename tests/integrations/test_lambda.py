from __future__ import annotations

import asyncio
import json

import pytest

from tests.integrations.calling import FUNCTION, STATES, Caller, call_of
from tests.integrations.lambda_endpoint import LambdaEndpoint, Reply
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.kernel.json import Json

UNHANDLED = {"X-Amz-Function-Error": "Unhandled"}
RAISED = json.dumps({"errorType": "Oops", "errorMessage": "no", "stackTrace": []})
COMPACT = '{"errorType":"Oops","errorMessage":"no","stackTrace":[]}'
NOT_FOUND = (
    "Function not found: absent (Service: AWSLambda; Status Code: 404;"
    " Error Code: ResourceNotFoundException; Request ID: request-1; Proxy: null)"
)


@pytest.fixture
def caller(lambdas: LambdaEndpoint) -> Caller:
    return Caller(lambdas.url)


def test_a_function_gets_the_input_and_gives_the_output(caller: Caller, lambdas: LambdaEndpoint) -> None:
    lambdas.functions["f"] = Reply('{"b": 2}')
    assert caller.call(f"{FUNCTION}f", {"a": 1}) == {"b": 2}
    assert lambdas.events == ['{"a":1}']


def test_the_text_of_an_output_stays_as_it_is(caller: Caller, lambdas: LambdaEndpoint) -> None:
    lambdas.functions["f"] = Reply('{"n": 1.10, "big": 123456789012345678901234567890}')
    call = call_of(f"{FUNCTION}f", {})
    assert asyncio.run(caller.services().call(call)) == lambdas.functions["f"].body


def test_invoke_shows_the_whole_answer(caller: Caller, lambdas: LambdaEndpoint) -> None:
    lambdas.functions["f"] = Reply('"done"', headers={"X-Amz-Log-Result": "TG9n"})
    result = caller.call(f"{STATES}lambda:invoke", {"FunctionName": "f", "LogType": "Tail"})
    assert lambdas.events == [""]
    assert list(result) == [
        "ExecutedVersion",
        "LogResult",
        "Payload",
        "SdkHttpMetadata",
        "SdkResponseMetadata",
        "StatusCode",
    ]
    assert (result["Payload"], result["LogResult"], result["StatusCode"]) == ("done", "TG9n", 200)
    assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200


@pytest.mark.parametrize(
    ("payload", "event"), [("0", "0"), ({"a": None}, '{"a":null}'), (['"'], '["\\""]'), ("{}", "{}")]
)
def test_a_payload_that_is_text_is_sent_as_it_is(
    caller: Caller, lambdas: LambdaEndpoint, payload: Json, event: str
) -> None:
    lambdas.functions["f"] = Reply("null")
    caller.call(f"{STATES}lambda:invoke", {"FunctionName": "f", "Payload": payload})
    assert lambdas.events == [event]


@pytest.mark.parametrize(
    ("name", "reply", "error", "cause"),
    [
        ("f", Reply(RAISED, headers=UNHANDLED), "Oops", COMPACT),
        (
            "f",
            Reply('{"errorMessage": "too slow"}', headers=UNHANDLED),
            "Lambda.Unknown",
            "The cause could not be determined because Lambda did not return an error type."
            ' Returned payload: {"errorMessage": "too slow"}',
        ),
        ("absent", None, "Lambda.ResourceNotFoundException", NOT_FOUND),
        (
            "f",
            Reply('{"Message": "slow down"}', 429, {"x-amzn-ErrorType": "TooManyRequestsException"}),
            "Lambda.TooManyRequestsException",
            None,
        ),
        (
            "f",
            Reply('{"Message": "?"}', 400, {"x-amzn-ErrorType": "SomethingNew"}),
            "Lambda.AWSLambdaException",
            None,
        ),
        ("f", Reply("no JSON", 502), "Lambda.AWSLambdaException", None),
    ],
)
@pytest.mark.parametrize("resource", [FUNCTION, f"{STATES}lambda:invoke"])
def test_what_a_function_raises_has_its_own_name(
    caller: Caller,
    lambdas: LambdaEndpoint,
    resource: str,
    name: str,
    reply: Reply | None,
    error: str,
    cause: str | None,
) -> None:
    if reply is not None:
        lambdas.functions[name] = reply
    arn = f"{FUNCTION}{name}" if resource == FUNCTION else resource
    with pytest.raises(ServiceFailed) as failed:
        caller.call(arn, {"FunctionName": name})
    assert failed.value.failure.error == error
    if cause is not None:
        assert failed.value.failure.cause == cause


def test_a_service_that_is_not_there_is_a_failure_of_the_task() -> None:
    with pytest.raises(ServiceFailed) as failed:
        Caller("http://127.0.0.1:1").call(f"{FUNCTION}f", {})
    assert failed.value.failure.error == "Lambda.SdkClientException"
