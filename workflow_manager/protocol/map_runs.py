"""Map runs, over the wire."""

from __future__ import annotations

from typing import Any

from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.records import MapRun
from workflow_manager.engine.map_progress import NOT_REDRIVABLE
from workflow_manager.engine.runtime import Engine
from workflow_manager.protocol.model import Request
from workflow_manager.protocol.names import check_arn
from workflow_manager.protocol.paging import make_token, page_size, parse_token


async def describe(engine: Engine, request: Request) -> dict[str, Any]:
    run = engine.map_run(check_arn(request["mapRunArn"], "mapRun"))
    answer = {
        "mapRunArn": run.arn,
        "executionArn": run.execution_arn,
        "status": run.status.value,
        "startDate": run.started_at.timestamp(),
        "maxConcurrency": run.max_concurrency,
        "toleratedFailurePercentage": run.tolerated_failure_percentage,
        "toleratedFailureCount": run.tolerated_failure_count,
        "itemCounts": _counts(run, items=True),
        "executionCounts": _counts(run, items=False),
        "redriveCount": run.redrives,
    }
    if run.redriven_at is not None:
        answer["redriveDate"] = run.redriven_at.timestamp()
    if run.stopped_at is not None:
        answer["stopDate"] = run.stopped_at.timestamp()
    return answer


async def update(engine: Engine, request: Request) -> dict[str, Any]:
    await engine.update_map_run(
        check_arn(request["mapRunArn"], "mapRun"),
        max_concurrency=request.get("maxConcurrency"),
        tolerated_failure_count=request.get("toleratedFailureCount"),
        tolerated_failure_percentage=request.get("toleratedFailurePercentage"),
    )
    return {}


async def list_all(engine: Engine, request: Request) -> dict[str, Any]:
    arn = check_arn(request["executionArn"], "execution")
    listing = f"map runs {arn}"
    size = page_size(request)
    found = await engine.map_runs(arn, before=parse_token(request, listing, int), limit=size + 1)
    more = {"nextToken": make_token(listing, found[size - 1].key)} if len(found) > size else {}
    return {"mapRuns": [_summary(run) for run in found[:size]], **more}


def _summary(run: MapRun) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "executionArn": run.execution_arn,
        "mapRunArn": run.arn,
        "stateMachineArn": run.arn.rpartition(":")[0].replace(":mapRun:", ":stateMachine:", 1),
        "startDate": run.started_at.timestamp(),
    }
    if run.stopped_at is not None:
        shown["stopDate"] = run.stopped_at.timestamp()
    return shown


def _counts(run: MapRun, *, items: bool) -> dict[str, int]:
    def count(status: str) -> int:
        return run.tally.get(status, (0, 0))[items]

    counts = {
        "pending": count("PENDING"),
        "running": count("RUNNING"),
        "succeeded": count("SUCCEEDED"),
        "failed": count("FAILED"),
        "timedOut": count("TIMED_OUT"),
        "aborted": count("ABORTED"),
    }
    waiting = count(Status.PENDING_REDRIVE.value)
    return {
        **counts,
        "total": sum(counts.values()) + waiting,
        # They are written together, when all of them are there.
        "resultsWritten": counts["succeeded"] if run.status is Status.SUCCEEDED else 0,
        "failuresNotRedrivable": count(NOT_REDRIVABLE),
        "pendingRedrive": waiting,
    }
