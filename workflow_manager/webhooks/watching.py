"""How webhooks stand, in numbers, for those who watch them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from workflow_manager.models.webhook import DeliveryStatus
from workflow_manager.store.entries import (
    READ_WEBHOOKS,
    WEBHOOK,
    delivery_kind,
    delivery_of,
    webhook_of,
)
from workflow_manager.store.port import Store
from workflow_manager.webhooks.outbox import LATEST_RETRY

MOST_WAITING: Final = 1_000  # deliveries of one webhook that are counted


@dataclass(frozen=True, slots=True)
class Standing:
    """`waiting` counts deliveries that are neither made nor given up, as far as `MOST_WAITING` are seen."""

    webhook_id: str
    waiting: int
    failing_since: datetime | None
    is_disabled: bool


def standings(store: Store, now: datetime) -> Sequence[Standing]:
    """Of all webhooks.  Raises `Unavailable`."""
    webhooks = map(webhook_of, store.entries(WEBHOOK, limit=READ_WEBHOOKS))
    return [
        Standing(each.id, _waiting(store, each.id, now), each.failing_since, bool(each.disabled))
        for each in webhooks
        if not each.is_deleted
    ]


def _waiting(store: Store, webhook_id: str, now: datetime) -> int:
    # What is settled is due for its removal, which is later than any retry, but for the oldest.
    due = store.due_entries(delivery_kind(webhook_id), now + LATEST_RETRY, MOST_WAITING)
    return sum(delivery_of(entry).status is DeliveryStatus.PENDING for entry in due)
