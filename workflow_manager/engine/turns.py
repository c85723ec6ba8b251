"""When executions move by themselves: at the times that are set, and in turns while they have more to do.

Nothing new is begun from within while `is_busy`: what is on its way to the disk goes first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from workflow_manager.engine.calls import Owner
from workflow_manager.engine.journal.records import Key
from workflow_manager.engine.timers import Timers
from workflow_manager.kernel.clock import Clock

TIMERS_A_TURN: Final = 100
LONGEST_SLEEP: Final = 1.0  # seconds; so a wall clock that was set forward is noticed
PAUSE: Final = 0.002  # seconds, between two turns of what is due


class Turns:
    """`fire` is told whose time has come, and what time it is; `go_on` whose turn it is.

    For use on one event loop, between `open` and `close`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        fire: Callable[[Owner, float], None],
        go_on: Callable[[Key], None],
        is_busy: Callable[[], bool],
    ) -> None:
        self._clock = clock
        self._fire = fire
        self._go_on = go_on
        self._is_busy = is_busy
        self.timers: Timers[Owner] = Timers()
        self._alarm: asyncio.TimerHandle | None = None
        self._rings_at = 0.0  # of the alarm; uvloop's handles do not tell when they are at once
        self._ready: deque[Key] = deque()
        self._is_open = False

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._is_open = True

    def close(self) -> None:
        self._is_open = False
        if self._alarm is not None:
            self._alarm.cancel()

    def tick(self) -> None:
        """Fire what is due."""
        now = self._clock.now().timestamp()
        if self._is_open and not self._is_busy():
            for owner in self.timers.pop_due(now, TIMERS_A_TURN):
                self._loop.call_soon(self._fire, owner, now)
        self.arm(PAUSE)

    def arm(self, pause: float = 0.0) -> None:
        """Wake for the timer that is due next, in `pause` seconds at the earliest."""
        due = self.timers.next_due()
        if due is None or not self._is_open:
            return
        delay = min(max(due - self._clock.now().timestamp(), pause), LONGEST_SLEEP)
        when = self._loop.time() + delay
        if self._alarm is not None:
            if self._rings_at <= when:
                return
            self._alarm.cancel()
        self._alarm, self._rings_at = self._loop.call_at(when, self._ring), when

    def _ring(self) -> None:
        self._alarm = None
        self.tick()

    def resume(self, key: Key) -> None:
        """The execution has more to do at once."""
        self._ready.append(key)
        if len(self._ready) == 1:
            self._loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        """Let the execution that has waited longest move on; the others after whatever came in."""
        if not self._is_open or not self._ready:
            return
        if self._is_busy():
            self._loop.call_later(PAUSE, self._take_turn)
            return
        key = self._ready.popleft()
        if self._ready:
            self._loop.call_soon(self._take_turn)
        self._go_on(key)
