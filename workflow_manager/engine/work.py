"""What is asked of workers and services for frames that wait for work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.activities import ActivityQueues, Offer
from workflow_manager.engine.calls import Calls, Moment, Owner
from workflow_manager.engine.events import Event, TaskFailed
from workflow_manager.engine.execution import Identity
from workflow_manager.engine.frames import AtWork, FrameId
from workflow_manager.engine.residents import Resident, Residents
from workflow_manager.engine.resources import Kind, parse_resource
from workflow_manager.engine.roster import Roster
from workflow_manager.engine.services import Services


class Work:
    """Work is named by frame and visit; `report` moves the frame, which may not wait for it any more.

    `activity_exists` is asked when a task is offered.
    """

    def __init__(
        self,
        residents: Residents,
        services: Services,
        *,
        report: Callable[[Owner, Event], None],
        moment: Callable[[], Moment],
        now: Callable[[], datetime],
        activity_exists: Callable[[str], bool],
    ) -> None:
        self._residents = residents
        self._report = report
        self._moment = moment
        self._activity_exists = activity_exists
        self.queues = ActivityQueues()
        self.roster = Roster(now)
        self.calls = Calls(services, self._caller, report, moment)

    async def close(self) -> None:
        """Let go of everything; it will be taken up again."""
        self.queues.dismiss_pollers()
        await self.calls.close()

    def offer(self, owner: Owner, visit: int, work: AtWork, at: datetime) -> None:
        """Offer an activity's task ahead of the commit.

        That is safe, for to take it is a write of its own, which comes after this one; and a worker
        who waits for it already costs no second trip to the disk.
        """
        if not work.started and parse_resource(work.resource).kind is Kind.ACTIVITY:
            self.owe(owner, visit, work.resource, at)

    def follow(self, owner: Owner, visit: int, work: AtWork) -> None:
        """The work is owed, durably: call the service, unless it is an activity's, which is offered."""
        if parse_resource(work.resource).kind is not Kind.ACTIVITY:
            self.owe(owner, visit, work.resource)

    def owe(self, owner: Owner, visit: int, resource: str, since: datetime | None = None) -> None:
        """Ask for the work: offer it to workers, or call the service.

        `since` is when it came to be, where that is known.
        """
        if parse_resource(resource).kind is not Kind.ACTIVITY:
            self.calls.begin(owner, visit)
        elif self._activity_exists(resource):
            self.queues.offer(resource, Offer(*owner, visit), since=since)
        else:
            asyncio.get_running_loop().call_soon(self._refuse, owner, visit, resource)

    def let_go(self, owner: Owner) -> None:
        """The frame waits for something else, or is gone."""
        self.queues.withdraw(owner)
        self.roster.over(owner)
        self.calls.abandon(owner)

    def find(self, owner: Owner, visit: int) -> tuple[Resident, AtWork] | None:
        """The work of that visit, if somebody still waits for it."""
        resident = self._residents.get(owner[0])
        frame = resident.frames.get(owner[1]) if resident is not None else None
        if resident is None or frame is None or frame.visit != visit or not isinstance(frame.waiting, AtWork):
            return None
        return resident, frame.waiting

    def _refuse(self, owner: Owner, visit: int, activity: str) -> None:
        failure = Failure("ActivityDoesNotExist", f"Activity Does Not Exist: '{activity}'")
        found = self.find(owner, visit)
        if found is not None:
            token = found[1].token
            self._report(
                owner, TaskFailed(**self._moment(), token=token, failure=failure, phase="ScheduleFailed")
            )

    def _caller(self, owner: Owner, visit: int) -> tuple[Identity, AtWork] | None:
        found = self.find(owner, visit)
        return None if found is None else (found[0].identity, found[1])


def retries(resident: Resident, frame: FrameId) -> int:
    """How often the frame's state was tried before."""
    found = resident.frames.get(frame)
    return 0 if found is None else found.retries
