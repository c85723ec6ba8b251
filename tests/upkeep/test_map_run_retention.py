"""The executions of a map run stay as long as the execution that has run it, and go after it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from tests.engine.worlds import World, task
from workflow_manager.assembly.files import journal_of
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.journal.upkeep import damages, prune
from workflow_manager.kernel.clock import ManualClock


def machine(activity: str) -> str:
    items = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "End": True}},
    }
    states = {
        "M": {"Type": "Map", "ItemsPath": "$", "ItemProcessor": items, "Next": "T"},
        "T": task(activity),
    }
    return json.dumps({"StartAt": "M", "States": states})


def test_a_map_run_is_pruned_with_its_execution(tmp_path: Path) -> None:
    clock, path = ManualClock(), journal_of(tmp_path)

    async def play() -> None:
        journal = SqliteJournal(path)
        world = World(journal, clock)
        await world.engine.open()
        activity = await world.activity()
        arn = await world.start(machine(activity), "[1, 2, 3]")
        taken = await world.take(activity)
        key = world.engine.execution(arn).key
        (run,) = journal.map_runs(key, None, 10)
        clock.advance(timedelta(days=200))
        assert sum(prune(path, clock.now() - timedelta(days=90))) == 0, "the parent is still running"
        assert len(list(journal.children(run.key))) == 3
        await world.engine.task_succeeded(taken.token, "1")
        await world.ended(arn)
        assert sum(prune(path, clock.now() - timedelta(days=90))) == 0, "the parent has just ended"
        clock.advance(timedelta(days=200))
        assert sum(prune(path, clock.now() - timedelta(days=90))) == 4
        assert journal.map_run(run.arn) is None
        assert journal.last_key() == 0
        await world.engine.close()
        journal.close()

    asyncio.run(play())
    assert list(damages(path)) == []
