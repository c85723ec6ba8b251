"""What the engine has done so far and has to do now, in numbers, for those who watch it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.writer import Commits
from workflow_manager.engine.loads import ActivityLoad, Loads
from workflow_manager.kernel.errors import Unavailable

MOST_ACTIVITIES: Final = 200  # that are told one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was done counts from the start of the engine.

    `timer_overdue` is how many seconds ago the next timer was due.  `activities` are, by ARN, those
    with a task or a worker; where they are too many those with most to do, and `others` counts the rest.
    There are none as long as the journal cannot be read.
    """

    executions_open: int
    executions_in_memory: int
    executions_begun: int
    executions_ended: Mapping[Status, int]
    states_entered: int
    timers: int
    timer_overdue: float
    service_calls: int
    map_runs: int
    map_run_children: int
    endings_pending: int
    writes_waiting: int
    commits: Commits
    activities: Mapping[str, ActivityLoad]
    others: int
    at: datetime


class Counting(Loads):
    """Only looked at; nothing is decided by it."""

    async def figures(self) -> Figures:
        runner = self._runner
        chosen, others = self._busiest()
        activities: Mapping[str, ActivityLoad] = {}
        with suppress(Unavailable):  # the rest is told all the more
            activities = await self.activity_loads(chosen)
        next_due = runner.turns.timers.next_due()
        now = self._clock.now()
        return Figures(
            executions_open=runner.running,
            executions_in_memory=len(runner.residents),
            executions_begun=runner.begun,
            executions_ended={status: runner.ended[status] for status in Status if status.is_terminal},
            states_entered=runner.states_entered,
            timers=len(runner.turns.timers),
            timer_overdue=0.0 if next_due is None else max(now.timestamp() - next_due, 0.0),
            service_calls=len(runner.work.calls),
            map_runs=len(runner.map_runs),
            map_run_children=runner.map_runs.children,
            endings_pending=runner.endings.pending,
            writes_waiting=runner.backlog,
            commits=runner.commits,
            activities=activities,
            others=others,
            at=now,
        )

    def _busiest(self) -> tuple[list[str], int]:
        """The ARNs that are told one by one, and how many others there are."""
        queues, roster = self._runner.work.queues, self._runner.work.roster
        found = {*queues.activities(), *roster.activities(), *roster.workers()}
        if len(found) <= MOST_ACTIVITIES:
            return sorted(found), 0

        def weight(arn: str) -> tuple[int, int, str]:
            line = queues.line(arn)
            return (-(line.length if line else 0), -roster.running(arn), arn)

        return sorted(found, key=weight)[:MOST_ACTIVITIES], len(found) - MOST_ACTIVITIES
