"""Which deliveries are taken when, and what follows from each attempt.

A delivery is there since the end that it tells of was written.  To take one is to write that it is not
due again before an attempt can be over; so of two servers one takes it, and a server that is killed
leaves it to be taken again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import Conflict, NotFound
from workflow_manager.kernel.ids import Chance
from workflow_manager.kernel.tally import Tally
from workflow_manager.models.webhook import Delivery, DeliveryStatus, Webhook
from workflow_manager.store.entries import (
    READ_WEBHOOKS,
    WEBHOOK,
    Entry,
    delivery_entry,
    delivery_kind,
    delivery_of,
    webhook_entry,
    webhook_of,
)
from workflow_manager.store.port import Store
from workflow_manager.webhooks.asked_pauses import LONGEST, asked_pause
from workflow_manager.webhooks.sending import Outcome

# Longer than an attempt may take.
CLAIM: Final = timedelta(seconds=30)

FIRST_PAUSE: Final = timedelta(seconds=5)
GROWTH: Final = 3
LONGEST_PAUSE: Final = timedelta(hours=2)
JITTER: Final = 0.2
LATEST_RETRY: Final = max(LONGEST_PAUSE, LONGEST) * (1 + JITTER)

DISABLED_AFTER: Final = timedelta(days=3)

# How long a delivery is shown after it was settled.
KEPT: Final = timedelta(days=7)
KEPT_DEAD: Final = timedelta(days=30)

GONE: Final = 410
PURGED: Final = 100
_RACES: Final = 20

_log = structlog.get_logger("webhooks")


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery to attempt now, where it goes, and the entry as it was claimed."""

    webhook: Webhook
    delivery: Delivery
    entry: Entry


class Outbox:
    """Safe for use by many threads, and beside other servers on the same store.

    `attempts` counts what came of those that were settled here.
    """

    def __init__(self, store: Store, clock: Clock, chance: Chance) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self.attempts = Tally(("delivered",), ("failed",), ("dead",))

    def take(self, free: Callable[[str], int]) -> Sequence[Taken]:
        """What is due, of each webhook at most as many as are free for its id.

        What was settled long ago is taken away on the same way.
        """
        taken: list[Taken] = []
        for entry in self._store.entries(WEBHOOK, limit=READ_WEBHOOKS):
            webhook = webhook_of(entry)
            if webhook.is_deleted:
                self._purge(entry)
            elif not webhook.disabled and not self._is_held(webhook):
                taken += self._take_of(webhook, free(webhook.id))
        return taken

    def _is_held(self, webhook: Webhook) -> bool:
        return webhook.held_until is not None and webhook.held_until > self._clock.now()

    def _take_of(self, webhook: Webhook, limit: int) -> Sequence[Taken]:
        now = self._clock.now()
        taken: list[Taken] = []
        for entry in self._store.due_entries(delivery_kind(webhook.id), now, max(limit, 0)):
            try:
                delivery = delivery_of(entry)
                if delivery.status is not DeliveryStatus.PENDING:
                    self._store.delete_entry(entry)
                    continue
                delivery = replace(delivery, attempts=delivery.attempts + 1, last_attempt_at=now)
                claimed = delivery_entry(delivery, now + CLAIM, entry.revision)
                taken.append(Taken(webhook, delivery, self._store.replace_entry(claimed)))
            except (Conflict, NotFound):
                continue  # another server has it
        return taken

    def _purge(self, webhook: Entry) -> None:
        """Take away a deleted webhook, its deliveries first."""
        found = self._store.entries(delivery_kind(webhook.id), limit=PURGED)
        try:
            for entry in found:
                self._store.delete_entry(entry)
            if len(found) < PURGED:
                self._store.delete_entry(webhook)
        except (Conflict, NotFound):
            return  # someone is at work on one of them: the next round goes on

    def settle(self, taken: Taken, outcome: Outcome) -> None:
        """Write down what came of an attempt, and when the next is due."""
        now = self._clock.now()
        asked = asked_pause(outcome.status, outcome.retry_after, now)
        if asked:
            told = f"{outcome.error}: asks to wait {asked.total_seconds():.0f} s"
            outcome = replace(outcome, error=told)
        delivery = replace(taken.delivery, last_status=outcome.status, last_error=outcome.error)
        if not outcome.error:
            delivery = replace(delivery, status=DeliveryStatus.DELIVERED)
            due_at = now + KEPT
        elif now >= delivery.give_up_at:
            delivery = replace(delivery, status=DeliveryStatus.DEAD)
            due_at = now + KEPT_DEAD
        else:
            due_at = now + max(self._pause(delivery.attempts), asked * (1 + JITTER * self._draw()))
        try:
            self._store.replace_entry(delivery_entry(delivery, due_at, taken.entry.revision))
        except (Conflict, NotFound):
            # The claim ran out and another server took it, or its webhook was deleted.
            return
        self._log(delivery, outcome)
        self._judge(taken.webhook, outcome, now, asked)

    def _pause(self, attempts: int) -> timedelta:
        growth: int = GROWTH ** min(attempts - 1, 20)
        pause = min(FIRST_PAUSE * growth, LONGEST_PAUSE)
        return pause * (1 - JITTER + 2 * JITTER * self._draw())

    def _draw(self) -> float:
        return self._chance.seed() % 2**32 / 2**32

    def _log(self, delivery: Delivery, outcome: Outcome) -> None:
        told = {
            "webhook": delivery.webhook_id,
            "delivery": delivery.id,
            "workflow_id": delivery.end.workflow_id,
            "attempt": delivery.attempts,
        }
        status = delivery.status
        self.attempts.add("failed" if status is DeliveryStatus.PENDING else status.value)
        if not outcome.error:
            _log.info("webhook-delivered", **told)
        elif status is DeliveryStatus.DEAD:
            _log.error("webhook-given-up", error=outcome.error, **told)
        else:
            _log.warning("webhook-failed", error=outcome.error, **told)

    def _judge(self, webhook: Webhook, outcome: Outcome, now: datetime, asked: timedelta) -> None:
        """Remember since when a webhook fails, disable it when that is too long, and leave it alone for
        as long as it asks.
        """
        if not outcome.error and webhook.failing_since is None:
            return
        for _ in range(_RACES):
            try:
                entry = self._store.get_entry(WEBHOOK, webhook.id)
                seen = webhook_of(entry)
                judged = _judged(seen, outcome, now)
                if asked and now + asked > (seen.held_until or now):
                    judged = replace(judged, held_until=now + asked)
                if judged == seen:
                    return
                self._store.replace_entry(webhook_entry(judged, entry.revision))
            except NotFound:
                return
            except Conflict:
                continue
            if judged.disabled and not seen.disabled:
                _log.error("webhook-disabled", webhook=webhook.id, reason=judged.disabled)
            return


def _judged(webhook: Webhook, outcome: Outcome, now: datetime) -> Webhook:
    if not outcome.error:
        return replace(webhook, failing_since=None)
    since = webhook.failing_since or now
    webhook = replace(webhook, failing_since=since)
    if webhook.disabled:
        return webhook
    if outcome.status == GONE:
        note = f"disabled at {now:%Y-%m-%dT%H:%M:%SZ}: it answered HTTP 410, which means that it is gone"
    elif now - since >= DISABLED_AFTER:
        note = (
            f"disabled at {now:%Y-%m-%dT%H:%M:%SZ}: every attempt since {since:%Y-%m-%dT%H:%M:%SZ} has "
            f"failed, the last with: {outcome.error}"
        )
    else:
        return webhook
    return replace(webhook, disabled=note)
