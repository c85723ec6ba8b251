"""Calls on an event loop that are written as if they had a thread: where they wait, the loop goes on.

The rooms are synchronous, and what they wait for in the end is a commit or the engine.  A thread for
each such call costs a change of threads, and the interpreter's lock, at every wait; with dozens of them
that is most of what a short request costs.  Here a call has a stack of its own (a greenlet) instead.

For calls that compute little and wait by `stand_by` alone: all else that blocks holds up the loop.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


class _Call(greenlet):  # type: ignore[misc]
    """One call, on a stack of its own."""


def is_beside() -> bool:
    """Whether this code runs in such a call, and has to wait by `stand_by`."""
    return isinstance(getcurrent(), _Call)


def stand_by(awaitable: Awaitable[T]) -> T:
    """What it gives or raises, while the loop goes on.  Only where `is_beside`."""
    parent = getcurrent().parent
    assert parent is not None
    result: T = parent.switch(awaitable)
    return result


class Beside:
    """The calls under way beside one event loop."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any]] = set()

    def begin(self, function: Callable[[], T]) -> asyncio.Task[T]:
        """Call it soon; to be awaited through a shield by those who may be cancelled."""
        task = asyncio.get_running_loop().create_task(_perform(function))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def finish(self) -> None:
        """Return when no call is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)


async def _perform(function: Callable[[], T]) -> T:
    call = _Call(function)
    call.gr_context = contextvars.copy_context()
    reached = call.switch()
    while not call.dead:
        try:
            found = await reached
        except BaseException as error:  # the call's own to handle, a cancellation too
            reached = call.throw(error)
        else:
            reached = call.switch(found)
    result: T = reached
    return result
