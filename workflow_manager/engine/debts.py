"""What a frame waits for is the effect that is owed to it: here it is asked for, and let go of."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_manager.engine.activities import Offer
from workflow_manager.engine.calls import Owner
from workflow_manager.engine.effects import due_at, is_owed
from workflow_manager.engine.frames import AtWork, Frame, MapRunning
from workflow_manager.engine.journal.records import OpenFrame
from workflow_manager.engine.map_runner import MapRuns
from workflow_manager.engine.resources import Kind, parse_resource
from workflow_manager.engine.turns import Turns
from workflow_manager.engine.work import Work


class Debts:
    """Timers, turns, work and map runs, as the frames need them.  For use on one event loop."""

    def __init__(self, turns: Turns, work: Work, map_runs: MapRuns) -> None:
        self._turns = turns
        self._work = work
        self._map_runs = map_runs

    def take_up(self, frames: Iterable[OpenFrame], undelivered: Iterable[Owner]) -> None:
        """Owe again what these frames wait for, and the tasks that may not have reached their workers."""
        unsent = set(undelivered)
        for found in frames:
            owner = (found.key, found.frame)
            if found.due_at is not None:
                self._turns.timers.set(owner, found.due_at.timestamp())
            if found.waiting == "ready":
                self._turns.resume(found.key)
            elif found.resource is not None and found.owed:
                self._work.owe(owner, found.visit, found.resource)
            elif found.resource is not None and owner in unsent:
                self._work.queues.offer(found.resource, Offer(*owner, found.visit, taken=True), first=True)
            elif found.resource is not None and parse_resource(found.resource).kind is Kind.ACTIVITY:
                self._work.roster.found(owner, found.visit, found.resource)

    def follow(self, owner: Owner, frame: Frame | None) -> None:
        """Owe what a changed frame waits for, and nothing else."""
        if frame is None or not isinstance(frame.waiting, AtWork):
            self.let_go(owner)
            if frame is not None and isinstance(frame.waiting, MapRunning):
                self._map_runs.follow(owner, frame)
        else:
            self._work.roster.moved(owner, frame.visit)
        due = None if frame is None else due_at(frame)
        if due is None:
            self._turns.timers.clear(owner)
        else:
            self._turns.timers.set(owner, due.timestamp())
        if frame is not None and isinstance(frame.waiting, AtWork) and is_owed(frame.waiting):
            self._work.follow(owner, frame.visit, frame.waiting)

    def let_go(self, owner: Owner) -> None:
        self._turns.timers.clear(owner)
        self._work.let_go(owner)
        self._map_runs.let_go(owner)
