"""Many lives of one engine: each dies at a chosen write, and the next begins on what it left."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.journal.port import Journal, NamesTaken
from workflow_manager.engine.journal.records import ExecutionRecord, Key, Write
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import AlreadyExists, AlreadyFinished
from workflow_manager.protocol.integrations import connect

ROLE = "arn:aws:iam::123456789012:role/r"

CHILD = {
    "StartAt": "C",
    "States": {
        "C": {"Type": "Wait", "Seconds": 5, "Next": "D"},
        "D": {"Type": "Pass", "Result": "child", "End": True},
    },
}


def parent(activity: str, child: str) -> dict[str, object]:
    """Something of everything that can be waited for."""
    work = {"Type": "Task", "Resource": activity, "End": True}
    retry = [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 2, "MaxAttempts": 3}]
    nested = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Input": {}},
        "ResultSelector": {"from.$": "$.Output"},
        "End": True,
    }
    items = {
        "Type": "Map",
        "MaxConcurrency": 2,
        "ItemsPath": "$.items",
        "ItemProcessor": {"StartAt": "I", "States": {"I": work}},
        "End": True,
    }
    return {
        "StartAt": "First",
        "States": {
            "First": {"Type": "Pass", "Next": "Both"},
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {
                        "StartAt": "W",
                        "States": {
                            "W": {"Type": "Wait", "Seconds": 3, "Next": "T"},
                            "T": {**work, "Retry": retry},
                        },
                    },
                    {"StartAt": "N", "States": {"N": nested}},
                    {"StartAt": "M", "States": {"M": items}},
                ],
                "Next": "Last",
            },
            "Last": {"Type": "Pass", "End": True},
        },
    }


INPUT = json.dumps({"items": [1, 2, 3]})
FLAKY = Failure("Flaky", "the first time")


class Died(SystemExit):
    """Kills the thread that writes, without a word, as the end of the process would."""


@dataclass
class Fate:
    """When to die: at write number `at`, `before` or `after` it is on the disk.  0 is never."""

    at: int = 0
    after: bool = False
    writes: int = 0
    dead: bool = False


class MortalJournal(SqliteJournal):
    def __init__(self, path: Path, fate: Fate) -> None:
        # Nothing here can lose what the operating system was given, so it need not wait for the disk.
        super().__init__(path, synchronous="OFF")
        self._fate = fate

    def write(self, writes: Sequence[Write]) -> None:
        fate = self._fate
        fate.writes += 1
        dies = fate.writes == fate.at
        if dies and not fate.after:
            fate.dead = True
        if fate.dead:
            raise Died
        try:
            super().write(writes)
        except NamesTaken:  # it was none
            fate.writes -= 1
            raise
        if dies:
            fate.dead = True
            raise Died


@dataclass
class Story:
    """What the world outside saw, over all lives."""

    clock: ManualClock = field(default_factory=ManualClock)
    honoured: Counter[str] = field(default_factory=Counter)
    announced: Counter[str] = field(default_factory=Counter)
    failed_once: bool = False


def live(path: Path, story: Story, fate: Fate) -> ExecutionRecord | None:
    """One life; the ended execution, or None when death came first."""
    journal = MortalJournal(path, fate)
    try:
        return asyncio.run(_live(journal, story, fate))
    finally:
        journal.close()


async def _live(journal: MortalJournal, story: Story, fate: Fate) -> ExecutionRecord | None:
    engine = Engine(
        journal,
        clock=story.clock,
        services=connect(),
        listeners=[lambda arn: story.announced.update([arn])],
    )
    acting = [asyncio.ensure_future(act) for act in (_run(engine, story), _work(engine, story))]
    while not fate.dead and not acting[0].done():
        await asyncio.sleep(0)
        if engine._is_open:
            story.clock.advance(timedelta(milliseconds=5))
            engine.tick()
    if fate.dead:
        for act in acting:
            act.cancel()
        await asyncio.gather(*acting, return_exceptions=True)
        return None
    ended = acting[0].result()
    acting[1].cancel()
    await engine.close()
    return ended


async def _run(engine: Engine, story: Story) -> ExecutionRecord:
    await engine.open()
    activity = (await engine.create_activity("work")).arn
    child, _ = await engine.create_machine("child", json.dumps(CHILD), ROLE)
    machine, _ = await engine.create_machine("parent", json.dumps(parent(activity, child.arn)), ROLE)
    try:
        arn = (await engine.start(machine.arn, INPUT, "e")).arn
    except AlreadyExists as ended:
        arn = ended.key
    record = await engine.ended(arn)
    while not story.announced[arn]:
        await asyncio.sleep(0)
    return record


async def _work(engine: Engine, story: Story) -> None:
    activity = engine.realm.activity("work")
    while not engine._is_open or activity not in engine.registry.activities:
        await asyncio.sleep(0)
    while True:
        task = await engine.take_task(activity, wait=60)
        if task is None:
            continue
        engine.delivered(task)
        try:
            if "items" in task.input and not story.failed_once:
                # Noted before it is written: over many lives it may not fail more often than is retried.
                story.failed_once = True
                await engine.task_failed(task.token, FLAKY)
            else:
                await engine.task_succeeded(task.token, json.dumps(f"done {task.input[:1]}"))
        except AlreadyFinished:
            continue
        story.honoured[task.token] += 1


def keys_of(journal: Journal) -> list[Key]:
    """Those of all executions.  One that finds its name taken, as after a death, leaves a gap."""
    return [key for key in range(1, journal.last_key() + 1) if journal.record(key) is not None]
