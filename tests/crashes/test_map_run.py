"""Wherever the engine dies in the middle of a distributed Map, every item is worked on once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.crashes.lives import ROLE, Fate, MortalJournal, keys_of
from tests.engine.object_store import MemoryObjects
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.records import ExecutionRecord
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import AlreadyExists

# A thread that dies is what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

ITEMS = 7
PARENT = "arn:aws:states:us-east-1:123456789012:execution:m:e"
DEFINITION = {
    "StartAt": "M",
    "States": {
        "M": {
            "Type": "Map",
            "MaxConcurrency": 3,
            "ToleratedFailureCount": 1,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSONL"},
                "Parameters": {"Bucket": "b", "Key": "items"},
            },
            "ItemSelector": {"n.$": "$$.Map.Item.Value", "id.$": "States.UUID()"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Wait",
                "States": {
                    "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Which"},
                    "Which": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$.n", "NumericEquals": 4, "Next": "Bad"}],
                        "Default": "Good",
                    },
                    "Bad": {"Type": "Fail"},
                    "Good": {"Type": "Pass", "OutputPath": "$.n", "End": True},
                },
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "b", "Prefix": "out"},
                "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"},
            },
            "End": True,
        }
    },
}


# Only what is redriven finds its way.
LATE = {
    "Type": "Choice",
    "Choices": [
        {"Variable": "$$.Execution.RedriveCount", "NumericGreaterThan": 0, "Next": "Good"},
        {"Not": {"Variable": "$.n", "NumericEquals": 4}, "Next": "Good"},
    ],
}


class Story:
    """`stops`: somebody stops the execution as soon as children are under way; `fails`: no item may fail;
    `redrives`: what has failed is redriven, and succeeds.
    """

    def __init__(self, *, stops: bool = False, fails: bool = False, redrives: bool = False) -> None:
        self.stops = stops
        self.redrives = redrives
        self.definition = json.dumps(DEFINITION)
        if redrives:
            late: Any = json.loads(self.definition)
            late["States"]["M"]["ItemProcessor"]["States"]["Which"] = LATE
            del late["States"]["M"]["ItemProcessor"]["States"]["Bad"]
            self.definition = json.dumps(late)
        if fails or redrives:
            self.definition = self.definition.replace(
                '"ToleratedFailureCount": 1', '"ToleratedFailureCount": 0'
            )
        self.clock = ManualClock()
        lines = "".join(f"{number}\n" for number in range(ITEMS))
        self.objects = MemoryObjects({("b", "items"): lines.encode()})


def live(path: Path, story: Story, fate: Fate) -> ExecutionRecord | None:
    """One life; the ended execution, or None when death came first."""
    journal = MortalJournal(path, fate)
    try:
        return asyncio.run(_live(journal, story, fate))
    finally:
        journal.close()


async def _live(journal: MortalJournal, story: Story, fate: Fate) -> ExecutionRecord | None:
    engine = Engine(journal, clock=story.clock, objects=story.objects)
    running = asyncio.ensure_future(_run(engine, story))
    while not fate.dead and not running.done():
        await asyncio.sleep(0)
        if engine._is_open:
            story.clock.advance(timedelta(milliseconds=20))
            engine.tick()
    if fate.dead:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return None
    await engine.close()
    return running.result()


async def _run(engine: Engine, story: Story) -> ExecutionRecord:
    await engine.open()
    machine, _ = await engine.create_machine("m", story.definition, ROLE)
    with suppress(AlreadyExists):
        await engine.start(machine.arn, "{}", "e")
    while story.stops and not engine.execution(PARENT).status.is_terminal:
        await asyncio.sleep(0)
        # Without a thread, which may be slower than the children.
        if any(run.open for run in engine._runner.map_runs._runs.values()):
            await engine.stop(PARENT, Failure("Enough"))
    record = await engine.ended(PARENT)
    if story.redrives and record.status is Status.FAILED:
        await engine.redrive(PARENT)
        record = await engine.ended(PARENT)
    (found,) = await engine.map_runs(PARENT, limit=2)
    while not engine.map_run(found.arn).settled:
        await asyncio.sleep(0)
    return record


def check_whole(path: Path, story: Story) -> None:
    journal = SqliteJournal(path)
    record = journal.find(PARENT)
    assert record is not None
    assert record.status is Status.SUCCEEDED
    (run,) = journal.map_runs(record.key, None, 2)
    assert run.status is Status.SUCCEEDED
    assert run.tally == {"SUCCEEDED": (ITEMS - 1, ITEMS - 1), "FAILED": (1, 1)}
    assert run.items == ITEMS
    children = journal.child_records(run.key, 0, 100)
    inputs = [json.loads(child.identity.input) for child in children]
    assert [given["n"] for given in inputs] == list(range(ITEMS))
    assert len({given["id"] for given in inputs}) == ITEMS
    assert len(keys_of(journal)) == ITEMS + 1, "a child was begun twice"
    assert journal.items(run.key, 0) is None, "items were left behind"
    assert list(journal.open_executions()) == []
    assert list(journal.open_frames()) == []
    assert journal.open_map_runs() == []
    journal.close()
    folder = f"out/{run.arn.rpartition(':')[2]}"
    good = story.objects.held["b", f"{folder}/SUCCEEDED_0.jsonl"]
    assert [json.loads(line) for line in good.splitlines()] == [0, 1, 2, 3, 5, 6]
    assert json.loads(story.objects.held["b", f"{folder}/FAILED_0.jsonl"])["Status"] == "FAILED"


def check_stopped(path: Path, story: Story) -> None:
    journal = SqliteJournal(path)
    record = journal.find(PARENT)
    assert record is not None
    assert record.status is Status.ABORTED
    (run,) = journal.map_runs(record.key, None, 2)
    assert run.status is Status.ABORTED
    ends = Counter(child.status.value for child in journal.children(run.key))
    begun = {status: (count, count) for status, count in ends.items()}
    left = ITEMS - ends.total()
    assert "RUNNING" not in ends
    # It may have been stopped in the same moment as its items were read.
    assert run.items is None or run.tally == begun | ({"PENDING": (left, left)} if left else {})
    assert list(journal.open_executions()) == []
    assert list(journal.open_frames()) == []
    assert journal.open_map_runs() == []
    journal.close()


def check_failed(path: Path, story: Story) -> None:
    journal = SqliteJournal(path)
    record = journal.find(PARENT)
    assert record is not None
    assert record.ending is not None
    assert record.ending.failure is not None
    assert record.ending.failure.error == "States.ExceedToleratedFailureThreshold"
    (run,) = journal.map_runs(record.key, None, 2)
    assert run.status is Status.FAILED
    ends = Counter(child.status.value for child in journal.children(run.key))
    assert ends["FAILED"] == 1
    assert {name: count for name, (count, _) in run.tally.items() if name != "PENDING"} == ends
    assert list(journal.open_executions()) == []
    assert journal.open_map_runs() == []
    journal.close()
    exported = story.objects.held["b", f"out/{run.arn.rpartition(':')[2]}/FAILED_0.jsonl"]
    assert len(exported.splitlines()) == ends["FAILED"] + ends["ABORTED"]


def check_redriven(path: Path, story: Story) -> None:
    journal = SqliteJournal(path)
    record = journal.find(PARENT)
    assert record is not None
    assert (record.status, record.redrives) == (Status.SUCCEEDED, 1)
    (run,) = journal.map_runs(record.key, None, 2)
    assert (run.status, run.redrives) == (Status.SUCCEEDED, 1)
    assert run.tally == {"SUCCEEDED": (ITEMS, ITEMS)}
    children = journal.child_records(run.key, 0, 100)
    assert [json.loads(child.identity.input)["n"] for child in children] == list(range(ITEMS))
    assert children[4].redrives == 1
    assert {child.redrives for child in children} == {0, 1}
    assert len(keys_of(journal)) == ITEMS + 1, "a child was begun twice"
    assert journal.items(run.key, 0) is None, "items were left behind"
    assert list(journal.open_executions()) == []
    assert list(journal.open_frames()) == []
    assert journal.open_map_runs() == []
    journal.close()
    good = story.objects.held["b", f"out/{run.arn.rpartition(':')[2]}/SUCCEEDED_0.jsonl"]
    assert [json.loads(line) for line in good.splitlines()] == list(range(ITEMS))


def writes_of_a_whole_life(path: Path, **plot: bool) -> int:
    fate = Fate()
    assert live(path, Story(**plot), fate) is not None
    return fate.writes


def test_a_life_without_a_death(tmp_path: Path) -> None:
    story = Story()
    assert live(tmp_path / "journal.db", story, Fate()) is not None
    check_whole(tmp_path / "journal.db", story)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("plot", "check"),
    [
        pytest.param({}, check_whole, id="whole"),
        pytest.param({"stops": True}, check_stopped, id="stopped", marks=pytest.mark.slow),
        pytest.param({"fails": True}, check_failed, id="failed", marks=pytest.mark.slow),
        pytest.param({"redrives": True}, check_redriven, id="redriven", marks=pytest.mark.slow),
    ],
)
def test_a_death_at_every_write(
    tmp_path: Path, plot: dict[str, bool], check: Callable[[Path, Story], None], after: bool
) -> None:
    for at in range(1, writes_of_a_whole_life(tmp_path / "whole.db", **plot) + 4):
        story = Story(**plot)
        path = tmp_path / f"{at}.db"
        if live(path, story, Fate(at, after)) is None:
            assert live(path, story, Fate()) is not None
        check(path, story)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_dying_again_and_again(tmp_path: Path, after: bool) -> None:
    """Each life lasts for a few writes; what is done in them adds up."""
    story = Story()
    path = tmp_path / "journal.db"
    for _ in range(100):
        if live(path, story, Fate(4, after)) is not None:
            break
    else:
        pytest.fail("it never came to an end")
    check_whole(path, story)
