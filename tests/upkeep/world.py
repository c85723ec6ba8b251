"""A data directory with something in it: executions and workflows that ended, and some that run."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from tests.engine.worlds import World, definition
from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.models.workflow import Workflow, WorkflowDefinition, WorkflowStatus
from workflow_manager.store.port import WorkflowChange
from workflow_manager.store.sqlite import SqliteStore

PASS = definition(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "End": True})
WAIT = definition(A={"Type": "Wait", "Seconds": 86_400 * 365, "End": True})
OLD = 150  # executions that end at once, with a big input each
DEFINITION = WorkflowDefinition(id="d", name="d", version=0, state_machine=json.loads(PASS))


def fill(data: Path, clock: ManualClock) -> None:
    """Old ones, one that runs since then, 100 days, new ones."""
    data.mkdir()
    asyncio.run(_fill_journal(data, clock))
    store = SqliteStore(records_of(data), clock=clock, synchronous="OFF")
    for age in ("old", "new"):
        for number in range(OLD if age == "old" else 3):
            workflow = Workflow(id=f"{age}-{number}", workflow_definition=DEFINITION, tags={"age": age})
            store.create_workflow(workflow)
            done = WorkflowChange(status=WorkflowStatus.SUCCEEDED, stopped_at=clock.now())
            store.update_workflow(workflow.id, done)
        if age == "old":
            store.create_workflow(Workflow(id="runs", workflow_definition=DEFINITION))
            clock.advance(timedelta(days=100))
    store.close()
    clock.advance(timedelta(seconds=1))


async def _fill_journal(data: Path, clock: ManualClock) -> None:
    journal = SqliteJournal(journal_of(data), synchronous="OFF")
    world = World(journal, clock)
    await world.engine.open()
    waiting = await world.machine(WAIT, "waiting")
    passing = await world.machine(PASS, "passing")
    await world.engine.start(waiting, "{}", "runs")
    for number in range(OLD):
        await world.engine.start(passing, json.dumps("x" * 20_000), f"old-{number}")
    clock.advance(timedelta(days=100))
    await world.engine.start(passing, "{}", "new")
    await world.engine.close()
    journal.close()
    clock.advance(timedelta(days=-100))
