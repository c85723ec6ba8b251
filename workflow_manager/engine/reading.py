"""What the engine tells of executions, their histories and their map runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from workflow_manager.engine.errors import WrongMachineType
from workflow_manager.engine.execution import Status
from workflow_manager.engine.foundation import EXPRESS, Foundation
from workflow_manager.engine.journal.records import (
    ExecutionRecord,
    ExecutionSummary,
    HistoryPage,
    Key,
    MapRun,
    RunKey,
)
from workflow_manager.engine.reopening import why_not_redrivable
from workflow_manager.kernel.errors import NotFound

T = TypeVar("T")


class Reading(Foundation):
    """Everything that is only looked at."""

    def execution(self, arn: str) -> ExecutionRecord:
        """Raises `NotFound`."""
        record = self._journal.find(arn)
        if record is None or record.identity.arn != arn:
            raise NotFound("execution", arn)
        return record

    async def executions(
        self, arn: str, *, status: Status | None = None, before: Key | None = None, limit: int
    ) -> list[ExecutionSummary]:
        """Those of a machine, a version or an alias, newest first, with keys below `before`.

        Raises `NotFound`, `WrongMachineType`.
        """
        machine = self.registry.leads_to(arn)
        if machine.type == EXPRESS:
            raise WrongMachineType("This operation is not supported by this type of state machine")
        qualified = None if arn == machine.arn else arn
        return await self._read(
            lambda: self._journal.executions(machine.arn, status, before, limit, qualified)
        )

    async def history(
        self, key: Key, *, after: int = 0, before: int | None = None, limit: int, reverse: bool = False
    ) -> HistoryPage:
        """Events numbered above `after` and below `before`, oldest first or newest first."""
        return await self._read(
            lambda: self._journal.history(key, after=after, before=before, limit=limit, reverse=reverse)
        )

    async def ended(self, arn: str) -> ExecutionRecord:
        """The execution, once it has ended.  Raises `NotFound`."""
        with self._runner.endings.watching(arn) as ended:
            if self.execution(arn).status.is_terminal:
                return self.execution(arn)
            await ended
        return self.execution(arn)

    def map_run(self, arn: str) -> MapRun:
        """Raises `NotFound`."""
        record = self._journal.map_run(arn)
        if record is None:
            raise NotFound("map run", arn)
        return self._runner.map_runs.live(record)

    async def map_runs(self, execution_arn: str, *, before: RunKey | None = None, limit: int) -> list[MapRun]:
        """The map runs of an execution, newest first, with keys below `before`.  Raises `NotFound`."""
        key = self.execution(execution_arn).key
        return await self._read(lambda: self._journal.map_runs(key, before, limit))

    async def children(
        self,
        run: MapRun,
        *,
        status: Status | None = None,
        redriven: bool | None = None,
        before: Key | None = None,
        limit: int,
    ) -> list[ExecutionSummary]:
        """The executions of a map run, newest first, with keys below `before`.

        `redriven` asks for those that have been redriven, or for those that have not.
        """
        return await self._read(
            lambda: self._journal.child_executions(run.key, status, before, limit, redriven)
        )

    def why_not_redrivable(self, record: ExecutionRecord) -> str | None:
        """AWS's reason; None where the execution can be redriven now."""
        newest = self._journal.history(record.key, limit=1, reverse=True).events
        return why_not_redrivable(record, newest[0].id if newest else 0, self._clock.now())

    async def _read(self, read: Callable[[], T]) -> T:
        """Read what may be long without holding up the loop."""
        return await asyncio.get_running_loop().run_in_executor(None, read)
