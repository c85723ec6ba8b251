"""The events consumer, connected: as an AWS Lambda function, and as a process on a queue.

`workflow_manager.assembly.events.handler` is the function: for a Kinesis stream of execution logs,
for an SQS queue of status changes, or as a target of EventBridge itself.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from functools import cache
from typing import Any

import structlog

from workflow_manager.assembly.application import connect_executor, open_store
from workflow_manager.assembly.aws import QUEUE_POLL_SECONDS, queue_client, step_functions_client
from workflow_manager.assembly.logs import configure_logs
from workflow_manager.consumer.consumer import Consumer
from workflow_manager.consumer.queue import QueueLoop
from workflow_manager.settings import EngineKind, InvalidSettings, Settings, load_settings

_log = structlog.get_logger("consumer")


def consumer(settings: Settings) -> Consumer:
    """Raises `InvalidSettings`: events come from AWS only."""
    if settings.engine is not EngineKind.AWS:
        raise InvalidSettings(
            "WFM_BACKEND: events are consumed where state machines run on AWS: set it to aws"
        )
    return Consumer(connect_executor(settings, step_functions_client(settings), open_store(settings)))


def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """For AWS Lambda; with ReportBatchItemFailures on the event source."""
    return _lambda_consumer().take_batch(event)


@cache
def _lambda_consumer() -> Consumer:
    """Made at the first event, and kept as long as Lambda keeps the process."""
    settings = load_settings({"WFM_BACKEND": "aws", **os.environ})
    configure_logs(settings.log_format, settings.log_level)
    return consumer(settings)


def consume(settings: Settings) -> None:
    """Take status changes from the queue until SIGTERM or SIGINT.  Raises `InvalidSettings`."""
    if not settings.events_queue:
        raise InvalidSettings("WFM_EVENTS_QUEUE_URL required")
    configure_logs(settings.log_format, settings.log_level)
    loop = QueueLoop(
        queue_client(settings), settings.events_queue, consumer(settings), poll_seconds=QUEUE_POLL_SECONDS
    )
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda number, frame: loop.stop())
    _log.info("consuming", queue=settings.events_queue)
    loop.run()
    _log.info("stopped")
