"""How workers come by activity tasks, and what they say of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.reading import describe_fault
from workflow_manager.engine.activities import Offer
from workflow_manager.engine.errors import InvalidOutput, InvalidToken
from workflow_manager.engine.events import Event, TaskFailed, TaskHeartbeat, TaskSucceeded, TaskTaken
from workflow_manager.engine.foundation import Foundation
from workflow_manager.engine.journal.port import OutOfStep
from workflow_manager.engine.tokens import Claim, is_genuine, parse_token
from workflow_manager.engine.work import retries
from workflow_manager.kernel.errors import AlreadyFinished, NotFound
from workflow_manager.kernel.json import NotJson, loads

NO_TOKEN: Final = "Invalid Token: 'Invalid token'"


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """A task for a worker.  `place` lets it be given back while the worker has not got it.

    `attempt` counts from 1; after `deadline_at` nobody waits for the result.
    """

    token: str
    input: str
    activity_arn: str
    place: Offer
    heartbeat_seconds: float | None = None
    attempt: int = 1
    deadline_at: datetime | None = None


class HandingOut(Foundation):
    """Tasks are taken, and reported on."""

    async def take_task(
        self, activity_arn: str, worker: str | None = None, *, wait: float = 0.0
    ) -> ActivityTask | None:
        """The next task of an activity, waiting up to `wait` seconds for one.

        A caller who is cancelled leaves the task to others; one who has passed it on says so with
        `delivered`.  Raises `NotFound`, `Throttled`.
        """
        self.registry.activity(activity_arn)
        until = asyncio.get_running_loop().time() + wait
        with self._runner.work.roster.asking(activity_arn, worker):
            while True:
                left = max(until - asyncio.get_running_loop().time(), 0.0)
                offer = await self._runner.work.queues.take(activity_arn, left) if self._gives_tasks else None
                if offer is None:
                    return None
                task = await self._accept(activity_arn, offer, worker)
                if task is not None:
                    return task

    def end_polls(self) -> None:
        """From now on, answer whoever asks for a task that there is none.

        Not only those that wait now: a worker polls again at once.
        """
        self._gives_tasks = False
        self._runner.work.queues.dismiss_pollers()

    async def _accept(self, activity_arn: str, offer: Offer, worker: str | None) -> ActivityTask | None:
        """None when the offer is stale: the task was stopped, or its time is over."""
        found = self._runner.work.find((offer.key, offer.frame), offer.visit)
        if found is None or found[1].started is not offer.taken:
            return None
        resident, work = found
        task = ActivityTask(
            work.token,
            work.arguments,
            activity_arn,
            offer._replace(taken=True),
            work.heartbeat_seconds,
            retries(resident, offer.frame) + 1,
            work.deadline_at,
        )
        owner = (offer.key, offer.frame)
        if offer.taken:
            self._runner.work.roster.took(owner, offer.visit, activity_arn, worker)
            return task
        event = TaskTaken(**self._runner.moment(), token=work.token, worker=worker)
        taken = self._runner.tell(resident, event, taken=offer.frame)
        if taken is None:
            return None
        # Before the write is durable: what ends the task then finds it held.
        self._runner.work.roster.took(owner, offer.visit, activity_arn, worker)
        try:
            await asyncio.shield(taken)
        except OutOfStep:  # its execution never came to be, for want of a free name
            self._runner.work.roster.over(owner)
            return None
        except asyncio.CancelledError:
            taken.add_done_callback(partial(self._give_back_if_taken, task))
            raise
        return task

    def delivered(self, task: ActivityTask) -> None:
        """The worker has been sent the task.  One who was not gets it again after a restart."""
        self._runner.delivered((task.place.key, task.place.frame), task.place.visit)

    def _give_back_if_taken(self, task: ActivityTask, taken: asyncio.Future[None]) -> None:
        if not taken.cancelled() and taken.exception() is None:
            self.give_back(task)

    def give_back(self, task: ActivityTask) -> None:
        """The worker went away before it got the task: let another one have it, with the same token."""
        work = self._runner.work.find((task.place.key, task.place.frame), task.place.visit)
        if self._is_open and work is not None and work[1].started:
            self._runner.work.roster.over((task.place.key, task.place.frame))
            self._runner.work.queues.offer(task.activity_arn, task.place, first=True)

    async def task_succeeded(self, token: str, output: str) -> None:
        """Raises `InvalidToken`, `InvalidOutput`, `NotFound`, `AlreadyFinished`."""
        _claim(token)
        try:
            loads(output)
        except NotJson:
            raise InvalidOutput(f"Invalid Output: '{describe_fault(output)}'") from None
        await self._report(token, TaskSucceeded(**self._runner.moment(), token=token, output=output))

    async def task_failed(self, token: str, failure: Failure) -> None:
        """Raises `InvalidToken`, `NotFound`, `AlreadyFinished`."""
        await self._report(token, TaskFailed(**self._runner.moment(), token=token, failure=failure))

    async def heartbeat(self, token: str) -> None:
        """Raises `InvalidToken`, `NotFound`, `AlreadyFinished`."""
        await self._report(token, TaskHeartbeat(**self._runner.moment(), token=token))

    async def _report(self, token: str, event: Event) -> None:
        self._check_open()
        claim = _claim(token)
        resident = self._runner.residents.get_by_arn(claim.execution_arn)
        if resident is not None:
            if not is_genuine(claim, resident.identity):
                raise InvalidToken(NO_TOKEN)
            settled = self._runner.tell(resident, event)
            self._runner.work.roster.heard_of((resident.key, claim.frame))
            if settled is not None:
                await settled
                return
            # It may have been settled by a report that is still on its way to the disk.
            await self._runner.settled(resident)
        record = self._journal.find(claim.execution_arn)
        if record is None:
            raise NotFound("task", token)
        if not is_genuine(claim, record.identity):
            raise InvalidToken(NO_TOKEN)
        raise AlreadyFinished("Task Timed Out: 'Provided task does not exist anymore'")


def _claim(token: str) -> Claim:
    claim = parse_token(token)
    if claim is None:
        raise InvalidToken(NO_TOKEN)
    return claim
