"""The worker against the embedded engine behind a socket, by boto3 and by its own client."""

from __future__ import annotations

import io
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import pytest
from botocore.config import Config

from tests.serving import serving
from workflow_manager.worker.activity import register
from workflow_manager.worker.client import connect
from workflow_manager.worker.command import Command
from workflow_manager.worker.functions import Function
from workflow_manager.worker.loop import Worker
from workflow_manager.worker.pace import Pace
from workflow_manager.worker.tasks import Handler

Works: TypeAlias = Callable[[str, Handler], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Any:
    """boto3's, which is also what starts and describes executions."""
    session = boto3.session.Session("any", "any", region_name="us-east-1")
    make_client: Any = session.client
    return make_client("stepfunctions", endpoint_url=url, config=Config(read_timeout=75))


@pytest.fixture(scope="module", params=["boto3", "wire"])
def works(client: Any, url: str, request: pytest.FixtureRequest) -> Works:
    """Has a worker serve an activity, and gives the activity's name."""
    workers_client = client if request.param == "boto3" else connect(url)

    @contextmanager
    def working_with(name: str, handler: Handler) -> Iterator[str]:
        with working(workers_client, f"{name}-{request.param}", handler) as full_name:
            yield full_name

    return working_with


@contextmanager
def working(client: Any, name: str, handler: Handler) -> Iterator[str]:
    pace = Pace(heartbeat=timedelta(seconds=20))
    worker = Worker(
        client, lambda: register(client, name, {"team": "t"}), f"{name}-worker", handler, pace=pace
    )
    thread = threading.Thread(target=worker.run, daemon=True)
    register(client, name, {})
    thread.start()
    try:
        yield name
    finally:
        worker.stop(signal.SIGTERM)
        thread.join(120)
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
    deadline = time.monotonic() + 120
    while (described := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline, "the execution did not end"
        time.sleep(0.02)
    return described


def command(script: str) -> Command:
    return Command(arguments=["sh", "-c", script, "sh"], stdout=io.BytesIO(), stderr=io.BytesIO())


def test_a_command_succeeds_and_the_history_knows_its_worker(client: Any, works: Works) -> None:
    with works("succeeds", command('echo "$1"')) as name:
        execution = started(client, name)
        described = ended(client, execution)
    assert described["output"] == '{"_EXECUTION_NAME":"e","n":12345678901234567890123}'
    events = client.get_execution_history(executionArn=execution)["events"]
    taken = next(
        event["activityStartedEventDetails"] for event in events if event["type"] == "ActivityStarted"
    )
    assert taken == {"workerName": f"{name}-worker"}


def test_a_failure_has_its_error_and_cause(client: Any, works: Works) -> None:
    with works("fails", command("echo why >&2; exit 3")) as name:
        described = ended(client, started(client, name))
    assert (described["status"], described["error"], described["cause"]) == (
        "FAILED",
        "sfncli.CommandExitedNonzero",
        "why",
    )


def test_a_functions_exception_is_the_error(client: Any, works: Works) -> None:
    def function(value: Any) -> None:
        raise KeyError(value["n"])

    with works("function", Function("f", function)) as name:
        described = ended(client, started(client, name))
    assert (described["error"], described["cause"]) == ("KeyError", "12345678901234567890123")


@pytest.mark.slow
def test_the_states_own_heartbeat_keeps_a_long_task_alive(client: Any, works: Works) -> None:
    # The worker's own heartbeats are 20 seconds apart; a machine may stand still for a few.
    with works("long", command("sleep 12; echo '{}'")) as name:
        described = ended(client, started(client, name, HeartbeatSeconds=10))
    assert described["status"] == "SUCCEEDED"


def test_a_stopped_execution_stops_its_command(client: Any, works: Works, tmp_path: Path) -> None:
    trap = f"trap 'touch {tmp_path}/stopped; exit 1' TERM"
    script = f"{trap}; sleep 10 >/dev/null 2>&1 & touch {tmp_path}/began; wait"
    with works("stopped", command(script)) as name:
        execution = started(client, name, HeartbeatSeconds=1)
        until(tmp_path / "began")
        client.stop_execution(executionArn=execution)
        until(tmp_path / "stopped")


def until(file: Path) -> None:
    deadline = time.monotonic() + 120
    while not file.exists():
        assert time.monotonic() < deadline, f"{file.name} did not happen"
        time.sleep(0.02)
