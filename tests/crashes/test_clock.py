"""A server whose clock is set while it runs: what waits comes due by the clock, and nothing is lost."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from tests.crashes.shifted import Shift
from tests.crashes.wire import Wire
from tests.processes import served

pytestmark = pytest.mark.slow

ROLE = "arn:aws:iam::123456789012:role/r"
HOUR = 3600.0


def waiting(wire: Wire, seconds: int) -> str:
    """A running execution that waits for so long."""
    definition = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": seconds, "End": True}}}
    made = wire.call(
        "CreateStateMachine", name=f"wait-{seconds}", definition=json.dumps(definition), roleArn=ROLE
    )
    started = wire.call("StartExecution", stateMachineArn=made.body["stateMachineArn"], input="{}")
    assert started.ok, started
    return str(started.body["executionArn"])


def status(wire: Wire, arn: str) -> str:
    return str(wire.call("DescribeExecution", executionArn=arn).body["status"])


def until_it_succeeds(wire: Wire, arn: str) -> None:
    until = time.monotonic() + 120
    while (found := status(wire, arn)) != "SUCCEEDED":
        assert found == "RUNNING"
        assert time.monotonic() < until
        time.sleep(0.05)


def test_waits_follow_a_clock_that_is_set_forward_and_back(tmp_path: Path) -> None:
    shift = Shift(tmp_path / "shift")
    program = [sys.executable, "-m", "tests.crashes.shifted", str(tmp_path / "shift")]
    with served(tmp_path / "data", log=tmp_path / "log", program=program) as server:
        wire = Wire(server.port)
        long, longer = waiting(wire, 3600), waiting(wire, 7200)
        shift.seconds = HOUR + 60
        until_it_succeeds(wire, long)
        assert status(wire, longer) == "RUNNING"
        shift.seconds = -HOUR
        until_it_succeeds(wire, waiting(wire, 1))
        server.kill()
        server.start()
        wire = Wire(server.port)
        until_it_succeeds(wire, waiting(wire, 2))
        assert status(wire, longer) == "RUNNING"
        shift.seconds = 2 * HOUR + 60
        until_it_succeeds(wire, longer)
        for arn in (long, longer):
            events = wire.pages("GetExecutionHistory", "events", executionArn=arn)
            assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert "Traceback" not in (tmp_path / "log").read_text()
