"""Which services have integrations, how each action can be waited for, and what it is asked with.

What AWS's SDKs have is not listed: which of their actions there are is up to whoever calls them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

# arn:aws:states:::service:action or …:aws-sdk:service:action, and how to wait for its end.
_ARN: Final = re.compile(
    r"arn:[^:]+:states:::(aws-sdk:)?([a-z0-9-]+):([A-Za-z0-9]+)(\.sync(?::2)?|\.waitForTaskToken)?"
)


@dataclass(frozen=True, slots=True)
class _Members:
    """The members of a request; names match in any casing."""

    required: tuple[str, ...]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Service:
    """The actions of an optimized integration, and those of them that `.sync` waits for."""

    actions: frozenset[str]
    waited: frozenset[str] = frozenset()
    calls_back: bool = False


def _service(others: str = "", *, sync: str = "", calls_back: bool = False) -> _Service:
    waited = frozenset(sync.split())
    return _Service(waited | frozenset(others.split()), waited, calls_back)


def _members(required: str, others: str = "") -> _Members:
    return _Members(tuple(required.split()), frozenset(f"{required} {others}".lower().split()))


_OPTIMIZED: Final[Mapping[str, _Service]] = {
    "apigateway": _service("invoke", calls_back=True),
    "athena": _service("stopQueryExecution getQueryExecution getQueryResults", sync="startQueryExecution"),
    "batch": _service(sync="submitJob"),
    "bedrock": _service("invokeModel", sync="createModelCustomizationJob", calls_back=True),
    "codebuild": _service(
        "stopBuild batchDeleteBuilds batchGetReports stopBuildBatch deleteBuildBatch",
        sync="startBuild startBuildBatch retryBuildBatch",
    ),
    "databrew": _service(sync="startJobRun"),
    "dynamodb": _service("getItem putItem deleteItem updateItem"),
    "ecs": _service(sync="runTask", calls_back=True),
    "eks": _service(
        "call",
        sync=(
            "runJob createCluster deleteCluster createFargateProfile deleteFargateProfile"
            " createNodegroup deleteNodegroup"
        ),
        calls_back=True,
    ),
    "elasticmapreduce": _service(
        "cancelStep setClusterTerminationProtection modifyInstanceFleetByName modifyInstanceGroupByName",
        sync="createCluster terminateCluster addStep",
    ),
    "emr-containers": _service("cancelJobRun", sync="createVirtualCluster deleteVirtualCluster startJobRun"),
    "emr-serverless": _service(
        sync="createApplication startApplication stopApplication deleteApplication startJobRun cancelJobRun"
    ),
    "events": _service("putEvents", calls_back=True),
    "glue": _service(sync="startJobRun"),
    "http": _service("invoke"),
    "lambda": _service("invoke", calls_back=True),
    "mediaconvert": _service(sync="createJob"),
    "sagemaker": _service(
        "createEndpoint createEndpointConfig createModel updateEndpoint",
        sync=(
            "createHyperParameterTuningJob createLabelingJob createProcessingJob createTrainingJob"
            " createTransformJob"
        ),
    ),
    "sns": _service("publish", calls_back=True),
    "sqs": _service("sendMessage", calls_back=True),
    "states": _service(sync="startExecution", calls_back=True),
}
"""By service.  Source: Developer Guide, "Integrating optimized services"."""

_NAMES_AND_VALUES: Final = "ExpressionAttributeNames ExpressionAttributeValues"
_WRITING: Final = (
    "ConditionExpression ConditionalOperator Expected ReturnConsumedCapacity ReturnItemCollectionMetrics"
    f" ReturnValues ReturnValuesOnConditionCheckFailure {_NAMES_AND_VALUES}"
)

_MEMBERS: Final[Mapping[tuple[str, str], _Members]] = {
    ("apigateway", "invoke"): _members(
        "ApiEndpoint Method",
        "AllowNullValues AuthType Headers Path QueryParameters RequestBody Stage",
    ),
    ("athena", "getQueryExecution"): _members("QueryExecutionId"),
    ("athena", "getQueryResults"): _members("QueryExecutionId", "MaxResults NextToken QueryResultType"),
    ("athena", "startQueryExecution"): _members(
        "QueryString",
        "ClientRequestToken EngineConfiguration ExecutionParameters QueryExecutionContext"
        " ResultConfiguration ResultReuseConfiguration WorkGroup",
    ),
    ("athena", "stopQueryExecution"): _members("QueryExecutionId"),
    ("batch", "submitJob"): _members(
        "JobDefinition JobName JobQueue",
        "ArrayProperties ConsumableResourcePropertiesOverride ContainerOverrides DependsOn"
        " EcsPropertiesOverride EksPropertiesOverride NodeOverrides Parameters PropagateTags RetryStrategy"
        " SchedulingPriorityOverride ShareIdentifier Tags Timeout",
    ),
    ("dynamodb", "deleteItem"): _members("Key TableName", _WRITING),
    ("dynamodb", "getItem"): _members(
        "Key TableName",
        "AttributesToGet ConsistentRead ExpressionAttributeNames ProjectionExpression ReturnConsumedCapacity",
    ),
    ("dynamodb", "putItem"): _members("Item TableName", _WRITING),
    ("dynamodb", "updateItem"): _members("Key TableName", f"AttributeUpdates UpdateExpression {_WRITING}"),
    ("ecs", "runTask"): _members(
        "TaskDefinition",
        "CapacityProviderStrategy ClientToken Cluster Count EnableECSManagedTags EnableExecuteCommand Group"
        " LaunchType NetworkConfiguration Overrides PlacementConstraints PlacementStrategy PlatformVersion"
        " PropagateTags ReferenceId StartedBy Tags VolumeConfigurations",
    ),
    ("events", "putEvents"): _members("Entries", "EndpointId"),
    ("glue", "startJobRun"): _members(
        "JobName",
        "AllocatedCapacity Arguments ExecutionClass ExecutionRoleSessionPolicy JobRunId JobRunQueuingEnabled"
        " MaxCapacity NotificationProperty NumberOfWorkers SecurityConfiguration Timeout WorkerType",
    ),
    ("http", "invoke"): _members(
        "ApiEndpoint Method",
        "Authentication Headers InvocationConfig QueryParameters RequestBody Transform",
    ),
    ("lambda", "invoke"): _members(
        "FunctionName",
        "ClientContext DurableExecutionName InvocationType LogType Payload Qualifier TenantId",
    ),
    ("sns", "publish"): _members(
        "Message",
        "MessageAttributes MessageDeduplicationId MessageGroupId MessageStructure PhoneNumber Subject"
        " TargetArn TopicArn",
    ),
    ("sqs", "sendMessage"): _members(
        "MessageBody QueueUrl",
        "DelaySeconds MessageAttributes MessageDeduplicationId MessageGroupId MessageSystemAttributes",
    ),
    ("states", "startExecution"): _members("StateMachineArn", "Input Name TraceHeader"),
}
"""Of the actions that most machines use; the arguments of all others are judged by their services."""


class Integration(NamedTuple):
    """`pattern` is ".sync", ".sync:2", ".waitForTaskToken" or empty."""

    is_sdk: bool
    service: str
    action: str
    pattern: str

    @property
    def is_offered(self) -> bool:
        """Does the service have the action, and can it be waited for in that way?"""
        if self.is_sdk:
            return self.pattern in ("", ".waitForTaskToken")
        service = _OPTIMIZED.get(self.service)
        if service is None or self.action not in service.actions:
            return False
        match self.pattern:
            case "":
                return True
            case ".sync":
                return self.action in service.waited
            case ".sync:2":
                return self.service == "states"
            case _:
                return service.calls_back


@lru_cache(maxsize=4096)
def read_integration(resource: str) -> Integration | None:
    """What the resource names; None for what is no integration."""
    found = _ARN.fullmatch(resource)
    if found is None:
        return None
    return Integration(found[1] is not None, found[2], found[3], found[4] or "")


def unsupported(resource: str, names: Iterable[str]) -> list[str]:
    """For each of these arguments that tasks of the resource do not take, what AWS says of it."""
    members = _members_of(resource)
    unknown = [] if members is None else [name for name in names if name.lower() not in members.known]
    return [f'The field "{name}" is not supported by Step Functions' for name in unknown]


def missing(resource: str, names: Iterable[str]) -> list[str]:
    """For each argument that tasks of the resource need beside these, what AWS says of it."""
    members = _members_of(resource)
    given = {name.lower() for name in names}
    absent = [] if members is None else [name for name in members.required if name.lower() not in given]
    return [f"The field '{name}' is required but was missing" for name in absent]


def _members_of(resource: str) -> _Members | None:
    integration = read_integration(resource)
    if integration is None or integration.is_sdk:
        return None
    return _MEMBERS.get((integration.service, integration.action))
