"""When the step itself goes wrong: the execution fails, the others go on, and nobody waits for ever."""

from __future__ import annotations

import asyncio

import pytest

from tests.engine.worlds import World, definition, task
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.kernel.errors import AlreadyFinished

WAIT = definition(A={"Type": "Wait", "Seconds": 60, "End": True})


class Damaged(MemoryJournal):
    """The text of a definition is not what the executions were started with."""

    text: str | None = None

    def definition(self, digest: str) -> str:
        return self.text or super().definition(digest)


def check_failed(journal: Damaged, arn: str) -> None:
    record = journal.find(arn)
    assert record is not None
    assert record.status is Status.FAILED
    assert record.ending is not None
    assert record.ending.failure is not None
    assert record.ending.failure.error == "States.Runtime"
    events = journal.history(record.key, limit=100).events
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert events[-1].type == "ExecutionFailed"


def test_an_execution_whose_timer_brings_the_step_down_fails(caplog: pytest.LogCaptureFixture) -> None:
    journal = Damaged()

    async def play() -> None:
        world = World(journal)
        await world.engine.open()
        arn = await world.start(WAIT)
        await world.engine.close()
        journal.text = definition(B={"Type": "Pass", "End": True})
        world = World(journal, world.clock)
        await world.engine.open()
        await world.pass_time(60)
        await world.ended(arn)
        check_failed(journal, arn)
        await world.engine.close()

    asyncio.run(play())
    assert "the step failed" in caplog.text
    assert "KeyError" in caplog.text, "a bug is logged whole"


def test_a_worker_whose_report_brings_the_step_down_is_answered_and_so_is_a_stop() -> None:
    journal = Damaged()

    async def play() -> None:
        world = World(journal)
        await world.engine.open()
        activity = await world.activity()
        arn = await world.start(definition(A=task(activity)))
        token = (await world.take(activity)).token
        other = (await world.engine.start(await world.machine(definition(A=task(activity))), "{}", "o")).arn
        await world.engine.close()
        journal.text = definition(B={"Type": "Pass", "End": True})
        world = World(journal, world.clock)
        await world.engine.open()
        await world.engine.task_succeeded(token, "1")
        check_failed(journal, arn)
        with pytest.raises(AlreadyFinished):
            await world.engine.task_succeeded(token, "1")
        await world.engine.stop(other, Failure())
        assert world.engine.execution(other).status.is_terminal
        await world.engine.close()

    asyncio.run(play())
