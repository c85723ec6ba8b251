"""Takes events in the batches they come in, and tells which of them have to come again.

What can never be taken is logged and dropped, so that it does not hold up the others; what failed
because something did not answer is given back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import structlog

from workflow_manager.consumer.changes import (
    UNSAID,
    ExecutionChange,
    change_of_log_event,
    change_of_status_event,
)
from workflow_manager.consumer.records import log_lines, parsed
from workflow_manager.kernel.errors import Throttled, Unavailable, WorkflowManagerError
from workflow_manager.store.port import WorkflowChange

_log = structlog.get_logger("consumer")


class Executions(Protocol):
    """The executor, as far as events go."""

    def execution_changed(self, execution_arn: str, change: WorkflowChange) -> None: ...
    def execution_ended(self, execution_arn: str) -> None: ...


class Consumer:
    """Safe for use by many threads."""

    def __init__(self, executions: Executions) -> None:
        self._executions = executions

    def take_batch(self, event: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
        """A Lambda event of Kinesis or SQS records, or one status change alone.

        The answer is AWS's partial batch response: what is to be delivered again.
        """
        records = event.get("Records")
        if not isinstance(records, list):
            if not self.take_status_change(event):
                raise Unavailable("the event could not be taken; it has to come again")
            return {"batchItemFailures": []}
        failed = [identifier for record in records if (identifier := self._again(record))]
        return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}

    def _again(self, record: Mapping[str, Any]) -> str | None:
        """The record's identifier when it has to come again."""
        if "kinesis" in record:
            kinesis = record["kinesis"]
            taken = self.take_log_record(str(kinesis.get("data") or ""))
            return None if taken else str(kinesis.get("sequenceNumber"))
        taken = self.take_message(str(record.get("body") or ""))
        return None if taken else str(record.get("messageId"))

    def take_log_record(self, data: str) -> bool:
        """The log lines of one Kinesis record; False when it has to come again.

        One line that fails does not keep the others from being taken.
        """
        try:
            lines = list(log_lines(data))
        except WorkflowManagerError as error:
            return _drop(error)
        taken = [self._take_line(line) for line in lines]
        return all(taken)

    def _take_line(self, line: str) -> bool:
        try:
            changed = change_of_log_event(parsed(line))
        except WorkflowManagerError as error:
            return _drop(error)
        return changed is None or self._take(changed)

    def take_message(self, body: str) -> bool:
        """A status change as the text of a message; False when it has to come again."""
        try:
            event = parsed(body)
        except WorkflowManagerError as error:
            return _drop(error)
        return self.take_status_change(event)

    def take_status_change(self, event: Mapping[str, Any]) -> bool:
        """A status change; False when it has to come again."""
        try:
            changed = change_of_status_event(event)
        except WorkflowManagerError as error:
            return _drop(error)
        return self._take(changed)

    def _take(self, changed: ExecutionChange) -> bool:
        arn = changed.execution_arn
        try:
            if changed.change is UNSAID:
                # Left out of the event, or cut: the execution itself still knows.
                _log.info("unexpected no output for succeeded event", execution_arn=arn)
                self._executions.execution_ended(arn)
            else:
                self._executions.execution_changed(arn, changed.change)
        except (Throttled, Unavailable) as error:
            _log.warning("event-comes-again", execution_arn=arn, error=str(error))
            return False
        except WorkflowManagerError as error:
            return _drop(error, execution_arn=arn)
        return True


def _drop(error: WorkflowManagerError, **where: str) -> bool:
    _log.error("event-dropped", error=str(error), **where)
    return True
