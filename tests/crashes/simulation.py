"""One engine after another on one journal, in a world where everything has its turn.

The world does one thing at a time, and the next only when the engine has come to rest: a worker takes a
task, a worker reports, or time passes until somebody waits for nothing longer.  What it does follows
from what the engine offers, so two runs of the same machine see the same world, however often the
engine dies in one of them.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.crashes.any_machine import CHILD, INPUT, activities
from tests.crashes.lives import ROLE, Died
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.journal.port import Journal, NamesTaken
from workflow_manager.engine.journal.records import CatalogueWrite, ExecutionRecord, ExecutionWrite, Write
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.runtime import ActivityTask, Engine
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import AlreadyExists, AlreadyFinished
from workflow_manager.protocol.integrations import connect

QUIET_TURNS = 12  # of the loop without a change: longer than any chain of callbacks
MAX_SECONDS = 120  # of a machine that may have other things to do
BARRIER = CatalogueWrite()


class ClockChance:
    """Chance that follows from the time: a step that is made again after a crash draws the same."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def seed(self) -> int:
        return zlib.crc32(self._clock.now().isoformat().encode())

    def uuid(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self._clock.now().isoformat()))


@dataclass
class Death:
    """Comes at commit number `at`, `after` or before it is durable; 0 is never."""

    at: int = 0
    after: bool = False
    commits: int = 0
    came: bool = False

    def commit(self, each: Write, write: Callable[[Sequence[Write]], None]) -> None:
        if self.came:
            raise Died
        if each == BARRIER:
            return
        self.commits += 1
        dies = self.commits == self.at
        if not dies or self.after:
            write([each])
        if dies:
            # Only now, for whoever sees it closes the journal.
            self.came = True
            raise Died


def refuse_taken_names(journal: Journal, writes: Sequence[Write]) -> None:
    """Before any of them is written alone, for all of them are to be refused or none; it is no commit."""
    starts = [write for write in writes if isinstance(write, ExecutionWrite) and write.started is not None]
    taken = [start.key for start in starts if start.started and journal.find(start.started.identity.arn)]
    if taken:
        raise NamesTaken(taken)


class MortalMemory(MemoryJournal):
    """Commits one write at a time, so that there is a moment between any two."""

    death = Death()

    def write(self, writes: Sequence[Write]) -> None:
        if not self.death.came:
            refuse_taken_names(self, writes)
        write = super().write
        for each in writes:
            self.death.commit(each, write)


class MortalSqlite(SqliteJournal):
    """Commits one write at a time, as the other does."""

    death = Death()

    def write(self, writes: Sequence[Write]) -> None:
        if not self.death.came:
            refuse_taken_names(self, writes)
        write = super().write
        for each in writes:
            self.death.commit(each, write)


@dataclass
class Held:
    """A task that a worker has, and what it will make of it; those of low `order` are done first."""

    token: str
    outcome: str
    order: int


@dataclass
class World:
    """What is outside of the engine, and outlives it."""

    definition: dict[str, Any]
    clock: ManualClock = field(default_factory=ManualClock)
    held: dict[str, Held] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return json.dumps(self.definition)


