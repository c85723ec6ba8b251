"""Performs map runs: reads items, begins child executions, counts their ends, gathers their results.

The journal knows the run, the items that were read and every child, so a run can be taken up again
wherever it was: what is kept here follows from there.  The children of a run begin in the order of
its items, a few in each turn of the loop, as many at once as the run allows.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Coroutine, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from msgspec.structs import replace

from workflow_manager.asl.failure import (
    DATA_LIMIT_EXCEEDED,
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    ITEM_READER_FAILED,
    RESULT_WRITER_FAILED,
    RUNTIME,
    EvaluationFailed,
    Failure,
)
from workflow_manager.asl.nodes import Machine, Map
from workflow_manager.engine.arns import child_execution
from workflow_manager.engine.blocking import Threads
from workflow_manager.engine.calls import Moment, Owner
from workflow_manager.engine.draft import machine_at
from workflow_manager.engine.events import Event, MapRunFailed, MapRunSucceeded, StopRequested
from workflow_manager.engine.execution import Execution, Identity, Status
from workflow_manager.engine.frames import Frame, FrameId, ItemSource, MapRunning
from workflow_manager.engine.item_reading import Unreadable, read_items
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import (
    Child,
    ExecutionRecord,
    ItemsRead,
    Key,
    MapRun,
    MapRunWrite,
    NewExecution,
    RunKey,
    Tally,
    Write,
)
from workflow_manager.engine.map_runs import ChildInput, child_inputs
from workflow_manager.engine.moves import MAX_PAYLOAD_BYTES, is_too_large, oversized
from workflow_manager.engine.objects import Objects
from workflow_manager.engine.residents import Resident
from workflow_manager.engine.result_writing import Unwritable, export, gather
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.ids import Chance
from workflow_manager.kernel.json import Document, Json, NotJson, dumps, loads

CONCURRENCY: Final = 10_000
"""How many children of one run are open at once at most (Developer Guide, "Map state")."""

BEGINS_A_TURN: Final = 20
STOPS_A_TURN: Final = 50
PAGE_ITEMS: Final = 1000
PAGE_BYTES: Final = 256 * 1024
RESULTS_A_READ: Final = 50
EXPRESS_SECONDS: Final = 300
MAX_BACKLOG: Final = 256  # writes on their way, beyond which no child is begun: others are to have a turn
PAUSE: Final = 0.002  # seconds, before the next look
RETRY_DELAY: Final = 1.0  # seconds, before a run is taken up again that the journal failed
CLOSING_SECONDS: Final = 1.0
THREADS: Final = 4  # for object stores, shared by all runs

_NAMES: Final = uuid.UUID("b1a2a6f5-7d0a-4a0c-9a53-3c5e1f0a9c44")  # of children

_log = logging.getLogger(__name__)


class Host(Protocol):
    """What a map run needs of the runner.  The futures are done when it is durable."""

    @property
    def is_open(self) -> bool: ...

    @property
    def backlog(self) -> int: ...

    def moment(self) -> Moment: ...

    def resident(self, key: Key) -> Resident | None:
        """Raises `Unavailable`."""
        ...

    def begin_child(self, started: NewExecution, machine: Machine) -> tuple[Key, asyncio.Future[None]]: ...

    def tell(
        self, resident: Resident, event: Event, *, map_run: MapRun | None = None
    ) -> asyncio.Future[None] | None: ...

    def submit(self, write: Write) -> asyncio.Future[None]: ...


class _Run:
    """`open` are the children under way, with the number of their items; `counts` tells of the others.

    `known` are the numbers of the children that had begun when the run was taken up.  `over` is set
    as soon as it has been decided how the run ends, or that it is let go of; `draining` when that is
    durable, so that its children can be stopped.
    """

    def __init__(self, record: MapRun) -> None:
        self.record = record
        self.open: dict[Key, int] = {}
        self.counts: dict[Status, tuple[int, int]] = {}
        self.begun = (0, 0)
        self.known: set[int] = set()
        self.number = 0
        self.inputs: Iterator[ChildInput] | None = None
        self.exhausted = False
        self.over = False
        self.draining = False
        self.scheduled = False
        self.task: asyncio.Task[None] | None = None
        self.parent: Identity
        self.definition: str
        self.entered_event: int
        self.place: tuple[str, ...]
        self.machine: Machine
        self.node: Map
        self.waiting: MapRunning

    @property
    def owner(self) -> Owner:
        return self.record.execution, self.record.frame

    @property
    def limit(self) -> int:
        return min(self.record.max_concurrency or CONCURRENCY, CONCURRENCY)

    def began(self, key: Key, items: int) -> None:
        self.open[key] = items
        self.begun = (self.begun[0] + 1, self.begun[1] + items)

    def count(self, status: Status, items: int) -> None:
        executions, before = self.counts.get(status, (0, 0))
        self.counts[status] = (executions + 1, before + items)

    @property
    def tally(self) -> Tally:
        """With those that are running, and those that have not begun as far as they are known."""
        tally = {status.value: count for status, count in self.counts.items()}
        if self.open:
            tally["RUNNING"] = (len(self.open), sum(self.open.values()))
        left = (self.record.items or 0) - self.begun[1]
        if left > 0:
            # How many batches the items make is known when they have been made.
            batched = getattr(self, "node", None) is not None and self.node.batcher is not None
            tally["PENDING"] = (0 if batched else left, left)
        return tally

    @property
    def fails(self) -> bool:
        """Have more items failed than are tolerated?  Both limits hold; none means: not one."""
        failed = sum(items for status, (_, items) in self.counts.items() if status is not Status.SUCCEEDED)
        most, share = self.record.tolerated_failure_count, self.record.tolerated_failure_percentage
        if not failed or not (most or share):
            return bool(failed)
        total = self.record.items or 1
        return bool((most and failed > most) or (share and failed * 100 > share * total))


class MapRuns:
    """The runs that are under way, by their ARNs; for use on the runner's loop."""

    def __init__(
        self,
        journal: Journal,
        host: Host,
        objects: Objects,
        chance: Chance,
    ) -> None:
        self._journal = journal
        self._host = host
        self._objects = objects
        self._chance = chance
        self._runs: dict[str, _Run] = {}
        self._by_owner: dict[Owner, _Run] = {}
        self._records: dict[str, MapRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = Threads(THREADS, "map-run")
        self._last_key = 0

    def open(self) -> None:
        """Take up every run that is not settled.  Raises `Unavailable`."""
        self._last_key = self._journal.last_map_run()
        for record in self._journal.open_map_runs():
            self._records[record.arn] = record
            self._take_up(record)

    async def close(self) -> None:
        """Let go of all runs; they will be taken up again."""
        for run in self._runs.values():
            run.over = True
        if self._tasks:
            # Whoever reads the journal stops by itself; who waits for an object store may not.
            await asyncio.wait(self._tasks, timeout=CLOSING_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Records: what is written with the moves of the execution that the Map state belongs to

    def changes(
        self, resident: Resident, frames: Mapping[FrameId, Frame | None], at: datetime, ending: MapRun | None
    ) -> tuple[MapRun, ...]:
        """The runs that begin and end when `frames` change so; `ending` has ended by itself."""
        changed: list[MapRun] = [] if ending is None else [ending]
        for name, frame in frames.items():
            old, new = _arn(resident.frames.get(name)), _arn(frame)
            if old == new:
                continue
            if old is not None:
                record = self._records.pop(old, None)
                if record is not None and (ending is None or ending.arn != old):
                    changed.append(self._over(record, Status.ABORTED, at))
            if new is not None and frame is not None:
                record = self._begin(resident, frame, at)
                self._records[record.arn] = record
                changed.append(record)
        return tuple(changed)

    def _begin(self, resident: Resident, frame: Frame, at: datetime) -> MapRun:
        assert isinstance(frame.waiting, MapRunning)
        waiting = frame.waiting
        self._last_key += 1
        return MapRun(
            key=self._last_key,
            arn=waiting.map_run_arn,
            execution=resident.key,
            execution_arn=resident.identity.arn,
            frame=frame.id,
            visit=frame.visit,
            label=waiting.map_run_arn.rpartition("/")[2].partition(":")[0],
            started_at=at,
            seed=self._chance.seed(),
            max_concurrency=waiting.max_concurrency,
            tolerated_failure_count=waiting.tolerated_failure_count,
            tolerated_failure_percentage=waiting.tolerated_failure_percentage,
            items=None if waiting.reader is not None else waiting.length,
        )

    def _over(self, record: MapRun, status: Status, at: datetime) -> MapRun:
        """The run's record once it has ended; it is settled when no child is left to be stopped."""
        run = self._runs.get(record.arn)
        tally: Tally = {} if run is None else run.tally
        if run is not None:
            run.over = True
            record = run.record
        record = replace(
            record, status=status, stopped_at=at, tally=tally, settled=run is not None and not run.open
        )
        if run is not None:
            run.record = record
        return record

    # Taking up and letting go: what follows the commit

    def follow(self, owner: Owner, frame: Frame) -> None:
        """Perform the run that the frame waits for, unless it is being performed."""
        arn = _arn(frame)
        assert arn is not None
        run = self._by_owner.get(owner)
        if run is not None and run.record.arn != arn:
            self.let_go(owner)
        if arn not in self._runs and arn in self._records:
            self._take_up(self._records[arn])

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
                self._records[record.arn] = record
                self._take_up(record)

    def _take_up(self, record: MapRun) -> None:
        run = _Run(record)
        for child in self._journal.children(record.key):
            self._recount(run, child)
        self._runs[record.arn] = run
        if record.status is not Status.RUNNING:
            self._records.pop(record.arn, None)
            self._drain(run)
            return
        resident = self._host.resident(record.execution)
        frame = None if resident is None else resident.frames.get(record.frame)
        if resident is None or frame is None or _arn(frame) != record.arn:
            self._drop(run)
            return
        self._by_owner[run.owner] = run
        self._prepare(run, resident, frame)
        if record.items is None:
            assert run.waiting.reader is not None
            self._perform(run, self._read(run, run.waiting.reader))
        else:
            self._make_inputs(run)
            self._schedule(run)

    def _recount(self, run: _Run, child: Child) -> None:
        run.known.add(child.number)
        if child.status is Status.RUNNING:
            run.began(child.key, child.items)
        else:
            run.count(child.status, child.items)
            run.begun = (run.begun[0] + 1, run.begun[1] + child.items)

    def _prepare(self, run: _Run, resident: Resident, frame: Frame) -> None:
        assert isinstance(frame.waiting, MapRunning)
        run.parent, run.definition, run.waiting = resident.identity, resident.definition, frame.waiting
        run.entered_event = frame.entered_event
        inside = (*frame.place, frame.state)
        run.place = (*resident.identity.place, *inside)
        run.machine = machine_at(resident.machine, inside)
        node = machine_at(resident.machine, frame.place).states[frame.state]
        assert isinstance(node, Map)
        run.node = node

    def _make_inputs(self, run: _Run) -> None:
        resident = self._host.resident(run.record.execution)
        if resident is None:
            return
        around = run.record.frame.split(".")
        names = [".".join(around[:length]) for length in range(1, len(around) + 1)]
        execution = Execution(
            identity=resident.identity,
            machine=resident.machine,
            frames={name: resident.frames[name] for name in names},
            last_event=resident.last_event,
        )
        record = run.record
        read = None if run.waiting.reader is None else self._kept(record.key, record.pages)
        run.number, run.exhausted = 0, False
        run.inputs = child_inputs(execution, record.frame, read, at=record.started_at, seed=record.seed)

    def _kept(self, key: RunKey, pages: int) -> Iterator[Json]:
        for page in range(pages):
            items = loads(self._journal.items(key, page) or "[]")
            assert isinstance(items, list)
            yield from items

    # Reading items

    async def _read(self, run: _Run, source: ItemSource) -> None:
        reading = read_items(source, self._objects)
        pages = total = 0
        while not run.over:
            try:
                items, text = await self._threads.run(partial(_page, reading))
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
        run.record = self._records[run.record.arn] = replace(run.record, items=total, pages=pages)
        await self._host.submit(MapRunWrite(run.record))
        if not run.over:
            self._make_inputs(run)
            self._schedule(run)

    # Beginning children

    def _schedule(self, run: _Run) -> None:
        if not run.scheduled and not run.over and run.inputs is not None:
            run.scheduled = True
            asyncio.get_running_loop().call_soon(self._launch, run)

    def _launch(self, run: _Run) -> None:
        run.scheduled = False
        if run.over or not self._host.is_open or self._runs.get(run.record.arn) is not run:
            return
        if self._host.backlog > MAX_BACKLOG:
            run.scheduled = True
            asyncio.get_running_loop().call_later(PAUSE, self._launch, run)
            return
        for _ in range(BEGINS_A_TURN):
            if run.exhausted or len(run.open) >= run.limit:
                break
            try:
                self._launch_next(run)
            except Unavailable:
                self._retry(run)
                return
        else:
            self._schedule(run)
        if run.exhausted and not run.open and not run.over and run.task is None:
            self._perform(run, self._finish(run))

    def _launch_next(self, run: _Run) -> None:
        assert run.inputs is not None
        try:
            given = next(run.inputs, None)
        except (EvaluationFailed, NotJson, RecursionError) as problem:
            self._fail(run, _selecting_failed(run, problem))
            run.exhausted = True
            return
        if given is None:
            run.exhausted = True
            run.known.clear()
            return
        number = run.number
        run.number += 1
        if number in run.known:
            return
        if is_too_large(Document(text=given.text)):
            self._fail(run, Failure(DATA_LIMIT_EXCEEDED, _TOO_LARGE.format(MAX_PAYLOAD_BYTES)))
            run.exhausted = True
            return
        key, settled = self._host.begin_child(self._child(run, number, given), run.machine)
        run.began(key, given.items)
        settled.add_done_callback(partial(self._begun, run))

    def _child(self, run: _Run, number: int, given: ChildInput) -> NewExecution:
        parent, label = run.parent, run.record.label
        name = str(uuid.uuid5(_NAMES, f"{run.record.arn}\n{number}"))
        machine_arn = f"{parent.machine_arn}/{label}"
        at = self._host.moment()["at"]
        express = run.node.child_type == "EXPRESS"
        identity = Identity(
            arn=child_execution(machine_arn, name, express=express),
            name=name,
            machine_arn=machine_arn,
            machine_name=f"{parent.machine_name}/{label}",
            role_arn=parent.role_arn,
            started_at=at,
            input=given.text,
            secret=self._chance.uuid(),
            place=run.place,
            map_run_arn=run.record.arn,
            trace_header=parent.trace_header,
        )
        return NewExecution(
            identity=identity,
            definition=run.definition,
            due_at=at + timedelta(seconds=EXPRESS_SECONDS) if express else None,
            map_run=run.record.key,
            number=number,
            items=given.items,
        )

    def _begun(self, run: _Run, settled: asyncio.Future[None]) -> None:
        if not settled.cancelled() and settled.exception() is not None:
            self._retry(run)

    def child_ended(self, key: Key, map_run_arn: str, status: Status) -> None:
        """A child has ended, durably."""
        run = self._runs.get(map_run_arn)
        items = None if run is None else run.open.pop(key, None)
        if run is None or items is None:
            return
        run.count(status, items)
        if run.over:
            if run.draining and not run.open:
                self._settle(run)
        else:
            self._judge(run)

    def _judge(self, run: _Run) -> None:
        """Go on, unless too many items have failed."""
        if run.fails:
            failure = Failure(
                EXCEED_TOLERATED_FAILURE_THRESHOLD,
                "The specified tolerated failure threshold was exceeded",
            )
            self._fail(run, failure)
        else:
            self._schedule(run)

    # Ending

    async def _finish(self, run: _Run) -> None:
        try:
            output = await self._threads.run(partial(self._results, run))
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

    def _results(self, run: _Run) -> str:
        writer = run.waiting.writer
        if writer is None or writer.resource is None:
            return gather(self._records_of(run), writer)
        return export(self._records_of(run), run.record, writer, self._objects)

    def _records_of(self, run: _Run) -> Iterator[ExecutionRecord]:
        number = 0
        while not run.over and (found := self._journal.child_records(run.record.key, number, RESULTS_A_READ)):
            yield from found
            number += len(found)

    def _fail(self, run: _Run, failure: Failure) -> None:
        if not run.over:
            event = MapRunFailed(
                **self._host.moment(), frame=run.record.frame, map_run_arn=run.record.arn, failure=failure
            )
            self._report(run, event, Status.FAILED)

    def _report(self, run: _Run, event: MapRunSucceeded | MapRunFailed, status: Status) -> None:
        try:
            resident = self._host.resident(run.record.execution)
        except Unavailable:
            self._retry(run)
            return
        if resident is not None:
            _heed(self._host.tell(resident, event, map_run=self._over(run.record, status, event.at)))

    def _drain(self, run: _Run) -> None:
        """Stop the children that are under way; when the last one has ended, the run is settled."""
        run.over = run.draining = True
        if self._by_owner.get(run.owner) is run:
            del self._by_owner[run.owner]
        self._records.pop(run.record.arn, None)
        if run.task is not None:
            run.task.cancel()
        if run.open:
            self._stop(run, list(run.open))
        elif run.record.settled:
            self._drop(run)
        else:
            self._settle(run)

    def _stop(self, run: _Run, keys: list[Key]) -> None:
        for key in keys[:STOPS_A_TURN] if self._host.is_open else ():
            try:
                resident = self._host.resident(key) if key in run.open else None
            except Unavailable:
                asyncio.get_running_loop().call_later(RETRY_DELAY, self._stop, run, keys)
                return
            if resident is not None:
                _heed(self._host.tell(resident, StopRequested(**self._host.moment(), failure=Failure())))
        if len(keys) > STOPS_A_TURN:
            asyncio.get_running_loop().call_later(PAUSE, self._stop, run, keys[STOPS_A_TURN:])

    def _settle(self, run: _Run) -> None:
        if self._host.is_open:
            run.record = replace(run.record, tally=run.tally, settled=True)
            _heed(self._host.submit(MapRunWrite(run.record)))
        self._drop(run)

    def _drop(self, run: _Run) -> None:
        run.over = True
        if self._runs.get(run.record.arn) is run:
            del self._runs[run.record.arn]
        if self._by_owner.get(run.owner) is run:
            del self._by_owner[run.owner]
        if run.task is not None:
            run.task.cancel()

    def _retry(self, run: _Run) -> None:
        """Forget what is known of the run, and take it up again as the journal has it."""
        if self._runs.get(run.record.arn) is run and self._host.is_open:
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
        run.record = self._records[record.arn] = replace(run.record, **given)
        await self._host.submit(MapRunWrite(run.record))
        self._judge(run)
        return True

    # Tasks

    def _perform(self, run: _Run, work: Coroutine[Any, Any, None]) -> None:
        task = run.task = asyncio.get_running_loop().create_task(self._guarded(run, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, run: _Run, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Unavailable:
            run.task = None
            self._retry(run)
        except Exception as error:  # a state must not hang because of what an object store raises
            _log.exception("the map run %s failed", run.record.arn)
            run.task = None
            self._fail(run, Failure(RUNTIME, str(error)))
        else:
            run.task = None


_TOO_LARGE: Final = "The input of a child execution is larger than {} bytes."


def _arn(frame: Frame | None) -> str | None:
    if frame is not None and isinstance(frame.waiting, MapRunning):
        return frame.waiting.map_run_arn
    return None


def _page(reading: Iterator[Json]) -> tuple[int, str]:
    """The next items, how many, and as the text of an array."""
    texts: list[str] = []
    size = 0
    for item in reading:
        texts.append(dumps(item))
        size += len(texts[-1])
        if len(texts) >= PAGE_ITEMS or size >= PAGE_BYTES:
            break
    return len(texts), f"[{','.join(texts)}]"


def _selecting_failed(run: _Run, problem: EvaluationFailed | NotJson | RecursionError) -> Failure:
    where = f"An error occurred while executing the state '{run.node.name}'"
    where += f" (entered at the event id #{run.entered_event}). "
    if isinstance(problem, EvaluationFailed):
        return Failure(problem.error, where + problem.cause)
    reason = str(problem) if isinstance(problem, NotJson) else "nested too deeply"
    return Failure(RUNTIME, f"{where}Invalid JSON: {reason}.")


def _heed(settled: asyncio.Future[None] | None) -> None:
    """Nobody waits for that: what is not written will be found out anew when it is taken up again."""
    if settled is not None:
        settled.add_done_callback(lambda done: done.cancelled() or done.exception())
