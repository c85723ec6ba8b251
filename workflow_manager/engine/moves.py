"""How a line enters a state, leaves it, and fails in it: what all kinds of states have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

from workflow_manager.asl.environment import Environment, Expression
from workflow_manager.asl.failure import (
    DATA_LIMIT_EXCEEDED,
    NO_CHOICE_MATCHED,
    QUERY_EVALUATION_ERROR,
    RUNTIME,
    EvaluationFailed,
    Failure,
)
from workflow_manager.asl.nodes import (
    Catcher,
    Choice,
    Fail,
    Map,
    Next,
    Node,
    Parallel,
    Pass,
    QueryLanguage,
    Succeed,
    Task,
    Wait,
)
from workflow_manager.engine import retry
from workflow_manager.engine.details import (
    describe_failure,
    describe_output,
    evaluation_details,
    state_entered,
    state_exited,
)
from workflow_manager.engine.draft import Draft, Line
from workflow_manager.engine.execution import Ending, Status
from workflow_manager.engine.fields import Unusable
from workflow_manager.engine.frames import READY, BackingOff, Ended
from workflow_manager.engine.retry import Fault
from workflow_manager.kernel.json import Document, Json, document

MAX_PAYLOAD_BYTES: Final = 262_144  # of a payload, and of all that one Assign sets
MAX_VARIABLES_BYTES: Final = 10 * 2**20  # of all variables that a state can see

Variables: TypeAlias = Mapping[str, Document]

NOTHING: Final[Variables] = {}
SPENT: Final = Document(text="null")

ENTERED: Final[Mapping[type[Node], str]] = {
    node: f"{node.__name__}StateEntered" for node in (Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map)
}
EXITED: Final[Mapping[type[Node], str]] = {
    node: f"{node.__name__}StateExited" for node in (Pass, Task, Choice, Wait, Succeed, Parallel, Map)
}


def enter(draft: Draft, line: Line) -> None:
    draft.entered += 1
    line.before = line.last_event
    line.entered = True
    line.entered_at = draft.at
    line.entered_event = draft.emit(line, ENTERED[type(line.node)], state_entered(line.state, line.raw))


def effective_input(draft: Draft, line: Line, token: str | None = None) -> tuple[Environment, Document]:
    """The state's input after InputPath, and the environment in which it is `$`."""
    raw = line.raw
    env = draft.environment(line, raw, token=token)
    effective = line.node.flow.effective_input(env, raw)
    if effective is raw:
        return env, raw
    return draft.environment(line, effective, token=token), effective


def leave(draft: Draft, line: Line, output: Document, next: Next, assigned: Variables = NOTHING) -> None:
    """Exit the state and be ready in the next one; or end, where there is none."""
    if overflows(draft, line, output, assigned):
        fail(draft, line, Fault(oversized(line.state), wild=False))
        return
    draft.emit(line, EXITED[type(line.node)], state_exited(line.state, output, assigned))
    if assigned:
        line.variables = {**line.variables, **assigned}
        line.scope = None
    line.entered = False
    line.attempts = ()
    line.retries = 0
    line.raw = output
    if next is None:
        _end(draft, line, output)
        return
    line.state = next
    line.node = line.machine.states[next]
    line.waiting = READY
    draft.ready.appendleft(line)


def assign(template: Expression | None, env: Environment) -> Variables:
    """The variables that an Assign field sets, evaluated in an environment from before it."""
    if template is None:
        return NOTHING
    values = template.evaluate(env)
    if not isinstance(values, dict):
        raise EvaluationFailed(QUERY_EVALUATION_ERROR, "Assign must be an object.", "Assign")
    return {name: Document(value=value) for name, value in values.items()}


def fail(draft: Draft, line: Line, fault: Fault) -> None:
    """Retry the state, or let a catcher take it, or fail the whole thread."""
    node = line.node
    if isinstance(node, Task | Parallel | Map):
        if again := retry.decide_retry(node.retry, fault, line.attempts):
            line.attempts = again.attempts
            line.retries += 1
            pause = retry.delay(again.retrier, again.number, draft.random)
            line.waiting = BackingOff(due_at=draft.at + pause)
            draft.next_visit(line)
            return
        if isinstance(node, Parallel | Map):
            draft.emit(line, f"{type(node).__name__}StateFailed")
        if catcher := retry.decide_catch(node.catch, fault):
            _recover(draft, line, node, catcher, fault.failure)
            return
    give_up(draft, line, fault)


def leave_with_result(draft: Draft, line: Line, node: Task | Parallel | Map, result: Document) -> None:
    """Exit a state whose work is done."""
    _, effective = effective_input(draft, line)
    env = draft.environment(line, effective, result=result)
    # In JSONPath, `$` of Assign is the result itself, before ResultSelector.
    jsonpath = node.flow.language is QueryLanguage.JSONPATH
    assigned = assign(node.assign, draft.environment(line, result) if jsonpath else env)
    leave(draft, line, node.flow.output(env, line.raw, effective, result), node.next, assigned)


