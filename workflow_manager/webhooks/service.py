"""What can be done with webhooks; the door that `api` uses.

A secret goes in, or out at its creation, and never out again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import Conflict, InvalidRequest, NotFound
from workflow_manager.kernel.ids import Chance
from workflow_manager.models.webhook import RETRIED_FOR, Delivery, DeliveryStatus, Filter, Webhook
from workflow_manager.models.workflow import WorkflowStatus
from workflow_manager.store.entries import (
    MAX_WEBHOOKS,
    READ_WEBHOOKS,
    WEBHOOK,
    delivery_entry,
    delivery_kind,
    delivery_of,
    webhook_entry,
    webhook_of,
)
from workflow_manager.store.port import Store
from workflow_manager.webhooks.addresses import AddressPolicy, Refused, parse_url
from workflow_manager.webhooks.signing import check_secret, new_secret

MAX_TEXT: Final = 1_000
MAX_TAGS: Final = 20
ENDS: Final = tuple(status.value for status in WorkflowStatus if status.is_terminal)

# Deliveries that are looked at for one page.
LOOKED_AT: Final = 1_000

_RACES: Final = 20


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """`next_id` is None on the last page, and only there."""

    deliveries: Sequence[Delivery]
    next_id: str | None


class Webhooks:
    """Safe for use by many threads.  Raises the errors of `kernel.errors` and no others."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        chance: Chance,
        policy: AddressPolicy,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called when something may have become due."""
        self._store = store
        self._clock = clock
        self._chance = chance
        self._policy = policy
        self._changed = changed

    def create(self, url: str, wanted: Filter, *, secret: str = "", description: str = "") -> Webhook:
        """With its secret, which is drawn unless given.  Raises `InvalidRequest`."""
        self._check(url, wanted, description)
        if len(self._store.entries(WEBHOOK, limit=MAX_WEBHOOKS)) == MAX_WEBHOOKS:
            raise InvalidRequest(f"there are {MAX_WEBHOOKS} webhooks, and may not be more")
        now = self._clock.now()
        webhook = Webhook(
            id=self._chance.uuid(),
            url=url,
            secret=check_secret(secret) if secret else new_secret(),
            filter=wanted,
            description=description,
            created_at=now,
            updated_at=now,
        )
        self._store.add_entry(webhook_entry(webhook))
        return webhook

    def update(
        self, webhook_id: str, url: str, wanted: Filter, *, secret: str = "", description: str = ""
    ) -> Webhook:
        """With another address and other wishes; without a secret it keeps its own.

        Raises `InvalidRequest`, `NotFound`.
        """
        self._check(url, wanted, description)
        if secret:
            check_secret(secret)

        def change(seen: Webhook, now: datetime) -> Webhook:
            return replace(
                seen,
                url=url,
                filter=wanted,
                description=description,
                secret=secret or seen.secret,
                held_until=seen.held_until if url == seen.url else None,
                updated_at=now,
            )

        return self._change(webhook_id, change)

    def _check(self, url: str, wanted: Filter, description: str) -> None:
        try:
            self._policy.check_host(parse_url(url).host)
        except Refused as refused:
            raise InvalidRequest(f"url in body: {refused}") from None
        for status in wanted.statuses:
            if status not in ENDS:
                raise InvalidRequest(f"statuses in body should hold some of [{' '.join(ENDS)}]")
        for name, text in (
            ("description", description),
            ("workflowDefinitionName", wanted.definition),
            ("namespace", wanted.namespace),
        ):
            _check_text(name, text)
        _check_tags(wanted.tags)

    def get(self, webhook_id: str) -> Webhook:
        """Raises `NotFound`."""
        webhook = webhook_of(self._store.get_entry(WEBHOOK, webhook_id))
        if webhook.is_deleted:
            raise NotFound(WEBHOOK, webhook_id)
        return webhook

    def list(self) -> Sequence[Webhook]:
        """All of them, the oldest first."""
        found = map(webhook_of, self._store.entries(WEBHOOK, limit=READ_WEBHOOKS))
        return sorted(
            (webhook for webhook in found if not webhook.is_deleted),
            key=lambda webhook: (webhook.created_at, webhook.id),
        )

    def delete(self, webhook_id: str) -> None:
        """What was still to be delivered is not.  Raises `NotFound`."""
        self._change(webhook_id, lambda seen, now: replace(seen, is_deleted=True, updated_at=now))

    def disable(self, webhook_id: str, reason: str) -> Webhook:
        """Ends from now on are told to it no more, and what waits keeps waiting.  Raises `NotFound`."""
        _check_text("reason", reason)
        return self._change(
            webhook_id, lambda seen, now: replace(seen, disabled=reason or "by hand", updated_at=now)
        )

    def enable(self, webhook_id: str) -> Webhook:
        """Raises `NotFound`."""
        return self._change(
            webhook_id,
            lambda seen, now: replace(seen, disabled="", failing_since=None, held_until=None, updated_at=now),
        )

    def deliveries(
        self, webhook_id: str, *, limit: int, status: DeliveryStatus | None = None, beyond: str | None = None
    ) -> DeliveryPage:
        """The latest first.  With `beyond` those before that one.  Raises `NotFound`."""
        self.get(webhook_id)
        entries = self._store.entries(
            delivery_kind(webhook_id), limit=LOOKED_AT, beyond=beyond, backwards=True
        )
        found: list[Delivery] = []
        for entry in entries:
            delivery = delivery_of(entry)
            if status in (None, delivery.status):
                if len(found) == limit:
                    return DeliveryPage(found, found[-1].id)
                found.append(delivery)
        return DeliveryPage(found, entries[-1].id if len(entries) == LOOKED_AT else None)

    def redeliver(self, webhook_id: str, delivery_id: str) -> Delivery:
        """Deliver it once more, however it stands, with the same message id.

        Raises `Conflict` while the webhook is disabled, `NotFound`.
        """
        if self.get(webhook_id).disabled:
            raise Conflict(f"webhook {webhook_id} is disabled: enable it first")
        kind = delivery_kind(webhook_id)
        for _ in range(_RACES):
            try:
                entry = self._store.get_entry(kind, delivery_id)
            except NotFound:
                raise NotFound("delivery", delivery_id) from None
            now = self._clock.now()
            delivery = replace(
                delivery_of(entry), status=DeliveryStatus.PENDING, give_up_at=now + RETRIED_FOR
            )
            try:
                self._store.replace_entry(delivery_entry(delivery, now, entry.revision))
            except Conflict:
                continue
            self._changed()
            return delivery
        raise Conflict(f"delivery {delivery_id} is being changed by others; try again")

    def _change(self, webhook_id: str, make: Callable[[Webhook, datetime], Webhook]) -> Webhook:
        for _ in range(_RACES):
            entry = self._store.get_entry(WEBHOOK, webhook_id)
            seen = webhook_of(entry)
            if seen.is_deleted:
                raise NotFound(WEBHOOK, webhook_id)
            changed = make(seen, self._clock.now())
            try:
                self._store.replace_entry(webhook_entry(changed, entry.revision))
            except Conflict:
                continue
            self._changed()
            return changed
        raise Conflict(f"webhook {webhook_id} is being changed by others; try again")


def _check_tags(tags: Mapping[str, object]) -> None:
    if len(tags) > MAX_TAGS:
        raise InvalidRequest(f"tags in body should be at most {MAX_TAGS}")
    for name, value in tags.items():
        if not isinstance(value, str):
            raise InvalidRequest(f"tags.{name[:100]} in body should be a string")
        _check_text(f"tags.{name[:100]}", name + value)


def _check_text(name: str, text: str) -> None:
    if len(text) > MAX_TEXT:
        raise InvalidRequest(f"{name} in body should be at most {MAX_TEXT} chars long")
