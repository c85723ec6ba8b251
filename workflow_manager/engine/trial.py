"""One state run alone, as TestState does: what comes of it, and what its data looked like on the way.

The state goes through the very step that executions go through, in a machine of its own whose
transitions lead nowhere.  Pure but for `perform`, which asks a service or lets the time pass.
A Parallel state runs as a task whose result is that of its branches, and any Map as a distributed
one: a trial never looks inside of them, it is told what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from msgspec import structs

from workflow_manager.asl.failure import (
    DATA_LIMIT_EXCEEDED,
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    RUNTIME,
    TIMEOUT,
    EvaluationFailed,
    Failure,
)
from workflow_manager.asl.flow import JsonataFlow
from workflow_manager.asl.nodes import (
    Catcher,
    Machine,
    Map,
    Node,
    Parallel,
    Retrier,
    Succeed,
    Task,
)
from workflow_manager.engine.calls import Moment
from workflow_manager.engine.context import Item
from workflow_manager.engine.draft import ROOT
from workflow_manager.engine.events import (
    Event,
    HistoryEvent,
    MapRunFailed,
    MapRunSucceeded,
    Resumed,
    TaskFailed,
    TaskSucceeded,
    TimerFired,
)
from workflow_manager.engine.execution import Ending, Execution, Identity
from workflow_manager.engine.frames import AtWork, BackingOff, Frame, MapRunning, Sleeping
from workflow_manager.engine.map_runs import child_inputs
from workflow_manager.engine.retry import Fault, matches
from workflow_manager.engine.services import HttpExchange, ServiceFailed, Services, not_served, service_call
from workflow_manager.engine.stages import Stages, observed
from workflow_manager.engine.step import advance
from workflow_manager.kernel.json import Document, Json, NotJson

LONGEST: Final = 300.0  # seconds (API Reference, TestState)

NAME: Final = "StateName"
"""What AWS calls any state under test, also one that is named in its machine (recorded)."""


class Verdict(Enum):
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    RETRIABLE = "RETRIABLE"
    CAUGHT = "CAUGHT_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is made up around a state.  `mock` stands for its work: the result, or how it failed.

    `context` replaces the context object.  `retries` is how often the retrier that matches was used
    before, `failed_items` how many iterations of a Map failed, `read_items` what its ItemReader found and
    `pointed_at` the part of it that ItemsPointer leads to.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Json] | None = None
    mock: Document | Failure | None = None
    retries: int = 0
    failed_items: int = 0
    read_items: tuple[Item, ...] | None = None
    pointed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    node: Node
    identity: Identity
    given: Circumstances


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`retrier` and `catcher` number who dealt with the failure, or would have had it attempts left."""

    verdict: Verdict
    stages: Stages
    variables: Mapping[str, str]
    output: str | None = None
    next: str | None = None
    failure: Failure | None = None
    retrier: int | None = None
    backoff_seconds: int | None = None
    catcher: int | None = None


async def perform(trial: Trial, services: Services, moment: Callable[[], Moment]) -> Outcome:
    """Run the state.  Without a mock the work is really done, for as long as `LONGEST` allows."""
    stages = Stages()
    bare = _Run(trial, _without_handlers(trial.node), stages, moment())
    try:
        while bare.owed is not None:
            bare.tell(await _settle(trial, bare, services, moment))
    except TimeoutError:
        return _given_up(trial, Failure(TIMEOUT), stages)
    if bare.failure is None:
        return _succeeded(trial, bare, stages)
    # Who deals with the failure shows when the same happens once more to the whole state.
    handled = _Run(trial, trial.node, Stages(), bare.begun)
    for event in bare.told:
        handled.tell(event)
    return _failed(trial, handled, bare.failure, stages)


