"""Executions, over the wire."""

from __future__ import annotations

import math
from typing import Any, Final

from workflow_manager.asl.failure import Failure
from workflow_manager.engine import arns
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.records import ExecutionRecord, ExecutionSummary
from workflow_manager.engine.runtime import Engine
from workflow_manager.protocol.history import show_event
from workflow_manager.protocol.model import Request
from workflow_manager.protocol.names import check_arn, check_name
from workflow_manager.protocol.paging import make_token, page_size, parse_token
from workflow_manager.protocol.refusals import Refusal

_MEMORY_STEP: Final = 64  # MB, the least that AWS bills
_INCLUDED: Final = {"included": True}


async def start(engine: Engine, request: Request, started_by: str | None = None) -> dict[str, Any]:
    """`started_by` is the token of the task that starts a child, however often it tries."""
    name = request.get("name")
    begun = await engine.start(
        check_arn(request["stateMachineArn"], "stateMachine"),
        request.get("input", "{}"),
        None if name is None else check_name(name),
        trace_header=request.get("traceHeader"),
        started_by=started_by,
    )
    return {"executionArn": begun.arn, "startDate": begun.started_at.timestamp()}


async def run_express(engine: Engine, request: Request) -> dict[str, Any]:
    """StartSyncExecution."""
    name = request.get("name")
    identity, (ending, stopped_at) = await engine.run_express(
        check_arn(request["stateMachineArn"], "stateMachine"),
        request.get("input", "{}"),
        None if name is None else check_name(name),
        trace_header=request.get("traceHeader"),
    )
    seconds = (stopped_at - identity.started_at).total_seconds()
    answer = {
        "executionArn": identity.arn,
        "stateMachineArn": identity.machine_arn,
        "name": identity.name,
        "startDate": identity.started_at.timestamp(),
        "stopDate": stopped_at.timestamp(),
        "status": ending.status.value,
        "billingDetails": {
            "billedMemoryUsedInMB": _MEMORY_STEP,
            "billedDurationInMilliseconds": max(math.ceil(seconds * 10), 1) * 100,
        },
    }
    if identity.trace_header is not None:
        answer["traceHeader"] = identity.trace_header
    if request.get("includedData") != "METADATA_ONLY":
        answer |= {"input": identity.input, "inputDetails": _INCLUDED, "outputDetails": _INCLUDED}
        if ending.output is not None:
            answer["output"] = ending.output
    if ending.failure is not None:
        answer |= _failure(ending.failure)
    return answer


async def redrive(engine: Engine, request: Request) -> dict[str, Any]:
    redriven_at = await engine.redrive(
        check_arn(request["executionArn"], "execution"), request.get("clientToken")
    )
    return {"redriveDate": redriven_at.timestamp()}


async def stop(engine: Engine, request: Request) -> dict[str, Any]:
    arn = check_arn(request["executionArn"], "execution")
    stopped_at = await engine.stop(arn, Failure(request.get("error"), request.get("cause")))
    return {"stopDate": stopped_at.timestamp()}


async def describe(engine: Engine, request: Request) -> dict[str, Any]:
    record = engine.execution(check_arn(request["executionArn"], "execution"))
    return describe_record(engine, record, request)


def describe_record(engine: Engine, record: ExecutionRecord, request: Request) -> dict[str, Any]:
    """The answer of DescribeExecution."""
    identity = record.identity
    answer: dict[str, Any] = {
        "executionArn": identity.arn,
        "stateMachineArn": identity.machine_arn,
        "name": identity.name,
        "status": record.status.value,
        "startDate": identity.started_at.timestamp(),
        **_redriven(record),
        **_redrive(record, engine.why_not_redrivable(record)),
        **_qualifiers(identity.state_machine_version_arn, identity.state_machine_alias_arn),
    }
    if identity.map_run_arn is not None:
        answer["mapRunArn"] = identity.map_run_arn
    if record.stopped_at is not None:
        answer["stopDate"] = record.stopped_at.timestamp()
    if identity.trace_header is not None:
        answer["traceHeader"] = identity.trace_header
    if request.get("includedData") != "METADATA_ONLY":
        answer |= {"input": identity.input, "inputDetails": _INCLUDED}
    ending = record.ending
    if ending is None:
        return answer
    if ending.output is not None and request.get("includedData") != "METADATA_ONLY":
        answer |= {"output": ending.output, "outputDetails": _INCLUDED}
    if ending.failure is not None:
        answer |= _failure(ending.failure)
    return answer


