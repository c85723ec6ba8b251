"""Where state machines log what their executions do, for the events consumer to read.

Only on AWS, and only where a consumer reads it; without it the state machines do not log.  One log group
takes all of them: it is there before the first state machine, so that no request has to make one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from workflow_manager.executor.client import Answer

# What the original service made, one group for each state machine; they lead to the same stream.
_OF_THE_ORIGINAL: Final = "log-group:/aws/vendedlogs/states/"


@dataclass(frozen=True, slots=True)
class ExecutionLog:
    group_arn: str

    def configuration(self) -> dict[str, Any]:
        """For a state machine.  The outputs are needed, so the data is in it."""
        return {
            "level": "ALL",
            "includeExecutionData": True,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": self.group_arn}}],
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
        return group == self.group_arn or _OF_THE_ORIGINAL in group