class _Run:
    """A machine of one state on its way; `owed` is what it waits for."""

    def __init__(self, trial: Trial, node: Node, stages: Stages, begun: Moment) -> None:
        self.begun = begun
        self.told: list[Event] = []
        self.stages = stages
        self.history: list[HistoryEvent] = []
        self.ending: Ending | None = None
        retriers = len(node.retry) if isinstance(node, Task | Parallel | Map) else 0
        start = Frame(
            id=ROOT,
            state=NAME,
            input=trial.identity.input,
            entered_at=begun["at"],
            attempts=(trial.given.retries,) * retriers if trial.given.retries else (),
            retries=trial.given.retries,
            variables=dict(trial.given.variables),
        )
        self.execution = Execution(
            identity=trial.identity,
            machine=Machine(
                start_at=NAME, states=_Alone({NAME: observed(node, trial.identity.input, stages)})
            ),
            frames={ROOT: start},
            context=trial.given.context,
        )
        self._advance(Resumed(**begun), 1)

    @property
    def frame(self) -> Frame | None:
        return None if self.ending is not None else self.execution.frames[ROOT]

    @property
    def owed(self) -> AtWork | MapRunning | Sleeping | None:
        waiting = self.frame.waiting if self.frame is not None else None
        return waiting if isinstance(waiting, AtWork | MapRunning | Sleeping) else None

    @property
    def failure(self) -> Failure | None:
        failure = self.ending.failure if self.ending is not None else None
        if failure is None or failure.cause is None:
            return failure
        # As recorded, the cause does not name the state.
        told_in = f"An error occurred while executing the state '{NAME}' (entered at the event id #1). "
        return Failure(failure.error, failure.cause.removeprefix(told_in))

    def tell(self, event: Event) -> None:
        self.told.append(event)
        # A timer lets a Wait go on; any other event ends the state, and nothing is to follow it.
        self._advance(event, 1 if isinstance(event, TimerFired) else 0)

    def _advance(self, event: Event, budget: int) -> None:
        moved = advance(self.execution, event, budget)
        self.history += moved.history
        self.ending = moved.ending
        frames = {key: frame for key, frame in moved.frames.items() if frame is not None}
        self.execution = structs.replace(
            self.execution,
            frames={**self.execution.frames, **frames},
            last_event=self.execution.last_event + len(moved.history),
        )


class _Alone(dict[str, Node]):
    """The states of a machine in which every transition leads to some state."""

    def __missing__(self, name: str) -> Node:
        return Succeed(name=name, flow=JsonataFlow())


async def _settle(trial: Trial, run: _Run, services: Services, moment: Callable[[], Moment]) -> Event:
    match run.owed:
        case Sleeping(due_at=due):
            pause = (due - run.begun["at"]).total_seconds()
            if pause > LONGEST:
                raise TimeoutError
            await asyncio.sleep(pause)
            assert run.frame is not None
            return TimerFired(at=due, seed=run.begun["seed"], frame=ROOT, visit=run.frame.visit)
        case MapRunning() as running:
            return _settle_map(trial, run, running)
        case AtWork() as work if trial.given.mock is None:
            return await _work(trial, work, services, moment, run.stages.watch)
        case AtWork(token=token):
            if isinstance(trial.given.mock, Failure):
                return TaskFailed(**run.begun, token=token, failure=trial.given.mock)
            assert trial.given.mock is not None
            return TaskSucceeded(**run.begun, token=token, output=trial.given.mock.text)
        case None:
            raise AssertionError("nothing is owed")


async def _work(
    trial: Trial,
    work: AtWork,
    services: Services,
    moment: Callable[[], Moment],
    watch: Callable[[HttpExchange], None],
) -> Event:
    """Have the service do it."""
    call = service_call(work, trial.identity, watch)
    begun = moment()
    allowed = LONGEST
    if work.deadline_at is not None:
        allowed = min(allowed, (work.deadline_at - begun["at"]).total_seconds())
    try:
        if not services.serves(call.resource):
            raise ServiceFailed(not_served(call.resource))
        async with asyncio.timeout(allowed):
            output = await services.call(call)
    except ServiceFailed as failed:
        return TaskFailed(**begun, token=work.token, failure=failed.failure)
    except TimeoutError:
        return TaskFailed(**begun, token=work.token, failure=Failure(TIMEOUT, ""), phase="TimedOut")
    return TaskSucceeded(**begun, token=work.token, output=output)


def _settle_map(trial: Trial, run: _Run, running: MapRunning) -> Event:
    node = trial.node
    assert isinstance(node, Map)
    stages = run.stages
    stages.max_concurrency = running.max_concurrency
    if node.tolerated_failure_count is not None:
        stages.tolerated_failure_count = running.tolerated_failure_count
    if node.tolerated_failure_percentage is not None:
        stages.tolerated_failure_percentage = running.tolerated_failure_percentage
    try:
        items = _inspect_items(trial, run, node, running)
    except (EvaluationFailed, NotJson) as problem:
        error = problem.error if isinstance(problem, EvaluationFailed) else RUNTIME
        failure = Failure(error, str(problem))
        return MapRunFailed(**run.begun, frame=ROOT, map_run_arn=running.map_run_arn, failure=failure)
    match trial.given.mock:
        case Document() as result if not _exceeds(stages, trial.given.failed_items, items):
            return MapRunSucceeded(
                **run.begun, frame=ROOT, map_run_arn=running.map_run_arn, output=result.text
            )
        case Failure() as failure:
            pass
        case _:
            failure = Failure(
                EXCEED_TOLERATED_FAILURE_THRESHOLD, "The specified tolerated failure threshold was exceeded"
            )
    return MapRunFailed(**run.begun, frame=ROOT, map_run_arn=running.map_run_arn, failure=failure)


