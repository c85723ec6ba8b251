"""An execution that cannot be read any more: the others go on without it, and it can be stopped."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.engine.worlds import World, definition, task
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import AlreadyFinished, Unavailable

WAIT = definition(A={"Type": "Wait", "Seconds": 60, "End": True})
DAMAGES = {
    "its frame": "UPDATE frame SET body = x'00' WHERE execution = 1",
    "its definition": "UPDATE definition SET text = '{}' WHERE digest ="
    " (SELECT definition FROM execution WHERE key = 1)",
}


async def leave_two(path: Path, clock: ManualClock) -> str:
    """Two running executions, of which the first has a task at a worker; the task's token."""
    world = World(SqliteJournal(path), clock)
    await world.engine.open()
    activity = await world.activity()
    await world.engine.start(await world.machine(definition(A=task(activity)), "tasks"), "{}", "first")
    await world.engine.start(await world.machine(WAIT, "waits"), "{}", "second")
    token = (await world.take(activity)).token
    await world.engine.close()
    world.journal.close()
    return token


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_execution_can_be_stopped_and_holds_nobody_up(tmp_path: Path, damage: str) -> None:
    path, clock = tmp_path / "journal.db", ManualClock()

    async def play() -> None:
        token = await leave_two(path, clock)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(DAMAGES[damage])
        world = World(SqliteJournal(path), clock)
        await world.engine.open()
        first, second = (
            world.engine.realm.execution(machine, name)
            for machine, name in (("tasks", "first"), ("waits", "second"))
        )
        with pytest.raises(Unavailable, match="damaged"):
            await world.engine.task_succeeded(token, "1")
        await world.pass_time(60)
        assert (await world.ended(second)).status is Status.SUCCEEDED
        await world.engine.stop(first, Failure("Enough", "it is damaged"))
        assert world.engine.execution(first).status is Status.ABORTED
        types = await world.types(first)
        assert (types[0], types[-1]) == ("ExecutionStarted", "ExecutionAborted")
        events = (await world.engine.history(1, limit=100)).events
        assert [event.id for event in events] == list(range(1, len(events) + 1))
        with pytest.raises(AlreadyFinished):
            await world.engine.task_succeeded(token, "1")
        await world.engine.close()
        assert list(world.journal.open_frames()) == []
        assert list(world.journal.open_executions()) == []
        world.journal.close()

    asyncio.run(play())
