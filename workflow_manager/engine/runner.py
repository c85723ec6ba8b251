"""Moves executions: load, step, commit, perform.

One event loop does everything but writing.  An execution moves in memory at once; what the move
asks of the world (timers, offers, calls, answers) is done when its write is durable.  When a write
fails, what was in memory is dropped and the execution comes in again by the way of recovery.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.nodes import Machine
from workflow_manager.engine.activities import ActivityQueues, Offer
from workflow_manager.engine.announcer import Announcer, Listener
from workflow_manager.engine.arns import is_express
from workflow_manager.engine.calls import Calls, Moment, Owner
from workflow_manager.engine.effects import due_at, is_owed
from workflow_manager.engine.events import (
    Event,
    ExecutionDue,
    Redriven,
    Resumed,
    Started,
    TaskFailed,
    TimerFired,
)
from workflow_manager.engine.execution import Ending, Execution, Identity, Transition
from workflow_manager.engine.frames import AtWork, Frame, FrameId, MapRunning
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import (
    Announced,
    Delivered,
    ExecutionRecord,
    ExecutionWrite,
    Key,
    MapRun,
    NewExecution,
    OpenFrame,
    Redrive,
    Write,
)
from workflow_manager.engine.journal.writer import GroupCommit, Outcome
from workflow_manager.engine.map_runner import MapRuns
from workflow_manager.engine.objects import Objects
from workflow_manager.engine.residents import Resident, Residents
from workflow_manager.engine.resources import Kind, parse_resource
from workflow_manager.engine.services import Services
from workflow_manager.engine.step import REFUSED, advance, give_up
from workflow_manager.engine.timers import Timers
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.ids import Chance

BUDGET: Final = 200  # states moved at a time, so that a long execution takes turns with the others
TIMERS_A_TURN: Final = 100
LONGEST_SLEEP: Final = 1.0  # seconds; so a wall clock that was set forward is noticed
PAUSE: Final = 0.002  # seconds, between two turns of what is due
RETRY_DELAY: Final = 1.0  # seconds, before what could not be written is tried again
DELIVERY_DELAY: Final = 0.05  # seconds that a note of delivery may wait for company
MAX_BACKLOG: Final = 4096  # writes on their way, beyond which nothing new is begun from within

WHOLE: Final = ""  # the owner of an execution's own timer, in the place of a frame

_log = logging.getLogger(__name__)


class End(NamedTuple):
    ending: Ending
    at: datetime


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
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self._activity_exists = activity_exists
        self._listeners = tuple(listeners)
        self.residents = Residents(journal, machine_of)
        self.queues = ActivityQueues()
        self._timers: Timers[Owner] = Timers()
        self._alarm: asyncio.TimerHandle | None = None
        self._ready: deque[Key] = deque()
        self._calls = Calls(services, self._caller, self._report, self.moment)
        self.map_runs = MapRuns(journal, self, objects, chance)
        self._watchers: dict[str, list[asyncio.Future[End]]] = {}
        self._delivered: dict[Owner, None] = {}  # notes that have not been written
        self._last_key = 0
        self.running = 0  # executions that have begun and not ended, durably or not
        self._is_open = False

    # Opening and closing

    def open(self) -> None:
        """Begin, on the running loop, with everything the journal says is owed."""
        self._loop = asyncio.get_running_loop()
        self._group = GroupCommit(self._journal, self._deliver)
        self._announcer = Announcer(self._listeners, self._deliver_announced)
        self._is_open = True
        self._last_key = self._journal.last_key()
        for key, due in self._journal.open_executions():
            self.running += 1
            if due is not None:
                self._timers.set((key, WHOLE), due.timestamp())
        self._take_up(self._journal.open_frames(), self._journal.undelivered())
        self.map_runs.open()
        if self._listeners:
            for key in self._journal.unannounced():
                self._announce(key)
        self._arm()

    async def close(self) -> None:
        """Perform nothing more; write what is under way."""
        if not self._is_open:
            return
        self._is_open = False
        if self._alarm is not None:
            self._alarm.cancel()
        self.queues.dismiss_pollers()
        await self._calls.close()
        await self.map_runs.close()
        self._write_delivered()
        await self._loop.run_in_executor(None, self._announcer.close)
        await self._loop.run_in_executor(None, self._group.close)
        # The outcomes of the last batch are on the loop's list already; let them be handled.
        await asyncio.sleep(0)

    def _take_up(self, frames: Iterable[OpenFrame], undelivered: Iterable[Owner]) -> None:
        """Owe again what these frames wait for, and the tasks that may not have reached their workers."""
        unsent = set(undelivered)
        for found in frames:
            owner = (found.key, found.frame)
            if found.due_at is not None:
                self._timers.set(owner, found.due_at.timestamp())
            if found.waiting == "ready":
                self._resume(found.key)
            elif found.resource is not None and found.owed:
                self._owe(owner, found.visit, found.resource)
            elif found.resource is not None and owner in unsent:
                self.queues.offer(found.resource, Offer(*owner, found.visit, taken=True), first=True)

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
        self.residents.add(resident)
        return resident.key, settled

    def redrive(
        self,
        record: ExecutionRecord,
        machine: Machine,
        frames: Mapping[FrameId, Frame],
        last_event: int,
        limit: int | None,
        token: str | None,
    ) -> asyncio.Future[None]:
        """Let a failed execution go on with `frames`, for `limit` seconds; done when that is durable."""
        moment = self.moment()
        resident = Resident(record.key, record.identity, record.definition, machine)
        resident.redrives = record.redrives + 1
        resident.last_event = last_event
        due = None if limit is None else moment["at"] + timedelta(seconds=limit)
        opened = Redrive(number=resident.redrives, at=moment["at"], token=token, due_at=due)
        settled = self._loop.create_future()
        self._move(resident, Redriven(**moment, frames=frames), settled, opened)
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
            if self.work(owner, visit) is None:
                return
        except Unavailable:
            return  # it is given once more after a restart, as after any lost note
        if not self._delivered:
            self._loop.call_later(DELIVERY_DELAY, self._write_delivered)
        self._delivered[owner] = None

    def _write_delivered(self) -> None:
        for owner in self._delivered:
            self._group.submit(Delivered(*owner), _ignore)
        self._delivered.clear()

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

    @contextmanager
    def watching(self, arn: str) -> Iterator[asyncio.Future[End]]:
        """How and when the execution ends, if it ends meanwhile, durably."""
        watcher: asyncio.Future[End] = self._loop.create_future()
        watchers = self._watchers.setdefault(arn, [])
        watchers.append(watcher)
        try:
            yield watcher
        finally:
            watchers.remove(watcher)
            if not watchers and self._watchers.get(arn) is watchers:
                del self._watchers[arn]

    def _move(
        self,
        resident: Resident,
        event: Event,
        settled: asyncio.Future[None] | None = None,
        opened: NewExecution | Redrive | None = None,
        taken: FrameId | None = None,
        map_run: MapRun | None = None,
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
            announce=bool(self._listeners) and not is_child,
            # A map run gathers the results of its children, express or not.
            forget=is_express(resident.identity.arn) and not is_child,
            taken=taken,
            map_runs=self.map_runs.changes(resident, changed, event.at, map_run),
        )
        if taken is not None:
            # A note of the task before, in the same frame, is not to be read as one of this task.
            self._delivered.pop((resident.key, taken), None)
        resident.version += 1
        resident.in_flight += 1
        resident.over = transition.ending is not None
        self.residents.moved(resident, changed)
        self._group.submit(
            write, partial(self._moved, resident, transition, gone, event.at, write, opened, settled)
        )
        for name, frame in transition.frames.items():
            if frame is not None and isinstance(frame.waiting, AtWork):
                self._offer((resident.key, name), frame, frame.waiting)
        return True

    def _offer(self, owner: Owner, frame: Frame, work: AtWork) -> None:
        """Offer an activity's task ahead of the commit.

        That is safe, for to take it is a write of its own, which comes after this one; and a worker
        who waits for it already costs no second trip to the disk.
        """
        if not work.started and parse_resource(work.resource).kind is Kind.ACTIVITY:
            self._owe(owner, frame.visit, work.resource)

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
        self._arm()

    def _moved(
        self,
        resident: Resident,
        transition: Transition,
        gone: tuple[FrameId, ...],
        at: datetime,
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
            self._lose(resident)
        elif self._is_open:
            if opened is not None and opened.due_at is not None and transition.ending is None:
                self._timers.set((resident.key, WHOLE), opened.due_at.timestamp())
            self.map_runs.written(write.map_runs)
            self._perform(resident, transition, gone, at)

    def _perform(
        self, resident: Resident, transition: Transition, gone: tuple[FrameId, ...], at: datetime
    ) -> None:
        key = resident.key
        if transition.ending is not None:
            for name in (*gone, WHOLE):
                self._let_go((key, name))
            self.residents.drop(resident)
            self._end(resident, End(transition.ending, at))
            return
        for name, frame in transition.frames.items():
            # A frame that has moved on meanwhile is followed when that is durable.
            if resident.frames.get(name) is frame:
                self._follow((key, name), frame)
        if transition.unfinished:
            self._resume(key)

    def _follow(self, owner: Owner, frame: Frame | None) -> None:
        """Owe what a changed frame waits for, and nothing else."""
        if frame is None or not isinstance(frame.waiting, AtWork):
            self._let_go(owner)
            if frame is not None and isinstance(frame.waiting, MapRunning):
                self.map_runs.follow(owner, frame)
        due = None if frame is None else due_at(frame)
        if due is None:
            self._timers.clear(owner)
        else:
            self._timers.set(owner, due.timestamp())
        if frame is None or not isinstance(frame.waiting, AtWork) or not is_owed(frame.waiting):
            return
        if parse_resource(frame.waiting.resource).kind is not Kind.ACTIVITY:
            self._owe(owner, frame.visit, frame.waiting.resource)

    def _let_go(self, owner: Owner) -> None:
        self._timers.clear(owner)
        self.queues.withdraw(owner)
        self._calls.abandon(owner)
        self.map_runs.let_go(owner)

    def _end(self, resident: Resident, end: End) -> None:
        for watcher in self._watchers.get(resident.identity.arn, ()):
            if not watcher.done():
                watcher.set_result(end)
        if resident.identity.map_run_arn is not None:
            self.map_runs.child_ended(resident.key, resident.identity.map_run_arn, end.ending.status)
        elif self._listeners and not is_express(resident.identity.arn):
            self._announcer.announce(resident.key, resident.identity.arn)

    def _lose(self, resident: Resident) -> None:
        """A write failed: forget what was in memory, and come in again by the front door."""
        self.residents.drop(resident)
        self.map_runs.forget(resident.key)
        if self._is_open:
            self._loop.call_later(RETRY_DELAY, self._come_back, resident.key)

    def _come_back(self, key: Key) -> None:
        if not self._is_open:
            return
        try:
            self._take_up(self._journal.open_frames(key), self._journal.undelivered(key))
            self.map_runs.come_back(key)
        except Unavailable:
            self._loop.call_later(RETRY_DELAY, self._come_back, key)
        self._arm()

    # Work

    def _owe(self, owner: Owner, visit: int, resource: str) -> None:
        """Ask for the work: offer it to workers, or call the service."""
        if parse_resource(resource).kind is not Kind.ACTIVITY:
            self._calls.begin(owner, visit)
        elif self._activity_exists(resource):
            self.queues.offer(resource, Offer(*owner, visit))
        else:
            self._loop.call_soon(self._refuse, owner, visit, resource)

    def _refuse(self, owner: Owner, visit: int, activity: str) -> None:
        failure = Failure("ActivityDoesNotExist", f"Activity Does Not Exist: '{activity}'")
        found = self.work(owner, visit)
        if found is not None:
            event = TaskFailed(**self.moment(), token=found[1].token, failure=failure, phase="ScheduleFailed")
            self._report(owner, event)

    def retries(self, owner: Owner) -> int:
        """How often the frame's state was tried before."""
        resident = self.residents.get(owner[0])
        frame = resident.frames.get(owner[1]) if resident is not None else None
        return 0 if frame is None else frame.retries

    def work(self, owner: Owner, visit: int) -> tuple[Resident, AtWork] | None:
        """The work of that visit, if somebody still waits for it."""
        resident = self.residents.get(owner[0])
        frame = resident.frames.get(owner[1]) if resident is not None else None
        if resident is None or frame is None or frame.visit != visit or not isinstance(frame.waiting, AtWork):
            return None
        return resident, frame.waiting

    def _caller(self, owner: Owner, visit: int) -> tuple[Identity, AtWork] | None:
        found = self.work(owner, visit)
        return None if found is None else (found[0].identity, found[1])

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

    def tick(self) -> None:
        """Move everything whose time has come."""
        now = self._clock.now().timestamp()
        if self._is_open and self.backlog < MAX_BACKLOG:
            for owner in self._timers.pop_due(now, TIMERS_A_TURN):
                self._loop.call_soon(self._fire, owner, now)
        self._arm(PAUSE)

    def _fire(self, owner: Owner, now: float) -> None:
        key, name = owner
        try:
            resident = self.residents.get(key)
        except Unavailable:
            self._timers.set(owner, now + RETRY_DELAY)
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
            self._timers.set(owner, due.timestamp())
        else:
            self._move(resident, TimerFired(**self.moment(), frame=name, visit=frame.visit))

    def _arm(self, pause: float = 0.0) -> None:
        due = self._timers.next_due()
        if due is None or not self._is_open:
            return
        delay = min(max(due - self._clock.now().timestamp(), pause), LONGEST_SLEEP)
        when = self._loop.time() + delay
        if self._alarm is not None:
            if self._alarm.when() <= when:
                return
            self._alarm.cancel()
        self._alarm = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.tick()

    def _resume(self, key: Key) -> None:
        self._ready.append(key)
        if len(self._ready) == 1:
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Let the execution that has waited longest move on; the others after whatever came in."""
        if not self._is_open or not self._ready:
            return
        if self.backlog >= MAX_BACKLOG:
            self._loop.call_later(PAUSE, self._go_on)
            return
        key = self._ready.popleft()
        if self._ready:
            self._loop.call_soon(self._go_on)
        try:
            resident = self.residents.get(key)
        except Unavailable:
            self._loop.call_later(RETRY_DELAY, self._resume, key)
            return
        if resident is not None:
            self._move(resident, Resumed(**self.moment()))

    # Announcing

    def _announce(self, key: Key) -> None:
        record = self._journal.record(key)
        if record is not None and self._is_open:
            self._announcer.announce(key, record.identity.arn)

    def _deliver_announced(self, key: Key, heard: bool) -> None:
        self._loop.call_soon_threadsafe(self._announced, key, heard)

    def _announced(self, key: Key, heard: bool) -> None:
        if heard:
            self._group.submit(Announced(key), _ignore)
        elif self._is_open:
            self._loop.call_later(RETRY_DELAY, self._announce, key)


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
    """Not written: what was announced or delivered will be so once more after the next start."""
