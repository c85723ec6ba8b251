"""Notes that a worker has its task, which may wait a moment and are then written together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from workflow_manager.engine.calls import Owner
from workflow_manager.engine.journal.records import Delivered

DELAY: Final = 0.05  # seconds that a note may wait for company


class Deliveries:
    """`write` puts a note on its way to the journal; for use on one event loop."""

    def __init__(self, write: Callable[[Delivered], None]) -> None:
        self._write = write
        self._notes: dict[Owner, None] = {}

    def note(self, owner: Owner) -> None:
        if not self._notes:
            asyncio.get_running_loop().call_later(DELAY, self.write)
        self._notes[owner] = None

    def forget(self, owner: Owner) -> None:
        """The task is over, or another one of the same frame is taken."""
        self._notes.pop(owner, None)

    def write(self) -> None:
        """Write what has waited."""
        for owner in self._notes:
            self._write(Delivered(*owner))
        self._notes.clear()