def _inspect_items(trial: Trial, run: _Run, node: Map, running: MapRunning) -> int:
    """Record what the iterations would be given, and return how many items there are."""
    texts = run.stages.texts
    items = None
    if node.reader is not None:
        if trial.given.read_items is None:
            return 0
        most = running.reader.max_items if running.reader is not None else None
        items = trial.given.read_items[: most or None]
        if trial.given.pointed_at is not None:
            texts["afterItemsPointer"] = trial.given.pointed_at
    if node.selector is not None:
        texts["afterItemSelector"] = _list(_inputs(run, replace(node, batcher=None), items))
    if node.batcher is not None:
        texts["afterItemBatcher"] = _list(_inputs(run, node, items))
    return running.length if items is None else len(items)


def _inputs(run: _Run, node: Map, items: tuple[Item, ...] | None) -> list[str]:
    machine = Machine(start_at=NAME, states={NAME: node})
    execution = structs.replace(run.execution, machine=machine)
    return [child.text for child in child_inputs(execution, ROOT, items, **run.begun)]


def _list(texts: list[str]) -> str:
    return f"[{','.join(texts)}]"


def _exceeds(stages: Stages, failed: int, items: int) -> bool:
    """As recorded, any number of failures passes where the state sets no threshold."""
    count, percentage = stages.tolerated_failure_count, stages.tolerated_failure_percentage
    if count is not None and failed > count:
        return True
    return percentage is not None and failed * 100 > percentage * items


def _succeeded(trial: Trial, run: _Run, stages: Stages) -> Outcome:
    output, variables = _exit(trial, run)
    return Outcome(
        verdict=Verdict.SUCCEEDED,
        stages=stages,
        variables=variables,
        output=output,
        next=None if run.frame is None else run.frame.state,
    )


def _failed(trial: Trial, run: _Run, failure: Failure, stages: Stages) -> Outcome:
    node = trial.node
    outcome = _given_up(trial, failure, stages)
    frame = run.frame
    # What the engine itself gives up nobody is asked about.
    if not isinstance(node, Task | Parallel | Map) or (frame is None and failure.error == RUNTIME):
        return outcome
    fault = Fault(failure, wild=failure.error != DATA_LIMIT_EXCEEDED)
    outcome = replace(outcome, retrier=_first(node.retry, fault))
    if frame is None:
        return outcome
    if isinstance(frame.waiting, BackingOff):
        pause = round((frame.waiting.due_at - run.begun["at"]).total_seconds())
        return replace(outcome, verdict=Verdict.RETRIABLE, backoff_seconds=pause)
    output, variables = _exit(trial, run)
    return replace(
        outcome,
        verdict=Verdict.CAUGHT,
        variables=variables,
        output=output,
        next=frame.state,
        catcher=_first(node.catch, fault),
    )


def _given_up(trial: Trial, failure: Failure, stages: Stages) -> Outcome:
    return Outcome(verdict=Verdict.FAILED, stages=stages, variables=trial.given.variables, failure=failure)


def _first(handlers: Sequence[Retrier | Catcher], fault: Fault) -> int | None:
    return next((number for number, one in enumerate(handlers) if matches(one.errors, fault)), None)


def _exit(trial: Trial, run: _Run) -> tuple[str, dict[str, str]]:
    """The output of the state, and all variables after it."""
    exited = next(event for event in reversed(run.history) if event.type.endswith("StateExited"))
    assert exited.details is not None
    assigned = exited.details.get("assignedVariables")
    variables = dict(trial.given.variables)
    if isinstance(assigned, dict):
        variables |= {name: str(text) for name, text in assigned.items()}
    return str(exited.details["output"]), variables


def _without_handlers(node: Node) -> Node:
    return replace(node, retry=(), catch=()) if isinstance(node, Task | Parallel | Map) else node
