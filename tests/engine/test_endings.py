"""Endings are announced to listeners who may be slower than executions end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from tests.engine.worlds import World, definition, run
from workflow_manager.engine.endings import MAX_PENDING, PAGE
from workflow_manager.engine.journal.memory import MemoryJournal

PASS = definition(A={"Type": "Pass", "End": True})


async def many_ended(world: World, count: int) -> list[str]:
    machine = await world.machine(PASS)
    begun = await asyncio.gather(*(world.engine.start(machine, "{}") for _ in range(count)))
    return [each.arn for each in begun]


async def until_announced(world: World, heard: list[str], arns: list[str]) -> None:
    while sorted(heard) != sorted(arns) or world.journal.unannounced(1):
        await asyncio.sleep(0.001)


def test_what_listeners_have_no_time_for_waits_in_the_journal() -> None:
    may_go_on = threading.Event()
    heard: list[str] = []

    def listen(arn: str) -> None:
        may_go_on.wait()
        heard.append(arn)

    async def play(world: World) -> None:
        arns = await many_ended(world, MAX_PENDING + PAGE)
        assert world.engine._runner.endings.pending == MAX_PENDING
        assert len(world.journal.unannounced(10_000)) == len(arns)
        may_go_on.set()
        await until_announced(world, heard, arns)

    try:
        run(play, listeners=[listen])
    finally:
        may_go_on.set()


def test_listeners_who_fail_hear_of_every_ending_once_they_can() -> None:
    deaf = True
    heard: list[str] = []

    def listen(arn: str) -> None:
        if deaf:
            raise RuntimeError("not now")
        heard.append(arn)

    async def play(world: World) -> None:
        nonlocal deaf
        arns = await many_ended(world, 300)
        deaf = False
        await until_announced(world, heard, arns)

    run(play, listeners=[listen])


@pytest.mark.parametrize("concern", [lambda arn: True, lambda arn: False], ids=["all", "none"])
def test_a_start_takes_up_page_by_page_what_was_owed_whatever_is_of_concern_now(
    concern: Callable[[str], bool],
) -> None:
    journal = MemoryJournal()
    heard: list[str] = []
    arns: list[str] = []

    def deaf(arn: str) -> None:
        raise RuntimeError("not now")

    async def end_unheard(world: World) -> None:
        arns.extend(await many_ended(world, 2 * PAGE))

    async def listen(world: World) -> None:
        assert world.engine._runner.endings.pending <= PAGE
        await until_announced(world, heard, arns)

    run(end_unheard, journal=journal, listeners=[deaf])
    run(listen, journal=journal, listeners=[heard.append], concern=concern)


def test_endings_of_no_concern_are_not_told_and_owe_nothing() -> None:
    heard: list[str] = []

    async def play(world: World) -> None:
        machine = await world.machine(PASS)
        begun = [await world.engine.start(machine, "{}", name) for name in ("one", "other", "another")]
        await until_announced(world, heard, [begun[1].arn])

    run(play, listeners=[heard.append], concern=lambda arn: arn.endswith(":other"))
