"""The clients of AWS, where state machines run or records live there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflow_manager.consumer.log_group import LogGroup
from workflow_manager.executor.execution_log import ExecutionLog
from workflow_manager.kernel.clock import Clock
from workflow_manager.models.names import Naming
from workflow_manager.settings import EngineKind, InvalidSettings, Settings
from workflow_manager.store.port import Store

if TYPE_CHECKING:
    from workflow_manager.store.dynamodb.tables import DynamoDBSettings
    from workflow_manager.store.dynamodb.upkeep import Upkeep

_CONNECT_SECONDS = 3.0

# A poll of the queue is held this long, and answered late when the network is slow.
QUEUE_POLL_SECONDS = 20


def step_functions_client(settings: Settings) -> Any:
    """boto3's client of Step Functions."""
    return _client("stepfunctions", settings, endpoint=settings.sfn_endpoint)


def queue_client(settings: Settings) -> Any:
    """boto3's client of SQS."""
    return _client("sqs", settings, held=QUEUE_POLL_SECONDS)


def execution_log(settings: Settings, naming: Naming) -> ExecutionLog | None:
    """Only on AWS, and only with a stream to send the logs to."""
    if settings.engine is not EngineKind.AWS or not settings.events_stream:
        return None
    return ExecutionLog(naming.log_group_arn(settings.execution_log_group))


def log_group(settings: Settings) -> LogGroup:
    """Raises `InvalidSettings` when there is no stream for its events."""
    if not settings.events_stream:
        raise InvalidSettings("AWS_SFN_EXECUTION_EVENTS_STREAM_ARN required")
    return LogGroup(
        _client("logs", settings),
        settings.execution_log_group,
        stream_arn=settings.events_stream,
        role_arn=settings.logs_role,
    )


def dynamodb_store(settings: Settings, clock: Clock) -> Store:
    """Raises `InvalidSettings` when the extra that it needs is not installed."""
    at = dynamodb_settings(settings)
    from workflow_manager.store.dynamodb import DynamoDBStore
    from workflow_manager.store.dynamodb.tables import Tables

    return DynamoDBStore(Tables(at), clock=clock)


def dynamodb_upkeep(settings: Settings) -> Upkeep:
    """Raises `InvalidSettings` when the extra that it needs is not installed."""
    at = dynamodb_settings(settings)
    from workflow_manager.store.dynamodb.upkeep import Upkeep

    return Upkeep(at)


def dynamodb_settings(settings: Settings) -> DynamoDBSettings:
    try:
        from workflow_manager.store.dynamodb.tables import DynamoDBSettings
    except ModuleNotFoundError as error:
        raise InvalidSettings(
            f"DynamoDB needs {error.name}, which is not installed: pip install 'workflow-manager[aws]'"
        ) from error
    return DynamoDBSettings(
        region=settings.dynamo_region or settings.region,
        endpoint_url=settings.dynamo_endpoint or None,
        definitions_prefix=settings.definitions_prefix,
        workflows_prefix=settings.workflows_prefix,
        resources_prefix=settings.resources_prefix,
        keep_days=settings.dynamodb_keep_days,
        max_connections=settings.threads,
        attempts=settings.aws_attempts,
        read_timeout=settings.aws_timeout,
    )


def _client(service: Any, settings: Settings, *, endpoint: str = "", held: float = 0) -> Any:
    # Imported here: the embedded engine starts without half a second of boto3.
    import boto3
    from botocore.config import Config

    config = Config(
        # Adaptive: a client that is throttled slows down, instead of being refused again and again.
        retries={"mode": "adaptive", "total_max_attempts": settings.aws_attempts},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=settings.aws_timeout + held,
        max_pool_connections=settings.threads,
        inject_host_prefix=False,
    )
    return boto3.client(service, region_name=settings.region, endpoint_url=endpoint or None, config=config)
