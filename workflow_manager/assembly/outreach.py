"""What the server does without being asked: it fires schedules, and tells webhooks of ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.schedules.firing import Firer, FiringLoop
from workflow_manager.schedules.service import Schedules
from workflow_manager.settings import Settings, StoreKind, is_loopback
from workflow_manager.store.port import Store
from workflow_manager.webhooks.addresses import AddressPolicy
from workflow_manager.webhooks.delivering import Deliverer
from workflow_manager.webhooks.outbox import Outbox
from workflow_manager.webhooks.sending import HttpSender
from workflow_manager.webhooks.service import Webhooks


@dataclass(frozen=True, slots=True)
class Outreach:
    """What REST can do with both, and who keeps count of what they do by themselves."""

    schedules: Schedules
    webhooks: Webhooks
    firer: Firer
    outbox: Outbox


@asynccontextmanager
async def outreach(
    settings: Settings, store: Store, executor: Executor, clock: Clock
) -> AsyncIterator[Outreach]:
    """Both at work on this event loop, and on threads of their own; on the way out they have stopped."""
    chance = SystemChance()
    policy = AddressPolicy(
        # Who reaches a server that only this machine reaches can reach the others on it anyway.
        loopback=is_loopback(settings.host),
        private=settings.webhooks_private,
    )
    is_alone = settings.store is not StoreKind.DYNAMODB
    firer, outbox = Firer(store, executor, clock), Outbox(store, clock, chance)
    firing = FiringLoop(firer, store, clock, is_alone=is_alone)
    deliverer = Deliverer(outbox, HttpSender(policy), clock)
    delivering = asyncio.create_task(deliverer.run())
    end_listening = executor.feed.listen(deliverer.wake)
    firing.start()
    try:
        yield Outreach(
            Schedules(store, executor, clock=clock, chance=chance, changed=firing.wake),
            Webhooks(store, clock=clock, chance=chance, policy=policy, changed=deliverer.wake),
            firer,
            outbox,
        )
    finally:
        end_listening()
        deliverer.stop()
        await asyncio.gather(delivering, asyncio.to_thread(firing.stop))
