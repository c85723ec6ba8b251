"""Calls of services under way: none is left behind, and none is forgotten."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.engine.driver import identity
from tests.engine.worlds import until
from workflow_manager.engine.calls import Calls, Moment
from workflow_manager.engine.events import Event, TaskSucceeded
from workflow_manager.engine.frames import AtWork
from workflow_manager.engine.resources import Resource
from workflow_manager.engine.services import ServiceCall
from workflow_manager.kernel.errors import Unavailable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OWNER = (1, "0")
CALLER = identity("{}", NOW)
WORK = AtWork(resource="arn:aws:states:::echo:say", arguments="1", token="t")


class Echo:
    def serves(self, resource: Resource) -> bool:
        return True

    async def call(self, call: ServiceCall) -> str:
        return call.arguments

    async def finish(self, call: ServiceCall, answer: str) -> str:
        return answer

    async def abandon(self, call: ServiceCall, answer: str) -> None: ...


class Looks:
    """What is found of the frame, look by look."""

    def __init__(self, *found: Any) -> None:
        self.coming = list(found)

    def __call__(self, owner: tuple[int, str], visit: int) -> Any:
        found = self.coming.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def reported(looks: Looks, *visits: int) -> list[Event]:
    """What is told of the frame, until all looks are done and no call is under way."""
    heard: list[Event] = []

    async def play() -> None:
        calls = Calls(Echo(), looks, lambda owner, event: heard.append(event), lambda: Moment(at=NOW, seed=1))
        for visit in visits:
            calls.begin(OWNER, visit)
        await until(lambda: not looks.coming and not calls._calls)
        await calls.close()

    asyncio.run(play())
    return heard


def test_a_call_that_nobody_waits_for_any_more_is_not_made_and_not_kept() -> None:
    assert reported(Looks(None), 1) == []


def test_a_call_is_not_kept_once_its_answer_was_reported() -> None:
    *_, last = reported(Looks((CALLER, WORK)), 1, 1)
    assert isinstance(last, TaskSucceeded)
    assert last.output == "1"


@pytest.mark.slow  # the engine waits for a second before it looks again
def test_a_call_is_made_once_the_journal_can_be_read_again() -> None:
    *_, last = reported(Looks(Unavailable("the disk"), (CALLER, WORK)), 1)
    assert isinstance(last, TaskSucceeded)
