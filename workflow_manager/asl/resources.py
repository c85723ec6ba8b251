"""Which texts are resources of a Task state, and what a kind of resource asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ARN: Final = re.compile(r"arn:[A-Za-z0-9-]+:[A-Za-z0-9-]+:[^:\s]*:[^:\s]*:\S.*")

# arn:aws:lambda:region:account:function:name, with a version or an alias at will.
_LAMBDA: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+(?::(?:\$LATEST|[A-Za-z0-9_-]+))?")
_ANY_LAMBDA: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:")
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity:[^:]+")
_ANY_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:activity(?::|$)")

# arn:aws:states:::service:action or …:aws-sdk:service:action, and how to wait for its end.
_ANY_INTEGRATION: Final = re.compile(r"arn:[^:]+:states:::")
_INTEGRATION: Final = re.compile(
    r"arn:[^:]+:states:::(?P<sdk>aws-sdk:)?(?P<service>[a-z0-9-]+):(?P<action>[A-Za-z0-9]+)"
    r"(?P<pattern>\.sync(?::2)?|\.waitForTaskToken)?"
)


@dataclass(frozen=True, slots=True)
class _Actions:
    """The actions of an optimized integration: all of them, and those that `.sync` waits for."""

    all: frozenset[str]
    waited: frozenset[str] = frozenset()
    calls_back: bool = False


def _actions(others: str = "", *, sync: str = "", calls_back: bool = False) -> _Actions:
    waited = frozenset(sync.split())
    return _Actions(waited | frozenset(others.split()), waited, calls_back)


_OPTIMIZED: Final[Mapping[str, _Actions]] = {
    "apigateway": _actions("invoke", calls_back=True),
    "athena": _actions("stopQueryExecution getQueryExecution getQueryResults", sync="startQueryExecution"),
    "batch": _actions(sync="submitJob"),
    "bedrock": _actions("invokeModel", sync="createModelCustomizationJob", calls_back=True),
    "codebuild": _actions(
        "stopBuild batchDeleteBuilds batchGetReports stopBuildBatch deleteBuildBatch",
        sync="startBuild startBuildBatch retryBuildBatch",
    ),
    "databrew": _actions(sync="startJobRun"),
    "dynamodb": _actions("getItem putItem deleteItem updateItem"),
    "ecs": _actions(sync="runTask", calls_back=True),
    "eks": _actions(
        "call",
        sync=(
            "runJob createCluster deleteCluster createFargateProfile deleteFargateProfile"
            " createNodegroup deleteNodegroup"
        ),
        calls_back=True,
    ),
    "elasticmapreduce": _actions(
        "cancelStep setClusterTerminationProtection modifyInstanceFleetByName modifyInstanceGroupByName",
        sync="createCluster terminateCluster addStep",
    ),
    "emr-containers": _actions("cancelJobRun", sync="createVirtualCluster deleteVirtualCluster startJobRun"),
    "emr-serverless": _actions(
        sync="createApplication startApplication stopApplication deleteApplication startJobRun cancelJobRun"
    ),
    "events": _actions("putEvents", calls_back=True),
    "glue": _actions(sync="startJobRun"),
    "http": _actions("invoke"),
    "lambda": _actions("invoke", calls_back=True),
    "mediaconvert": _actions(sync="createJob"),
    "sagemaker": _actions(
        "createEndpoint createEndpointConfig createModel updateEndpoint",
        sync=(
            "createHyperParameterTuningJob createLabelingJob createProcessingJob createTrainingJob"
            " createTransformJob"
        ),
    ),
    "sns": _actions("publish", calls_back=True),
    "sqs": _actions("sendMessage", calls_back=True),
    "states": _actions(sync="startExecution", calls_back=True),
}
"""By service.  Source: Developer Guide, "Integrating optimized services"."""

_NESTED: Final = ("states", "startExecution")


def task_problem(text: str) -> str | None:
    """Why the text cannot be the resource of a Task state, None when it can."""
    found = _INTEGRATION.fullmatch(text)
    if found is not None and not _is_offered(found):
        return _not_recognized(text)
    return resource_problem(text)


def resource_problem(text: str) -> str | None:
    """Why the text cannot be a resource at all, whatever state or field it is for."""
    if _ANY_INTEGRATION.match(text):
        return None if _INTEGRATION.fullmatch(text) else _not_recognized(text)
    for any_, right in ((_ANY_LAMBDA, _LAMBDA), (_ANY_ACTIVITY, _ACTIVITY), (_ARN, _ARN)):
        if any_.match(text):
            return None if right.fullmatch(text) else "Value is not a valid resource ARN"
    return "Value is not a valid resource ARN"


def _is_offered(integration: re.Match[str]) -> bool:
    """Does the service have the action, and can it be waited for in that way?"""
    sdk, service, action, pattern = integration.group("sdk", "service", "action", "pattern")
    if sdk is not None:
        # Which actions AWS's SDKs have is up to whoever calls them.
        return pattern in (None, ".waitForTaskToken")
    actions = _OPTIMIZED.get(service, _Actions(frozenset()))
    match pattern:
        case None:
            return action in actions.all
        case ".sync":
            return action in actions.waited
        case ".sync:2":
            return (service, action) == _NESTED
        case _:
            return actions.calls_back and action in actions.all


def _not_recognized(text: str) -> str:
    return (
        f"The resource provided {text} is not recognized. The value is not a valid resource ARN, or the"
        " resource is not available in this region."
    )


def express_problem(text: str) -> str | None:
    """Why an Express state machine cannot use the resource, None when it can."""
    if text.endswith(".waitForTaskToken"):
        # The space is AWS's.
        return "Express state machine does not support '.waitForTaskToken' service integration "
    if re.search(r"\.sync(:2)?$", text):
        return "Express state machine does not support '.sync' service integration"
    if _ACTIVITY.fullmatch(text):
        return "Express state machine does not support Activity ARN"
    return None
