"""What `/metrics` tells beside REST: of the engine, the protocol, the data, schedules and webhooks."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.wire import Server
from tests.assembly.serving import served, served_on_aws
from tests.far_away import Distance
from workflow_manager.assembly.meters import DATA, ENGINE, HISTOGRAM, OUTREACH, TRAFFIC, Meter
from workflow_manager.cli.load import HEADINGS
from workflow_manager.settings import Settings, SyncMode

ROOT = Path(__file__).parents[2]
METERS: tuple[Meter[Any], ...] = (*ENGINE, *TRAFFIC, *DATA, *OUTREACH)


def samples(server: Server) -> dict[tuple[str, ...], float]:
    """By the name, and the values of the labels in the order of their names."""
    answer = server.request("GET", "/metrics")
    assert answer.status == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def until(server: Server, key: tuple[str, ...], value: float) -> dict[tuple[str, ...], float]:
    deadline = time.monotonic() + 120
    while (seen := samples(server)).get(key) != value:
        assert time.monotonic() < deadline, (key, seen)
        time.sleep(0.02)
    return seen


def test_a_workflow_is_seen_from_its_start_to_its_webhook(tmp_path: Path) -> None:
    machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "work", "End": True}}}
    with served(Settings(data=tmp_path, sync=SyncMode.NORMAL)) as server:
        # Nobody listens there: every attempt fails.
        webhook = server.request("POST", "/webhooks", {"url": "http://127.0.0.1:9/"}).json["id"]
        server.request("POST", "/workflow-definitions", {"name": "wf", "stateMachine": machine})
        started = {"workflowDefinition": {"name": "wf"}, "namespace": "dev"}
        workflow = server.request("POST", "/workflows", started).json["id"]

        seen = until(server, ("wfm_activity_waiting", "dev--work"), 1)
        assert seen["wfm_executions_open",] == 1
        assert seen["wfm_activity_workers", "dev--work"] == 0
        assert seen["wfm_activity_waiting_seconds", "dev--work"] >= 0
        assert seen["wfm_states_entered_total",] == 1
        assert seen["wfm_journal_commit_writes_sum",] >= seen["wfm_journal_commit_writes_count",] > 0
        assert seen["wfm_data_bytes", "engine.db"] > 0
        assert 0 < seen["wfm_disk_free_bytes",] <= seen["wfm_disk_bytes",]

        assert server.request("DELETE", f"/workflows/{workflow}", {"reason": "enough"}).status == 200
        seen = until(server, ("wfm_executions_ended_total", "ABORTED"), 1)
        assert seen["wfm_executions_open",] == 0
        seen = until(server, ("wfm_webhook_attempts_total", "failed"), 1)
        assert ("wfm_webhook_waiting", webhook) in seen


def test_requests_of_the_protocol_count_by_operation_and_error(tmp_path: Path) -> None:
    with served(Settings(data=tmp_path, sync=SyncMode.NORMAL)) as server:
        for target in ("ListActivities", "ListActivities", "DescribeActivity", "Nonsense"):
            server.request("POST", "/", b"{}", {"X-Amz-Target": f"AWSStepFunctions.{target}"})
        seen = samples(server)
    requests = {key[1:]: value for key, value in seen.items() if key[0] == "wfm_protocol_requests_total"}
    assert requests == {
        ("", "ListActivities"): 2,
        ("ValidationException", "DescribeActivity"): 1,
        ("UnknownOperationException", "none"): 1,
    }
    assert seen["wfm_requests_refused_total", "protocol"] == 0


@pytest.mark.slow
def test_on_aws_there_are_no_meters_of_an_engine(tmp_path: Path) -> None:
    with served_on_aws(tmp_path, Distance()) as server:
        names = {key[0] for key in samples(server)}
    assert {"wfm_schedules_overdue_seconds", "wfm_requests_refused_total"} <= names
    assert not names & {meter.name for meter in (*ENGINE, *DATA)}


def test_meters_of_activities_are_the_columns_of_wfm_top() -> None:
    shown = {
        meter.name.removeprefix("wfm_activity_").upper() for meter in ENGINE if meter.labels == ("activity",)
    }
    assert shown - {"WAITING_SECONDS"} == {*HEADINGS[1:]} - {"SINCE"}


def test_alerts_speak_of_meters_that_there_are() -> None:
    known = {"wfm_requests_total"}
    for meter in METERS:
        ends = ("_bucket", "_sum", "_count") if meter.kind == HISTOGRAM else ("", "_total")
        known |= {meter.name, *(f"{meter.name}{end}" for end in ends)}
    page = (ROOT / "docs/how-to/watch-a-server.md").read_text()
    assert set(re.findall(r"\bwfm_\w+", page)) <= known
