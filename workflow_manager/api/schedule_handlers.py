"""Handlers for schedules, and how schedules look over REST.

Here a version that is absent is the latest; so version 0 is shown, unlike elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlencode

from workflow_manager.api.answer import Answer, json_answer
from workflow_manager.api.codec import read_time, write_time
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.schedule import (
    CatchUp,
    Overlap,
    Plan,
    Run,
    Schedule,
    Submission,
    Timing,
)
from workflow_manager.schedules.service import Schedules

Body: TypeAlias = Mapping[str, Any]


class ScheduleHandlers:
    def __init__(self, schedules: Schedules) -> None:
        self._schedules = schedules

    def table(self) -> Mapping[str, Callable[..., Answer]]:
        """By operationId."""
        return {
            "getSchedules": self.list,
            "newSchedule": self.create,
            "getSchedule": self.get,
            "applySchedule": self.apply,
            "deleteSchedule": self.delete,
            "pauseSchedule": self.pause,
            "resumeSchedule": self.resume,
            "backfillSchedule": self.backfill,
            "getScheduleTimes": self.times,
        }

    def list(self, limit: int, page_token: str | None) -> Answer:
        page = self._schedules.list(limit=limit, beyond=page_token or None)
        headers = {}
        if page.next_name is not None:
            headers["X-Next-Page-Path"] = (
                f"/schedules?{urlencode({'limit': limit, 'pageToken': page.next_name})}"
            )
        return json_answer([self._shown(each) for each in page.schedules], headers=headers)

    def create(self, body: Body) -> Answer:
        made = self._schedules.create(
            body.get("name", ""), read_plan(body), is_paused=body.get("paused", False)
        )
        return json_answer(self._shown(made), 201)

    def get(self, name: str) -> Answer:
        return json_answer(self._shown(self._schedules.get(name)))

    def apply(self, name: str, body: Body) -> Answer:
        if body.get("name", name) != name:
            raise InvalidRequest("name in body must match the name in path")
        applied, _ = self._schedules.apply(name, read_plan(body), is_paused=body.get("paused"))
        return json_answer(self._shown(applied))

    def delete(self, name: str) -> Answer:
        self._schedules.delete(name)
        return Answer(200)

    def pause(self, name: str, body: Body) -> Answer:
        return json_answer(self._shown(self._schedules.pause(name, body.get("reason", ""))))

    def resume(self, name: str) -> Answer:
        return json_answer(self._shown(self._schedules.resume(name)))

    def backfill(self, name: str, body: Body) -> Answer:
        start, end = _time(body, "startAt"), _time(body, "endAt")
        if start is None or end is None:
            raise InvalidRequest(f"{'endAt' if start else 'startAt'} in body is required")
        overlap = Overlap(body.get("overlap") or Overlap.QUEUE.value)
        return json_answer({"times": self._schedules.backfill(name, start, end, overlap)})

    def times(self, name: str, limit: int) -> Answer:
        return json_answer({"times": [write_time(at) for at in self._schedules.next(name, limit)]})

    def _shown(self, schedule: Schedule) -> dict[str, Any]:
        return write_schedule(schedule, self._schedules.next_at(schedule))


def read_plan(body: Body) -> Plan:
    """Raises `InvalidRequest` for times that are none; the rest is for the schedules to judge."""
    wanted = body["workflowDefinition"]
    every = body.get("everySeconds")
    version = wanted.get("version", -1)
    return Plan(
        timing=Timing(
            cron=body.get("cron", ""),
            every=None if every is None else timedelta(seconds=every),
            time_zone=body.get("timeZone") or "UTC",
            start_at=_time(body, "startAt"),
            end_at=_time(body, "endAt"),
            jitter=timedelta(seconds=body.get("jitterSeconds", 0)),
        ),
        submission=Submission(
            definition=wanted["name"],
            version=-1 if version < 0 else version,
            input=body.get("input", ""),
            namespace=body.get("namespace", ""),
            queue=body.get("queue", ""),
            tags=dict(body.get("tags") or {}),
        ),
        overlap=Overlap(body.get("overlap") or Overlap.SKIP.value),
        catch_up=CatchUp(body.get("catchUp") or CatchUp.LATEST.value),
        catch_up_limit=body.get("catchUpLimit", 100),
        description=body.get("description", ""),
    )


def _time(body: Body, name: str) -> datetime | None:
    text = body.get(name)
    if not text:
        return None
    try:
        return read_time(text)
    except InvalidRequest as error:
        raise InvalidRequest(f"{name} in body: {error}") from None


def write_schedule(schedule: Schedule, next_at: datetime | None) -> dict[str, Any]:
    plan = schedule.plan
    timing, submission = plan.timing, plan.submission
    definition: dict[str, Any] = {"name": submission.definition}
    if submission.version >= 0:
        definition["version"] = submission.version
    shown: dict[str, Any] = {
        "name": schedule.name,
        "id": schedule.id,
        "version": schedule.version,
        "cron": timing.cron,
        "everySeconds": None if timing.every is None else int(timing.every.total_seconds()),
        "timeZone": timing.time_zone,
        "startAt": timing.start_at and write_time(timing.start_at),
        "endAt": timing.end_at and write_time(timing.end_at),
        "jitterSeconds": int(timing.jitter.total_seconds()),
        "overlap": plan.overlap.value,
        "catchUp": plan.catch_up.value,
        "catchUpLimit": plan.catch_up_limit,
        "description": plan.description,
        "workflowDefinition": definition,
        "input": submission.input,
        "namespace": submission.namespace,
        "queue": submission.queue,
        "tags": submission.tags,
        "paused": schedule.paused,
        "pauseReason": schedule.pause_reason,
        "waiting": len(schedule.waiting),
        "lastError": schedule.last_error,
    }
    return {name: value for name, value in shown.items() if value} | {
        "createdAt": write_time(schedule.created_at),
        "updatedAt": write_time(schedule.updated_at),
        "nextAt": write_time(next_at),
        "runs": [_write_run(run) for run in schedule.runs],
    }


def _write_run(run: Run) -> dict[str, Any]:
    shown = {"at": write_time(run.at), "outcome": run.outcome.value}
    if run.workflow_id:
        shown["workflowID"] = run.workflow_id
    if run.reason:
        shown["reason"] = run.reason
    return shown
