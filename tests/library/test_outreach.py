"""Schedules and webhooks of a program's own, on real files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.webhooks.receiver import receiving
from workflow_manager import (
    Filter,
    InvalidRequest,
    Overlap,
    Plan,
    Submission,
    Timing,
    WorkflowManager,
    WorkflowQuery,
)

DEFINITION = """
name: hello
stateMachine:
  StartAt: Greet
  States:
    Greet: {Type: Task, Resource: greet, End: true}
"""
FROM = datetime(2026, 1, 5, 10, tzinfo=UTC)
TO = FROM + timedelta(hours=2)
HOURLY = Plan(
    timing=Timing(every=timedelta(hours=1), start_at=FROM, end_at=TO),
    submission=Submission(definition="hello"),
)


def manager(data: Path, **more: Any) -> WorkflowManager:
    return WorkflowManager(DEFINITION, {"greet": lambda: "hi"}, data=data, **more)


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def done(program: WorkflowManager) -> list[str]:
    """What the workflows of the schedule were started for, once they have succeeded."""
    page = program.get_workflows(WorkflowQuery(tags=(("schedule", "hourly"),)))
    return sorted(each.tags["scheduledAt"] for each in page.workflows if each.status.value == "succeeded")


def test_what_one_program_leaves_waiting_another_fires_and_tells(tmp_path: Path) -> None:
    with receiving() as receiver:
        with manager(tmp_path) as program:
            program.schedules.create("hourly", HOURLY)
            assert program.schedules.backfill("hourly", FROM, TO, Overlap.ALLOW) == 3
            program.webhooks.create(receiver.url, Filter(definition="hello"))
            program.run("hello", timeout=120)
        assert receiver.received == [], "nobody was told to tell"

        with manager(tmp_path, fire_schedules=True) as program:
            until(lambda: len(done(program)) == 3)
            assert done(program) == [f"2026-01-05T{hour}:00:00Z" for hour in (10, 11, 12)]
            [workflow] = program.get_workflows(
                WorkflowQuery(tags=(("scheduledAt", "2026-01-05T10:00:00Z"),))
            ).workflows
            assert workflow.namespace == "local", "the program's own, for its functions serve no other"
        assert receiver.received == []

        with manager(tmp_path, tell_webhooks=True):
            told = receiver.wait_for(4)
        assert {json.loads(each.body)["type"] for each in told} == {"workflow.succeeded"}

        with manager(tmp_path, fire_schedules=True, tell_webhooks=True) as program:
            begun_at = time.monotonic()
            program.run("hello", timeout=120)
            receiver.wait_for(5)
            assert time.monotonic() - begun_at < 60
            assert len(done(program)) == 3, "what was started is not started again"


def test_a_time_that_comes_while_the_program_runs_is_fired() -> None:
    every_second = Timing(every=timedelta(seconds=1))
    plan = Plan(timing=every_second, submission=Submission(definition="hello"), overlap=Overlap.ALLOW)
    with WorkflowManager(DEFINITION, {"greet": lambda: "hi"}, fire_schedules=True) as program:
        program.schedules.create("hourly", plan)
        until(lambda: done(program))


def test_a_webhook_in_a_private_network_is_refused_unless_asked_for(tmp_path: Path) -> None:
    with manager(tmp_path) as program, pytest.raises(InvalidRequest, match="private network"):
        program.webhooks.create("http://10.0.0.1/in", Filter())
    with manager(tmp_path, private_webhooks=True) as program:
        assert program.webhooks.create("http://10.0.0.1/in", Filter()).url == "http://10.0.0.1/in"


def test_schedules_are_there_between_start_and_close() -> None:
    with pytest.raises(InvalidRequest, match="not started"):
        WorkflowManager(DEFINITION, {"greet": lambda: "hi"}).schedules.list()
