"""What the engine tells of itself in numbers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.engine.worlds import World, definition, run, task, until
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.execution import Status
from workflow_manager.engine.figures import MOST_ACTIVITIES


def test_executions_count_from_their_begin_to_their_end() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        machine = await world.machine(definition(A=task(activity, Next="B"), B={"Type": "Pass", "End": True}))
        for name in ("done", "stopped", "open"):
            await world.engine.start(machine, "{}", name)
        await world.engine.task_succeeded((await world.take(activity)).token, "{}")
        await world.engine.stop(world.engine.realm.execution("m", "stopped"), Failure("E", "c"))
        await until(lambda: world.engine._runner.running == 1)
        seen = await world.engine.figures()
        assert (seen.executions_begun, seen.executions_open, seen.executions_in_memory) == (3, 1, 1)
        assert {status: count for status, count in seen.executions_ended.items() if count} == {
            Status.SUCCEEDED: 1,
            Status.ABORTED: 1,
        }
        assert seen.states_entered == 4
        sizes, writes = seen.commits.sizes.counts()
        assert sum(sizes) <= writes, "each commit holds a write"
        assert sum(seen.commits.seconds.counts()[0]) == sum(sizes)
        assert (seen.commits.failed, seen.writes_waiting) == (0, 0)

    run(play)


def test_a_timer_that_nobody_fires_is_overdue() -> None:
    async def play(world: World) -> None:
        await world.start(definition(A={"Type": "Wait", "Seconds": 60, "End": True}))
        seen = await world.engine.figures()
        assert (seen.timers, seen.timer_overdue) == (1, 0)
        world.clock.advance(timedelta(seconds=75))
        assert (await world.engine.figures()).timer_overdue == 15
        world.engine.tick()
        await until(lambda: world.engine._runner.running == 0)
        seen = await world.engine.figures()
        assert (seen.timers, seen.timer_overdue) == (0, 0)

    run(play)


def test_an_activity_is_shown_while_it_has_a_task_or_a_worker() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        assert (await world.engine.figures()).activities == {}
        await world.start(definition(A=task(activity)))
        assert (await world.engine.figures()).activities[activity].waiting == 1
        taken = await world.take(activity)
        assert (await world.engine.figures()).activities[activity].running == 1
        await world.engine.task_succeeded(taken.token, "{}")
        world.clock.advance(timedelta(hours=1))
        await until(lambda: world.engine._runner.running == 0)
        assert (await world.engine.figures()).activities == {}

    run(play)


def test_of_too_many_activities_those_with_most_to_do_are_shown() -> None:
    async def play(world: World) -> None:
        arns = [await world.activity(f"a{number:03}") for number in range(MOST_ACTIVITIES + 3)]
        polls = [asyncio.create_task(world.engine.take_task(arn, "ada", wait=60)) for arn in arns[:-1]]
        await asyncio.sleep(0)
        await world.start(definition(A=task(arns[-1])))
        seen = await world.engine.figures()
        assert (len(seen.activities), seen.others) == (MOST_ACTIVITIES, 3)
        assert seen.activities[arns[-1]].waiting == 1
        world.engine.end_polls()
        await asyncio.gather(*polls)

    run(play)
