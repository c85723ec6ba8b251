"""An engine whose time stands still, and definitions to run on it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import ExecutionRecord
from workflow_manager.engine.runtime import ActivityTask, Engine
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.ids import ScriptedChance

ROLE = "arn:aws:iam::123456789012:role/r"


def definition(**states: Any) -> str:
    """The states in order; the first is where it starts."""
    return json.dumps({"StartAt": next(iter(states)), "States": states})


def task(resource: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, **({} if "Next" in more else {"End": True}), **more}


class World:
    """An engine on its journal, with a clock that moves when it is told to."""

    def __init__(self, journal: Journal | None = None, clock: ManualClock | None = None, **more: Any) -> None:
        self.journal = journal or MemoryJournal()
        self.clock = clock or ManualClock()
        self.engine = Engine(self.journal, clock=self.clock, chance=ScriptedChance(), **more)

    async def machine(self, text: str, name: str = "m", **more: Any) -> str:
        machine, _ = await self.engine.create_machine(name, text, ROLE, **more)
        return machine.arn

    async def activity(self, name: str = "a") -> str:
        return (await self.engine.create_activity(name)).arn

    async def start(self, text: str, input: str = "{}", name: str = "e") -> str:
        return (await self.engine.start(await self.machine(text), input, name)).arn

    async def take(self, activity: str) -> ActivityTask:
        taken = await self.engine.take_task(activity, wait=10)
        assert taken is not None
        return taken

    async def pass_time(self, seconds: float) -> None:
        """Move the clock, and let everything settle that follows at once."""
        self.clock.advance(timedelta(seconds=seconds))
        self.engine.tick()
        for _ in range(3):
            await asyncio.sleep(0)
            for resident in self.engine._runner.residents:
                await self.engine._runner.settled(resident)

    async def ended(self, arn: str) -> ExecutionRecord:
        return await asyncio.wait_for(self.engine.ended(arn), 120)

    async def types(self, arn: str) -> list[str]:
        page = await self.engine.history(self.engine.execution(arn).key, limit=1000)
        return [event.type for event in page.events]


def run(play: Callable[[World], Coroutine[Any, Any, None]], **more: Any) -> None:
    """Play on a fresh engine."""

    async def whole() -> None:
        world = World(**more)
        await world.engine.open()
        try:
            await asyncio.wait_for(play(world), 300)
        finally:
            await world.engine.close()

    asyncio.run(whole())


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Give way to the engine until the condition holds."""
    deadline = time.monotonic() + 120
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0)
