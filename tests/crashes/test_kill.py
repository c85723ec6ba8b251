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
        config=Config(retries={"total_max_attempts": 1}, read_timeout=5, max_pool_connections=16),
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


def work_until_dead(sfn: Any, activity: str, finished: dict[str, str], *, patience: float) -> None:
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < patience:
        try:
            task = sfn.get_activity_task(activityArn=activity)
            if not task.get("taskToken"):
                continue
            sfn.send_task_success(taskToken=task["taskToken"], output=task["input"])
        except sfn.exceptions.TaskTimedOut:
            continue  # done in an earlier life, whose answer was lost
        except BotoCoreError:
            return
        else:
            finished[json.loads(task["input"])] = task["taskToken"]
        idle_since = time.monotonic()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_what_was_acknowledged_outlives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    started: dict[str, str] = {}
    finished: dict[str, str] = {}
    for life in range(3):
        with server(path) as (sfn, process):
            activity = sfn.create_activity(name="work")["activityArn"]
            machine = sfn.create_state_machine(name="m", definition=worked(activity), roleArn=ROLE)
            acting = [
                threading.Thread(
                    target=start_until_dead, args=(sfn, machine["stateMachineArn"], life, started)
                )
                for _ in range(3)
            ] + [
                threading.Thread(
                    target=work_until_dead, args=(sfn, activity, finished), kwargs={"patience": 60}
                )
                for _ in range(3)
            ]
            for thread in acting:
                thread.start()
            time.sleep(1.0 + 0.13 * life)
            process.kill()
            for thread in acting:
                thread.join()
    with server(path) as (sfn, _):
        for arn in started:
            sfn.describe_execution(executionArn=arn)
        workers = [
            threading.Thread(target=work_until_dead, args=(sfn, activity, finished), kwargs={"patience": 2})
            for _ in range(4)
        ]
        for thread in workers:
            thread.start()
        check_all(sfn, started)
        for token in list(finished.values())[:50]:
            with pytest.raises(sfn.exceptions.TaskTimedOut):
                sfn.send_task_success(taskToken=token, output="0")
        for thread in workers:
            thread.join()
    assert len(started) > 100


def check_all(sfn: Any, started: dict[str, str]) -> None:
    """Every execution that was acknowledged ends, with the output its worker sent."""
    until = time.monotonic() + 90
    for number, (arn, name) in enumerate(started.items()):
        while (found := sfn.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < until, f"{arn} never ended"
            time.sleep(0.05)
        assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", name)
        if number % 10 == 0:
            events = sfn.get_execution_history(executionArn=arn)["events"]
            assert [event["id"] for event in events] == list(range(1, len(events) + 1))
