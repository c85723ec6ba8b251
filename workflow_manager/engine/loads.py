"""What can be seen of activities: what waits, what is being done, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow_manager.engine.activities import Offer
from workflow_manager.engine.reading import Reading
from workflow_manager.engine.roster import WorkerSeen


@dataclass(frozen=True, slots=True)
class ActivityLoad:
    """`oldest_at` is when the task that is next in line was scheduled; `polling` counts those who ask
    for a task now.  `workers` were heard of lately; who works since before the restart is not known.
    """

    waiting: int
    oldest_at: datetime | None
    running: int
    polling: int
    workers: tuple[WorkerSeen, ...]


class Loads(Reading):
    """Only looked at; nothing is decided by it."""

    async def activity_loads(self, arns: Sequence[str]) -> dict[str, ActivityLoad]:
        """What is known of these activities now; one that nobody ever used has nothing to do."""
        queues, roster = self._runner.work.queues, self._runner.work.roster
        workers = roster.workers()
        lines = {arn: queues.line(arn) for arn in arns}
        counts = {arn: (roster.running(arn), roster.polling(arn)) for arn in arns}
        oldest = await self._read(
            lambda: {arn: line.since or self._offered_at(line.first) for arn, line in lines.items() if line}
        )
        return {
            arn: ActivityLoad(
                waiting=line.length if line else 0,
                oldest_at=oldest.get(arn),
                running=counts[arn][0],
                polling=counts[arn][1],
                workers=tuple(workers.get(arn, ())),
            )
            for arn, line in lines.items()
        }

    def _offered_at(self, offer: Offer) -> datetime | None:
        """From its history, for a task that was offered before the restart; None once it is over."""
        snapshot = self._journal.snapshot(offer.key)
        frame = None if snapshot is None else snapshot.frames.get(offer.frame)
        if frame is None or frame.visit != offer.visit:
            return None
        page = self._journal.history(offer.key, after=frame.last_event - 1, limit=1)
        return page.events[0].at if page.events else None
