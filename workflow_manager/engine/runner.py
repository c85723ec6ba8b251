"""Moves executions: load, step, commit, perform.

One event loop does everything but writing.  An execution moves in memory at once; what the move
asks of the world (timers, offers, calls, answers) is done when its write is durable.  When a write
fails, what was in memory is dropped and the execution comes in again by the way of recovery.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from workflow_manager.asl.nodes import Machine
from workflow_manager.engine.abandonment import Abandonment, left_behind
from workflow_manager.engine.announcer import Concern, Listener
from workflow_manager.engine.arns import is_express
from workflow_manager.engine.calls import Moment, Owner
from workflow_manager.engine.debts import Debts
from workflow_manager.engine.deliveries import Deliveries
from workflow_manager.engine.effects import due_at
from workflow_manager.engine.endings import End, Endings
from workflow_manager.engine.events import Event, ExecutionDue, Redriven, Resumed, Started, TimerFired
from workflow_manager.engine.execution import Execution, Identity, Status, Transition
from workflow_manager.engine.frames import AtWork, Frame, FrameId
from workflow_manager.engine.journal.port import Journal, NamesTaken
from workflow_manager.engine.journal.records import (
    AbandonedEnded,
    Announced,
    Delivered,
    ExecutionWrite,
    Key,
    MapRun,
    NewExecution,
    Redrive,
    Write,
)
from workflow_manager.engine.journal.writer import Commits, Done, GroupCommit, Outcome
from workflow_manager.engine.map_records import redriven_run
from workflow_manager.engine.map_runner import MapRuns
from workflow_manager.engine.objects import Objects
from workflow_manager.engine.reopening import Reopening
from workflow_manager.engine.residents import Resident, Residents
from workflow_manager.engine.services import Services
from workflow_manager.engine.step import REFUSED, advance, give_up
from workflow_manager.engine.turns import Turns
from workflow_manager.engine.work import Work
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.ids import Chance

BUDGET: Final = 200  # states moved at a time, so that a long execution takes turns with the others
RETRY_DELAY: Final = 1.0  # seconds, before what could not be written is tried again
MAX_BACKLOG: Final = 4096  # writes on their way, beyond which nothing new is begun from within

NO_RUNS: Final[Mapping[str, MapRun]] = {}
WHOLE: Final = ""  # the owner of an execution's own timer, in the place of a frame

_log = logging.getLogger(__name__)


class Runner:
    """`activity_exists` is asked when a task is offered; `listeners` hear of every ending."""

    def __init__(
        self,
        journal: Journal,
        machine_of: Callable[[str], Machine],
        *,
        clock: Clock,
        chance: Chance,
        services: Services,
        objects: Objects,
        activity_exists: Callable[[str], bool],
        listeners: Sequence[Listener] = (),
        concern: Concern,
        announce_beside: bool = False,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self.residents = Residents(journal, machine_of)
        self.turns = Turns(
            clock, fire=self._fire, go_on=self._go_on, is_busy=lambda: self.backlog >= MAX_BACKLOG
        )
        self.work = Work(
            self.residents,
            services,
            report=self._report,
            moment=self.moment,
            now=clock.now,
            activity_exists=activity_exists,
        )
        self.map_runs = MapRuns(journal, self, objects, chance)
        self.abandonment = Abandonment(journal, services, self._note)
        self._debts = Debts(self.turns, self.work, self.map_runs)
        self.endings = Endings(journal, listeners, concern, self._note, beside=announce_beside)
        self._deliveries = Deliveries(self._note)
        self._last_key = 0
        self.running = 0  # executions that have begun and not ended, durably or not
        self.commits = Commits()
        # Durably, since the engine was made.
        self.begun = 0
        self.states_entered = 0
        self.ended: Counter[Status] = Counter()
        self._is_open = False

    # Opening and closing

    def open(self) -> None:
        """Begin, on the running loop, with everything the journal says is owed."""
        self._loop = asyncio.get_running_loop()
        self._group = GroupCommit(self._journal, self._deliver, self.commits, self._loop.call_soon)
        self._is_open = True
        self.turns.open()
        self._last_key = self._journal.last_key()
        for key, due in self._journal.open_executions():
            self.running += 1
            if due is not None:
                self.turns.timers.set((key, WHOLE), due.timestamp())
        self._debts.take_up(self._journal.open_frames(), self._journal.undelivered())
        self.abandonment.take_up()
        self.map_runs.open()
        self.endings.open()
        self.turns.arm()

    async def close(self) -> None:
        """Perform nothing more; write what is under way."""
        if not self._is_open:
            return
        self._is_open = False
        self.turns.close()
        await self.work.close()
        await self.abandonment.close()
        await self.map_runs.close()
        self._deliveries.write()
        await self.endings.close()
        self._group.close()
        await self._loop.run_in_executor(None, self._group.join)
        # The outcomes of the last batch are on the loop's list already; let them be handled.
        await asyncio.sleep(0)

    # Moving

    def begin(
        self, identity: Identity, definition: str, machine: Machine, limit: int | None
    ) -> asyncio.Future[None]:
        """Start an execution, which may take `limit` seconds; done when that is durable."""
        due = None if limit is None else identity.started_at + timedelta(seconds=limit)
        started = NewExecution(identity=identity, definition=definition, due_at=due)
        return self.begin_child(started, machine)[1]

    def begin_child(self, started: NewExecution, machine: Machine) -> tuple[Key, asyncio.Future[None]]:
        """The key of the new execution; done when it is durable."""
        identity = started.identity
        self._last_key += 1
        resident = Resident(self._last_key, identity, started.definition, machine)
        settled = self._loop.create_future()
        self._move(resident, Started(at=identity.started_at, seed=self._chance.seed()), settled, started)
        self.residents.arrive(resident)
        return resident.key, settled

    def redrive(self, again: Reopening, limit: int | None, token: str | None = None) -> asyncio.Future[None]:
        """Let a failed execution go on, for `limit` seconds; done when that is durable."""
        moment = self.moment()
        record = again.record
        resident = Resident(record.key, record.identity, record.definition, again.machine)
        resident.redrives = record.redrives + 1
        resident.last_event = again.last_event
        due = None if limit is None else moment["at"] + timedelta(seconds=limit)
        opened = Redrive(number=resident.redrives, at=moment["at"], token=token, due_at=due)
        runs = {frame: redriven_run(run, moment["at"]) for frame, run in again.map_runs.items()}
        event = Redriven(
            **moment,
            frames=again.frames,
            map_runs={frame: (run.arn, run.redrives) for frame, run in runs.items()},
        )
        settled = self._loop.create_future()
        self._move(resident, event, settled, opened, redriven={run.arn: run for run in runs.values()})
        self.residents.add(resident)
        return settled

    def tell(
        self,
        resident: Resident,
        event: Event,
        *,
        taken: FrameId | None = None,
        map_run: MapRun | None = None,
    ) -> asyncio.Future[None] | None:
        """Move an execution; done when that is durable.  None when the event is not accepted.

        `taken` is the frame whose task a worker takes by it, who has yet to be told; `map_run` the
        run whose end it tells of, as it is to be written.
        """
        settled = self._loop.create_future()
        return settled if self._move(resident, event, settled, taken=taken, map_run=map_run) else None

    def delivered(self, owner: Owner, visit: int) -> None:
        """The worker has the task of that visit; written with whatever comes next, or soon."""
        try:
            if self.work.find(owner, visit) is not None:
                self._deliveries.note(owner)
        except Unavailable:
            return  # it is given once more after a restart, as after any lost note

    def _note(self, write: Announced | AbandonedEnded | Delivered, done: Done | None = None) -> None:
        self._group.submit(write, done or _ignore)

    def submit(self, write: Write) -> asyncio.Future[None]:
        """Write something that belongs to no running execution."""
        settled = self._loop.create_future()
        self._group.submit(write, partial(_settle, settled))
        return settled

    async def settled(self, resident: Resident) -> None:
        """Wait until every move made so far is durable, or known not to be."""
        if resident.in_flight:
            waiter = self._loop.create_future()
            resident.waiters.append(waiter)
            await waiter

    def _move(
        self,
        resident: Resident,
        event: Event,
        settled: asyncio.Future[None] | None = None,
        opened: NewExecution | Redrive | None = None,
        taken: FrameId | None = None,
        map_run: MapRun | None = None,
        redriven: Mapping[str, MapRun] = NO_RUNS,
    ) -> bool:
        transition = REFUSED if resident.over else _advance(resident.execution, event)
        if not transition.accepted:
            return False
        gone = tuple(resident.frames) if transition.ending else ()
        self.running += opened is not None
        if transition.history:
            resident.last_event = transition.history[-1].id
        changed: Mapping[FrameId, Frame | None] = (
            dict.fromkeys(gone) if transition.ending else transition.frames
        )
        is_child = resident.identity.map_run_arn is not None
        # A map run gathers the results of its children, express or not.
        forget = is_express(resident.identity.arn) and not is_child
        map_runs = self.map_runs.records.changes(resident, changed, event.at, map_run, redriven)
        if isinstance(opened, Redrive):
            again = tuple(run.key for run in map_runs if run.arn in redriven)
            opened = replace(opened, map_runs=again)
        write = ExecutionWrite(
            key=resident.key,
            after=resident.version,
            last_event=resident.last_event,
            started=opened if isinstance(opened, NewExecution) else None,
            redriven=opened if isinstance(opened, Redrive) else None,
            frames=transition.frames,
            history=transition.history,
            ending=transition.ending,
            stopped_at=event.at if transition.ending else None,
            announce=(
                transition.ending is not None
                and not (is_child or forget)
                and self.endings.is_announced(resident.identity.arn)
            ),
            forget=forget,
            taken=taken,
            map_runs=map_runs,
            abandoned=tuple(left_behind(resident.frames, changed, event)),
        )
        if taken is not None:
            # A note of the task before, in the same frame, is not to be read as one of this task.
            self._deliveries.forget((resident.key, taken))
        for name in gone:  # what ends leaves nothing to note
            self._deliveries.forget((resident.key, name))
        resident.version += 1
        resident.in_flight += 1
        resident.over = transition.ending is not None
        self.residents.moved(resident, changed)
        self._group.submit(write, partial(self._moved, resident, transition, gone, write, opened, settled))
        for name, frame in transition.frames.items():
            if frame is not None and isinstance(frame.waiting, AtWork):
                self.work.offer((resident.key, name), frame.visit, frame.waiting, event.at)
        return True

    # Performing, after the commit

    def _deliver(self, outcomes: Sequence[Outcome]) -> None:
        self._loop.call_soon_threadsafe(self._settle_all, outcomes)

    def _settle_all(self, outcomes: Sequence[Outcome]) -> None:
        for done, error in outcomes:
            try:
                done(error)
            except Exception:  # the other writes of the batch have somebody waiting for them too
                _log.exception("what follows a write went wrong")
        self.residents.shrink()
        self.turns.arm()

    def _moved(
        self,
        resident: Resident,
        transition: Transition,
        gone: tuple[FrameId, ...],
        write: ExecutionWrite,
        opened: NewExecution | Redrive | None,
        settled: asyncio.Future[None] | None,
        error: Exception | None,
    ) -> None:
        resident.in_flight -= 1
        if (transition.ending if error is None else opened) is not None:
            self.running -= 1
        if settled is not None:
            _settle(settled, error)
        if not resident.in_flight:
            for waiter in resident.waiters:
                _settle(waiter, None)
            resident.waiters.clear()
        if error is not None:
            self._lose(resident, comes_back=not isinstance(error, NamesTaken))
            return
        if write.started is not None:
            self.residents.arrived(resident)
        self._count(transition, write)
        if self._is_open:
            if opened is not None and opened.due_at is not None and transition.ending is None:
                self.turns.timers.set((resident.key, WHOLE), opened.due_at.timestamp())
            self.map_runs.written(write.map_runs)
            for job in write.abandoned:
                self.abandonment.end(resident.key, resident.identity, job)
            self._perform(resident, transition, gone, write)

    def _count(self, transition: Transition, write: ExecutionWrite) -> None:
        self.begun += write.started is not None
        self.states_entered += transition.entered
        if transition.ending is not None:
            self.ended[transition.ending.status] += 1

    def _perform(
        self, resident: Resident, transition: Transition, gone: tuple[FrameId, ...], write: ExecutionWrite
    ) -> None:
        key = resident.key
        if write.ending is not None:
            for name in (*gone, WHOLE):
                self._debts.let_go((key, name))
            self.residents.drop(resident)
            assert write.stopped_at is not None
            self._end(resident, End(write.ending, write.stopped_at), write.announce)
            return
        for name, frame in transition.frames.items():
            # A frame that has moved on meanwhile is followed when that is durable.
            if resident.frames.get(name) is frame:
                self._debts.follow((key, name), frame)
        if transition.unfinished:
            self.turns.resume(key)

    def _end(self, resident: Resident, end: End, announce: bool) -> None:
        arn, map_run_arn = resident.identity.arn, resident.identity.map_run_arn
        self.endings.tell_watchers(arn, end)
        if map_run_arn is not None:
            self.map_runs.child_ended(resident.key, map_run_arn, end.ending.status)
        if announce:
            self.endings.announce(resident.key, arn)

    def _lose(self, resident: Resident, *, comes_back: bool) -> None:
        """A write failed: forget what was in memory, and come in again by the front door."""
        self.residents.drop(resident)
        self.map_runs.forget(resident.key)
        for name in resident.frames:
            self.work.roster.over((resident.key, name))
        if self._is_open and comes_back:
            self._loop.call_later(RETRY_DELAY, self._come_back, resident.key)

    def _come_back(self, key: Key) -> None:
        if not self._is_open:
            return
        try:
            self._debts.take_up(self._journal.open_frames(key), self._journal.undelivered(key))
            self.abandonment.take_up(key)
            self.map_runs.come_back(key)
        except Unavailable:
            self._loop.call_later(RETRY_DELAY, self._come_back, key)
        self.turns.arm()

    def _report(self, owner: Owner, event: Event) -> None:
        if not self._is_open:
            return
        try:
            resident = self.residents.get(owner[0])
        except Unavailable:
            self._loop.call_later(RETRY_DELAY, self._report, owner, event)
            return
        if resident is not None:
            self._move(resident, event)

    def resident(self, key: Key) -> Resident | None:
        """The running execution, loaded if it has to be.  Raises `Unavailable`."""
        return self.residents.get(key)

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def backlog(self) -> int:
        """How many writes wait for their turn."""
        return self._group.backlog

    # Time

    def moment(self) -> Moment:
        """The time and the chance of an event that happens now."""
        return Moment(at=self._clock.now(), seed=self._chance.seed())

    def _fire(self, owner: Owner, now: float) -> None:
        key, name = owner
        try:
            resident = self.residents.get(key)
        except Unavailable:
            self.turns.timers.set(owner, now + RETRY_DELAY)
            return
        if resident is None:
            return
        if name == WHOLE:
            self._move(resident, ExecutionDue(**self.moment()))
            return
        frame = resident.frames.get(name)
        due = due_at(frame) if frame is not None else None
        if frame is None or due is None:
            return
        if due.timestamp() > now:
            self.turns.timers.set(owner, due.timestamp())
        else:
            self._move(resident, TimerFired(**self.moment(), frame=name, visit=frame.visit))

    def _go_on(self, key: Key) -> None:
        try:
            resident = self.residents.get(key)
        except Unavailable:
            self._loop.call_later(RETRY_DELAY, self.turns.resume, key)
            return
        if resident is not None:
            self._move(resident, Resumed(**self.moment()))


def _advance(execution: Execution, event: Event) -> Transition:
    """What follows from the event.  Where the step itself goes wrong, the execution fails: what was
    true when the event came would be true when it came again, and nobody is to wait for ever.

    One that is only about to start is refused instead; whoever starts it is told.
    """
    try:
        return advance(execution, event, BUDGET)
    except Exception:  # a bug; the other executions are to go on
        _log.exception("the step failed for %s at %s", execution.identity.arn, type(event).__name__)
        if isinstance(event, Started):
            raise
        return give_up(execution, event)


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def _ignore(error: Exception | None) -> None:
    """Not written: what was announced, delivered or ended will be so once more after the next start."""
