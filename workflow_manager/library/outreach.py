"""What a program does without being asked: it finds out what runs, and where it was told to it fires
schedules and tells webhooks.

As the server does, with the server's own loops; here each is on a thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from workflow_manager.executor.catching_up import CatchingUp
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.ids import Chance
from workflow_manager.models.schedule import Submission
from workflow_manager.models.workflow import Workflow
from workflow_manager.schedules.firing import Firer, FiringLoop
from workflow_manager.schedules.service import Schedules
from workflow_manager.store.port import Store
from workflow_manager.webhooks.addresses import AddressPolicy
from workflow_manager.webhooks.delivering import Deliverer
from workflow_manager.webhooks.outbox import Outbox
from workflow_manager.webhooks.sending import HttpSender
from workflow_manager.webhooks.service import Webhooks


class Outreach:
    """Both doors, and what works behind them from the making on until `stop`.

    `fires` and `tells` say whether it does; without, what is made waits for somebody who does.
    `is_alone` tells that no other process uses the store.
    """

    def __init__(
        self,
        store: Store,
        executor: Executor,
        environment: str,
        *,
        clock: Clock,
        chance: Chance,
        fires: bool,
        tells: bool,
        policy: AddressPolicy,
        is_alone: bool,
    ) -> None:
        starter = _InEnvironment(executor, environment)
        with ExitStack() as stack:
            if is_alone:
                catching_up = CatchingUp(executor, clock)
                catching_up.start()
                stack.callback(catching_up.stop)
            wake_firing, wake_delivering = _nobody, _nobody
            if tells:
                telling = _Telling(lambda: Deliverer(Outbox(store, clock, chance), HttpSender(policy), clock))
                stack.callback(telling.stop)
                stack.callback(executor.feed.listen(telling.wake))
                wake_delivering = telling.wake
            if fires:
                firing = FiringLoop(Firer(store, starter, clock), store, clock, is_alone=is_alone)
                firing.start()
                stack.callback(firing.stop)
                wake_firing = firing.wake
            self.schedules = Schedules(store, starter, clock=clock, chance=chance, changed=wake_firing)
            self.webhooks = Webhooks(
                store, clock=clock, chance=chance, policy=policy, changed=wake_delivering
            )
            self.stop = stack.pop_all().close


def _nobody() -> None:
    """Nobody is woken: what was made waits in the store."""


class _InEnvironment:
    """The executor, for submissions without a namespace: they are this program's own."""

    def __init__(self, executor: Executor, environment: str) -> None:
        self._executor = executor
        self._environment = environment
        self.workflow = executor.workflow
        self.cancel = executor.cancel

    def check_submission(self, submission: Submission) -> None:
        self._executor.check_submission(self._here(submission))

    def start_scheduled(self, schedule_id: str, at: datetime, submission: Submission) -> Workflow:
        return self._executor.start_scheduled(schedule_id, at, self._here(submission))

    def _here(self, submission: Submission) -> Submission:
        return replace(submission, namespace=submission.namespace or self._environment)


class _Telling:
    """A deliverer on an event loop and a thread of its own, from its making until `stop`."""

    def __init__(self, make: Callable[[], Deliverer]) -> None:
        made = threading.Event()

        async def run() -> None:
            self._deliverer = make()
            self._loop = asyncio.get_running_loop()
            made.set()
            await self._deliverer.run()

        self._thread = threading.Thread(target=asyncio.run, args=(run(),), name="webhooks", daemon=True)
        self._thread.start()
        made.wait()

    def wake(self) -> None:
        self._deliverer.wake()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._deliverer.stop)
        self._thread.join()
