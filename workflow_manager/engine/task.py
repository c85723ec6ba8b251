"""Task states: what is asked of whom, and what the answers mean.

The step only says what is owed (`AtWork`) and reacts to what is reported; who does the work, and
how, is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from workflow_manager.asl.environment import Environment
from workflow_manager.asl.failure import RUNTIME, TIMEOUT, EvaluationFailed, Failure
from workflow_manager.asl.integrations import read_integration, unsupported
from workflow_manager.asl.nodes import Task
from workflow_manager.engine import fields
from workflow_manager.engine.details import COMPLETE, describe_failure, describe_output
from workflow_manager.engine.draft import Draft, Line
from workflow_manager.engine.frames import AtWork
from workflow_manager.engine.moves import (
    effective_input,
    fail,
    is_too_large,
    leave_with_result,
    oversized,
)
from workflow_manager.engine.resources import Kind, Pattern, Resource, parse_resource
from workflow_manager.engine.retry import Fault
from workflow_manager.engine.tokens import make_token
from workflow_manager.kernel.json import Document, Json, document

FAILED: Final[Mapping[tuple[Kind, str], str]] = {
    (Kind.ACTIVITY, "ScheduleFailed"): "ActivityScheduleFailed",
    (Kind.ACTIVITY, "TimedOut"): "ActivityTimedOut",
    (Kind.LAMBDA, "ScheduleFailed"): "LambdaFunctionScheduleFailed",
    (Kind.LAMBDA, "StartFailed"): "LambdaFunctionStartFailed",
    (Kind.LAMBDA, "TimedOut"): "LambdaFunctionTimedOut",
    (Kind.SERVICE, "ScheduleFailed"): "TaskStartFailed",
    (Kind.SERVICE, "StartFailed"): "TaskStartFailed",
    (Kind.SERVICE, "SubmitFailed"): "TaskSubmitFailed",
    (Kind.SERVICE, "TimedOut"): "TaskTimedOut",
}
"""Which event tells of a failure in which phase; any other phase is `…Failed`."""


def schedule(draft: Draft, line: Line, node: Task) -> None:
    """Ask for the work, the first time or again."""
    resource = parse_resource(node.resource)
    visit = draft.next_visit(line)
    token = make_token(draft.execution.identity, line.id, visit)
    # TestState takes a context with a token for these patterns alone.
    shown = None if resource.pattern is Pattern.REQUEST_RESPONSE else token

    env, effective = effective_input(draft, line, shown)
    language = node.flow.language
    timeout = fields.task_seconds(node.timeout_seconds, env, language, "TimeoutSeconds")
    heartbeat = fields.task_seconds(node.heartbeat_seconds, env, language, "HeartbeatSeconds")
    arguments = node.flow.arguments(env, effective)
    _check_arguments(node, arguments)
    credentials = _credentials(node, env)
    if is_too_large(arguments):
        fail(draft, line, Fault(oversized(line.state), wild=False))
        return

    draft.emit(
        line,
        f"{resource.kind.value}Scheduled",
        _scheduled(draft, resource, arguments, timeout, heartbeat, credentials),
    )
    line.waiting = AtWork(
        resource=node.resource,
        token=token,
        arguments=arguments.text,
        credentials=None if credentials is None else document(credentials).text,
        deadline_at=None if timeout is None else draft.at + timedelta(seconds=timeout),
        heartbeat_seconds=heartbeat,
        # An activity's heartbeats count from the moment a worker has taken the task.
        heartbeat_at=None if resource.kind is Kind.ACTIVITY else _later(draft.at, heartbeat),
    )


def taken(draft: Draft, line: Line, work: AtWork, worker: str | None) -> bool:
    """A worker has it, or a service is about to be called; once only."""
    if work.started or is_over(work, draft.at):
        return False
    resource = parse_resource(work.resource)
    details: dict[str, Json] | None = None
    if resource.kind is Kind.ACTIVITY:
        details = {} if worker is None else {"workerName": worker}
    elif resource.kind is Kind.SERVICE:
        details = _names(resource)
    draft.emit(line, f"{resource.kind.value}Started", details)
    line.waiting = msgspec.structs.replace(
        work, started=True, heartbeat_at=_later(draft.at, work.heartbeat_seconds)
    )
    return True


def submitted(draft: Draft, line: Line, work: AtWork, output: str) -> bool:
    """The service took the request; the result comes later, from it or from a holder of the token."""
    resource = parse_resource(work.resource)
    if work.submitted or resource.kind is not Kind.SERVICE or is_over(work, draft.at):
        return False
    draft.emit(line, "TaskSubmitted", {**_names(resource), **describe_output(Document(text=output))})
    # Whoever waits for what comes of the request goes on from its answer, also after a crash.
    answer = {} if resource.pattern is Pattern.CALLBACK else {"answer": output}
    line.waiting = msgspec.structs.replace(
        work,
        submitted=True,
        heartbeat_at=_later(draft.at, work.heartbeat_seconds),
        details={**work.details, **answer},
    )
    return True


def heartbeat(draft: Draft, line: Line, work: AtWork) -> bool:
    if is_over(work, draft.at):
        return False
    if work.heartbeat_seconds is not None:
        line.waiting = msgspec.structs.replace(work, heartbeat_at=_later(draft.at, work.heartbeat_seconds))
    return True


def succeeded(draft: Draft, line: Line, node: Task, work: AtWork, result: Document) -> None:
    resource = parse_resource(work.resource)
    if is_too_large(result):
        failed(draft, line, work, Fault(oversized(work.resource)), "Failed")
        return
    details = describe_output(result)
    if resource.kind is Kind.SERVICE:
        details |= _names(resource)
    draft.emit(line, f"{resource.kind.value}Succeeded", details)
    leave_with_result(draft, line, node, result)


def failed(draft: Draft, line: Line, work: AtWork, fault: Fault, phase: str) -> None:
    """`phase` is a `TaskFailed` event's."""
    resource = parse_resource(work.resource)
    details = describe_failure(fault.failure)
    if resource.kind is Kind.SERVICE:
        details |= _names(resource)
    draft.emit(line, FAILED.get((resource.kind, phase), f"{resource.kind.value}Failed"), details)
    fail(draft, line, fault)


