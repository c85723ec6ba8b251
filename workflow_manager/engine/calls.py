"""Calls of services under way: one for each frame that a service works for.

A call only reports, by events, what the service said; a frame that waits for something else by then
does not listen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias, TypedDict

from workflow_manager.asl.failure import TASK_FAILED, Failure
from workflow_manager.engine.events import Event, TaskFailed, TaskSubmitted, TaskSucceeded, TaskTaken
from workflow_manager.engine.execution import Identity
from workflow_manager.engine.frames import AtWork, FrameId
from workflow_manager.engine.journal.records import Key
from workflow_manager.engine.resources import Pattern
from workflow_manager.engine.services import ServiceCall, ServiceFailed, Services, not_served, service_call
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.tasks import end_tasks

Owner: TypeAlias = "tuple[Key, FrameId]"

RETRY_DELAY: Final = 1.0  # seconds, before the frame is looked for again that could not be read

_log = logging.getLogger(__name__)


class Moment(TypedDict):
    """What every event carries."""

    at: datetime
    seed: int


@dataclass(slots=True)
class _Call:
    """`answer` is set while a request that was answered waits for what comes of it."""

    visit: int
    task: asyncio.Task[None] | None = None
    answer: str | None = None


class Calls:
    """`look` gives the work that a frame waits for at a visit; `report` moves the frame."""

    def __init__(
        self,
        services: Services,
        look: Callable[[Owner, int], tuple[Identity, AtWork] | None],
        report: Callable[[Owner, Event], None],
        moment: Callable[[], Moment],
    ) -> None:
        self._services = services
        self._look = look
        self._report = report
        self._moment = moment
        self._calls: dict[Owner, _Call] = {}
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._calls)

    def begin(self, owner: Owner, visit: int) -> None:
        """Have a service do the work of that visit, unless it does already."""
        under_way = self._calls.get(owner)
        if under_way is not None:
            if under_way.visit == visit:
                return
            self.abandon(owner)
        call = self._calls[owner] = _Call(visit)
        call.task = asyncio.get_running_loop().create_task(self._serve(owner, call))

    def abandon(self, owner: Owner) -> None:
        """The frame waits for something else now, or is gone."""
        under_way = self._calls.pop(owner, None)
        if under_way is None or under_way.task is None or under_way.task.done():
            return
        under_way.task.cancel()

    async def close(self) -> None:
        """Let go of all calls; what they do will be taken up again."""
        self._is_closed = True
        await end_tasks(call.task for call in self._calls.values() if call.task is not None)

    async def _serve(self, owner: Owner, under_way: _Call) -> None:
        try:
            found = self._look(owner, under_way.visit)
            if found is not None:
                await self._work(owner, under_way, *found)
        except Unavailable:  # the journal cannot be read
            asyncio.get_running_loop().call_later(RETRY_DELAY, self._begin_again, owner, under_way.visit)
        finally:
            if self._calls.get(owner) is under_way:
                del self._calls[owner]

    def _begin_again(self, owner: Owner, visit: int) -> None:
        if not self._is_closed and owner not in self._calls:
            self.begin(owner, visit)

    async def _work(self, owner: Owner, under_way: _Call, caller: Identity, work: AtWork) -> None:
        call = service_call(work, caller)
        try:
            await self._perform(owner, under_way, work, call)
        except ServiceFailed as failed:
            self._fail(owner, under_way, call, failed.failure)
        except Exception as error:  # an execution must not hang because of what a service raises
            _log.exception("the call of %s failed", work.resource)
            self._fail(owner, under_way, call, Failure(TASK_FAILED, str(error)))

    async def _perform(self, owner: Owner, under_way: _Call, work: AtWork, call: ServiceCall) -> None:
        pattern = call.resource.pattern
        if not work.started:
            self._report(owner, TaskTaken(**self._moment(), token=work.token))
        if not self._services.serves(call.resource):
            raise ServiceFailed(not_served(call.resource))
        # What was begun before a crash is not begun again.
        answer = work.details.get("answer")
        if answer is None:
            answer = await self._services.call(call)
        if pattern is not Pattern.REQUEST_RESPONSE and not work.submitted:
            self._report(owner, TaskSubmitted(**self._moment(), token=work.token, output=answer))
        if pattern is Pattern.CALLBACK:
            return
        if pattern is not Pattern.REQUEST_RESPONSE:
            under_way.answer = answer
            answer = await self._services.finish(call, answer)
            under_way.answer = None
        self._report(owner, TaskSucceeded(**self._moment(), token=work.token, output=answer))

    def _fail(self, owner: Owner, under_way: _Call, call: ServiceCall, failure: Failure) -> None:
        is_request = call.resource.pattern is not Pattern.REQUEST_RESPONSE and under_way.answer is None
        under_way.answer = None
        phase = "SubmitFailed" if is_request else "Failed"
        self._report(owner, TaskFailed(**self._moment(), token=call.token, failure=failure, phase=phase))
