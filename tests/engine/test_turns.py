"""Executions move when their time comes, on any event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from workflow_manager.engine.calls import Owner
from workflow_manager.engine.turns import Turns
from workflow_manager.kernel.clock import ManualClock

uvloop = pytest.importorskip("uvloop")  # there is none for Windows


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_is_due_at_once_is_fired_however_often_the_alarm_is_set(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    clock = ManualClock()
    fired: list[Owner] = []

    async def play() -> None:
        done = asyncio.Event()

        def fire(owner: Owner, now: float) -> None:
            fired.append(owner)
            if len(fired) == 3:
                done.set()

        turns = Turns(clock, fire=fire, go_on=lambda key: None, is_busy=lambda: False)
        turns.open()
        for number in range(3):
            turns.timers.set((number, ""), clock.now().timestamp() - 10 + number)
            turns.arm()
        await asyncio.wait_for(done.wait(), 120)
        turns.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(play())
    assert fired == [(0, ""), (1, ""), (2, "")]
