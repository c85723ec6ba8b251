"""Which deliveries are taken when, and what follows from each attempt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import Conflict, InvalidRequest, NotFound
from workflow_manager.kernel.ids import ScriptedChance
from workflow_manager.models.webhook import Delivery, DeliveryStatus, Filter, Webhook
from workflow_manager.models.workflow import Workflow, WorkflowDefinition, WorkflowStatus
from workflow_manager.store.port import Store, WorkflowChange
from workflow_manager.webhooks.addresses import AddressPolicy
from workflow_manager.webhooks.messages import message_body
from workflow_manager.webhooks.outbox import CLAIM, KEPT, KEPT_DEAD, LONGEST_PAUSE, Outbox
from workflow_manager.webhooks.sending import Outcome
from workflow_manager.webhooks.service import Webhooks
from workflow_manager.webhooks.watching import standings

URL = "https://example.com/in"
DOWN = Outcome(503, "HTTP 503")
SECOND = timedelta(seconds=1)


@pytest.fixture
def webhooks(store: Store, clock: ManualClock) -> Webhooks:
    return Webhooks(store, clock=clock, chance=ScriptedChance(), policy=AddressPolicy())


@pytest.fixture
def outbox(store: Store, clock: ManualClock) -> Outbox:
    return Outbox(store, clock, ScriptedChance())


def end(store: Store, workflow_id: str = "w", status: WorkflowStatus = WorkflowStatus.SUCCEEDED) -> None:
    store.create_workflow(
        Workflow(id=workflow_id, workflow_definition=WorkflowDefinition(id="d", name="wf", version=2))
    )
    store.update_workflow(workflow_id, WorkflowChange(status=status))


def only(webhooks: Webhooks, webhook: Webhook) -> Delivery:
    [delivery] = webhooks.deliveries(webhook.id, limit=10).deliveries
    return delivery


def test_a_delivery_is_taken_once_and_settled(
    store: Store, webhooks: Webhooks, outbox: Outbox, clock: ManualClock
) -> None:
    webhook = webhooks.create(URL, Filter())
    end(store)
    [taken] = outbox.take(lambda webhook_id: 4)
    assert taken.webhook == webhook
    assert list(outbox.take(lambda webhook_id: 4)) == []
    outbox.settle(taken, Outcome(204))
    delivery = only(webhooks, webhook)
    assert (delivery.status, delivery.attempts, delivery.last_status) == (DeliveryStatus.DELIVERED, 1, 204)
    clock.advance(KEPT - SECOND)
    assert list(outbox.take(lambda webhook_id: 4)) == []
    assert len(webhooks.deliveries(webhook.id, limit=10).deliveries) == 1
    clock.advance(SECOND)
    assert list(outbox.take(lambda webhook_id: 4)) == []
    assert webhooks.deliveries(webhook.id, limit=10).deliveries == []


def test_what_a_killed_server_had_taken_is_taken_again_with_the_same_message(
    store: Store, webhooks: Webhooks, outbox: Outbox, clock: ManualClock
) -> None:
    webhooks.create(URL, Filter())
    end(store)
    [first] = outbox.take(lambda webhook_id: 4)
    clock.advance(CLAIM)
    [second] = outbox.take(lambda webhook_id: 4)
    assert second.delivery.message_id == first.delivery.message_id
    assert message_body(second.delivery.end) == message_body(first.delivery.end)
    # Whoever comes back from the dead changes nothing.
    outbox.settle(first, DOWN)
    outbox.settle(second, Outcome(200))
    assert only(webhooks, second.webhook).status is DeliveryStatus.DELIVERED


def test_of_many_servers_one_takes_it(store: Store, webhooks: Webhooks, clock: ManualClock) -> None:
    webhooks.create(URL, Filter())
    for number in range(5):
        end(store, f"w{number}")
    servers = [Outbox(store, clock, ScriptedChance()) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        taken = [each for found in threads.map(lambda one: one.take(lambda _: 5), servers) for each in found]
    assert sorted(each.delivery.end.workflow_id for each in taken) == [f"w{n}" for n in range(5)]


def test_one_that_takes_no_more_is_not_in_the_way_of_others(
    store: Store, webhooks: Webhooks, outbox: Outbox
) -> None:
    slow, quick = webhooks.create(URL, Filter()), webhooks.create(URL, Filter())
    for number in range(3):
        end(store, f"w{number}")
    free = {slow.id: 1, quick.id: 3}
    taken = outbox.take(lambda webhook_id: free[webhook_id])
    assert sorted(each.webhook.id for each in taken) == sorted([slow.id, *[quick.id] * 3])
    assert list(outbox.take(lambda webhook_id: -1)) == []


def attempt_until_settled(outbox: Outbox, clock: ManualClock, outcome: Outcome) -> list[timedelta]:
    """The pauses between the attempts."""
    pauses, last = [], clock.now()
    while clock.now() - last < timedelta(hours=4):
        for taken in outbox.take(lambda webhook_id: 1):
            pauses.append(clock.now() - last)
            last = clock.now()
            outbox.settle(taken, outcome)
        clock.advance(SECOND if len(pauses) < 5 else timedelta(minutes=1))
    return pauses[1:]


def test_failed_attempts_are_repeated_ever_more_slowly_for_a_day(
    store: Store, webhooks: Webhooks, outbox: Outbox, clock: ManualClock
) -> None:
    webhook = webhooks.create(URL, Filter())
    end(store)
    began_at = clock.now()
    pauses = attempt_until_settled(outbox, clock, DOWN)
    for pause, plain in zip(pauses, (5, 15, 45, 135), strict=False):
        assert 0.8 * plain <= pause.total_seconds() <= 1.2 * plain + 1
    assert max(pauses) <= 1.2 * LONGEST_PAUSE + timedelta(minutes=1)
    delivery = only(webhooks, webhook)
    assert (delivery.status, delivery.last_error) == (DeliveryStatus.DEAD, "HTTP 503")
    assert delivery.last_attempt_at is not None
    assert timedelta(hours=24) <= delivery.last_attempt_at - began_at <= timedelta(hours=27)
    assert len(pauses) + 1 == delivery.attempts < 30
    clock.advance(KEPT_DEAD)
    outbox.take(lambda webhook_id: 1)
    assert webhooks.deliveries(webhook.id, limit=1).deliveries == []


def test_a_dead_letter_can_be_delivered_again(
    store: Store, webhooks: Webhooks, outbox: Outbox, clock: ManualClock
) -> None:
    webhook = webhooks.create(URL, Filter())
    end(store)
    attempt_until_settled(outbox, clock, DOWN)
    dead = only(webhooks, webhook)
    webhooks.redeliver(webhook.id, dead.id)
    [taken] = outbox.take(lambda webhook_id: 1)
    assert taken.delivery.message_id == dead.message_id
    outbox.settle(taken, DOWN)
    assert only(webhooks, webhook).status is DeliveryStatus.PENDING
    with pytest.raises(NotFound, match="nothing"):
        webhooks.redeliver(webhook.id, "nothing")


def test_a_webhook_that_fails_for_days_is_disabled_with_a_note_and_keeps_what_waits(
    store: Store, webhooks: Webhooks, outbox: Outbox, clock: ManualClock
) -> None:
    webhook = webhooks.create(URL, Filter())
    for day in range(4):
        end(store, f"w{day}")
        for taken in outbox.take(lambda webhook_id: 1):
            outbox.settle(taken, DOWN)
        clock.advance(timedelta(days=1))
    note = webhooks.get(webhook.id).disabled
    assert note.startswith("disabled at 2026-01-08T10:00:00Z: every attempt since 2026-01-05T10:00:00Z")
    assert note.endswith("the last with: HTTP 503")
    end(store, "unheard")
    assert list(outbox.take(lambda webhook_id: 9)) == []
    waiting = webhooks.deliveries(webhook.id, limit=9, status=DeliveryStatus.PENDING).deliveries
    with pytest.raises(Conflict, match="enable it first"):
        webhooks.redeliver(webhook.id, waiting[0].id)
    enabled = webhooks.enable(webhook.id)
    assert (enabled.disabled, enabled.failing_since) == ("", None)
    assert len(outbox.take(lambda webhook_id: 9)) == len(waiting)


def test_a_success_in_between_makes_the_days_count_anew(
    store: Store, webhooks: Webhooks, outbox: Outbox, clock: ManualClock
) -> None:
    webhook = webhooks.create(URL, Filter())
    for day in range(5):
        end(store, f"w{day}")
        for taken in outbox.take(lambda webhook_id: 1):
            outbox.settle(taken, Outcome(200) if day == 2 else DOWN)
        clock.advance(timedelta(days=1))
    assert webhooks.get(webhook.id).disabled == ""


def test_one_that_is_gone_is_disabled_at_once(store: Store, webhooks: Webhooks, outbox: Outbox) -> None:
    webhook = webhooks.create(URL, Filter())
    end(store)
    [taken] = outbox.take(lambda webhook_id: 1)
    outbox.settle(taken, Outcome(410, "HTTP 410"))
    assert "it answered HTTP 410" in webhooks.get(webhook.id).disabled


def test_one_that_asks_for_time_is_left_alone_for_as_long(
    store: Store, webhooks: Webhooks, outbox: Outbox, clock: ManualClock
) -> None:
    webhook, other = webhooks.create(URL, Filter()), webhooks.create(URL, Filter())
    for number in range(3):
        end(store, f"w{number}")
    busy = Outcome(429, "HTTP 429", retry_after="600")
    [taken] = [each for each in outbox.take(lambda webhook_id: 1) if each.webhook == webhook]
    outbox.settle(taken, busy)
    assert [each.waiting for each in standings(store, clock.now())] == [3, 3]
    clock.advance(timedelta(seconds=599))
    assert {each.webhook.id for each in outbox.take(lambda webhook_id: 9)} == {other.id}
    clock.advance(SECOND)
    assert [each.webhook.id for each in outbox.take(lambda webhook_id: 9)] == [webhook.id] * 3


def test_enabling_a_webhook_ends_the_time_that_it_asked_for(
    store: Store, webhooks: Webhooks, outbox: Outbox
) -> None:
    webhook = webhooks.create(URL, Filter())
    end(store, "w0")
    [taken] = outbox.take(lambda webhook_id: 1)
    outbox.settle(taken, Outcome(503, "HTTP 503", retry_after="99999"))
    assert only(webhooks, webhook).last_error == "HTTP 503: asks to wait 7200 s"
    end(store, "w1")
    assert list(outbox.take(lambda webhook_id: 9)) == []
    webhooks.enable(webhook.id)
    assert [each.delivery.end.workflow_id for each in outbox.take(lambda webhook_id: 9)] == ["w1"]


def test_a_deleted_webhook_takes_its_deliveries_with_it(
    store: Store, webhooks: Webhooks, outbox: Outbox
) -> None:
    webhook = webhooks.create(URL, Filter())
    end(store)
    [taken] = outbox.take(lambda webhook_id: 1)
    webhooks.delete(webhook.id)
    outbox.take(lambda webhook_id: 1)
    outbox.settle(taken, Outcome(200))
    assert webhooks.list() == []
    assert store.entries("webhook", limit=9) == []
    assert store.entries(f"delivery:{webhook.id}", limit=9) == []
    for call in (webhooks.get, webhooks.enable, webhooks.delete):
        with pytest.raises(NotFound):
            call(webhook.id)


def test_deliveries_are_listed_latest_first_by_status_and_page(
    store: Store, webhooks: Webhooks, outbox: Outbox, clock: ManualClock
) -> None:
    webhook = webhooks.create(URL, Filter())
    for number in range(5):
        end(store, f"w{number}")
        clock.advance(SECOND)
    for taken in outbox.take(lambda webhook_id: 2):
        outbox.settle(taken, Outcome(200))

    def listed(**query: Any) -> list[str]:
        page = webhooks.deliveries(webhook.id, **query)
        return [each.end.workflow_id for each in page.deliveries]

    assert listed(limit=9) == ["w4", "w3", "w2", "w1", "w0"]
    assert listed(limit=9, status=DeliveryStatus.DELIVERED) == ["w1", "w0"]
    first = webhooks.deliveries(webhook.id, limit=2)
    assert listed(limit=2, beyond=first.next_id) == ["w2", "w1"]
    assert webhooks.deliveries(webhook.id, limit=5).next_id is None


def test_a_change_without_a_secret_keeps_the_secret(store: Store, webhooks: Webhooks) -> None:
    webhook = webhooks.create(URL, Filter())
    changed = webhooks.update(webhook.id, URL + "2", Filter(namespace="dev"))
    assert (changed.secret, changed.url) == (webhook.secret, URL + "2")
    other = "whsec_" + "B" * 44
    assert webhooks.update(webhook.id, URL, Filter(), secret=other).secret == other
    assert other not in repr(webhooks.get(webhook.id))
    assert other not in repr(store.get_entry("webhook", webhook.id))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda w: w.create("http://10.0.0.1/", Filter()), "url in body: 10.0.0.1 is in a private network"),
        (lambda w: w.create("ftp://a/", Filter()), "url in body should be an http"),
        (lambda w: w.create(URL, Filter(), secret="short"), "secret in body"),
        (lambda w: w.create(URL, Filter(statuses=("running",))), "statuses in body should hold some of"),
        (lambda w: w.create(URL, Filter(namespace="x" * 2000)), "namespace in body should be at most"),
        (lambda w: w.create(URL, Filter(tags={"a": 1})), "tags.a in body should be a string"),
        (lambda w: w.create(URL, Filter(tags={str(n): "" for n in range(21)})), "tags in body"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_reason(
    webhooks: Webhooks, make: Callable[[Webhooks], object], message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message):
        make(webhooks)


def test_there_are_no_more_webhooks_than_an_end_can_tell(webhooks: Webhooks) -> None:
    for _ in range(50):
        webhooks.create(URL, Filter())
    with pytest.raises(InvalidRequest, match="there are 50 webhooks"):
        webhooks.create(URL, Filter())