async def list_all(engine: Engine, request: Request) -> dict[str, Any]:
    if ("stateMachineArn" in request) is ("mapRunArn" in request):
        raise Refusal(
            "ValidationException", "Exactly one of stateMachineArn and mapRunArn must be specified."
        )
    if "mapRunArn" in request:
        return await _list_children(engine, request)
    arn = check_arn(request["stateMachineArn"], "stateMachine")
    status = request.get("statusFilter")
    if "redriveFilter" in request:
        raise Refusal("ValidationException", "redriveFilter can only be specified with mapRunArn")
    if status == Status.PENDING_REDRIVE.value:
        raise Refusal("ValidationException", "PENDING_REDRIVE can only be specified with mapRunArn")
    listing = f"executions {arn} {status}"
    size = page_size(request)
    found = await engine.executions(
        arn,
        status=Status(status) if status else None,
        before=parse_token(request, listing, int),
        limit=size + 1,
    )
    more = {"nextToken": make_token(listing, found[size - 1].key)} if len(found) > size else {}
    return {"executions": [_summary(_prefix(summary), summary) for summary in found[:size]], **more}


async def history(engine: Engine, request: Request) -> dict[str, Any]:
    arn = check_arn(request["executionArn"], "execution")
    record = engine.execution(arn)
    reverse = request.get("reverseOrder", False)
    listing = f"history {arn} {reverse}"
    after = parse_token(request, listing, int)
    page = await engine.history(
        record.key,
        after=0 if reverse or after is None else after,
        before=after if reverse else None,
        limit=page_size(request),
        reverse=reverse,
    )
    with_data = request.get("includeExecutionData", True)
    more = {"nextToken": make_token(listing, page.events[-1].id)} if page.more else {}
    return {"events": [show_event(event, with_data) for event in page.events], **more}


async def _list_children(engine: Engine, request: Request) -> dict[str, Any]:
    run = engine.map_run(check_arn(request["mapRunArn"], "mapRun"))
    status, redriven = request.get("statusFilter"), request.get("redriveFilter")
    listing = f"children {run.arn} {status} {redriven}"
    size = page_size(request)
    found = await engine.children(
        run,
        status=Status(status) if status else None,
        redriven=None if redriven is None else redriven == "REDRIVEN",
        before=parse_token(request, listing, int),
        limit=size + 1,
    )
    more = {"nextToken": make_token(listing, found[size - 1].key)} if len(found) > size else {}
    shown = [
        {
            **_summary(_prefix(summary), summary),
            "mapRunArn": run.arn,
            "itemCount": summary.items,
        }
        for summary in found[:size]
    ]
    return {"executions": shown, **more}


def _prefix(execution: ExecutionSummary) -> str:
    """The ARN of an execution, without its name; that of an express child of a map run has two parts."""
    kind = ":express:" if ":" in execution.name else ":execution:"
    return execution.machine_arn.replace(":stateMachine:", kind, 1) + ":"


def _summary(prefix: str, summary: ExecutionSummary) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "executionArn": prefix + summary.name,
        "stateMachineArn": summary.machine_arn,
        "name": summary.name.partition(":")[0],
        "status": summary.status.value,
        "startDate": summary.started_at.timestamp(),
        **_redriven(summary),
        **_qualifiers(summary.version_arn, summary.alias_arn),
    }
    if summary.stopped_at is not None:
        shown["stopDate"] = summary.stopped_at.timestamp()
    return shown


def _qualifiers(version_arn: str | None, alias_arn: str | None) -> dict[str, str]:
    shown = {}
    if version_arn is not None:
        shown["stateMachineVersionArn"] = version_arn
    if alias_arn is not None:
        shown["stateMachineAliasArn"] = alias_arn
    return shown


def _redriven(execution: ExecutionRecord | ExecutionSummary) -> dict[str, Any]:
    shown: dict[str, Any] = {"redriveCount": execution.redrives}
    # AWS starts express children anew, and has no date of a redrive then.
    is_express = isinstance(execution, ExecutionRecord) and arns.is_express(execution.identity.arn)
    if execution.redriven_at is not None and not is_express:
        shown["redriveDate"] = execution.redriven_at.timestamp()
    return shown


def _redrive(record: ExecutionRecord, reason: str | None) -> dict[str, str]:
    if reason is None:
        is_child = record.identity.map_run_arn is not None
        return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN" if is_child else "REDRIVABLE"}
    return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}


def _failure(failure: Failure) -> dict[str, str]:
    shown = {}
    if failure.error is not None:
        shown["error"] = failure.error
    if failure.cause is not None:
        shown["cause"] = failure.cause
    return shown
