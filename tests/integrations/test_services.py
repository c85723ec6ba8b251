from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.calling import CALLER, STATES, Caller, clients
from workflow_manager.engine.resources import parse_resource
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.kernel.json import Json, loads


@pytest.fixture
def caller(aws_url: str) -> Caller:
    return Caller(aws_url)


def client(url: str, name: str) -> Any:
    return clients(url).get(name, "us-east-1")


@pytest.mark.parametrize(
    ("resource", "is_served"),
    [
        ("sqs:sendMessage", True),
        ("sqs:sendMessage.waitForTaskToken", True),
        ("sqs:sendMessage.sync", False),
        ("glue:startJobRun.sync", True),
        ("glue:startJobRun.sync:2", False),
        ("aws-sdk:ec2:describeInstances", True),
        ("nosuch:thing", False),
    ],
)
def test_what_is_served(resource: str, is_served: bool) -> None:
    assert Caller("").services().serves(parse_resource(STATES + resource)) is is_served


def test_a_message_that_is_no_text_is_sent_as_json(caller: Caller, aws_url: str) -> None:
    sqs = client(aws_url, "sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    result = caller.call(f"{STATES}sqs:sendMessage", {"QueueUrl": url, "MessageBody": {"a": 1}})
    assert list(result) == ["MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"]
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == '{"a":1}'


def test_the_sdk_integration_shows_the_answer_alone(caller: Caller, aws_url: str) -> None:
    client(aws_url, "dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item: Json = {"id": {"S": "a"}, "n": {"N": "1"}}
    assert caller.call(f"{STATES}aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": item}) == {}
    key: Json = {"TableName": "t", "Key": {"id": {"S": "a"}}}
    assert caller.call(f"{STATES}aws-sdk:dynamodb:getItem", key) == {
        "Item": {"id": {"S": "a"}, "n": {"N": "1"}}
    }
    assert caller.call(f"{STATES}dynamodb:getItem", key)["SdkHttpMetadata"]["HttpStatusCode"] == 200


def test_an_operation_without_an_answer_gives_an_empty_object(caller: Caller) -> None:
    asked: Json = {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.5}]}
    assert caller.call(f"{STATES}aws-sdk:cloudwatch:putMetricData", asked) == {}


def test_an_object_is_put_as_text_and_got_as_text(caller: Caller, aws_url: str) -> None:
    s3 = client(aws_url, "s3")
    s3.create_bucket(Bucket="bucket")
    arguments: dict[str, Json] = {"Bucket": "bucket", "Key": "k"}
    caller.call(f"{STATES}aws-sdk:s3:putObject", {**arguments, "Body": {"a": [True]}})
    got = s3.get_object(Bucket="bucket", Key="k")
    assert (got["Body"].read(), got["ContentType"]) == (b'{"a":[true]}', "text/plain; charset=UTF-8")
    assert caller.call(f"{STATES}aws-sdk:s3:getObject", arguments)["Body"] == '{"a":[true]}'


@pytest.mark.parametrize(
    ("resource", "arguments", "error", "cause"),
    [
        (
            "aws-sdk:dynamodb:putItem",
            {"TableName": "t", "Item": None},
            "DynamoDb.DynamoDbException",
            "1 validation error detected: Value null at 'item' failed to satisfy constraint:"
            " Member must not be null (Service: DynamoDb, Status Code: 400, Request ID: ",
        ),
        (
            "aws-sdk:dynamodb:getItem",
            {"TableName": "absent", "Key": {"id": {"S": "a"}}},
            "DynamoDb.ResourceNotFoundException",
            "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: ",
        ),
        (
            "dynamodb:getItem",
            {"TableName": "absent", "Key": {"id": {"S": "a"}}},
            "DynamoDB.ResourceNotFoundException",
            "Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400;"
            " Error Code: ResourceNotFoundException; Request ID: ",
        ),
        ("aws-sdk:s3:getObject", {"Bucket": "absent", "Key": "k"}, "S3.NoSuchBucketException", None),
        (
            "aws-sdk:s3:headObject",
            {"Bucket": "absent", "Key": "k"},
            "S3.NoSuchKeyException",
            "null (Service: S3, Status Code: 404, Request ID: ",
        ),
        (
            "sns:publish",
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:absent", "Message": "m"},
            "SNS.NotFoundException",
            None,
        ),
        (
            "sqs:sendMessage",
            {"QueueUrl": "http://127.0.0.1/123456789012/absent", "MessageBody": "m"},
            "SQS.QueueDoesNotExistException",
            None,
        ),
        ("sqs:sendMessage", {"Body": 1}, "States.Runtime", "The Parameters '{\"Body\":1}' could not be used"),
        ("sqs:sendMassage", {}, "States.Runtime", "The service 'sqs' has no action 'sendMassage'."),
        ("aws-sdk:nosuch:act", {}, "States.TaskFailed", None),
        ("sqs:sendMessage", [], "States.Runtime", "The arguments of a task must be an object."),
    ],
)
def test_errors_are_named_as_aws_names_them(
    caller: Caller, resource: str, arguments: Json, error: str, cause: str | None
) -> None:
    with pytest.raises(ServiceFailed) as failed:
        caller.call(STATES + resource, arguments)
    assert failed.value.failure.error == error
    if cause is not None:
        assert (failed.value.failure.cause or "").startswith(cause)


def test_a_job_is_waited_for_to_its_end(caller: Caller, aws_url: str) -> None:
    glue = client(aws_url, "glue")
    glue.create_job(Name="j", Role="r", Command={"Name": "glueetl"})
    result = caller.call(f"{STATES}glue:startJobRun.sync", {"JobName": "j", "Arguments": {"--a": "1"}})
    assert result["JobRunState"] == "SUCCEEDED"
    assert isinstance(result["StartedOn"], int)
    assert result["Arguments"] == {"--a": "1"}


def test_an_event_that_was_refused_fails_the_task(caller: Caller) -> None:
    entry: Json = {"Source": "s", "DetailType": "t"}  # without a Detail
    with pytest.raises(ServiceFailed) as failed:
        caller.call(f"{STATES}events:putEvents", {"Entries": [entry]})
    assert failed.value.failure.error == "EventBridge.FailedEntry"


def test_an_event_tells_which_execution_it_came_from(caller: Caller, aws_url: str) -> None:
    sqs, events = client(aws_url, "sqs"), client(aws_url, "events")
    queue = sqs.create_queue(QueueName="events")["QueueUrl"]
    events.put_rule(Name="all", EventPattern='{"source": ["s"]}')
    target = {"Id": "t", "Arn": "arn:aws:sqs:us-east-1:123456789012:events"}
    events.put_targets(Rule="all", Targets=[target])
    entry: Json = {"Source": "s", "DetailType": "t", "Detail": {"a": 1}, "Resources": ["mine"]}
    caller.call(f"{STATES}events:putEvents", {"Entries": [entry]})
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    told = loads(message["Body"])
    assert isinstance(told, dict)
    assert told["resources"] == ["mine", CALLER.machine_arn, CALLER.arn]


def test_a_state_calls_in_the_role_it_names(caller: Caller) -> None:
    role = "arn:aws:iam::123456789012:role/other"
    told = caller.call(f"{STATES}aws-sdk:sts:getCallerIdentity", {}, role=role)
    assert told["Arn"].startswith("arn:aws:sts::123456789012:assumed-role/other/workflow-manager")
