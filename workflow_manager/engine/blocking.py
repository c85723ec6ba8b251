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

    def __init__(self, limit: int, name: str) -> None:
        self._free = asyncio.Semaphore(limit)
        self._name = name

    async def run(self, work: Callable[[], T], seconds: float | None = None) -> T:
        """What `work` returns or raises, done on a thread.

        Raises `TimeoutError` when that takes more than `seconds` from its beginning.
        """
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            self._free.release()
            if done.done():
                return
            if error is None:
                done.set_result(result)  # type: ignore[arg-type]
            else:
                done.set_exception(error)

        def work_and_tell() -> None:
            result, problem = None, None
            try:
                result = work()
            except BaseException as error:  # whoever waits has to hear of it, whatever it is
                problem = error
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, result, problem)

        try:
            threading.Thread(target=work_and_tell, name=self._name, daemon=True).start()
        except RuntimeError:
            self._free.release()
            raise
        async with asyncio.timeout(seconds):
            return await done
