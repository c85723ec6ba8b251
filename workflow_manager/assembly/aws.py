"""The clients of AWS."""

from __future__ import annotations

import os
from typing import Any

from workflow_manager.executor.log_pipeline import LogPipeline
from workflow_manager.models.names import Naming
from workflow_manager.settings import EngineKind, Settings


def aws_client(settings: Settings) -> Any:
    """boto3's client of Step Functions."""
    return _client("stepfunctions", settings)


def s3_client(settings: Settings) -> Any:
    """boto3's client of S3.  Substitutes for AWS have one host name for all buckets."""
    is_substitute = os.environ.keys() & {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"}
    return _client("s3", settings, s3={"addressing_style": "path"} if is_substitute else None)


def log_pipeline(settings: Settings, naming: Naming) -> LogPipeline | None:
    """Only on AWS, and only with a stream to send the logs to."""
    if settings.engine is not EngineKind.AWS or not settings.events_stream:
        return None
    return LogPipeline(_client("logs", settings), naming, settings.events_stream, settings.logs_role)


def _client(service: Any, settings: Settings, **more: Any) -> Any:
    # Imported here: the embedded engine starts without half a second of boto3.
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "total_max_attempts": 4},
        max_pool_connections=settings.threads,
        inject_host_prefix=False,
        **more,
    )
    return boto3.client(service, region_name=settings.region, config=config)
