"""How AWS speaks of its services in resources, error names and causes.

There are two dialects.  The optimized integrations (`arn:aws:states:::sqs:sendMessage`) show what
the first Java SDK shows, all others (`arn:aws:states:::aws-sdk:sqs:sendMessage`) what the second does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.resources import Resource

SDK: Final = "aws-sdk:"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words for one service: `prefix` begins the names of errors, `title` stands in causes.

    `fallback` is the error for a code that the service's API does not define.
    """

    prefix: str
    title: str
    fallback: str
    is_sdk: bool = False

    def failure(self, error: str, message: str, *, status: int, code: str, request_id: str) -> Failure:
        """`error` is an exception's name, without the prefix."""
        if self.is_sdk:
            cause = f"{message} (Service: {self.title}, Status Code: {status}, Request ID: {request_id})"
        else:
            cause = (
                f"{message} (Service: {self.title}; Status Code: {status}; Error Code: {code};"
                f" Request ID: {request_id}; Proxy: null)"
            )
        return Failure(f"{self.prefix}.{error}", cause)

    def unreachable(self, reason: str) -> Failure:
        """No request was sent, or no answer came."""
        return Failure(f"{self.prefix}.SdkClientException", reason)


@dataclass(frozen=True, slots=True)
class Optimized:
    """A service with an integration of its own; `client` is its name in boto3."""

    client: str
    dialect: Dialect


def _optimized(client: str, prefix: str, title: str, fallback: str = "") -> Optimized:
    return Optimized(client, Dialect(prefix, title, fallback or f"{title}Exception"))


OPTIMIZED: Final[Mapping[str, Optimized]] = {
    "athena": _optimized("athena", "Athena", "AmazonAthena"),
    "batch": _optimized("batch", "Batch", "AWSBatch"),
    "bedrock": _optimized("bedrock", "Bedrock", "AmazonBedrock"),
    "codebuild": _optimized("codebuild", "CodeBuild", "AWSCodeBuild"),
    "databrew": _optimized("databrew", "GlueDataBrew", "AWSGlueDataBrew"),
    "dynamodb": _optimized("dynamodb", "DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
    "ecs": _optimized("ecs", "ECS", "AmazonECS"),
    "eks": _optimized("eks", "EKS", "AmazonEKS"),
    "elasticmapreduce": _optimized("emr", "ElasticMapReduce", "AmazonElasticMapReduce"),
    "emr-containers": _optimized("emr-containers", "EMRContainers", "AmazonEMRContainers"),
    "emr-serverless": _optimized("emr-serverless", "EMRServerless", "AWSEMRServerless"),
    "events": _optimized("events", "EventBridge", "AmazonEventBridge"),
    "glue": _optimized("glue", "Glue", "AWSGlue"),
    "lambda": _optimized("lambda", "Lambda", "AWSLambda"),
    "mediaconvert": _optimized("mediaconvert", "MediaConvert", "AWSMediaConvert"),
    "sagemaker": _optimized("sagemaker", "SageMaker", "AmazonSageMaker"),
    "sns": _optimized("sns", "SNS", "AmazonSNS"),
    "sqs": _optimized("sqs", "SQS", "AmazonSQS"),
}
"""By the service's name in resources."""

# One word ends where a capital follows a small letter, where a run of capitals turns into a
# capitalized word, and after a number.
_WORD_ENDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[0-9])(?=[A-Za-z])")
_BETWEEN: Final = re.compile(r"[^A-Za-z0-9]+")


@lru_cache(maxsize=4096)
def pascal_case(name: str) -> str:
    """A name as the second Java SDK spells it: "DynamoDB" is "DynamoDb", "Secrets Manager" one word."""
    words = _BETWEEN.split(_WORD_ENDS.sub(" ", name))
    return "".join(word.capitalize() for word in words)


def sdk_dialect(service_id: str) -> Dialect:
    # The second Java SDK leaves out what many services end in: "Config Service" is "Config".
    title = pascal_case(service_id.removesuffix(" Service"))
    return Dialect(title, title, f"{title}Exception", is_sdk=True)


def exception_name(shape: str, dialect: Dialect) -> str:
    """What the Java SDKs call the exception for an error of a service's model."""
    base = shape.removesuffix("Fault") if dialect.is_sdk else shape
    if dialect.is_sdk:
        base = pascal_case(base)
    return base if base.endswith("Exception") else f"{base}Exception"


def client_names(known: Iterable[str], aliases: Mapping[str, str]) -> dict[str, str]:
    """boto3's names of services by what resources call them: "cloudwatchlogs" is "logs".

    `aliases` gives the hyphenated service id of every client that is named otherwise.
    """
    by_id = {client.replace("-", ""): client for client in known}
    named = by_id | {hyphenated.replace("-", ""): client for client, hyphenated in aliases.items()}
    shortened = {name.removesuffix("service"): client for name, client in named.items()}
    return shortened | named


def is_sdk(resource: Resource) -> bool:
    return resource.service.startswith(SDK)
