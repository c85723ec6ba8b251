"""What can be seen of activities: what waits, what runs, and who works."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.engine.worlds import World, definition, run, task, until
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.roster import LATELY, MOST, Roster, WorkerSeen
from workflow_manager.engine.runtime import ActivityLoad
from workflow_manager.kernel.clock import ManualClock


async def load(world: World, activity: str) -> ActivityLoad:
    return (await world.engine.activity_loads([activity]))[activity]


def test_an_activity_that_nobody_uses_has_nothing_to_do() -> None:
    async def play(world: World) -> None:
        assert await load(world, await world.activity()) == ActivityLoad(0, None, 0, 0, ())

    run(play)


def test_tasks_wait_then_run_then_are_over() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        machine = await world.machine(definition(A=task(activity)))
        began_at = world.clock.now()
        for _ in range(2):
            await world.engine.start(machine, "{}")
            world.clock.advance(timedelta(seconds=5))
        found = await load(world, activity)
        assert (found.waiting, found.oldest_at, found.running) == (2, began_at, 0)

        taken = await world.engine.take_task(activity, "ada")
        taken_at = world.clock.now()
        assert taken is not None
        world.clock.advance(timedelta(seconds=5))
        found = await load(world, activity)
        assert (found.waiting, found.oldest_at) == (1, began_at + timedelta(seconds=5))
        assert (found.running, found.workers) == (1, (WorkerSeen("ada", taken_at, 1),))

        await world.engine.heartbeat(taken.token)
        assert (await load(world, activity)).workers == (WorkerSeen("ada", world.clock.now(), 1),)
        await world.engine.task_succeeded(taken.token, "{}")
        await until(lambda: world.engine._runner.work.roster.running(activity) == 0)
        assert (await load(world, activity)).workers == (WorkerSeen("ada", world.clock.now(), 0),)

    run(play)


def test_who_asks_for_a_task_is_there_as_long_as_he_asks() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        polls = [asyncio.create_task(world.engine.take_task(activity, name, wait=60)) for name in "ab"]
        await asyncio.sleep(0)
        world.clock.advance(timedelta(hours=1))
        found = await load(world, activity)
        assert found.polling == 2
        assert found.workers == tuple(WorkerSeen(name, world.clock.now(), 0) for name in "ab")
        world.engine.end_polls()
        await asyncio.gather(*polls)
        assert (await load(world, activity)).polling == 0
        world.clock.advance(LATELY + timedelta(seconds=1))
        assert (await load(world, activity)).workers == ()

    run(play)


def test_a_task_that_timed_out_or_was_stopped_is_held_by_nobody() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        machine = await world.machine(definition(A=task(activity, TimeoutSeconds=10)))
        await world.engine.start(machine, "{}", "late")
        stopped = (await world.engine.start(machine, "{}", "stopped")).arn
        for _ in range(2):
            await world.take(activity)
        await world.engine.stop(stopped, Failure("E", "c"))
        await until(lambda: world.engine._runner.work.roster.running(activity) == 1)
        await world.pass_time(10)
        await until(lambda: world.engine._runner.work.roster.running(activity) == 0)

    run(play)


def test_a_task_that_was_given_back_waits_again() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        await world.start(definition(A=task(activity)))
        world.engine.give_back(await world.take(activity))
        found = await load(world, activity)
        assert (found.waiting, found.running) == (1, 0)
        await world.take(activity)
        found = await load(world, activity)
        assert (found.waiting, found.running) == (0, 1)

    run(play)


def test_the_next_task_of_a_retried_state_is_another_one() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        states = definition(A=task(activity, Next="B"), B=task(activity))
        await world.start(states)
        await world.engine.task_succeeded((await world.take(activity)).token, "{}")
        await until(lambda: world.engine._runner.work.roster.running(activity) == 0)
        assert (await load(world, activity)).waiting == 1

    run(play)


def test_after_a_restart_what_waits_is_as_old_as_before_and_what_runs_still_runs() -> None:
    async def whole() -> None:
        first = World(MemoryJournal())
        await first.engine.open()
        activity = await first.activity()
        machine = await first.machine(definition(A=task(activity, Retry=[{"ErrorEquals": ["E"]}])))
        for _ in range(2):
            await first.engine.start(machine, "{}")
        taken = await first.engine.take_task(activity, "ada")
        assert taken is not None
        first.engine.delivered(taken)
        first.clock.advance(timedelta(seconds=30))
        before = await load(first, activity)
        await first.engine.close()

        second = World(first.journal, first.clock)
        await second.engine.open()
        second.clock.advance(timedelta(seconds=30))
        found = await load(second, activity)
        assert (found.waiting, found.oldest_at, found.running) == (1, before.oldest_at, 1)
        assert found.workers == ()
        await second.engine.task_succeeded(taken.token, "{}")
        await until(lambda: second.engine._runner.work.roster.running(activity) == 0)
        await second.engine.close()

    asyncio.run(whole())


def test_only_so_many_workers_are_remembered() -> None:
    clock = ManualClock()
    roster = Roster(clock.now)
    for number in range(MOST + 1):
        with roster.asking("a", f"{number:05}"):
            pass
    names = [each.name for each in roster.workers()["a"]]
    assert (len(names), names[0]) == (MOST, "00001")
