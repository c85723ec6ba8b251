"""Performs map runs: reads items, begins child executions, counts their ends, gathers their results.

The journal knows the run, the items that were read and every child, so a run can be taken up again
wherever it was: what is kept here follows from there.  The children of a run begin in the order of
its items, a few in each turn of the loop, as many at once as the run allows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final

from msgspec.structs import replace

from workflow_manager.asl.failure import (
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    ITEM_READER_FAILED,
    RESULT_WRITER_FAILED,
    RUNTIME,
    Failure,
)
from workflow_manager.engine.blocking import Threads
from workflow_manager.engine.calls import Owner
from workflow_manager.engine.events import MapRunFailed, MapRunSucceeded
from workflow_manager.engine.execution import Status
from workflow_manager.engine.frames import Frame
from workflow_manager.engine.item_reading import Unreadable, read_items
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import (
    ItemsRead,
    Key,
    MapRun,
    MapRunWrite,
)
from workflow_manager.engine.map_host import PAUSE, RETRY_DELAY, Host, Stopping, heed
from workflow_manager.engine.map_progress import EXPRESS_SECONDS, Run, Unmakeable, map_run_arn, page
from workflow_manager.engine.map_records import MapRecords
from workflow_manager.engine.map_results import results
from workflow_manager.engine.moves import is_too_large, oversized
from workflow_manager.engine.objects import Objects
from workflow_manager.engine.reopening import Reopening, reopen
from workflow_manager.engine.result_writing import Unwritable
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.ids import Chance
from workflow_manager.kernel.json import Document
from workflow_manager.kernel.tasks import end_tasks

BEGINS_A_TURN: Final = 20
MAX_BACKLOG: Final = 256  # writes on their way, beyond which no child is begun: others are to have a turn
CLOSING_SECONDS: Final = 1.0
THREADS: Final = 4  # for object stores, shared by all runs

_EXCEEDED: Final = Failure(
    EXCEED_TOLERATED_FAILURE_THRESHOLD, "The specified tolerated failure threshold was exceeded"
)

_log = logging.getLogger(__name__)


class MapRuns:
    """The runs that are under way, by their ARNs; for use on the runner's loop."""

    def __init__(self, journal: Journal, host: Host, objects: Objects, chance: Chance) -> None:
        self._journal = journal
        self._host = host
        self._objects = objects
        self._chance = chance
        self._runs: dict[str, Run] = {}
        self._by_owner: dict[Owner, Run] = {}
        self.records = MapRecords(self._runs.get, chance)
        self._stopping = Stopping(host, self._is_under_way)
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = Threads(THREADS, "map-run")

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def children(self) -> int:
        """How many children of all runs have begun and not ended."""
        return sum(len(run.open) for run in self._runs.values())

    def open(self) -> None:
        """Take up every run that is not settled.  Raises `Unavailable`."""
        self.records.open(self._journal.last_map_run())
        for record in self._journal.open_map_runs():
            self._take_up(self.records.keep(record))

    async def close(self) -> None:
        """Let go of all runs; they will be taken up again."""
        for run in self._runs.values():
            run.over = True
            for waiter in run.waiters:
                if not waiter.done():
                    waiter.set_exception(Unavailable("The engine is not running."))
            run.waiters.clear()
        if self._tasks:
            # Whoever reads the journal stops by itself; who waits for an object store may not.
            await asyncio.wait(self._tasks, timeout=CLOSING_SECONDS)
        await end_tasks(self._tasks)

    async def drained(self, execution: Key) -> None:
        """Wait until no run of an execution that has ended has children under way.  Raises `Unavailable`."""
        while run := next((run for run in self._runs.values() if run.record.execution == execution), None):
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            run.waiters.append(waiter)
            await waiter

    # Taking up and letting go: what follows the commit

    def follow(self, owner: Owner, frame: Frame) -> None:
        """Perform the run that the frame waits for, unless it is being performed."""
        arn = map_run_arn(frame)
        assert arn is not None
        run = self._by_owner.get(owner)
        if run is not None and run.record.arn != arn:
            self.let_go(owner)
        record = self.records.get(arn)
        if arn not in self._runs and record is not None:
            self._take_up_or_retry(record)

    def written(self, records: Iterable[MapRun]) -> None:
        """They are durable.  One that was over before it was taken up may have children to be stopped."""
        for record in records:
            if record.status is not Status.RUNNING and not record.settled and record.arn not in self._runs:
                self._take_up_or_retry(record)

    def let_go(self, owner: Owner) -> None:
        """The frame waits for something else, or is gone: stop what is under way."""
        run = self._by_owner.get(owner)
        if run is not None:
            self._drain(run)

    def forget(self, execution: Key) -> None:
        """A write of the execution failed: its runs are to be taken up anew, by `come_back`."""
        for run in [run for run in self._runs.values() if run.record.execution == execution]:
            self._drop(run)

    def come_back(self, execution: Key) -> None:
        """Raises `Unavailable`."""
        for record in self._journal.open_map_runs():
            if record.execution == execution and record.arn not in self._runs:
                self._take_up(self.records.keep(record))

    def _take_up_or_retry(self, record: MapRun) -> None:
        try:
            self._take_up(record)
        except Unavailable:
            asyncio.get_running_loop().call_later(RETRY_DELAY, self._again, record.execution)

    def _take_up(self, record: MapRun) -> None:
        """Raises `Unavailable`."""
        run = Run(record, self._journal.children(record.key))
        if record.status is not Status.RUNNING:
            self._runs[record.arn] = run
            self._drain(run)
            return
        resident = self._host.resident(record.execution)
        frame = None if resident is None else resident.frames.get(record.frame)
        if resident is None or frame is None or map_run_arn(frame) != record.arn:
            return
        self._runs[record.arn] = run
        self._by_owner[run.owner] = run
        run.prepare(resident, frame)
        if record.items is None:
            self._perform(run, self._read)
        else:
            run.make_inputs(resident, self._journal)
            self._judge(run)

    # Reading items

    async def _read(self, run: Run) -> None:
        assert run.waiting.reader is not None
        reading = read_items(run.waiting.reader, self._objects)
        pages = total = 0
        while not run.over:
            try:
                items, text = await self._threads.run(partial(page, reading))
            except Unreadable as problem:
                self._fail(run, Failure(ITEM_READER_FAILED, str(problem)))
                return
            if not items:
                break
            await self._host.submit(ItemsRead(run.record.key, pages, text))
            pages += 1
            total += items
        if run.over:
            return
        run.record = self.records.keep(replace(run.record, items=total, pages=pages))
        await self._host.submit(MapRunWrite(run.record))
        resident = self._host.resident(run.record.execution)
        if resident is not None and not run.over:
            run.make_inputs(resident, self._journal)
            self._schedule(run)

    # Beginning children

    def _schedule(self, run: Run) -> None:
        if not run.scheduled and not run.over and run.inputs is not None:
            run.scheduled = True
            asyncio.get_running_loop().call_soon(self._launch, run)

    def _launch(self, run: Run) -> None:
        run.scheduled = False
        if run.over or not self._host.is_open or not self._is_under_way(run):
            return
        if self._host.backlog > MAX_BACKLOG:
            run.scheduled = True
            asyncio.get_running_loop().call_later(PAUSE, self._launch, run)
            return
        if run.pending and not run.failing:
            # What failed before comes first.
            if run.room and run.task is None:
                self._perform(run, self._redrive_children)
            return
        for _ in range(BEGINS_A_TURN):
            if run.over or run.failing or run.exhausted or not run.room:
                break
            try:
                self._launch_next(run)
            except Unavailable:
                self._retry(run)
                return
        else:
            self._schedule(run)
        if run.is_done and not run.over and not run.failing and run.task is None:
            self._perform(run, self._finish)

    def _launch_next(self, run: Run) -> None:
        try:
            given = run.next_input()
        except Unmakeable as problem:
            self._fail(run, problem.failure)
            return
        if given is not None:
            moment = self._host.moment()
            child = run.child(given, moment["at"], self._chance.uuid())
            key, settled = self._host.begin_child(child, run.machine)
            run.began(key, given.items)
            settled.add_done_callback(partial(self._begun, run))

    async def _redrive_children(self, run: Run) -> None:
        """The next of those that wait to be redriven, as many as may begin now."""
        keys = list(islice(run.pending, min(BEGINS_A_TURN, run.room)))
        try:
            for key in keys:
                await self.drained(key)
            at = self._host.moment()["at"]
            found = await self._threads.run(lambda: [self._reopen(run, key, at) for key in keys])
            for again in found:
                if run.over or run.failing or not run.room:
                    return
                run.redriven(again.record.key)
                limit = EXPRESS_SECONDS if run.is_express else None
                self._host.redrive(again, limit).add_done_callback(partial(self._begun, run))
        finally:
            # Others may have ended meanwhile, and too many of them failed.
            asyncio.get_running_loop().call_soon(self._look_again, run)

    def _look_again(self, run: Run) -> None:
        if not run.over and self._is_under_way(run):
            self._judge(run)

    def _reopen(self, run: Run, key: Key, at: datetime) -> Reopening:
        record = self._journal.record(key)
        assert record is not None
        return reopen(self._journal, record, run.machine, at)

    def _begun(self, run: Run, settled: asyncio.Future[None]) -> None:
        if not settled.cancelled() and settled.exception() is not None:
            self._retry(run)

    def child_ended(self, key: Key, arn: str, status: Status) -> None:
        """A child of the run has ended, durably."""
        run = self._runs.get(arn)
        if run is None or not run.ended(key, status):
            return
        if not run.over:
            self._judge(run)
        elif run.draining and not run.open:
            self._settle(run)

    def _judge(self, run: Run) -> None:
        """Go on, unless too many items have failed."""
        if not run.fails:
            self._schedule(run)
        elif not run.is_exported:
            self._fail(run, _EXCEEDED)
        elif not run.failing:
            # What became of every child is exported first, so they are to end first.
            run.failing = True
            self._stopping.begin(run)
        if run.failing and not run.open and run.task is None:
            self._perform(run, self._export_failed)

    # Ending

    async def _finish(self, run: Run) -> None:
        try:
            output = await self._threads.run(partial(results, run, self._journal, self._objects))
        except Unwritable as problem:
            self._fail(run, Failure(RESULT_WRITER_FAILED, str(problem)))
            return
        if run.over:
            return
        if is_too_large(Document(text=output)):
            self._fail(run, oversized(run.node.name))
        else:
            event = MapRunSucceeded(
                **self._host.moment(), frame=run.record.frame, map_run_arn=run.record.arn, output=output
            )
            self._report(run, event, Status.SUCCEEDED)

    async def _export_failed(self, run: Run) -> None:
        try:
            await self._threads.run(partial(results, run, self._journal, self._objects))
        except Unwritable as problem:
            _log.warning("the results of the map run %s cannot be written: %s", run.record.arn, problem)
        self._fail(run, _EXCEEDED)

    def _fail(self, run: Run, failure: Failure) -> None:
        if not run.over:
            event = MapRunFailed(
                **self._host.moment(), frame=run.record.frame, map_run_arn=run.record.arn, failure=failure
            )
            self._report(run, event, Status.FAILED)

    def _report(self, run: Run, event: MapRunSucceeded | MapRunFailed, status: Status) -> None:
        try:
            resident = self._host.resident(run.record.execution)
        except Unavailable:
            self._retry(run)
            return
        if resident is not None:
            heed(self._host.tell(resident, event, map_run=self.records.over(run.record, status, event.at)))

    def _drain(self, run: Run) -> None:
        """Stop the children that are under way; when the last one has ended, the run is settled."""
        run.over = run.draining = True
        if self._by_owner.get(run.owner) is run:
            del self._by_owner[run.owner]
        self.records.forget(run.record.arn)
        if run.task is not None:
            run.task.cancel()
        if run.open:
            self._stopping.begin(run)
        elif run.record.settled:
            self._drop(run)
        else:
            self._settle(run)

    def _settle(self, run: Run) -> None:
        if self._host.is_open:
            run.record = replace(run.record, tally=run.tally, settled=True)
            heed(self._host.submit(MapRunWrite(run.record)))
        self._drop(run)

    def _drop(self, run: Run) -> None:
        run.over = True
        if self._is_under_way(run):
            del self._runs[run.record.arn]
        if self._by_owner.get(run.owner) is run:
            del self._by_owner[run.owner]
        if run.task is not None:
            run.task.cancel()
        for waiter in run.waiters:
            if not waiter.done():
                waiter.set_result(None)
        run.waiters.clear()

    def _is_under_way(self, run: Run) -> bool:
        """Or is it let go of, or taken up anew?"""
        return self._runs.get(run.record.arn) is run

    def _retry(self, run: Run) -> None:
        """Forget what is known of the run, and take it up again as the journal has it."""
        if self._is_under_way(run) and self._host.is_open:
            self._drop(run)
            asyncio.get_running_loop().call_later(RETRY_DELAY, self._again, run.record.execution)

    def _again(self, execution: Key) -> None:
        if self._host.is_open:
            try:
                self.come_back(execution)
            except Unavailable:
                asyncio.get_running_loop().call_later(RETRY_DELAY, self._again, execution)

    # Asking and changing

    def live(self, record: MapRun) -> MapRun:
        """The record, as the journal has it, with what is known of its children now."""
        run = self._runs.get(record.arn)
        return record if run is None else replace(record, tally=run.tally)

    async def change(
        self,
        record: MapRun,
        max_concurrency: int | None,
        tolerated_failure_count: int | None,
        tolerated_failure_percentage: float | None,
    ) -> bool:
        """What is None stays.  False when the run has ended."""
        run = self._runs.get(record.arn)
        if run is None or run.over:
            return False
        changes: dict[str, Any] = {
            "max_concurrency": max_concurrency,
            "tolerated_failure_count": tolerated_failure_count,
            "tolerated_failure_percentage": tolerated_failure_percentage,
        }
        given = {name: value for name, value in changes.items() if value is not None}
        run.record = self.records.keep(replace(run.record, **given))
        await self._host.submit(MapRunWrite(run.record))
        self._judge(run)
        return True

    # Tasks

    def _perform(self, run: Run, work: Callable[[Run], Coroutine[Any, Any, None]]) -> None:
        task = run.task = asyncio.get_running_loop().create_task(self._guarded(run, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, run: Run, work: Callable[[Run], Coroutine[Any, Any, None]]) -> None:
        try:
            await work(run)
        except Unavailable:
            run.task = None
            self._retry(run)
        except Exception as error:  # a state must not hang because of what an object store raises
            _log.exception("the map run %s failed", run.record.arn)
            run.task = None
            self._fail(run, Failure(RUNTIME, str(error)))
        else:
            run.task = None
