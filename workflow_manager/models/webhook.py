"""Webhooks: who is told of which ends of workflows, and what has been told so far.

Values, like all records.  The names of the fields are on disk: renaming one is a new schema version.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from workflow_manager.models.workflow import Workflow

RETRIED_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which ends are wanted.  What is empty does not matter; all that is given must hold."""

    statuses: tuple[str, ...] = ()
    definition: str = ""
    namespace: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    def matches(self, workflow: Workflow) -> bool:
        return (
            (not self.statuses or workflow.status.value in self.statuses)
            and self.definition in ("", workflow.workflow_definition.name)
            and self.namespace in ("", workflow.namespace)
            and all(workflow.tags.get(name) == value for name, value in self.tags.items())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """`disabled` says why nothing is sent, "" while something is.

    `failing_since` is the first failed attempt after the last success; until `held_until` it has asked
    to be left alone.  One that `is_deleted` stays
    until its deliveries are taken away, and is shown to nobody.
    """

    id: str
    url: str
    secret: str = field(repr=False)
    filter: Filter
    created_at: datetime
    updated_at: datetime
    description: str = ""
    disabled: str = ""
    failing_since: datetime | None = None
    held_until: datetime | None = None
    is_deleted: bool = False

    def wants(self, workflow: Workflow) -> bool:
        return not self.disabled and not self.is_deleted and self.filter.matches(workflow)


class DeliveryStatus(Enum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowEnd:
    """What a message tells: the workflow as it was when it ended."""

    workflow_id: str
    status: str
    status_reason: str
    definition: str
    version: int
    namespace: str
    queue: str
    tags: dict[str, Any]
    created_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one webhook.  Its `message_id` is the same at every attempt.

    An attempt that fails after `give_up_at` is the last; there is always one.
    `last_status` is of the HTTP answer, None where there was none; `last_error` says what was wrong.
    """

    id: str
    webhook_id: str
    message_id: str
    end: WorkflowEnd
    created_at: datetime
    give_up_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    last_attempt_at: datetime | None = None
    last_status: int | None = None
    last_error: str = ""
