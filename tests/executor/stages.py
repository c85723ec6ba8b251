"""Where the executor's tests play: a Step Functions whose executions do what a test says.

One suite for all of them: the fake, whose histories are written down; the engine in this process; and
`wfm serve`, reached with boto3 over a socket as if it were AWS, late, throttling and breaking connections.
What only the fake can do is skipped elsewhere, and says why.
"""

from __future__ import annotations

import json
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.executor.fake_step_functions import FakeStepFunctions, client_error
from tests.executor.histories import event
from tests.far_away import Distance, far_away
from tests.processes import Served
from tests.script import Script, Scripted
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.thread import EngineThread
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.protocol.client import LocalClient
from workflow_manager.protocol.operations import Operations

_GONE = client_error("ExecutionDoesNotExist")

NONE: Mapping[str, str] = MappingProxyType({})


class Stage(ABC):
    """`client` is for the executor, and goes by the `script`; `direct` is for the test itself.

    Machines are chains of activity tasks, with a Succeed at the end or none.
    """

    def __init__(self, direct: Any, client: Any, script: Script) -> None:
        self.direct = direct
        self.client = client
        self.script = script

    @abstractmethod
    def reach(self, arn: str, at: str, outputs: Mapping[str, str] = NONE) -> None:
        """A worker has taken the task of that state; those before gave these outputs, or `{}`."""

    @abstractmethod
    def fail(
        self,
        arn: str,
        at: str,
        outputs: Mapping[str, str] = NONE,
        *,
        error: str = "my.error",
        cause: str = "why",
    ) -> None:
        """The execution has failed in that state."""

    @abstractmethod
    def succeed(self, arn: str, output: str = "{}") -> None:
        """The execution has succeeded."""

    @abstractmethod
    def time_out(self, arn: str) -> None:
        """The execution has timed out in its first state; its machine has a TimeoutSeconds of 1."""

    @abstractmethod
    def write(self, arn: str, status: str, events: Sequence[Mapping[str, Any]]) -> None:
        """The execution has that history, event by event."""

    @abstractmethod
    def call_it(self, arn: str, status: str) -> None:
        """The execution is said to have that status."""

    def abort(self, arn: str, cause: str = "") -> None:
        self.direct.stop_execution(executionArn=arn, cause=cause)

    def end(self, arn: str, status: str) -> None:
        match status:
            case "SUCCEEDED":
                self.succeed(arn)
            case "FAILED":
                self.fail(arn, "one")
            case "TIMED_OUT":
                self.time_out(arn)
            case "ABORTED":
                self.abort(arn)

    def describe(self, arn: str) -> dict[str, Any]:
        described: dict[str, Any] = self.direct.describe_execution(executionArn=arn)
        return described

    def lose_executions(self) -> None:
        """From now on nobody knows of any, until the script recovers."""
        for operation in ("describe_execution", "stop_execution", "get_execution_history"):
            self.script.fail_always(operation, _GONE)

    def machines(self) -> list[str]:
        found = self.direct.list_state_machines()["stateMachines"]
        return [machine["stateMachineArn"] for machine in found]

    def running(self) -> list[str]:
        return [
            execution["executionArn"]
            for machine in self.machines()
            for execution in self.direct.list_executions(stateMachineArn=machine)["executions"]
            if execution["status"] == "RUNNING"
        ]

    def delete_machines(self) -> None:
        """With what runs on them."""
        for arn in self.running():
            self.direct.stop_execution(executionArn=arn)
        for machine in self.machines():
            self.direct.delete_state_machine(stateMachineArn=machine)


class Written(Stage):
    """The fake; what happened is written down as the real one would."""

    def __init__(self, clock: ManualClock) -> None:
        self._fake = FakeStepFunctions(clock)
        script = Script()
        super().__init__(self._fake, Scripted(self._fake, script), script)

    def reach(self, arn: str, at: str, outputs: Mapping[str, str] = NONE) -> None:
        machine = self._machine(arn)
        state = machine["StartAt"]
        given = self._fake.executions[arn].input
        self._add(arn, "ExecutionStarted", previous=0, input=given)
        while True:
            # The first one follows nothing, as on AWS.
            is_first = state == machine["StartAt"]
            self._add(arn, "TaskStateEntered", 0 if is_first else None, name=state, input=given)
            self._add(arn, "ActivityScheduled", resource=machine["States"][state]["Resource"], input=given)
            self._add(arn, "ActivityStarted", workerName="worker-1")
            if state == at:
                return
            given = outputs.get(state, "{}")
            self._add(arn, "ActivitySucceeded", output=given)
            self._add(arn, "TaskStateExited", name=state, output=given)
            state = machine["States"][state]["Next"]

    def fail(
        self,
        arn: str,
        at: str,
        outputs: Mapping[str, str] = NONE,
        *,
        error: str = "my.error",
        cause: str = "why",
    ) -> None:
        self.reach(arn, at, outputs)
        self._add(arn, "ActivityFailed", error=error, cause=cause)
        self._add(arn, "ExecutionFailed", error=error, cause=cause)
        self._fake.finish(arn, "FAILED", error=error, cause=cause)

    def succeed(self, arn: str, output: str = "{}") -> None:
        states = self._machine(arn)["States"]
        last = [name for name, state in states.items() if state["Type"] == "Task"][-1]
        self.reach(arn, last, NONE)
        self._add(arn, "ActivitySucceeded", output=output)
        self._add(arn, "TaskStateExited", name=last, output=output)
        self._add(arn, "ExecutionSucceeded", output=output)
        self._fake.finish(arn, "SUCCEEDED", output=output)

    def time_out(self, arn: str) -> None:
        self.reach(arn, self._machine(arn)["StartAt"])
        self._add(arn, "ExecutionTimedOut")
        self._fake.finish(arn, "TIMED_OUT")

    def write(self, arn: str, status: str, events: Sequence[Mapping[str, Any]]) -> None:
        self._fake.finish(arn, status, events)

    def call_it(self, arn: str, status: str) -> None:
        self._fake.executions[arn].status = status

    def _machine(self, arn: str) -> Any:
        return json.loads(self._fake.machines[self._fake.executions[arn].machine].definition)

    def _add(self, arn: str, type: str, previous: int | None = None, **details: Any) -> None:
        events = self._fake.executions[arn].events
        events.append(event(len(events) + 1, type, previous, **details))