class Life:
    def __init__(self, journal: Journal, death: Death, world: World) -> None:
        self._journal = journal
        self._death = death
        self._world = world
        self._engine = Engine(journal, clock=world.clock, chance=ClockChance(world.clock), services=connect())
        self._runner = self._engine._runner

    async def run(self) -> ExecutionRecord | None:
        """The ended execution; None when death came first."""
        try:
            return await self._live()
        except _Dead:
            return None
        finally:
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

    async def _live(self) -> ExecutionRecord:
        await self._do(self._engine.open())
        arn = await self._do(self._begin())
        while not self._is_over():
            if not (await self._take() or await self._report() or await self._pass_time()):
                raise AssertionError(f"it is stuck: {list(self._journal.open_frames())}")
        await self._engine.close()
        record = self._journal.find(arn)
        assert record is not None
        return record

    async def _begin(self) -> str:
        engine = self._engine
        for name in activities(self._world.definition):
            await engine.create_activity(name)
        await engine.create_machine("child", json.dumps(CHILD), ROLE)
        machine, _ = await engine.create_machine("parent", self._world.text, ROLE)
        try:
            return (await engine.start(machine.arn, INPUT, "e")).arn
        except AlreadyExists as ended:
            return ended.key

    def _is_over(self) -> bool:
        return not list(self._journal.open_executions()) and not self._journal.open_map_runs()

    # Turns of the world

    async def _take(self) -> bool:
        """A worker takes the first task that is offered, of the first activity that offers any."""
        queues = self._runner.work.queues._queues
        offering = sorted(arn for arn, queue in queues.items() if queue.offers)
        if not offering:
            return False
        task = await self._do(self._engine.take_task(offering[0], wait=0))
        if task is not None:
            self._world.held.setdefault(task.token, _held(task))
            self._engine.delivered(task)
        return True

    async def _report(self) -> bool:
        ready = [task for task in self._world.held.values() if task.outcome != "vanish"]
        if not ready:
            return False
        task = min(ready, key=lambda task: (task.order, task.token))
        try:
            if task.outcome == "ok":
                await self._do(self._engine.task_succeeded(task.token, json.dumps({"done": task.order})))
            else:
                await self._do(self._engine.task_failed(task.token, Failure(task.outcome, "as written")))
        except AlreadyFinished:
            await self._rest()
        del self._world.held[task.token]
        return True

    async def _pass_time(self) -> bool:
        due = self._runner.turns.timers.next_due()
        if due is None:
            return False
        clock = self._world.clock
        clock.advance(timedelta(seconds=max(0.0, due - clock.now().timestamp())))
        self._engine.tick()
        await self._rest()
        return True

    # Coming to rest

    async def _do(self, act: Awaitable[Any]) -> Any:
        """What it gives, once all that follows has settled."""
        task = asyncio.ensure_future(act)
        await self._rest(task)
        return task.result()

    async def _rest(self, act: asyncio.Future[Any] | None = None) -> None:
        before = None
        while before != (now := await self._quiet(act)):
            before = now
            await self._written()

    async def _quiet(self, act: asyncio.Future[Any] | None) -> tuple[int, ...]:
        """The signs of life, once they have not changed for a while."""
        quiet, last = 0, None
        deadline = time.monotonic() + MAX_SECONDS
        while time.monotonic() < deadline:
            if self._death.came:
                raise _Dead
            now = self._signs()
            busy = self._is_busy() or (act is not None and not act.done())
            quiet = 0 if busy or now != last else quiet + 1
            if quiet > QUIET_TURNS:
                return now
            last = now
            await asyncio.sleep(0)
        raise AssertionError("it never comes to rest")

    async def _written(self) -> None:
        """Whatever was on its way to the journal is there, for this write came last."""
        written = self._runner.submit(BARRIER)
        while not written.done():
            if self._death.came:
                raise _Dead
            await asyncio.sleep(0)

    def _is_busy(self) -> bool:
        runner, runs = self._runner, self._runner.map_runs
        due = runner.turns.timers.next_due()
        return bool(
            runner.turns._ready
            or runs._tasks
            or runner.abandonment._tasks
            or any(run.scheduled for run in runs._runs.values())
            or any(resident.in_flight for resident in runner.residents)
            or (due is not None and due <= self._world.clock.now().timestamp())
        )

    def _signs(self) -> tuple[int, ...]:
        return (self._death.commits, *(resident.version for resident in self._runner.residents))


class _Dead(Exception):
    """The engine of this life does nothing more."""


def _held(task: ActivityTask) -> Held:
    given = json.loads(task.input)
    script = given["script"]
    outcome = script[min(given["attempt"], len(script) - 1)]
    # Workers take differently long, but each task takes the same time whenever it is done.
    return Held(task.token, outcome, zlib.crc32(task.input.encode()))