def timed_out(draft: Draft, line: Line, work: AtWork) -> None:
    """The task's time is over, or its worker has been silent for too long."""
    silent = not (work.deadline_at is not None and work.deadline_at <= draft.at)
    # AWS gives no cause: none in the event, an empty one to a catcher.
    failed(draft, line, work, Fault(Failure(TIMEOUT, ""), heartbeat=silent), "TimedOut")


def is_over(work: AtWork, at: datetime) -> bool:
    """Has the task's time passed, whether or not its timer has fired?"""
    return any(due is not None and due <= at for due in (work.deadline_at, work.heartbeat_at))


def _scheduled(
    draft: Draft,
    resource: Resource,
    arguments: Document,
    timeout: int | None,
    heartbeat: int | None,
    credentials: dict[str, Json] | None,
) -> dict[str, Json]:
    details: dict[str, Json]
    if resource.kind is Kind.SERVICE:
        details = {
            **_names(resource),
            "region": draft.execution.identity.arn.split(":")[3],
            "parameters": arguments.text,
        }
    else:
        details = {"resource": resource.arn, "input": arguments.text, "inputDetails": COMPLETE}
    if timeout is not None:
        details["timeoutInSeconds"] = timeout
    if heartbeat is not None and resource.kind is not Kind.LAMBDA:
        details["heartbeatInSeconds"] = heartbeat
    if credentials is not None and resource.kind is not Kind.ACTIVITY:
        details["taskCredentials"] = {"roleArn": credentials["RoleArn"]}
    return details


def _check_arguments(node: Task, arguments: Document) -> None:
    """What a definition could not tell: the names that arguments made of data have."""
    if read_integration(node.resource) is None or not isinstance(arguments.value, dict):
        return
    problems = unsupported(node.resource, arguments.value)
    if problems:
        raise EvaluationFailed(
            RUNTIME,
            f"The Parameters '{arguments.text}' could not be used to start the Task: [{', '.join(problems)}]",
        )


def _credentials(node: Task, env: Environment) -> dict[str, Json] | None:
    if node.credentials is None:
        return None
    value = node.credentials.evaluate(env)
    if not isinstance(value, dict) or not isinstance(value.get("RoleArn"), str):
        language = node.flow.language
        raise EvaluationFailed(fields.error_of(language), "The Credentials field must hold a RoleArn.")
    return value


def _names(resource: Resource) -> dict[str, Json]:
    return {"resourceType": resource.service, "resource": resource.action}


def _later(at: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else at + timedelta(seconds=seconds)
