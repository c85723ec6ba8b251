"""Jobs that services were asked for, and that nobody waits for any more: they are ended.

What is to be ended is written with the move that lets go of it, and crossed off once the service was
told.  A crash in between makes it be told again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping

from workflow_manager.engine.events import Event, TaskFailed, TaskSucceeded
from workflow_manager.engine.execution import Identity
from workflow_manager.engine.frames import AtWork, Frame, FrameId
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import Abandoned, AbandonedEnded, Key
from workflow_manager.engine.services import Services, service_call
from workflow_manager.kernel.tasks import end_tasks

_log = logging.getLogger(__name__)


def left_behind(
    frames: Mapping[FrameId, Frame], changed: Mapping[FrameId, Frame | None], event: Event
) -> Iterator[Abandoned]:
    """The jobs that were waited for in `frames`, and are not any more once those have changed.

    One that `event` reports the end of has ended by itself.
    """
    reported = event.token if isinstance(event, TaskSucceeded | TaskFailed) else None
    for name, frame in changed.items():
        work = _job(frames.get(name))
        if work is None or work.token == reported:
            continue
        after = _job(frame)
        if after is None or after.token != work.token:
            yield Abandoned(
                token=work.token,
                resource=work.resource,
                arguments=work.arguments,
                answer=work.details["answer"],
                credentials=work.credentials,
            )


def _job(frame: Frame | None) -> AtWork | None:
    """The work of a frame that waits for what comes of a request that was answered."""
    if frame is None or not isinstance(frame.waiting, AtWork) or "answer" not in frame.waiting.details:
        return None
    return frame.waiting


class Abandonment:
    """For use on one event loop; `note` writes what has been done."""

    def __init__(self, journal: Journal, services: Services, note: Callable[[AbandonedEnded], None]) -> None:
        self._journal = journal
        self._services = services
        self._note = note
        self._tasks: dict[tuple[Key, str], asyncio.Task[None]] = {}

    def take_up(self, key: Key | None = None) -> None:
        """End what the journal says is left, of all executions or of one.  Raises `Unavailable`."""
        for execution, job in self._journal.abandoned(key):
            record = self._journal.record(execution)
            if record is not None:
                self.end(execution, record.identity, job)
            else:
                self._note(AbandonedEnded(execution, job.token))

    def end(self, key: Key, caller: Identity, job: Abandoned) -> None:
        """Tell the service, unless it is being told; what is to be ended is durable."""
        if (key, job.token) not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._end(key, caller, job))
            self._tasks[key, job.token] = task

    async def close(self) -> None:
        """Let go of all; they will be taken up again."""
        await end_tasks(self._tasks.values())

    async def _end(self, key: Key, caller: Identity, job: Abandoned) -> None:
        try:
            await self._services.abandon(service_call(job, caller), job.answer)
        except Exception:  # nobody waits for it
            _log.exception("what %s was asked to do could not be ended", job.resource)
        finally:
            del self._tasks[key, job.token]
        self._note(AbandonedEnded(key, job.token))
