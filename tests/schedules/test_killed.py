"""Servers that are killed for good while their schedules fire, and two that share a store."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.assembly.serving import aws_played_here
from tests.assembly.serving import served as served_here
from tests.far_away import Distance
from tests.processes import Served, served
from workflow_manager.cli.http import Server

pytestmark = pytest.mark.slow

SECOND = timedelta(seconds=1)
MACHINE = {"StartAt": "s", "States": {"s": {"Type": "Pass", "End": True}}}
PLAN = {
    "name": "ticks",
    "everySeconds": 1,
    "overlap": "allow",
    "catchUp": "all",
    "catchUpLimit": 1000,
    "workflowDefinition": {"name": "tick"},
}


def begin(server: Server) -> None:
    server.send("POST", "/workflow-definitions", {"name": "tick", "stateMachine": MACHINE})
    server.send("POST", "/schedules", PLAN)


def until(seconds: float, condition: Any) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def fired(server: Server) -> list[datetime]:
    """The times of all workflows of the schedule, in order."""
    pages = server.pages("/workflows", {"workflowDefinitionName": "tick", "limit": 100})
    found = [each["tags"]["scheduledAt"] for page, _ in pages for each in page]
    return sorted(datetime.fromisoformat(text) for text in found)


def each_second_once(times: Iterable[datetime]) -> bool:
    times = list(times)
    return times == [times[0] + number * SECOND for number in range(len(times))]


def test_a_server_that_is_killed_again_and_again_starts_every_time_once(tmp_path: Path) -> None:
    with served(tmp_path / "data") as process:
        with Server(process.url) as server:
            begin(server)
        for life in range(4):
            with Server(process.url) as server:
                before = len(fired(server))
                until(300, lambda: len(fired(server)) > before)  # noqa: B023 - called before the next life
            time.sleep(0.07 * life)  # another moment in the work of each life
            process.kill()
            process.start()
        _check_whole(process)


def _check_whole(process: Served) -> None:
    with Server(process.url) as server:
        server.send("POST", "/schedules/ticks/pause", {})
        until(300, lambda: not server.get("/schedules/ticks").get("waiting"))
        times = fired(server)
        schedule = server.get("/schedules/ticks")
        began_at = datetime.fromisoformat(schedule["createdAt"]).replace(microsecond=0)
        assert times[0] == began_at + SECOND
        assert each_second_once(times)
        assert times[-1] >= datetime.fromisoformat(schedule["updatedAt"]) - 2 * SECOND


def test_two_servers_on_one_dynamodb_start_every_time_once(tmp_path: Path) -> None:
    with (
        aws_played_here(tmp_path, Distance(seconds=0.005)) as (settings, _),
        served_here(settings) as one,
        served_here(settings) as other,
        Server(f"http://127.0.0.1:{one.port}") as server,
        Server(f"http://127.0.0.1:{other.port}") as second,
    ):
        begin(server)
        until(300, lambda: len(fired(second)) >= 6)
        second.send("POST", "/schedules/ticks/pause", {})
        until(300, lambda: not server.get("/schedules/ticks").get("waiting"))
        assert each_second_once(fired(server))
