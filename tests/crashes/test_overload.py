"""More than a server can take: it says so, keeps what it acknowledged, and stays fair and small."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crashes.wire import Answer, Wire
from tests.processes import ROOT, WFM, Served, served

pytestmark = pytest.mark.slow

ROLE = "arn:aws:iam::123456789012:role/r"
WAIT = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 3600, "End": True}}}
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
BIG_MAP = {
    "StartAt": "M",
    "States": {
        "M": {
            "Type": "Map",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **PASS,
            },
            "ResultPath": None,
            "End": True,
        }
    },
}


def machine(wire: Wire, name: str, definition: object) -> str:
    made = wire.call("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE)
    assert made.ok, made
    return str(made.body["stateMachineArn"])


def memory_of(server: Served) -> int:
    """Bytes that the process has in memory."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def together(threads: int, act: Callable[[int], None]) -> None:
    acting = [threading.Thread(target=act, args=(number,)) for number in range(threads)]
    for thread in acting:
        thread.start()
    for thread in acting:
        thread.join()


def test_more_than_can_be_worked_on_is_refused_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    limits = ["--max-requests", "4", "--max-open", "20", "--log-level", "error"]
    with served(tmp_path / "data", *limits, log=tmp_path / "log") as server:
        wait = machine(Wire(server.port), "wait", WAIT)
        definition = {"name": "d", "manager": "step-functions", "stateMachine": PASS}
        assert Wire(server.port).rest("POST", "/workflow-definitions", definition).ok
        body = {"workflowDefinition": {"name": "d", "version": 0}, "namespace": "n", "input": "{}"}
        answers: list[Answer] = []
        submitted: list[Answer] = []
        health: list[int] = []

        def press(number: int) -> None:
            wire = Wire(server.port)
            until = time.monotonic() + 6
            while time.monotonic() < until:
                if number == 0:
                    health.append(wire.rest("GET", "/_health").status)
                elif number % 4 == 0:
                    submitted.append(wire.rest("POST", "/workflows", {**body, "queue": "q"}))
                else:
                    answers.append(wire.call("StartExecution", stateMachineArn=wait, input="{}"))

        together(40, press)
        assert set(health) == {200}
        kinds = Counter((each.status, each.error) for each in answers)
        assert set(kinds) <= {(200, ""), (400, "ThrottlingException"), (400, "ExecutionLimitExceeded")}, kinds
        assert kinds[400, "ThrottlingException"]
        assert kinds[400, "ExecutionLimitExceeded"]
        assert {each.status for each in submitted} <= {200, 429}
        assert all("retry-after" in each.headers for each in submitted if each.status == 429)
        wire = Wire(server.port)
        listed = wire.pages("ListExecutions", "executions", stateMachineArn=wait)
        acknowledged = {each.body["executionArn"] for each in answers if each.ok}
        assert acknowledged == {each["executionArn"] for each in listed}
        assert 10 < len(acknowledged) <= 20
        for each in submitted:
            if each.ok:
                assert wire.rest("GET", f"/workflows/{each.body['id']}").ok
        assert memory_of(server) < 400 * 2**20


def test_a_map_of_100_000_items_starves_nobody(tmp_path: Path) -> None:
    with served(tmp_path / "data", "--log-level", "error", log=tmp_path / "log") as server:
        wire = Wire(server.port)
        quick = machine(wire, "quick", PASS)
        items = "[" + ",".join(["1"] * 100_000) + "]"
        big = wire.call("StartExecution", stateMachineArn=machine(wire, "big", BIG_MAP), input=items)
        assert big.ok
        took: list[float] = []
        for _ in range(100):
            began = time.monotonic()
            started = wire.call("StartExecution", stateMachineArn=quick, input="{}")
            while (
                wire.call("DescribeExecution", executionArn=started.body["executionArn"]).body["status"]
                == "RUNNING"
            ):
                time.sleep(0.005)
            took.append(time.monotonic() - began)
        (run,) = wire.call("ListMapRuns", executionArn=big.body["executionArn"]).body["mapRuns"]
        counts = wire.call("DescribeMapRun", mapRunArn=run["mapRunArn"]).body["itemCounts"]
        assert 0 < counts["succeeded"] < 100_000, "the map was to be under way all the time"
        assert sorted(took)[95] < 15.0
        assert memory_of(server) < 600 * 2**20
        assert wire.call("StopExecution", executionArn=big.body["executionArn"]).ok


def test_a_backup_under_load_holds_everything_acknowledged_before_it(tmp_path: Path) -> None:
    started: list[str] = []
    stop = threading.Event()
    with served(tmp_path / "data", "--log-level", "error", log=tmp_path / "log") as server:
        wait = machine(Wire(server.port), "wait", WAIT)

        def load(_: int) -> None:
            wire = Wire(server.port)
            while not stop.is_set():
                answer = wire.call("StartExecution", stateMachineArn=wait, input="{}")
                assert answer.ok
                started.append(answer.body["executionArn"])

        loading = threading.Thread(target=together, args=(4, load))
        loading.start()
        try:
            while len(started) < 100:
                assert loading.is_alive()
                time.sleep(0.01)
            before = list(started)
            for command in (["backup", str(tmp_path / "b.wfm")], ["prune", "--days", "1"], ["doctor"]):
                done = subprocess.run(
                    [*WFM, *command, "--data", str(tmp_path / "data")],
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                )
                assert done.returncode == 0, done
        finally:
            stop.set()
            loading.join()
        listed = Wire(server.port).pages("ListExecutions", "executions", stateMachineArn=wait)
        assert {each["executionArn"] for each in listed} == set(started)
    restore = [*WFM, "restore", str(tmp_path / "b.wfm"), "--data", str(tmp_path / "restored")]
    assert subprocess.run(restore, cwd=ROOT).returncode == 0
    with served(tmp_path / "restored", log=tmp_path / "log") as server:
        listed = Wire(server.port).pages("ListExecutions", "executions", stateMachineArn=wait)
        found = {each["executionArn"] for each in listed}
        assert set(before) <= found <= set(started)
