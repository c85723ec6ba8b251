"""How executions begin, are stopped and begin again, and what may be changed while they run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.nodes import Node
from workflow_manager.asl.reading import describe_fault
from workflow_manager.engine.endings import End
from workflow_manager.engine.errors import NotRedrivable, TooManyExecutions, WrongMachineType
from workflow_manager.engine.events import StopRequested
from workflow_manager.engine.execution import Identity, Status
from workflow_manager.engine.foundation import EXPRESS
from workflow_manager.engine.journal.port import NamesTaken
from workflow_manager.engine.journal.records import ExecutionRecord, StateMachine
from workflow_manager.engine.reading import Reading
from workflow_manager.engine.registry import Target
from workflow_manager.engine.reopening import reopen
from workflow_manager.engine.residents import Damaged
from workflow_manager.engine.trial import Circumstances, Outcome, Trial, perform
from workflow_manager.kernel.errors import AlreadyExists, InvalidInput, InvalidRequest, Unavailable
from workflow_manager.kernel.json import NotJson, loads

EXPRESS_SECONDS: Final = 300  # the longest that an express execution may take
TOKENS_HOLD: Final = timedelta(minutes=15)  # RedriveExecution's (API Reference)


@dataclass(frozen=True, slots=True)
class Begun:
    arn: str
    started_at: datetime


class Starting(Reading):
    """What moves executions from outside, but for the reports of workers."""

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
            # Whether the name of one that is not in memory is free, the journal says when it writes.
            if (resident := self._runner.residents.peek(arn)) is not None:
                await self._runner.settled(resident)
                if (earlier := self._journal.find(arn)) is not None:
                    return _the_same(earlier, input, started_by)
                # Meanwhile the machine may have been changed or deleted, and its definition forgotten.
                target = self._target(machine_arn, input)
                machine = target.machine
        identity = self._identity(target, arn, input, trace_header, started_by)
        try:
            await self._begin(identity, machine)
        except (NamesTaken, TooManyExecutions, Unavailable):
            # The one that is asked for may be there all the same, or be the reason.
            if (earlier := self._journal.find(arn)) is None:
                raise
            return _the_same(earlier, input, started_by)
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
        with self._runner.endings.watching(arn) as ended:
            await self._begin(identity, machine)
            return identity, await ended

    def _target(self, machine_arn: str, input: str) -> Target:
        self._check_open()
        target = self.registry.target(machine_arn, self._chance.seed)
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

    async def stop(self, arn: str, failure: Failure) -> datetime:
        """When it stopped; an execution that had ended by itself stays as it is, one that is damaged ends.

        Raises `NotFound`.
        """
        self._check_open()
        if (starting := self._runner.residents.arriving(arn)) is not None:
            await self._runner.settled(starting)
        try:
            resident = self._runner.residents.get_by_arn(arn)
        except Damaged:
            resident = self._runner.residents.remains(self.execution(arn).key)
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
        """Let an execution that failed go on where it failed, its map runs included; when it was redriven.

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
        if (reason := self.why_not_redrivable(record)) is not None:
            raise NotRedrivable(reason)
        if record.identity.map_run_arn is not None:
            raise NotRedrivable("Execution belongs to a Map Run and is redriven with its parent")
        machine = self._definitions.machine(record.definition)
        # What the map runs left under way is stopped first.
        await self._runner.map_runs.drained(record.key)
        again = await self._read(lambda: reopen(self._journal, record, machine, now))
        if self._runner.residents.peek(arn) is not None or self.execution(arn) != record:
            raise NotRedrivable("Execution is RUNNING and cannot be redriven")
        await self._runner.redrive(again, machine.timeout_seconds, token)
        redriven_at = self.execution(arn).redriven_at
        assert redriven_at is not None
        return redriven_at

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


def _the_same(earlier: ExecutionRecord, input: str, started_by: str | None) -> Begun:
    """The execution that has the name already, if it is the one that is asked for."""
    identity = earlier.identity
    is_own_child = started_by is not None and identity.started_by == started_by
    if is_own_child or (earlier.status is Status.RUNNING and identity.input == input):
        return Begun(identity.arn, identity.started_at)
    raise AlreadyExists("execution", identity.arn)


def _check_input(input: str) -> None:
    try:
        loads(input)
    except NotJson:
        raise InvalidInput(f"Invalid State Machine Execution Input: '{describe_fault(input)}'") from None
