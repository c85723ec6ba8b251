from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import OperationModel

from tests.integrations.calling import service_model
from workflow_manager.integrations.shapes import Unfit, missing, to_json, to_request
from workflow_manager.kernel.json import Json


def operation(service: str, name: str) -> OperationModel:
    return service_model(service).operation_model(name)


@pytest.mark.parametrize(
    ("service", "name", "arguments", "request_"),
    [
        # Text stays; an object becomes JSON, and so does anything in a message.
        ("sqs", "SendMessage", {"MessageBody": {"a": [1, None]}}, {"MessageBody": '{"a":[1,null]}'}),
        ("sns", "Publish", {"Message": 7, "Subject": "s"}, {"Message": "7", "Subject": "s"}),
        ("s3", "PutObject", {"Body": False}, {"Body": b"false"}),
        ("lambda", "Invoke", {"Payload": "0"}, {"Payload": b"0"}),
        ("lambda", "Invoke", {"Payload": {"é": 1}}, {"Payload": '{"é":1}'.encode()}),
        # A capital, where the model has none; a null is not there.
        (
            "ecs",
            "RunTask",
            {"Cluster": "c", "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["s"]}}},
            {"cluster": "c", "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"]}}},
        ),
        ("ecs", "RunTask", {"Cluster": None, "Count": "2"}, {"count": 2}),
        # The keys of maps are data.
        (
            "dynamodb",
            "PutItem",
            {"Item": {"Id": {"S": "x"}, "n": {"N": "5"}, "z": {"NULL": "true"}}},
            {"Item": {"Id": {"S": "x"}, "n": {"N": "5"}, "z": {"NULL": True}}},
        ),
        (
            "events",
            "PutEvents",
            {"Entries": [{"Time": "2026-01-02T03:04:05Z", "Detail": {"a": 1}}]},
            {"Entries": [{"Time": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "Detail": '{"a":1}'}]},
        ),
    ],
)
def test_arguments_become_a_request(
    service: str, name: str, arguments: Json, request_: dict[str, Any]
) -> None:
    shape = operation(service, name).input_shape
    assert shape is not None
    assert to_request(shape, arguments) == request_


@pytest.mark.parametrize(
    ("service", "name", "arguments", "complaint"),
    [
        ("sqs", "SendMessage", {"Bodi": 1}, 'The field "Bodi" is not supported by Step Functions'),
        ("sqs", "SendMessage", [], "The value for the field '' must be an OBJECT"),
        ("sqs", "SendMessage", {"DelaySeconds": "soon"}, "field 'DelaySeconds' must be a NUMBER"),
        ("sqs", "SendMessage", {"DelaySeconds": True}, "field 'DelaySeconds' must be a NUMBER"),
        ("sqs", "SendMessage", {"DelaySeconds": 1.5}, "field 'DelaySeconds' must be an INTEGER"),
        ("ecs", "RunTask", {"EnableECSManagedTags": 1}, "must be a BOOLEAN"),
        ("events", "PutEvents", {"Entries": {}}, "field 'Entries' must be an ARRAY"),
        ("events", "PutEvents", {"Entries": [{"Time": "noon"}]}, "field 'Time' must be a TIMESTAMP"),
        ("events", "PutEvents", {"Entries": [{"Time": 1e300}]}, "field 'Time' must be a TIMESTAMP"),
        ("dynamodb", "PutItem", {"Item": "x"}, "field 'Item' must be an OBJECT"),
        ("dynamodb", "PutItem", {"Item": {"id": "x"}}, "field 'id' must be an OBJECT"),
        ("dynamodb", "PutItem", {"Item": {"id": {"N": 5}}}, "field 'N' must be a STRING"),
        ("s3", "PutObject", {"Bucket": 1}, "field 'Bucket' must be a STRING"),
    ],
)
def test_arguments_that_no_request_can_be_made_of_are_told(
    service: str, name: str, arguments: Json, complaint: str
) -> None:
    shape = operation(service, name).input_shape
    assert shape is not None
    with pytest.raises(Unfit, match=complaint):
        to_request(shape, arguments)


def test_a_missing_member_is_told_as_services_do() -> None:
    shape = operation("dynamodb", "PutItem").input_shape
    assert shape is not None
    assert missing(shape, {"TableName": "t"}) == [
        "Value null at 'item' failed to satisfy constraint: Member must not be null"
    ]


AT = datetime(2026, 1, 2, 3, 4, 5, 600000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("service", "name", "answer", "optimized", "sdk"),
    [
        (
            "glue",
            "GetJobRun",
            {"JobRun": {"Id": "r", "StartedOn": AT}},
            {"JobRun": {"Id": "r", "StartedOn": 1767323045600}},
            {"JobRun": {"Id": "r", "StartedOn": "2026-01-02T03:04:05.600Z"}},
        ),
        (
            "batch",
            "DescribeJobs",
            {"jobs": [{"jobName": "n", "parameters": {"small": "1"}}]},
            {"Jobs": [{"JobName": "n", "Parameters": {"small": "1"}}]},
            {"Jobs": [{"JobName": "n", "Parameters": {"small": "1"}}]},
        ),
        (
            "s3",
            "GetObject",
            {"Body": io.BytesIO(b"text"), "ContentLength": 4, "ResponseMetadata": {}},
            {"Body": "text", "ContentLength": 4},
            None,
        ),
        ("kms", "Encrypt", {"CiphertextBlob": b"\xff\xfe"}, {"CiphertextBlob": "//4="}, None),
    ],
)
def test_answers_are_shown_with_capitals(
    service: str, name: str, answer: Any, optimized: Json, sdk: Json
) -> None:
    shape = operation(service, name).output_shape
    assert to_json(shape, answer, is_sdk=False) == optimized
    if sdk is not None:
        assert to_json(shape, answer, is_sdk=True) == sdk
