"""The events of a workflow's execution, page by page, as Step Functions tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflow_manager.executor.client import StepFunctions, call
from workflow_manager.executor.visits import Event
from workflow_manager.kernel.errors import InvalidRequest

MAX_EVENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`next_token` is None on the last page."""

    events: Sequence[Event]
    next_token: str | None


def read_history(
    client: StepFunctions,
    execution_arn: str,
    *,
    limit: int,
    newest_first: bool = False,
    page_token: str | None = None,
) -> HistoryPage:
    """Raises `InvalidRequest` for a limit or a token that cannot be, `NotFound`."""
    if not 1 <= limit <= MAX_EVENTS:
        raise InvalidRequest(f"limit in query should be from 1 to {MAX_EVENTS}")
    request: dict[str, Any] = {"executionArn": execution_arn, "maxResults": limit}
    if newest_first:
        request["reverseOrder"] = True
    if page_token:
        request["nextToken"] = page_token
    answer = call(client.get_execution_history, **request)
    return HistoryPage(answer.get("events") or [], answer.get("nextToken") or None)
