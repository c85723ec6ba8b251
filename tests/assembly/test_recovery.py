"""What a killed server left between its two databases is put right by the next one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.assembly.serving import served
from tests.engine.worlds import World, definition
from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.kernel.clock import SystemClock
from workflow_manager.models.workflow import Workflow, WorkflowDefinition, WorkflowStatus
from workflow_manager.settings import Settings
from workflow_manager.store.sqlite import SqliteStore

PASS = definition(A={"Type": "Pass", "End": True})
WAIT = definition(A={"Type": "Wait", "Seconds": 3600, "End": True})
DEFINITION = WorkflowDefinition(id="d", name="d", version=0, state_machine=json.loads(PASS))


def leave_behind(data: Path) -> None:
    """An ending nobody was told of, a start that was cut short, and one that runs."""
    data.mkdir()

    async def play() -> None:
        journal = SqliteJournal(journal_of(data))

        def deaf(arn: str) -> None:
            raise RuntimeError("killed")

        world = World(journal, SystemClock(), listeners=[deaf])  # type: ignore[arg-type]
        await world.engine.open()
        ended = await world.engine.start(await world.machine(PASS, "ends"), "{}", "ended")
        await world.ended(ended.arn)
        await world.engine.start(await world.machine(WAIT, "waits"), "{}", "running")
        await world.engine.close()
        journal.close()

    asyncio.run(play())
    with closing(SqliteStore(records_of(data), clock=SystemClock())) as store:
        for name, machine in (("ended", "ends"), ("running", "waits"), ("cut-short", "ends")):
            arn = f"arn:aws:states:us-east-1:123456789012:execution:{machine}:{name}"
            store.create_workflow(Workflow(id=name, workflow_definition=DEFINITION, execution_arn=arn))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_records_that_a_kill_left_behind_are_put_right_without_being_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    leave_behind(data)
    with served(Settings(data=data)), closing(SqliteStore(records_of(data), clock=SystemClock())) as store:
        until(lambda: store.get_workflow("ended").status is WorkflowStatus.SUCCEEDED)
        until(lambda: store.get_workflow("cut-short").status is WorkflowStatus.FAILED)
        assert store.get_workflow("cut-short").status_reason == "execution not found"
        until(lambda: store.get_workflow("running").status is WorkflowStatus.RUNNING)