def evaluation_failed(draft: Draft, line: Line, problem: EvaluationFailed) -> None:
    """An expression of the line's state could not be evaluated."""
    failure = _located(draft, line, problem, line)
    if problem.error == RUNTIME:
        crash(draft, line, failure)
    else:
        fail(draft, line, Fault(failure))


def give_up_evaluating(draft: Draft, line: Line, problem: EvaluationFailed, thread: Line) -> None:
    """The same where no retrier and no catcher is asked; `thread` fails, the line's or a child's."""
    failure = _located(draft, line, problem, thread)
    if problem.error == RUNTIME:
        crash(draft, thread, failure)
    else:
        give_up(draft, thread, Fault(failure))


def crash(draft: Draft, line: Line, failure: Failure) -> None:
    """Fail the execution from within any depth.

    "States.Runtime errors aren't retriable, and always cause the execution to fail" (Developer
    Guide, "Handling errors"): no state around the line hears of it.
    """
    draft.end(
        Status.FAILED,
        line.last_event,
        "ExecutionFailed",
        describe_failure(failure),
        Ending(Status.FAILED, failure=Failure(failure.error or None, failure.cause or None)),
    )


def give_up(draft: Draft, line: Line, fault: Fault) -> None:
    """The thread fails: the execution, or one child of a Parallel or Map state."""
    if line.parent:
        draft.ended.append((line, fault))
    else:
        crash(draft, line, fault.failure)


def overflows(draft: Draft, line: Line, output: Document, assigned: Variables) -> bool:
    """Is the output, what is assigned, or all that is assigned by then, larger than it may be?"""
    if is_too_large(output):
        return True
    if not assigned:
        return False
    return _exceed(assigned.values(), MAX_PAYLOAD_BYTES) or _exceed(
        {**draft.stored(line), **assigned}.values(), MAX_VARIABLES_BYTES
    )


def is_too_large(payload: Document) -> bool:
    """More than 256 KiB of UTF-8?  Asked of every output; few come near it."""
    return len(payload.text) * 4 > MAX_PAYLOAD_BYTES and _exceed((payload,), MAX_PAYLOAD_BYTES)


def _exceed(payloads: Collection[Document], limit: int) -> bool:
    """Have they more bytes of UTF-8, taken together?  They are encoded only where that can matter."""
    characters = sum(len(payload.text) for payload in payloads)
    if characters * 4 <= limit:
        return False
    return characters > limit or sum(len(payload.text.encode()) for payload in payloads) > limit


def oversized(name: str) -> Failure:
    """`name` is of the state, or of the resource where a task's own result is too large."""
    return Failure(
        DATA_LIMIT_EXCEEDED,
        f"The state/task '{name}' returned a result with a size exceeding "
        "the maximum number of bytes service limit.",
    )


def _end(draft: Draft, line: Line, output: Document) -> None:
    if line.parent:
        line.waiting = Ended(output=output.text)
        # It looks at nothing any more; its output is kept once.
        line.raw, line.item, line.variables = SPENT, None, {}
        draft.ended.append((line, None))
    else:
        draft.end(
            Status.SUCCEEDED,
            line.last_event,
            "ExecutionSucceeded",
            describe_output(output),
            Ending(Status.SUCCEEDED, output=output.text),
        )


def _recover(draft: Draft, line: Line, node: Node, catcher: Catcher, failure: Failure) -> None:
    caught: Json = {"Error": failure.error, "Cause": failure.cause}
    jsonpath = node.flow.language is QueryLanguage.JSONPATH
    try:
        env = draft.environment(line, document(caught) if jsonpath else line.raw, error_output=caught)
        assigned = assign(catcher.assign, env)
        output = catcher.flow.output(env, line.raw, caught)
    except EvaluationFailed as problem:
        give_up_evaluating(draft, line, problem, line)
        return
    # What goes wrong in a catcher is beyond the reach of the catchers.
    if overflows(draft, line, output, assigned):
        give_up(draft, line, Fault(oversized(line.state)))
    else:
        leave(draft, line, output, catcher.next, assigned)


def _located(draft: Draft, line: Line, problem: EvaluationFailed, thread: Line) -> Failure:
    """The failure, with the state that it happened in; told on `thread` where AWS tells of it."""
    cause = (
        f"An error occurred while executing the state '{line.state}' "
        f"(entered at the event id #{line.entered_event}). {problem.cause}"
    )
    # A Choice that leads nowhere is a failure of the state, and not of an expression.
    if line.node.flow.language is QueryLanguage.JSONATA and problem.error != NO_CHOICE_MATCHED:
        previous = thread.last_event
        # What fails as soon as the state is entered names the event before it.
        if previous == line.entered_event and line.before is not None and not isinstance(problem, Unusable):
            previous = line.before
        details = evaluation_details(line.state, problem, cause)
        thread.last_event = draft.emit_beside(previous, "EvaluationFailed", details)
    return Failure(problem.error, cause)
