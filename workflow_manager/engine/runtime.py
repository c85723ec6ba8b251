"""The engine: what can be asked of it, and what it answers once the answer is durable."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from msgspec.structs import replace

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.nodes import Node
from workflow_manager.asl.reading import describe_fault
from workflow_manager.engine.activities import Offer
from workflow_manager.engine.announcer import Listener
from workflow_manager.engine.arns import Realm
from workflow_manager.engine.definitions import Definitions, digest
from workflow_manager.engine.draft import MAX_HISTORY
from workflow_manager.engine.events import (
    Event,
    HistoryEvent,
    StopRequested,
    TaskFailed,
    TaskHeartbeat,
    TaskSucceeded,
    TaskTaken,
)
from workflow_manager.engine.execution import REDRIVABLE, Identity, Status
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.records import (
    Activity,
    Alias,
    CatalogueWrite,
    ExecutionRecord,
    ExecutionSummary,
    HistoryPage,
    Key,
    MapRun,
    RunKey,
    StateMachine,
    Version,
)
from workflow_manager.engine.objects import NoObjects, Objects
from workflow_manager.engine.redrive import reopened
from workflow_manager.engine.registry import Registry, Target
from workflow_manager.engine.runner import End, Runner
from workflow_manager.engine.services import NoServices, Services
from workflow_manager.engine.tokens import Claim, is_genuine, parse_token
from workflow_manager.engine.trial import Circumstances, Outcome, Trial, perform
from workflow_manager.kernel.clock import Clock, SystemClock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    AlreadyFinished,
    Conflict,
    InvalidInput,
    InvalidRequest,
    NotFound,
    Throttled,
    Unavailable,
)
from workflow_manager.kernel.ids import Chance, SystemChance
from workflow_manager.kernel.json import NotJson, loads

T = TypeVar("T")

EXPRESS: Final = "EXPRESS"
EXPRESS_SECONDS: Final = 300  # the longest that an express execution may take
TOKENS_HOLD: Final = timedelta(minutes=15)  # RedriveExecution's (API Reference)
MAX_OPEN: Final = 1_000_000  # running executions; AWS's default limit
NO_TOKEN: Final = "Invalid Token: 'Invalid token'"


class InvalidToken(InvalidRequest):
    """What was given is no task token."""


class WrongMachineType(InvalidRequest):
    """Express machines have no such thing, or only express machines have it."""


class NotRedrivable(Conflict):
    """The execution cannot be redriven, or not now."""


class TooManyExecutions(Throttled):
    """As many executions are running as may be."""


class InvalidOutput(InvalidRequest):
    """The output of a task is not JSON."""


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


@dataclass(frozen=True, slots=True)
class Begun:
    arn: str
    started_at: datetime


class Engine:
    """For use on one event loop: between `open` and `close`, on the loop `open` ran on.

    Every method answers with what is durable.  All raise the errors of `kernel.errors`, and
    `Unavailable` when the journal cannot be read or written.  `services` makes the services of the
    engine it is given; `objects` hold the items and results of distributed Maps; `listeners` hear of
    every ending but those of a Map's children, on a thread of their own, at least once.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        realm: Realm | None = None,
        clock: Clock | None = None,
        chance: Chance | None = None,
        services: Callable[[Engine], Services] | None = None,
        objects: Objects | None = None,
        listeners: Sequence[Listener] = (),
        max_open: int = MAX_OPEN,
    ) -> None:
        self._max_open = max_open
        self.realm = realm or Realm()
        self._journal = journal
        self._clock = clock or SystemClock()
        self._chance = chance or SystemChance()
        self._definitions = Definitions(journal.definition)
        self.registry = Registry(journal.catalogue())
        self._services = services(self) if services else NoServices()
        self._changing = asyncio.Lock()
        self._runner = Runner(
            journal,
            self._definitions.machine,
            clock=self._clock,
            chance=self._chance,
            services=self._services,
            objects=objects or NoObjects(),
            activity_exists=lambda arn: arn in self.registry.activities,
            listeners=listeners,
        )
        self._is_open = False
        self._gives_tasks = False

    async def open(self) -> None:
        """Take up everything that was under way, and begin."""
        self._runner.open()
        self._is_open = self._gives_tasks = True

    async def close(self) -> None:
        """Take nothing more; what was accepted is written.  The journal stays open."""
        self._is_open = self._gives_tasks = False
        await self._runner.close()

    def tick(self) -> None:
        """Move everything whose time has come by the engine's clock.

        The engine does so by itself as real time passes; a test that moves a manual clock says so.
        """
        self._runner.tick()

    # State machines

    async def create_machine(
        self,
        name: str,
        definition: str,
        role_arn: str,
        *,
        type: str = "STANDARD",
        logging: Mapping[str, object] | None = None,
        tracing: bool = False,
        encryption: Mapping[str, object] | None = None,
        tags: Mapping[str, str] | None = None,
        publish: str | None = None,
    ) -> tuple[StateMachine, Version | None]:
        """`publish` is the description of the version to make, None for no version.

        Raises `InvalidDefinition`, `AlreadyExists`.
        """
        self._definitions.keep(definition, express=type == EXPRESS)
        now = self._clock.now()
        machine = StateMachine(
            arn=self.realm.machine(name),
            name=name,
            role_arn=role_arn,
            definition=digest(definition),
            created_at=now,
            updated_at=now,
            type=type,
            logging=dict(logging or {}),
            tracing=tracing,
            encryption=dict(encryption or {}),
        )
        async with self._changing:
            machine, version, write = self.registry.create_machine(
                machine, definition, tags or {}, publish=publish
            )
            await self._change(write)
        return machine, version

    async def update_machine(
        self,
        arn: str,
        *,
        definition: str | None = None,
        role_arn: str | None = None,
        logging: Mapping[str, object] | None = None,
        tracing: bool | None = None,
        encryption: Mapping[str, object] | None = None,
        publish: str | None = None,
    ) -> tuple[StateMachine, Version | None]:
        """What is None stays.  Raises `InvalidDefinition`, `NotFound`."""
        if definition is not None:
            self._definitions.keep(definition, express=self.registry.machine(arn).type == EXPRESS)
        async with self._changing:
            found = self.registry.machine(arn)
            machine = replace(
                found,
                definition=found.definition if definition is None else digest(definition),
                role_arn=role_arn or found.role_arn,
                logging=found.logging if logging is None else dict(logging),
                tracing=found.tracing if tracing is None else tracing,
                encryption=found.encryption if encryption is None else dict(encryption),
                updated_at=self._clock.now(),
            )
            machine, version, write = self.registry.update_machine(
                machine, definition, self._chance.uuid(), publish=publish
            )
            await self._change(write)
        return machine, version

    async def delete_machine(self, arn: str) -> None:
        """Its executions go on; nothing happens when it is not there."""
        await self._decide(lambda: (None, self.registry.remove_machine(arn)))

    def definition(self, digest: str) -> str:
        """The text of a definition.  Raises `NotFound`."""
        return self._journal.definition(digest)

    async def publish_version(self, arn: str, revision: str | None, description: str) -> Version:
        return await self._decide(
            lambda: self.registry.publish(arn, revision, description, self._clock.now())
        )

    async def delete_version(self, arn: str) -> None:
        await self._decide(lambda: (None, self.registry.remove_version(arn)))

    async def create_alias(
        self, name: str, routes: Sequence[tuple[str, int]], description: str | None
    ) -> Alias:
        return await self._decide(
            lambda: self.registry.create_alias(name, routes, description, self._clock.now())
        )

    async def update_alias(
        self, arn: str, routes: Sequence[tuple[str, int]] | None, description: str | None
    ) -> Alias:
        return await self._decide(
            lambda: self.registry.update_alias(arn, routes, description, self._clock.now())
        )

    async def delete_alias(self, arn: str) -> None:
        await self._decide(lambda: (None, CatalogueWrite(removed=(arn,))))

    async def create_activity(
        self,
        name: str,
        tags: Mapping[str, str] | None = None,
        encryption: Mapping[str, object] | None = None,
    ) -> Activity:
        """The same activity again is no conflict; tags do not count.

        Raises `AlreadyExists`, `TooManyTags`.
        """
        activity = Activity(
            arn=self.realm.activity(name),
            name=name,
            created_at=self._clock.now(),
            encryption=dict(encryption or {}),
        )
        return await self._decide(lambda: self.registry.create_activity(activity, tags or {}))

    async def delete_activity(self, arn: str) -> None:
        await self._decide(lambda: (None, CatalogueWrite(removed=(arn,), tags={arn: {}})))

    async def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        await self._decide(lambda: (None, self.registry.tag(arn, tags)))

    async def untag(self, arn: str, keys: Sequence[str]) -> None:
        await self._decide(lambda: (None, self.registry.untag(arn, keys)))

    async def _decide(self, decide: Callable[[], tuple[T, CatalogueWrite]]) -> T:
        async with self._changing:
            result, write = decide()
            await self._change(write)
        return result

    async def _change(self, write: CatalogueWrite) -> None:
        self._check_open()
        if write != CatalogueWrite():
            # Once submitted the write will happen, whether or not the caller waits for it.
            await asyncio.shield(self._written(write))

    async def _written(self, write: CatalogueWrite) -> None:
        await self._runner.submit(write)
        self.registry.apply(write)

    # Executions

    async def start(
        self,
        machine_arn: str,
        input: str,
        name: str | None = None,
        *,
        trace_header: str | None = None,
        started_by: str | None = None,
    ) -> Begun:
        """Start an execution of a machine, a version or what an alias leads to.

        The same name with the same input, while it runs, is the same execution; so is, ended or not,
        the same name that was `started_by` the same task.  Raises `NotFound`, `InvalidInput`,
        `AlreadyExists`.
        """
        target = self._target(machine_arn, input)
        machine = target.machine
        if machine.type == EXPRESS:
            arn = self.realm.express(machine.name, name or self._chance.uuid(), self._chance.uuid())
        else:
            arn = self.realm.execution(machine.name, name or self._chance.uuid())
            if name is not None and (earlier := await self._started_earlier(arn, input, started_by)):
                return earlier
        identity = self._identity(target, arn, input, trace_header, started_by)
        await self._begin(identity, machine)
        return Begun(arn, identity.started_at)

    async def run_express(
        self, machine_arn: str, input: str, name: str | None = None, *, trace_header: str | None = None
    ) -> tuple[Identity, End]:
        """An express execution, from its start to its end.

        Raises `NotFound`, `InvalidInput`, `WrongMachineType`.
        """
        target = self._target(machine_arn, input)
        machine = target.machine
        if machine.type != EXPRESS:
            raise WrongMachineType("This operation is not supported by this type of state machine")
        arn = self.realm.express(machine.name, name or self._chance.uuid(), self._chance.uuid())
        identity = self._identity(target, arn, input, trace_header)
        with self._runner.watching(arn) as ended:
            await self._begin(identity, machine)
            return identity, await ended

    def _target(self, machine_arn: str, input: str) -> Target:
        self._check_open()
        target = self.registry.target(machine_arn, random.Random(self._chance.seed()))
        _check_input(input)
        return target

    def _identity(
        self,
        target: Target,
        arn: str,
        input: str,
        trace_header: str | None,
        started_by: str | None = None,
    ) -> Identity:
        machine = target.machine
        return Identity(
            arn=arn,
            name=arn.split(":", 8)[7],
            machine_arn=machine.arn,
            machine_name=machine.name,
            role_arn=machine.role_arn,
            started_at=self._clock.now(),
            input=input,
            secret=self._chance.uuid(),
            state_machine_version_arn=target.version_arn,
            state_machine_alias_arn=target.alias_arn,
            trace_header=trace_header,
            machine_revision=machine.revision,
            machine_updated_at=machine.updated_at,
            started_by=started_by,
        )

    async def _begin(self, identity: Identity, machine: StateMachine) -> None:
        if self._runner.running >= self._max_open:
            raise TooManyExecutions(f"More than {self._max_open} executions would be running.")
        nodes = self._definitions.machine(machine.definition)
        limit = nodes.timeout_seconds
        if machine.type == EXPRESS:
            limit = EXPRESS_SECONDS if limit is None else min(limit, EXPRESS_SECONDS)
        await self._runner.begin(identity, machine.definition, nodes, limit)

    async def _started_earlier(self, arn: str, input: str, started_by: str | None) -> Begun | None:
        resident = self._runner.residents.peek(arn)
        if resident is not None:
            await self._runner.settled(resident)
        record = self._journal.find(arn)
        if record is None:
            return None
        identity = record.identity
        is_own_child = started_by is not None and identity.started_by == started_by
        if is_own_child or (record.status is Status.RUNNING and identity.input == input):
            return Begun(arn, identity.started_at)
        raise AlreadyExists("execution", arn)

    async def stop(self, arn: str, failure: Failure) -> datetime:
        """When it stopped; an execution that had ended by itself stays as it is.  Raises `NotFound`."""
        self._check_open()
        resident = self._runner.residents.get_by_arn(arn)
        if resident is not None:
            event = StopRequested(**self._runner.moment(), failure=failure)
            settled = self._runner.tell(resident, event)
            if settled is not None:
                await settled
                return event.at
            await self._runner.settled(resident)
        stopped_at = self.execution(arn).stopped_at
        if stopped_at is None:
            raise Unavailable(f"The execution '{arn}' could not be stopped.")
        return stopped_at

    async def redrive(self, arn: str, token: str | None = None) -> datetime:
        """Let an execution that failed go on where it failed; when it was redriven.

        Who asks again with the same `token`, and soon, gets the same answer.  Raises `NotFound`,
        `NotRedrivable`.
        """
        self._check_open()
        if (resident := self._runner.residents.peek(arn)) is not None:
            await self._runner.settled(resident)
        record = self.execution(arn)
        now = self._clock.now()
        last = record.redriven_at
        if token is not None and record.redrive_token == token and last and now - last < TOKENS_HOLD:
            return last
        if (reason := why_not_redrivable(record.status)) is not None:
            raise NotRedrivable(reason)
        if record.identity.map_run_arn is not None:
            raise NotRedrivable("Execution belongs to a Map Run and is redriven with its parent")
        history = await self._read(lambda: self._whole_history(record.key))
        if len(history) >= MAX_HISTORY - 1:
            raise NotRedrivable("Execution history event limit exceeded")
        machine = self._definitions.machine(record.definition)
        frames = await self._read(lambda: reopened(record.identity, machine, history, now))
        if self._runner.residents.peek(arn) is not None or self.execution(arn) != record:
            raise NotRedrivable("Execution is RUNNING and cannot be redriven")
        limit = machine.timeout_seconds
        await self._runner.redrive(record, machine, frames, history[-1].id, limit, token)
        redriven_at = self.execution(arn).redriven_at
        assert redriven_at is not None
        return redriven_at

    def _whole_history(self, key: Key) -> list[HistoryEvent]:
        events: list[HistoryEvent] = []
        more = True
        while more:
            page = self._journal.history(key, after=len(events), limit=MAX_HISTORY)
            events += page.events
            more = page.more
        return events

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
        self, run: MapRun, *, status: Status | None = None, before: Key | None = None, limit: int
    ) -> list[ExecutionSummary]:
        """The executions of a map run, newest first, with keys below `before`."""
        return await self._read(lambda: self._journal.child_executions(run.key, status, before, limit))

    async def update_map_run(
        self,
        arn: str,
        *,
        max_concurrency: int | None = None,
        tolerated_failure_count: int | None = None,
        tolerated_failure_percentage: float | None = None,
    ) -> None:
        """What is None stays.  Raises `NotFound`, `InvalidRequest` when the run has ended."""
        self._check_open()
        changed = await self._runner.map_runs.change(
            self.map_run(arn), max_concurrency, tolerated_failure_count, tolerated_failure_percentage
        )
        if not changed:
            raise InvalidRequest(f"The map run '{arn}' is not running.")

    async def history(
        self, key: Key, *, after: int = 0, before: int | None = None, limit: int, reverse: bool = False
    ) -> HistoryPage:
        """Events numbered above `after` and below `before`, oldest first or newest first."""
        return await self._read(
            lambda: self._journal.history(key, after=after, before=before, limit=limit, reverse=reverse)
        )

    async def ended(self, arn: str) -> ExecutionRecord:
        """The execution, once it has ended.  Raises `NotFound`."""
        with self._runner.watching(arn) as ended:
            if self.execution(arn).status.is_terminal:
                return self.execution(arn)
            await ended
        return self.execution(arn)

    async def test_state(self, node: Node, input: str, role_arn: str | None, given: Circumstances) -> Outcome:
        """Run a state alone, for as long as its work takes.  Nothing of it is kept.

        Raises `InvalidInput`.
        """
        self._check_open()
        _check_input(input)
        machine, name = self._chance.uuid(), self._chance.uuid()
        identity = Identity(
            arn=self.realm.trial(machine, name),
            name=name,
            machine_arn=self.realm.machine(machine),
            machine_name=machine,
            role_arn=role_arn or "",
            started_at=self._clock.now(),
            input=input,
            secret=self._chance.uuid(),
        )
        return await perform(Trial(node, identity, given), self._services, self._runner.moment)

    # Tasks

    async def take_task(
        self, activity_arn: str, worker: str | None = None, *, wait: float = 0.0
    ) -> ActivityTask | None:
        """The next task of an activity, waiting up to `wait` seconds for one.

        A caller who is cancelled leaves the task to others; one who has passed it on says so with
        `delivered`.  Raises `NotFound`, `Throttled`.
        """
        self.registry.activity(activity_arn)
        until = asyncio.get_running_loop().time() + wait
        while True:
            left = max(until - asyncio.get_running_loop().time(), 0.0)
            offer = await self._runner.queues.take(activity_arn, left) if self._gives_tasks else None
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
        self._runner.queues.dismiss_pollers()

    async def _accept(self, activity_arn: str, offer: Offer, worker: str | None) -> ActivityTask | None:
        """None when the offer is stale: the task was stopped, or its time is over."""
        found = self._runner.work((offer.key, offer.frame), offer.visit)
        if found is None or found[1].started is not offer.taken:
            return None
        resident, work = found
        task = ActivityTask(
            work.token,
            work.arguments,
            activity_arn,
            offer._replace(taken=True),
            work.heartbeat_seconds,
            self._runner.retries((offer.key, offer.frame)) + 1,
            work.deadline_at,
        )
        if offer.taken:
            return task
        event = TaskTaken(**self._runner.moment(), token=work.token, worker=worker)
        taken = self._runner.tell(resident, event, taken=offer.frame)
        if taken is None:
            return None
        try:
            await asyncio.shield(taken)
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
        work = self._runner.work((task.place.key, task.place.frame), task.place.visit)
        if self._is_open and work is not None and work[1].started:
            self._runner.queues.offer(task.activity_arn, task.place, first=True)

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

    def _check_open(self) -> None:
        if not self._is_open:
            raise Unavailable("The engine is not running.")

    async def _read(self, read: Callable[[], T]) -> T:
        """Read what may be long without holding up the loop."""
        return await asyncio.get_running_loop().run_in_executor(None, read)


def why_not_redrivable(status: Status) -> str | None:
    """AWS's reason; None where an execution with that status can be redriven."""
    return None if status in REDRIVABLE else f"Execution is {status.value} and cannot be redriven"


def _check_input(input: str) -> None:
    try:
        loads(input)
    except NotJson:
        raise InvalidInput(f"Invalid State Machine Execution Input: '{describe_fault(input)}'") from None


def _claim(token: str) -> Claim:
    claim = parse_token(token)
    if claim is None:
        raise InvalidToken(NO_TOKEN)
    return claim
