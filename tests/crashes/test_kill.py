"""A server is killed for good, again and again, while clients work: nothing acknowledged is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ROLE = "arn:aws:iam::123456789012:role/r"
ROOT = Path(__file__).parents[2]


@contextmanager
def server(path: Path) -> Iterator[tuple[Any, subprocess.Popen[str]]]:
    """A server on the journal, and a client of it; killed at the end, if it is not dead by then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crashes.server", str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    try:
        yield client(port), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def client(port: int) -> Any:
    return boto3.client(
        "stepfunctions",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=70, max_pool_connections=16),
    )


def worked(activity: str) -> str:
    return json.dumps(
        {
            "StartAt": "A",
            "States": {
                "A": {"Type": "Pass", "Next": "B"},
                "B": {"Type": "Task", "Resource": activity, "End": True},
            },
        }
    )


def start_until_dead(sfn: Any, machine: str, life: int, started: dict[str, str]) -> None:
    for number in range(100_000):
        name = f"{life}-{threading.get_ident()}-{number}"
        try:
            arn = sfn.start_execution(stateMachineArn=machine, name=name, input=json.dumps(name))[
                "executionArn"
            ]
        except (BotoCoreError, ClientError):
            return
        started[arn] = name


class Worker:
    """Outlives the servers it works for, as a worker in a process of its own does.

    What it was given and could not report, because the server died, it reports to the next one: nobody
    else is given a task that has reached its worker.
    """

    def __init__(self, finished: dict[str, str]) -> None:
        self._finished = finished
        self._unreported: dict[str, Any] | None = None

    def work_until_dead(self, sfn: Any, activity: str) -> None:
        try:
            while True:
                self._unreported = task = self._unreported or sfn.get_activity_task(activityArn=activity)
                if task.get("taskToken"):
                    self._report(sfn, task)
                self._unreported = None
        except BotoCoreError:
            return

    def _report(self, sfn: Any, task: dict[str, Any]) -> None:
        try:
            sfn.send_task_success(taskToken=task["taskToken"], output=task["input"])
        except sfn.exceptions.TaskTimedOut:
            return  # done in an earlier life, whose answer was lost
        self._finished[json.loads(task["input"])] = task["taskToken"]


@pytest.mark.slow
def test_what_was_acknowledged_outlives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    started: dict[str, str] = {}
    finished: dict[str, str] = {}
    workers = [Worker(finished) for _ in range(3)]
    for life in range(3):
        with server(path) as (sfn, process):
            activity = sfn.create_activity(name="work")["activityArn"]
            machine = sfn.create_state_machine(name="m", definition=worked(activity), roleArn=ROLE)
            acting = [
                threading.Thread(
                    target=start_until_dead, args=(sfn, machine["stateMachineArn"], life, started)
                )
                for _ in range(3)
            ] + [threading.Thread(target=worker.work_until_dead, args=(sfn, activity)) for worker in workers]
            for thread in acting:
                thread.start()
            enough = len(started) + 50
            while len(started) < enough:
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(0.13 * life)  # another moment in the work of each life
            process.kill()
            for thread in acting:
                thread.join()
    with server(path) as (sfn, _):
        for arn in started:
            sfn.describe_execution(executionArn=arn)
        acting = [threading.Thread(target=worker.work_until_dead, args=(sfn, activity)) for worker in workers]
        for thread in acting:
            thread.start()
        check_all(sfn, started)
        for token in list(finished.values())[:50]:
            with pytest.raises(sfn.exceptions.TaskTimedOut):
                sfn.send_task_success(taskToken=token, output="0")
    for thread in acting:
        thread.join()
    assert len(started) > 100


def check_all(sfn: Any, started: dict[str, str]) -> None:
    """Every execution that was acknowledged ends, with the output its worker sent."""
    until = time.monotonic() + 120
    for number, (arn, name) in enumerate(started.items()):
        while (found := sfn.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < until, f"{arn} never ended"
            time.sleep(0.05)
        assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", name)
        if number % 10 == 0:
            events = sfn.get_execution_history(executionArn=arn)["events"]
            assert [event["id"] for event in events] == list(range(1, len(events) + 1))
