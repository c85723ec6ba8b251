"""A served `wfm` whose disk fails: it says so, loses nothing it acknowledged, and goes on when it can."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crashes.wire import Answer, Wire
from tests.processes import Served, served

resource = pytest.importorskip("resource")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits the files of another process"),
]

ROLE = "arn:aws:iam::123456789012:role/r"
WAIT = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": True}}})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "data", log=tmp_path / "server.log") as server:
        yield server


def limit_files(server: Served, size: int) -> None:
    """No file of the server may grow beyond `size` bytes, as on a disk that is full."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def prepare(wire: Wire) -> str:
    made = wire.call("CreateStateMachine", name="m", definition=WAIT, roleArn=ROLE)
    definition = {"name": "d", "manager": "step-functions", "stateMachine": json.loads(WAIT)}
    assert wire.rest("POST", "/workflow-definitions", definition).ok
    return str(made.body["stateMachineArn"])


def submit(wire: Wire) -> Answer:
    body = {"workflowDefinition": {"name": "d", "version": 0}, "namespace": "n", "queue": "q", "input": "{}"}
    return wire.rest("POST", "/workflows", body)


def status_once_ended(wire: Wire, operation: Any) -> str:
    until = time.monotonic() + 120
    while (status := operation().body["status"]) in ("RUNNING", "running", "queued"):
        assert time.monotonic() < until
        time.sleep(0.1)
    return str(status)


def test_a_full_disk_is_an_error_of_the_callers_and_no_loss(server: Served, tmp_path: Path) -> None:
    wire = Wire(server.port)
    machine = prepare(wire)
    started = [wire.call("StartExecution", stateMachineArn=machine, input="{}") for _ in range(20)]
    submitted = [submit(wire) for _ in range(10)]
    limit_files(server, 4096)
    refused = [
        wire.call("StartExecution", stateMachineArn=machine, name=f"n{n}", input="{}") for n in range(20)
    ]
    assert {each.status for each in refused} == {503}
    assert {each.error for each in refused} == {"ServiceUnavailable"}
    unsubmitted = [submit(wire) for _ in range(5)]
    assert {each.status for each in unsubmitted} == {500}
    assert "retry-after" in {name.lower() for name in unsubmitted[0].headers}
    assert wire.rest("GET", "/_health").ok
    assert wire.rest("GET", "/_ready").status == 503
    time.sleep(1.5)  # the timers of the first ones come due, and cannot be written down
    limit_files(server, resource.RLIM_INFINITY)
    for each in started:
        arn = each.body["executionArn"]
        assert (
            status_once_ended(wire, lambda arn=arn: wire.call("DescribeExecution", executionArn=arn))
            == "SUCCEEDED"
        )
    for each in submitted:
        path = f"/workflows/{each.body['id']}"
        assert status_once_ended(wire, lambda path=path: wire.rest("GET", path)) == "succeeded"
    for number in range(20):
        again = wire.call("StartExecution", stateMachineArn=machine, name=f"n{number}", input="{}")
        assert again.ok, "what was refused has not happened"
    assert wire.rest("GET", "/_ready").ok
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def test_another_process_that_holds_the_file_only_makes_it_slow(server: Served, tmp_path: Path) -> None:
    wire = Wire(server.port)
    machine = prepare(wire)
    other = sqlite3.connect(tmp_path / "data" / "engine.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    answers: list[Answer] = []
    import threading

    thread = threading.Thread(
        target=lambda: answers.append(wire.call("StartExecution", stateMachineArn=machine, input="{}"))
    )
    thread.start()
    assert Wire(server.port).rest("GET", "/_health").ok, "the loop does not wait for the disk"
    time.sleep(1.0)
    other.execute("ROLLBACK")
    thread.join()
    other.close()
    assert answers[0].ok
    assert time.monotonic() - started < 60
