"""The worker with boto3, against the embedded engine behind a socket."""

from __future__ import annotations

import io
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.worker.engine_server import serving
from workflow_manager.worker.activity import register
from workflow_manager.worker.client import connect
from workflow_manager.worker.command import Command
from workflow_manager.worker.functions import Function
from workflow_manager.worker.loop import Pace, Worker
from workflow_manager.worker.tasks import Handler


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with serving(tmp_path_factory.mktemp("data")) as url:
        yield connect(url, "us-east-1", connections=20)


@contextmanager
def working(client: Any, name: str, handler: Handler) -> Iterator[Worker]:
    pace = Pace(heartbeat=timedelta(seconds=20))
    worker = Worker(
        client, lambda: register(client, name, {"team": "t"}), f"{name}-worker", handler, pace=pace
    )
    thread = threading.Thread(target=worker.run, daemon=True)
    register(client, name, {})
    thread.start()
    try:
        yield worker
    finally:
        worker.stop(signal.SIGTERM)
        thread.join(10)
        assert not thread.is_alive()


def started(client: Any, name: str, **state: Any) -> str:
    """An execution of one task, and its ARN."""
    activity = register(client, name, {})
    task = {"Type": "Task", "Resource": activity, "End": True, **state}
    definition = json.dumps({"StartAt": "Do", "States": {"Do": task}})
    role = "arn:aws:iam::123456789012:role/any"
    machine = client.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
    text = '{"_EXECUTION_NAME":"e","n":12345678901234567890123}'
    return str(client.start_execution(stateMachineArn=machine, input=text)["executionArn"])


def ended(client: Any, execution: str) -> Any:
    for _ in range(400):
        described = client.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            return described
        time.sleep(0.02)
    raise AssertionError("the execution did not end")


def command(script: str) -> Command:
    return Command(arguments=["sh", "-c", script, "sh"], stdout=io.BytesIO(), stderr=io.BytesIO())


def test_a_command_succeeds_and_the_history_knows_its_worker(client: Any) -> None:
    with working(client, "succeeds", command('echo "$1"')):
        execution = started(client, "succeeds")
        described = ended(client, execution)
    assert described["output"] == '{"_EXECUTION_NAME":"e","n":12345678901234567890123}'
    events = client.get_execution_history(executionArn=execution)["events"]
    taken = next(
        event["activityStartedEventDetails"] for event in events if event["type"] == "ActivityStarted"
    )
    assert taken == {"workerName": "succeeds-worker"}


def test_a_failure_has_its_error_and_cause(client: Any) -> None:
    with working(client, "fails", command("echo why >&2; exit 3")):
        described = ended(client, started(client, "fails"))
    assert (described["status"], described["error"], described["cause"]) == (
        "FAILED",
        "sfncli.CommandExitedNonzero",
        "why",
    )


def test_a_functions_exception_is_the_error(client: Any) -> None:
    def function(value: Any) -> None:
        raise KeyError(value["n"])

    with working(client, "function", Function("f", function)):
        described = ended(client, started(client, "function"))
    assert (described["error"], described["cause"]) == ("KeyError", "12345678901234567890123")


def test_the_states_own_heartbeat_keeps_a_long_task_alive(client: Any) -> None:
    with working(client, "long", command("sleep 1.6; echo '{}'")):
        described = ended(client, started(client, "long", HeartbeatSeconds=1))
    assert described["status"] == "SUCCEEDED"


def test_a_stopped_execution_stops_its_command(client: Any, tmp_path: Path) -> None:
    trap = f"trap 'touch {tmp_path}/stopped; exit 1' TERM"
    script = f"{trap}; sleep 10 >/dev/null 2>&1 & touch {tmp_path}/began; wait"
    with working(client, "stopped", command(script)):
        execution = started(client, "stopped", HeartbeatSeconds=1)
        until(tmp_path / "began")
        client.stop_execution(executionArn=execution)
        until(tmp_path / "stopped")


def until(file: Path) -> None:
    for _ in range(500):
        if file.exists():
            return
        time.sleep(0.02)
    raise AssertionError(f"{file.name} did not happen")
