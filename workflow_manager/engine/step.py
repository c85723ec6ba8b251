"""The machine: an event comes in, a transition goes out.

Pure: reads no clock and no random source, touches nothing, and never raises for anything a
definition, an input or a worker can contain.

A state is entered, does what its kind does, and is left; a state that waits leaves what it waits
for in its frame.  Parallel and Map make children, which move like the root does; a child that
ends is put on `Draft.ended`, and its parent hears of it before anything else moves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, ParamSpec, assert_never

from workflow_manager.asl.failure import RUNTIME, EvaluationFailed, Failure
from workflow_manager.asl.nodes import (
    Choice,
    Fail,
    Map,
    Parallel,
    Pass,
    Succeed,
    Task,
    Wait,
)
from workflow_manager.engine import fanout, map_runs, moves, states, task
from workflow_manager.engine.details import COMPLETE, describe_failure
from workflow_manager.engine.draft import MAX_HISTORY, ROOT, Draft, HistoryFull, Line
from workflow_manager.engine.events import (
    Event,
    ExecutionDue,
    MapRunFailed,
    MapRunSucceeded,
    Redriven,
    Resumed,
    Started,
    StopRequested,
    TaskFailed,
    TaskHeartbeat,
    TaskSubmitted,
    TaskSucceeded,
    TaskTaken,
    TimerFired,
)
from workflow_manager.engine.execution import Ending, Execution, Status, Transition
from workflow_manager.engine.frames import READY, AtWork, BackingOff, MapRunning, Ready, Sleeping
from workflow_manager.engine.retry import Fault
from workflow_manager.engine.tokens import parse_token
from workflow_manager.kernel.json import Document, Json, NotJson

P = ParamSpec("P")

BUDGET: Final = 1000
INTERNAL: Final = "An internal error of the engine; its log says more."

REFUSED: Final = Transition(accepted=False)


def advance(execution: Execution, event: Event, budget: int = BUDGET) -> Transition:
    """Everything that follows from `event`, as far as the execution can go on its own.

    At most `budget` states are moved, so that one execution cannot hold up the others.
    """
    draft = Draft(execution, event)
    try:
        if not _receive(draft, event):
            return REFUSED
        while draft.ending is None:
            if draft.ended:
                _settle(draft, *draft.ended.popleft())
            elif not draft.ready or not budget:
                break
            elif not (line := draft.ready.popleft()).gone:
                budget -= 1
                _guarded(draft, line, _act, draft, line)
    except HistoryFull:
        _end_full(draft)
    return draft.transition()


def give_up(execution: Execution, event: Event) -> Transition:
    """The execution fails, for a reason that is ours: `advance` cannot say what follows from `event`."""
    draft = Draft(execution, event)
    _end_failed(draft, Failure(RUNTIME, INTERNAL))
    return draft.transition()


def _receive(draft: Draft, event: Event) -> bool:
    """Apply the event itself; False where nobody waits for it."""
    match event:
        case Started():
            return _start(draft)
        case Resumed():
            return _resume(draft)
        case TimerFired():
            return _wake(draft, event)
        case TaskTaken() | TaskHeartbeat() | TaskSubmitted() | TaskSucceeded() | TaskFailed():
            return _report(draft, event)
        case MapRunSucceeded() | MapRunFailed():
            return _map_run_ended(draft, event)
        case Redriven():
            return _redrive(draft, event)
        case StopRequested():
            return _stop(draft, event.failure)
        case ExecutionDue():
            return _time_out(draft)
        case other:
            assert_never(other)


def _start(draft: Draft) -> bool:
    if draft.last_event:
        return False
    identity, machine = draft.execution.identity, draft.execution.machine
    line = Line(ROOT, (), machine, machine.start_at, Document(text=identity.input))
    draft.add(line)
    details: dict[str, Json] = {
        "input": identity.input,
        "inputDetails": COMPLETE,
        "roleArn": identity.role_arn,
    }
    if identity.state_machine_alias_arn is not None:
        details["stateMachineAliasArn"] = identity.state_machine_alias_arn
    if identity.state_machine_version_arn is not None:
        details["stateMachineVersionArn"] = identity.state_machine_version_arn
    # The first state names no predecessor either.
    draft.emit_beside(0, "ExecutionStarted", details)
    draft.ready.append(line)
    return True


def _resume(draft: Draft) -> bool:
    ready = [frame.id for frame in draft.execution.frames.values() if isinstance(frame.waiting, Ready)]
    for frame in sorted(ready, key=lambda name: tuple(map(int, name.split(".")))):
        line = draft.get(frame)
        draft.add(line)
        draft.ready.append(line)
    return bool(ready)


def _redrive(draft: Draft, event: Redriven) -> bool:
    if draft.execution.frames or not draft.last_event:
        return False
    draft.emit_beside(draft.last_event, "ExecutionRedriven", {"redriveCount": draft.execution.redrives})
    draft.reopen(event.frames)
    for line in sorted(draft.open_lines(), key=lambda line: tuple(map(int, line.id.split(".")))):
        if draft.ending is not None:
            break
        if not isinstance(line.waiting, Ready):
            continue
        if line.id in event.map_runs:
            assert isinstance(line.node, Map)
            arn, redrives = event.map_runs[line.id]
            _guarded(draft, line, map_runs.redrive_run, draft, line, line.node, arn, redrives)
        elif isinstance(node := line.node, Wait) and line.entered:
            # Ready after its entry, a Wait has slept elsewhere; here it may have to sleep again.
            _guarded(draft, line, states.run_wait, draft, line, node)
        else:
            draft.ready.append(line)
    return True


def _wake(draft: Draft, event: TimerFired) -> bool:
    line = draft.find(event.frame)
    if line is None or line.visit != event.visit:
        return False
    match line.waiting:
        case AtWork() as work if task.is_over(work, draft.at):
            draft.add(line)
            _guarded(draft, line, task.timed_out, draft, line, work)
            return True
        case Sleeping(due_at=due) | BackingOff(due_at=due) if due <= draft.at:
            draft.add(line)
            line.waiting = READY
            draft.ready.append(line)
            return True
        case _:
            return False


def _report(
    draft: Draft, event: TaskTaken | TaskHeartbeat | TaskSubmitted | TaskSucceeded | TaskFailed
) -> bool:
    claim = parse_token(event.token)
    line = None if claim is None else draft.find(claim.frame)
    if line is None or not isinstance(line.waiting, AtWork) or line.waiting.token != event.token:
        return False
    draft.add(line)
    work = line.waiting
    match event:
        case TaskTaken():
            return task.taken(draft, line, work, event.worker)
        case TaskHeartbeat():
            return task.heartbeat(draft, line, work)
        case TaskSubmitted():
            return task.submitted(draft, line, work, event.output)
        case TaskSucceeded() | TaskFailed():
            if task.is_over(work, draft.at):
                return False
            if isinstance(event, TaskSucceeded):
                _guarded(draft, line, _succeed, draft, line, work, event.output)
            else:
                _guarded(draft, line, task.failed, draft, line, work, Fault(event.failure), event.phase)
            return True
        case other:
            assert_never(other)


def _succeed(draft: Draft, line: Line, work: AtWork, output: str) -> None:
    assert isinstance(line.node, Task)
    task.succeeded(draft, line, line.node, work, Document(text=output))


def _map_run_ended(draft: Draft, event: MapRunSucceeded | MapRunFailed) -> bool:
    line = draft.find(event.frame)
    if line is None or not isinstance(line.waiting, MapRunning):
        return False
    if line.waiting.map_run_arn != event.map_run_arn:
        return False
    draft.add(line)
    node = line.node
    assert isinstance(node, Map)
    if isinstance(event, MapRunSucceeded):
        _guarded(draft, line, map_runs.run_succeeded, draft, line, node, Document(text=event.output))
    else:
        _guarded(draft, line, map_runs.run_failed, draft, line, Fault(event.failure))
    return True


def _stop(draft: Draft, failure: Failure) -> bool:
    if not draft.execution.frames:
        return False
    draft.end(
        Status.ABORTED,
        0,
        "ExecutionAborted",
        describe_failure(failure),
        Ending(Status.ABORTED, failure=failure),
    )
    return True


def _time_out(draft: Draft) -> bool:
    if not draft.execution.frames:
        return False
    draft.end(Status.TIMED_OUT, 0, "ExecutionTimedOut", {}, Ending(Status.TIMED_OUT))
    return True


def _end_full(draft: Draft) -> None:
    reason = f"The execution reached the maximum number of history events ({MAX_HISTORY})."
    _end_failed(draft, Failure(RUNTIME, reason))


def _end_failed(draft: Draft, failure: Failure) -> None:
    draft.end(
        Status.FAILED,
        draft.last_event,
        "ExecutionFailed",
        describe_failure(failure),
        Ending(Status.FAILED, failure=failure),
    )


def _act(draft: Draft, line: Line) -> None:
    """Do what the line's state does, up to where it waits or is left."""
    resumed = line.entered
    if not resumed:
        moves.enter(draft, line)
    match line.node:
        case Pass() as node:
            states.run_pass(draft, line, node)
        case Task() as node:
            task.schedule(draft, line, node)
        case Choice() as node:
            states.run_choice(draft, line, node)
        case Wait() as node:
            # Entered and ready again: it has slept.
            (states.finish_wait if resumed else states.run_wait)(draft, line, node)
        case Succeed() as node:
            states.run_succeed(draft, line, node)
        case Fail() as node:
            states.run_fail(draft, line, node)
        case Parallel() as node:
            fanout.start_parallel(draft, line, node)
        case Map() as node:
            (map_runs.start_run if node.distributed else fanout.start_map)(draft, line, node)
        case other:
            assert_never(other)


def _settle(draft: Draft, child: Line, fault: Fault | None) -> None:
    if not child.gone:
        _guarded(draft, draft.get(child.parent), fanout.settle, draft, child, fault)


def _guarded(draft: Draft, line: Line, action: Callable[P, None], *args: P.args, **more: P.kwargs) -> None:
    """Whatever cannot be evaluated is a failure of the line's state, never an exception."""
    try:
        action(*args, **more)
    except EvaluationFailed as problem:
        moves.evaluation_failed(draft, line, problem)
    except (NotJson, RecursionError) as error:
        reason = str(error) if isinstance(error, NotJson) else "nested too deeply"
        moves.evaluation_failed(draft, line, EvaluationFailed(RUNTIME, f"Invalid JSON: {reason}."))
