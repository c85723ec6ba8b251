"""What boto3's calls cost that the AWS setting makes, against our own endpoint in AWS's place.

Not AWS's latency: what is left of it when the network and AWS are taken away, most of it boto3's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from bench.figures import Figure
from bench.server import Server
from bench.workloads import COMMITTED, ROLE, chain, task_machine

PROBES = 60


def calls(server: Server, repeat: int, scale: float) -> list[Figure]:
    client = _client(server.url)
    machine = client.create_state_machine(name="calls", definition=json.dumps(chain(3)), roleArn=ROLE)
    arn = machine["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    activity = client.create_activity(name="calls")["activityArn"]
    tasks = client.create_state_machine(
        name="tasks", definition=json.dumps(task_machine(activity)), roleArn=ROLE
    )["stateMachineArn"]

    def finish() -> None:
        client.start_execution(stateMachineArn=tasks, input="{}")
        token = client.get_activity_task(activityArn=activity)["taskToken"]
        client.send_task_success(taskToken=token, output="{}")

    asked: dict[str, Callable[[], object]] = {
        "StartExecution": lambda: client.start_execution(stateMachineArn=arn, input="{}"),
        "DescribeExecution": lambda: client.describe_execution(executionArn=execution),
        "GetExecutionHistory": lambda: client.get_execution_history(executionArn=execution),
        "ListExecutions, ten": lambda: client.list_executions(stateMachineArn=arn, maxResults=10),
        "StartExecution, GetActivityTask and SendTaskSuccess, one after the other": finish,
    }
    probes = max(10, int(PROBES * scale))
    return [
        Figure(
            key=f"call-{number}",
            name=f"boto3: {name}",
            unit="ms",
            samples=[_median(ask, probes) for _ in range(repeat)],
            better="lower",
            durable=COMMITTED if "Start" in name else "",
        )
        for number, (name, ask) in enumerate(asked.items())
    ]


def _client(url: str) -> Any:
    import boto3

    return boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",
    )


def _median(ask: Callable[[], object], probes: int) -> float:
    ask()
    took = []
    for _ in range(probes):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)[len(took) // 2]
