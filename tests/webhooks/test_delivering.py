"""The loop that delivers, with a sender that does what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.webhooks.test_outbox import DOWN, URL, end
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.ids import ScriptedChance
from workflow_manager.kernel.json import loads
from workflow_manager.models.webhook import DeliveryStatus, Filter
from workflow_manager.models.workflow import WorkflowStatus
from workflow_manager.store.port import Store
from workflow_manager.webhooks.addresses import AddressPolicy
from workflow_manager.webhooks.delivering import AT_ONCE_TO_ONE, Deliverer
from workflow_manager.webhooks.outbox import Outbox
from workflow_manager.webhooks.sending import Outcome
from workflow_manager.webhooks.service import Webhooks
from workflow_manager.webhooks.signing import signed_headers

DELIVERED = Outcome(200)


class Recorder:
    """Keeps what is sent until it is let go."""

    def __init__(self, outcome: Outcome = DELIVERED, *, held: bool = False) -> None:
        self.sent: list[tuple[str, Mapping[str, str], bytes]] = []
        self.go = asyncio.Event()
        self._outcome = outcome
        if not held:
            self.go.set()

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        self.sent.append((url, headers, body))
        await self.go.wait()
        return self._outcome


def a_webhook(store: Store, clock: ManualClock) -> tuple[Webhooks, Any]:
    webhooks = Webhooks(store, clock=clock, chance=ScriptedChance(), policy=AddressPolicy())
    return webhooks, webhooks.create(URL, Filter())


async def until(condition: Any) -> None:
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.005)


def test_an_end_is_told_signed_and_settled(store: Store, clock: ManualClock) -> None:
    webhooks, webhook = a_webhook(store, clock)
    end(store, status=WorkflowStatus.FAILED)

    async def scenario() -> Recorder:
        recorder = Recorder()
        deliverer = Deliverer(Outbox(store, clock, ScriptedChance()), recorder, clock)
        running = asyncio.create_task(deliverer.run())
        await until(lambda: webhooks.deliveries(webhook.id, limit=1).deliveries[0].last_status == 200)
        deliverer.stop()
        await running
        return recorder

    [(url, headers, body)] = asyncio.run(scenario()).sent
    assert url == URL
    assert headers == signed_headers(webhook.secret, headers["webhook-id"], clock.now(), body)
    assert loads(body) == {
        "type": "workflow.failed",
        "timestamp": "2026-01-05T10:00:00.000Z",
        "data": {
            "id": "w",
            "status": "failed",
            "workflowDefinition": {"name": "wf", "version": 2},
            "namespace": "",
            "queue": "default",
            "tags": {},
            "createdAt": "2026-01-05T10:00:00.000Z",
            "stoppedAt": "2026-01-05T10:00:00.000Z",
        },
    }


def test_one_that_hangs_holds_up_a_few_of_its_own_and_none_of_others(
    store: Store, clock: ManualClock
) -> None:
    webhooks, slow = a_webhook(store, clock)
    for number in range(AT_ONCE_TO_ONE + 3):
        end(store, f"w{number}")

    async def scenario() -> None:
        recorder = Recorder(DOWN, held=True)
        deliverer = Deliverer(Outbox(store, clock, ScriptedChance()), recorder, clock)
        running = asyncio.create_task(deliverer.run())
        await until(lambda: len(recorder.sent) == AT_ONCE_TO_ONE)
        other = webhooks.create(URL + "/other", Filter())
        end(store, "new")
        deliverer.wake()
        await until(lambda: [url for url, _, _ in recorder.sent].count(URL + "/other") == 1)
        assert [url for url, _, _ in recorder.sent].count(URL) == AT_ONCE_TO_ONE
        recorder.go.set()
        await until(lambda: webhooks.deliveries(other.id, limit=1).deliveries[0].last_status == 503)
        await until(lambda: len(recorder.sent) == AT_ONCE_TO_ONE + 5)
        deliverer.stop()
        await running

    asyncio.run(scenario())
    assert slow.id


def test_a_store_that_does_not_answer_is_asked_again(store: Store, clock: ManualClock) -> None:
    webhooks, webhook = a_webhook(store, clock)
    end(store)
    failures = [Unavailable("down"), RuntimeError("a bug")]

    class Flaky(Outbox):
        def take(self, free: Any) -> Any:
            if failures:
                raise failures.pop(0)
            return super().take(free)

    async def scenario() -> None:
        deliverer = Deliverer(Flaky(store, clock, ScriptedChance()), Recorder(), clock)
        running = asyncio.create_task(deliverer.run())

        def is_delivered() -> bool:
            deliverer.wake()
            delivery = webhooks.deliveries(webhook.id, limit=1).deliveries[0]
            return delivery.status is DeliveryStatus.DELIVERED

        await until(is_delivered)
        deliverer.stop()
        await running

    asyncio.run(scenario())
