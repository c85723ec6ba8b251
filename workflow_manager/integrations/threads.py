"""Threads for calls that block: a bounded number, none of which holds up the end of the process."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """At most `limit` calls at the same time; more of them wait.

    A caller who is cancelled stops waiting, but the call goes on, and counts until it ends: Python
    cannot end a thread.
    """

    def __init__(self, limit: int) -> None:
        self._free = asyncio.Semaphore(limit)

    async def run(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """What `work` returns or raises, done on a thread.

        Raises `TimeoutError` when that takes more than `seconds` from its beginning.
        """
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def tell(set_outcome: Callable[[], None]) -> None:
            self._free.release()
            if not done.done():
                set_outcome()

        def work_and_tell() -> None:
            outcome: Callable[[], None]
            try:
                result = work()
            except BaseException as error:  # whoever waits has to hear of it, whatever it is
                failed = error
                outcome = lambda: done.set_exception(failed)  # noqa: E731
            else:
                outcome = lambda: done.set_result(result)  # noqa: E731
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(tell, outcome)

        try:
            threading.Thread(target=work_and_tell, name="service-call", daemon=True).start()
        except RuntimeError:
            self._free.release()
            raise
        async with asyncio.timeout(seconds):
            return await done
