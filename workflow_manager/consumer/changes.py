"""One event of an execution, and what it changes in the record of its workflow.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.workflow import STATUS_OF_EXECUTION, WorkflowStatus
from workflow_manager.store.port import UNCHANGED, WorkflowChange

WORKFLOW_TIMED_OUT: Final = "Workflow timed out"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Every execution has a second event, and only one: that it runs is written once.
_SECOND_EVENT: Final = "2"


class Unsaid(Enum):
    """The event says that something changed, but not all of it: the execution has to be asked."""

    UNSAID = "unsaid"


UNSAID: Final = Unsaid.UNSAID


@dataclass(frozen=True, slots=True)
class ExecutionChange:
    execution_arn: str
    change: WorkflowChange | Unsaid


def change_of_log_event(event: Mapping[str, Any]) -> ExecutionChange | None:
    """What an event of an execution's log in CloudWatch changes; None for nothing.

    Raises `InvalidRequest` for what is no such event.
    """
    arn, kind = _text(event, "execution_arn"), _text(event, "type")
    details = event.get("details")
    details = details if isinstance(details, Mapping) else {}
    status = _LOGGED_ENDS.get(kind)
    if status is None:
        is_second = str(event.get("id")) == _SECOND_EVENT
        return ExecutionChange(arn, WorkflowChange(status=WorkflowStatus.RUNNING)) if is_second else None
    is_cut = _is_cut(details.get("outputDetails"), "truncated", is_cut_when=True)
    return ExecutionChange(
        arn,
        _end(
            status,
            _moment(event.get("event_timestamp"), "event_timestamp"),
            output=None if is_cut else details.get("output"),
            cause=details.get("cause"),
            timed_out=kind == "ExecutionTimedOut",
        ),
    )


def change_of_status_event(event: Mapping[str, Any]) -> ExecutionChange:
    """What a status change that EventBridge tells of changes.

    Raises `InvalidRequest` for what is no such event.
    """
    detail = event.get("detail")
    if event.get("source") != "aws.states" or not isinstance(detail, Mapping):
        raise InvalidRequest("not a status change of an execution: its source is not aws.states")
    arn, state = _text(detail, "executionArn"), _text(detail, "status")
    status = STATUS_OF_EXECUTION.get(state)
    if status is None:
        raise InvalidRequest(f"unknown status {state} of execution {arn}")
    if not status.is_terminal:
        return ExecutionChange(arn, WorkflowChange(status=status))
    is_cut = _is_cut(detail.get("outputDetails"), "included", is_cut_when=False)
    return ExecutionChange(
        arn,
        _end(
            status,
            _moment(detail.get("stopDate"), "stopDate"),
            output=None if is_cut else detail.get("output"),
            cause=detail.get("cause"),
            timed_out=state == "TIMED_OUT",
        ),
    )


def _end(
    status: WorkflowStatus, stopped_at: datetime, *, output: object, cause: object, timed_out: bool
) -> WorkflowChange | Unsaid:
    if status is WorkflowStatus.SUCCEEDED and not isinstance(output, str):
        return UNSAID
    was_aborted = status is WorkflowStatus.CANCELLED
    return WorkflowChange(
        status=status,
        stopped_at=stopped_at,
        output=output if isinstance(output, str) else UNCHANGED,
        resolved_by_user=UNCHANGED if status is WorkflowStatus.FAILED else True,
        status_reason=WORKFLOW_TIMED_OUT if timed_out else UNCHANGED,
        first_status_reason=cause if was_aborted and isinstance(cause, str) else UNCHANGED,
    )


def _is_cut(details: object, flag: str, *, is_cut_when: bool) -> bool:
    return isinstance(details, Mapping) and details.get(flag) is is_cut_when


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{name} is missing in the event of an execution")
    return value


def _moment(value: object, name: str) -> datetime:
    """Milliseconds since 1970, as a number or as a text."""
    try:
        return _EPOCH + timedelta(milliseconds=int(str(value)))
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{name} is not a number of milliseconds: {value}") from None


_LOGGED_ENDS: Final[Mapping[str, WorkflowStatus]] = {
    "ExecutionAborted": WorkflowStatus.CANCELLED,
    "ExecutionFailed": WorkflowStatus.FAILED,
    "ExecutionTimedOut": WorkflowStatus.FAILED,
    "ExecutionSucceeded": WorkflowStatus.SUCCEEDED,
}
