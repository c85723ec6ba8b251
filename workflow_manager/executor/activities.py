"""The activities that exist, page by page, with what is known of their queues and workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final, TypeAlias

from workflow_manager.executor.client import Answer, StepFunctions, call
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.activity import Activity, ActivityLoad
from workflow_manager.models.names import SEPARATOR

MAX_ACTIVITIES: Final = 1000

Loads: TypeAlias = "Callable[[Sequence[str]], Mapping[str, ActivityLoad]]"


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """`next_token` is None on the last page."""

    activities: Sequence[Activity]
    next_token: str | None


def list_activities(
    client: StepFunctions, loads: Loads | None, *, namespace: str, limit: int, page_token: str | None
) -> ActivityPage:
    """By name, those of one namespace or, for "", all of them.  A token is the last name of a page.

    `loads` tells of activities by their ARNs; None where nobody can.  Raises `InvalidRequest` for a
    limit that cannot be.
    """
    if not 1 <= limit <= MAX_ACTIVITIES:
        raise InvalidRequest(f"limit in query should be from 1 to {MAX_ACTIVITIES}")
    prefix, after = f"{namespace}{SEPARATOR}" if namespace else "", page_token or ""
    # Step Functions promises no order, and a filter would leave gaps in its pages.
    found = sorted(
        (each for each in _all(client) if each["name"].startswith(prefix) and each["name"] > after),
        key=lambda each: str(each["name"]),
    )
    page = found[:limit]
    known = loads([each["activityArn"] for each in page]) if loads and page else {}
    shown = [
        Activity(
            name=each["name"],
            arn=each["activityArn"],
            created_at=each["creationDate"].astimezone(UTC),
            load=known.get(each["activityArn"]),
        )
        for each in page
    ]
    return ActivityPage(shown, shown[-1].name if len(found) > limit else None)


def _all(client: StepFunctions) -> Iterator[Answer]:
    request: dict[str, Any] = {"maxResults": 1000}
    while True:
        answer = call(client.list_activities, **request)
        yield from answer.get("activities") or []
        token = answer.get("nextToken")
        if not token:
            return
        request["nextToken"] = token
