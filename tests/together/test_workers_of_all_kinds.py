"""A boto3 program, the aws command and `wfm worker`, polling one server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest

from tests.processes import ROOT, WFM, ended, served

BOTO3_WORKER = """
import json, boto3
client = boto3.client("stepfunctions")
activity = client.create_activity(name="boto3")["activityArn"]
task = client.get_activity_task(activityArn=activity, workerName="boto3")
output = {**json.loads(task["input"]), "by_boto3": True}
client.send_task_success(taskToken=task["taskToken"], output=json.dumps(output))
"""

AWS_WORKER = """
arn=$("$AWS" stepfunctions create-activity --name awscli --query activityArn --output text)
set -- $("$AWS" stepfunctions get-activity-task --activity-arn "$arn" --worker-name awscli \\
    --query '[taskToken]' --output text)
"$AWS" stepfunctions send-task-success --task-token "$1" --task-output '{"by_awscli": true}'
"""


def aws() -> str:
    """The aws command: our own copy, or the one on the PATH."""
    ours = ROOT / ".venv/aws/bin/aws"
    found = str(ours) if ours.exists() else shutil.which("aws")
    if found is None:
        pytest.skip("no aws command here; `make test-slow` installs one")
    return found


@pytest.mark.slow
def test_workers_of_all_kinds_serve_one_execution(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        environment = {**server.environment, "AWS": aws()}
        workers = [
            subprocess.Popen([sys.executable, "-c", BOTO3_WORKER], env=environment, text=True),
            subprocess.Popen(["sh", "-c", AWS_WORKER], env=environment, text=True),
            subprocess.Popen(
                [*WFM, "worker", "--activity", "wfm", "--", "sh", "-c", "echo '{\"by_wfm\": true}'"],
                env=environment,
                text=True,
            ),
        ]
        try:
            client = boto3.client(
                "stepfunctions",
                endpoint_url=server.url,
                region_name="us-east-1",
                aws_access_key_id="any",
                aws_secret_access_key="any",
            )
            branches = []
            for name in ("boto3", "awscli", "wfm"):
                arn = client.create_activity(name=name)["activityArn"]
                task = {"Type": "Task", "Resource": arn, "TimeoutSeconds": 600, "End": True}
                branches.append({"StartAt": "T" + name, "States": {"T" + name: task}})
            machine = {
                "StartAt": "P",
                "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}},
            }
            made = client.create_state_machine(
                name="all-kinds", definition=json.dumps(machine), roleArn="arn:aws:iam::123456789012:role/any"
            )
            started = client.start_execution(
                stateMachineArn=made["stateMachineArn"], input='{"_EXECUTION_NAME": "e"}'
            )
            assert workers[0].wait(timeout=180) == 0
            assert workers[1].wait(timeout=180) == 0
            while (described := client.describe_execution(executionArn=started["executionArn"]))[
                "status"
            ] == "RUNNING":
                time.sleep(0.05)
        finally:
            ended(workers)
    by_boto3, by_awscli, by_wfm = json.loads(described["output"])
    assert by_boto3["by_boto3"]
    assert by_awscli == {"by_awscli": True}
    assert by_wfm == {"by_wfm": True, "_EXECUTION_NAME": "e"}
