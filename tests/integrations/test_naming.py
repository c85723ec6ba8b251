from __future__ import annotations

import pytest

from workflow_manager.integrations.naming import (
    OPTIMIZED,
    client_names,
    exception_name,
    pascal_case,
    sdk_dialect,
)


@pytest.mark.parametrize(
    ("service_id", "name"),
    [
        ("DynamoDB", "DynamoDb"),
        ("SFN", "Sfn"),
        ("S3", "S3"),
        ("EC2", "Ec2"),
        ("Secrets Manager", "SecretsManager"),
        ("CloudWatch Logs", "CloudWatchLogs"),
        ("EventBridge", "EventBridge"),
        ("ACM PCA", "AcmPca"),
        ("Lambda", "Lambda"),
        ("SQS", "Sqs"),
    ],
)
def test_services_are_spelled_as_the_second_sdk_does(service_id: str, name: str) -> None:
    assert pascal_case(service_id) == name


@pytest.mark.parametrize(
    ("shape", "optimized", "sdk"),
    [
        ("ResourceNotFoundException", "ResourceNotFoundException", "ResourceNotFoundException"),
        ("NoSuchKey", "NoSuchKeyException", "NoSuchKeyException"),
        ("QueueDoesNotExist", "QueueDoesNotExistException", "QueueDoesNotExistException"),
        ("EC2ThrottledException", "EC2ThrottledException", "Ec2ThrottledException"),
        ("DBInstanceNotFoundFault", "DBInstanceNotFoundFaultException", "DbInstanceNotFoundException"),
    ],
)
def test_exceptions_are_named_as_in_java(shape: str, optimized: str, sdk: str) -> None:
    assert exception_name(shape, OPTIMIZED["lambda"].dialect) == optimized
    assert exception_name(shape, sdk_dialect("Lambda")) == sdk


@pytest.mark.parametrize(
    ("service", "client"),
    [
        ("sqs", "sqs"),
        ("sfn", "stepfunctions"),
        ("cloudwatchlogs", "logs"),
        ("eventbridge", "events"),
        ("bedrockruntime", "bedrock-runtime"),
        ("cognitoidentityprovider", "cognito-idp"),
        ("databasemigration", "dms"),
        ("databasemigrationservice", "dms"),
        ("nosuch", None),
    ],
)
def test_services_are_found_by_their_name_in_resources(service: str, client: str | None) -> None:
    known = ["sqs", "stepfunctions", "logs", "events", "bedrock-runtime", "cognito-idp", "dms"]
    aliases = {
        "stepfunctions": "sfn",
        "logs": "cloudwatch-logs",
        "events": "eventbridge",
        "cognito-idp": "cognito-identity-provider",
        "dms": "database-migration-service",
    }
    assert client_names(known, aliases).get(service) == client


def test_the_word_service_at_the_end_of_a_service_is_left_out() -> None:
    assert sdk_dialect("Config Service").prefix == "Config"
    assert sdk_dialect("Secrets Manager").prefix == "SecretsManager"