class Played(Stage):
    """A real engine; tasks are done by a worker of the test's."""

    def __init__(self, direct: Any, client: Any, script: Script) -> None:
        super().__init__(direct, client, script)
        self._taken: dict[str, str] = {}
        """Tokens by the names of the workers that took them."""

    def reach(self, arn: str, at: str, outputs: Mapping[str, str] = NONE) -> None:
        self._go(arn, at, outputs)

    def _go(self, arn: str, at: str | None, outputs: Mapping[str, str]) -> str:
        """The token of the task of state `at`, or of the last one."""
        described = self.direct.describe_state_machine_for_execution(executionArn=arn)
        states = json.loads(described["definition"])
        state = states["StartAt"]
        while True:
            found = states["States"][state]
            token = self._take(arn, found["Resource"])
            following = found.get("Next")
            if state == at or not following or states["States"][following]["Type"] != "Task":
                return token
            self.direct.send_task_success(taskToken=token, output=outputs.get(state, "{}"))
            state = following

    def _take(self, arn: str, activity: str) -> str:
        """The task that this execution offers; those of others are kept for them."""
        while True:
            answer = self.direct.get_execution_history(executionArn=arn, maxResults=1, reverseOrder=True)
            (latest,) = answer["events"]
            worker = latest.get("activityStartedEventDetails", {}).get("workerName", "")
            if worker in self._taken:
                return self._taken.pop(worker)
            worker = str(uuid.uuid4())
            task = self.direct.get_activity_task(activityArn=activity, workerName=worker)
            self._taken[worker] = task["taskToken"]

    def fail(
        self,
        arn: str,
        at: str,
        outputs: Mapping[str, str] = NONE,
        *,
        error: str = "my.error",
        cause: str = "why",
    ) -> None:
        self.direct.send_task_failure(taskToken=self._go(arn, at, outputs), error=error, cause=cause)
        self._wait_for(arn, "FAILED")

    def succeed(self, arn: str, output: str = "{}") -> None:
        self.direct.send_task_success(taskToken=self._go(arn, None, NONE), output=output)
        self._wait_for(arn, "SUCCEEDED")

    def time_out(self, arn: str) -> None:
        self._pass_a_second()
        self._wait_for(arn, "TIMED_OUT")

    def _pass_a_second(self) -> None:
        """Real time passes by itself."""

    def _wait_for(self, arn: str, status: str) -> None:
        deadline = time.monotonic() + 120
        while self.describe(arn)["status"] == "RUNNING" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.describe(arn)["status"] == status

    def write(self, arn: str, status: str, events: Sequence[Mapping[str, Any]]) -> None:
        pytest.skip("a history made up event by event: an engine writes its own")

    def call_it(self, arn: str, status: str) -> None:
        pytest.skip(f"no execution of an engine is {status} because a test says so")


class InProcess(Played):
    """The engine in this process; its time is the test's."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._engine = Engine(MemoryJournal(), clock=clock, chance=SystemChance())
        self._thread = EngineThread(self._engine).start()
        direct = LocalClient(Operations(self._engine), self._thread.bridge)
        script = Script()
        super().__init__(direct, Scripted(direct, script), script)

    def _pass_a_second(self) -> None:
        self._clock.advance(timedelta(seconds=1))

        async def tick() -> None:
            self._engine.tick()

        self._thread.bridge.run(tick())

    def close(self) -> None:
        self._thread.stop()


@contextmanager
def on_the_fake(clock: ManualClock) -> Iterator[Stage]:
    yield Written(clock)


@contextmanager
def in_process(clock: ManualClock) -> Iterator[Stage]:
    stage = InProcess(clock)
    try:
        yield stage
    finally:
        stage.close()


@contextmanager
def over_a_socket(server: Served) -> Iterator[Stage]:
    """As if that server were AWS, far away.  What is on it afterwards is removed."""
    distance = Distance(seconds=0.005, throttled=0.03, broken=0.03, is_lenient=True, script=Script())
    assert distance.script
    with far_away(server.port, distance) as url:
        stage = Played(_client(server.url), _client(url), distance.script)
        try:
            yield stage
        finally:
            stage.delete_machines()


def _client(url: str) -> Any:
    return boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 2},
            read_timeout=70,
            inject_host_prefix=False,
        ),
    )
