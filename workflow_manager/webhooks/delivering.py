"""The loop that delivers: so many attempts at a time, of each webhook only a few, and never in the way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import WorkflowManagerError
from workflow_manager.kernel.tasks import end_tasks
from workflow_manager.webhooks.messages import message_body
from workflow_manager.webhooks.outbox import Outbox, Taken
from workflow_manager.webhooks.sending import Outcome, Sender
from workflow_manager.webhooks.signing import signed_headers

T = TypeVar("T")

AT_ONCE: Final = 32
AT_ONCE_TO_ONE: Final = 4

# In seconds.  Between two looks into the store, when nothing is heard and when much is.
LONGEST_PAUSE: Final = 5.0
SHORTEST_PAUSE: Final = 0.1

# What runs when the server stops gets this long; then it is taken again by the next.
DRAIN: Final = 2.0

_log = structlog.get_logger("webhooks")


class Deliverer:
    """For one event loop; the store is read and written on threads of its own."""

    def __init__(self, outbox: Outbox, sender: Sender, clock: Clock) -> None:
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="webhooks")
        self._running: Counter[str] = Counter()
        self._attempts: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._is_stopped = False
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Something may be due.  From any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Deliver until `stop`; then what runs gets a moment to end."""
        is_reported = False
        while not self._is_stopped:
            self._woken.clear()
            try:
                await self.deliver_due()
                is_reported = False
            except WorkflowManagerError as error:
                if not is_reported:
                    _log.warning("webhooks-not-read", error=str(error))
                is_reported = True  # once for each outage
            except Exception:  # a bug; the next round may do better
                _log.exception("webhooks-not-read")
            await self._pause()
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=DRAIN)
        await end_tasks(self._attempts)
        self._threads.shutdown()

    def stop(self) -> None:
        self._is_stopped = True
        self._woken.set()

    async def deliver_due(self) -> None:
        """Begin an attempt of whatever is due, as far as there is room."""
        if len(self._attempts) >= AT_ONCE:
            return
        for taken in await self._in_thread(lambda: self._outbox.take(self._free)):
            self._running[taken.webhook.id] += 1
            attempt = self._loop.create_task(self._attempt(taken))
            self._attempts.add(attempt)
            attempt.add_done_callback(self._attempts.discard)

    def _free(self, webhook_id: str) -> int:
        return min(AT_ONCE_TO_ONE - self._running[webhook_id], AT_ONCE - self._running.total())

    async def _attempt(self, taken: Taken) -> None:
        try:
            outcome = await self._send(taken)
            await self._in_thread(lambda: self._outbox.settle(taken, outcome))
        except WorkflowManagerError as error:
            # Its claim runs out, and it is attempted again.
            _log.warning("webhook-not-settled", delivery=taken.delivery.id, error=str(error))
        except Exception:  # a bug in one attempt is not one of the others
            _log.exception("webhook-not-settled", delivery=taken.delivery.id)
        finally:
            self._running[taken.webhook.id] -= 1
            if not self._running[taken.webhook.id]:
                del self._running[taken.webhook.id]  # webhooks come and go
            self._woken.set()

    async def _send(self, taken: Taken) -> Outcome:
        body = message_body(taken.delivery.end)
        headers = signed_headers(taken.webhook.secret, taken.delivery.message_id, self._clock.now(), body)
        return await self._sender(taken.webhook.url, headers, body)

    async def _pause(self) -> None:
        await asyncio.sleep(SHORTEST_PAUSE)
        try:
            async with asyncio.timeout(LONGEST_PAUSE):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await self._loop.run_in_executor(self._threads, call)
