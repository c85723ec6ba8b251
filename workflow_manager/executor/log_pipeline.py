"""The way of execution events from a state machine's log to the events consumer's stream.

Only on AWS, and only where a consumer reads it; without it the state machines do not log.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from workflow_manager.executor.client import Answer, call
from workflow_manager.kernel.errors import AlreadyExists, Throttled, Unavailable
from workflow_manager.models.names import Naming, log_group_name

RETENTION_DAYS: Final = 7

FILTER_NAME: Final = "to-kinesis"

# Each step may be done twice, so a step that failed on the way is simply done again.
ATTEMPTS: Final = 3


class Logs(Protocol):
    """A boto3 client of CloudWatch Logs."""

    def create_log_group(self, **request: Any) -> Answer: ...
    def put_retention_policy(self, **request: Any) -> Answer: ...
    def put_subscription_filter(self, **request: Any) -> Answer: ...


@dataclass(frozen=True, slots=True)
class LogPipeline:
    logs: Logs
    naming: Naming
    stream_arn: str
    role_arn: str

    def configuration(self, machine_name: str) -> dict[str, Any]:
        """For a state machine; its log group has to exist before."""
        return {
            "level": "ALL",
            "includeExecutionData": True,
            "destinations": [
                {"cloudWatchLogsLogGroup": {"logGroupArn": self.naming.log_group_arn(machine_name)}}
            ],
        }

    def is_configured(self, machine: Answer) -> bool:
        """Whether a described machine logs to us already; destinations it does not show are trusted."""
        configuration = machine.get("loggingConfiguration") or {}
        if configuration.get("level") != "ALL":
            return False
        destinations = configuration.get("destinations") or []
        if not destinations:
            return True
        group = (destinations[0].get("cloudWatchLogsLogGroup") or {}).get("logGroupArn") or ""
        return "log-group:/aws/vendedlogs/states/" in group

    def prepare(self, machine_name: str, tags: Mapping[str, str]) -> None:
        """Make the log group, and lead it to the stream."""
        group = log_group_name(self.naming.log_group_arn(machine_name))
        with suppress(AlreadyExists):
            self._do(self.logs.create_log_group, logGroupName=group, tags=dict(tags))
        self._do(self.logs.put_retention_policy, logGroupName=group, retentionInDays=RETENTION_DAYS)
        self._do(
            self.logs.put_subscription_filter,
            logGroupName=group,
            filterName=FILTER_NAME,
            filterPattern="",
            destinationArn=self.stream_arn,
            roleArn=self.role_arn,
            distribution="ByLogStream",
        )

    def _do(self, method: Any, **request: Any) -> None:
        for _ in range(ATTEMPTS - 1):
            try:
                call(method, **request)
            except (Throttled, Unavailable):
                continue
            return
        call(method, **request)
