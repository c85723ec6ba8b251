"""Entries: documents beside the workflows, and when each wants attention.

Schedules, webhooks and deliveries are kept alike: a key, a text that the store does not look into, a
revision that guards every write, and the time at which somebody has to look.  Here is how they become
entries, and which deliveries the end of a workflow makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from workflow_manager.kernel.json import dumps
from workflow_manager.models.schedule import Schedule
from workflow_manager.models.webhook import RETRIED_FOR, Delivery, Webhook, WorkflowEnd
from workflow_manager.models.workflow import Workflow
from workflow_manager.store.codec import to_micros

SCHEDULE: Final = "schedule"
WEBHOOK: Final = "webhook"

# All of them are read at each end of a workflow; two servers may each let the last one in, hence fewer
# are allowed than are read.  A transaction of DynamoDB has 100 items.
MAX_WEBHOOKS: Final = 50
READ_WEBHOOKS: Final = 90

# A message says where to read more, and is no place for large texts.
MAX_REASON: Final = 4_000
MAX_TAGS: Final = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`due_at` is None for one that wants no attention.  Its text may hold a secret, and is not shown.

    `revision` counts the writes of a key from 1; in one that is not stored yet it says nothing.
    """

    kind: str
    id: str
    body: str = field(repr=False)
    due_at: datetime | None = None
    revision: int = 0


_encoder = msgspec.json.Encoder()
_schedules = msgspec.json.Decoder(Schedule)
_webhooks = msgspec.json.Decoder(Webhook)
_deliveries = msgspec.json.Decoder(Delivery)


def delivery_kind(webhook_id: str) -> str:
    """Deliveries of one webhook are a kind of their own, so that a slow one is in nobody's way."""
    return f"delivery:{webhook_id}"


def schedule_entry(schedule: Schedule, due_at: datetime | None, revision: int = 0) -> Entry:
    return Entry(kind=SCHEDULE, id=schedule.name, body=_text(schedule), due_at=due_at, revision=revision)


def schedule_of(entry: Entry) -> Schedule:
    return _schedules.decode(entry.body)


def webhook_entry(webhook: Webhook, revision: int = 0) -> Entry:
    return Entry(kind=WEBHOOK, id=webhook.id, body=_text(webhook), revision=revision)


def webhook_of(entry: Entry) -> Webhook:
    return _webhooks.decode(entry.body)


def delivery_entry(delivery: Delivery, due_at: datetime | None, revision: int = 0) -> Entry:
    kind = delivery_kind(delivery.webhook_id)
    return Entry(kind=kind, id=delivery.id, body=_text(delivery), due_at=due_at, revision=revision)


def delivery_of(entry: Entry) -> Delivery:
    return _deliveries.decode(entry.body)


def check_readable(entry: Entry) -> None:
    """Raises `ValueError` when its text is not that of a record of its kind."""
    read = {SCHEDULE: schedule_of, WEBHOOK: webhook_of}.get(entry.kind, delivery_of)
    read(entry)


def _text(record: Schedule | Webhook | Delivery) -> str:
    return _encoder.encode(record).decode()


def deliveries_of_end(webhooks: Iterable[Entry], ended: Workflow, now: datetime) -> Sequence[Entry]:
    """One delivery, due at once, for each of the webhooks that wants this end."""
    wanting = [webhook for webhook in map(webhook_of, webhooks) if webhook.wants(ended)]
    if not wanting:
        return ()
    end = _end_of(ended, now)
    return [delivery_entry(_delivery(webhook, end, now), now) for webhook in wanting]


def _delivery(webhook: Webhook, end: WorkflowEnd, now: datetime) -> Delivery:
    """Its id begins with the time, so that the order of ids is the order of ends."""
    named = hashlib.sha256(f"{webhook.id}/{end.workflow_id}".encode()).hexdigest()[:32]
    return Delivery(
        id=f"{to_micros(now):017d}-{named[:12]}",
        webhook_id=webhook.id,
        message_id=f"msg_{named}",
        end=end,
        created_at=now,
        give_up_at=now + RETRIED_FOR,
    )


def _end_of(workflow: Workflow, now: datetime) -> WorkflowEnd:
    tags = dict(workflow.tags)
    return WorkflowEnd(
        workflow_id=workflow.id,
        status=workflow.status.value,
        status_reason=workflow.status_reason[:MAX_REASON],
        definition=workflow.workflow_definition.name,
        version=workflow.workflow_definition.version,
        namespace=workflow.namespace,
        queue=workflow.queue,
        tags=tags if len(dumps(tags)) <= MAX_TAGS else {},
        created_at=workflow.created_at,
        ended_at=workflow.stopped_at or now,
    )
