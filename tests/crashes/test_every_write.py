"""Wherever the engine dies, its next life goes on as if nothing had happened."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.crashes.lives import Fate, Story, keys_of, live
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.kernel.errors import AlreadyFinished

# A thread that dies is what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


def check_whole(path: Path, story: Story) -> None:
    """The execution ended as it has to, and its records hold together."""
    journal = SqliteJournal(path)
    arn = "arn:aws:states:us-east-1:123456789012:execution:parent:e"
    record = journal.find(arn)
    assert record is not None
    assert record.status is Status.SUCCEEDED
    assert record.ending is not None
    assert json.loads(str(record.ending.output)) == [
        "done {",
        {"from": "child"},
        ["done 1", "done 2", "done 3"],
    ]
    keys = keys_of(journal)
    assert len(keys) == 2, "a child was started twice"
    for key in keys:
        events = journal.history(key, limit=10_000).events
        assert [event.id for event in events] == list(range(1, len(events) + 1))
        assert all(event.previous < event.id for event in events)
        assert events[-1].type == "ExecutionSucceeded"
    assert list(journal.open_frames()) == []
    assert list(journal.open_executions()) == []
    assert journal.undelivered() == []
    assert story.announced[arn] >= 1
    assert all(times == 1 for times in story.honoured.values()), "a token was honoured twice"
    asyncio.run(_refuse_all(journal, story))
    journal.close()


async def _refuse_all(journal: SqliteJournal, story: Story) -> None:
    engine = Engine(journal, clock=story.clock)
    await engine.open()
    for token in story.honoured:
        with pytest.raises(AlreadyFinished):
            await engine.task_succeeded(token, "0")
    await engine.close()


def writes_of_a_whole_life(tmp_path: Path) -> int:
    fate = Fate()
    assert live(tmp_path / "whole.db", Story(), fate) is not None
    return fate.writes


def test_a_life_without_a_death(tmp_path: Path) -> None:
    story = Story()
    assert live(tmp_path / "journal.db", story, Fate()) is not None
    check_whole(tmp_path / "journal.db", story)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 4, 6, 9, 13, 18])
def test_a_death_at_one_write(tmp_path: Path, at: int, after: bool) -> None:
    story = Story()
    path = tmp_path / "journal.db"
    if live(path, story, Fate(at, after)) is None:
        assert live(path, story, Fate()) is not None
    check_whole(path, story)


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_death_at_every_write(tmp_path: Path, after: bool) -> None:
    for at in range(1, writes_of_a_whole_life(tmp_path) + 8):
        story = Story()
        path = tmp_path / f"{at}.db"
        if live(path, story, Fate(at, after)) is None:
            assert live(path, story, Fate()) is not None
        check_whole(path, story)


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("span", [2, 3, 5])
def test_dying_again_and_again(tmp_path: Path, span: int, after: bool) -> None:
    """Each life lasts for a few writes; what is done in them adds up."""
    story = Story()
    path = tmp_path / "journal.db"
    for _ in range(400):
        if live(path, story, Fate(span, after)) is not None:
            break
    else:
        pytest.fail("it never came to an end")
    check_whole(path, story)
