"""Plays EventBridge and the rule of the Terraform module: each change of status of an execution becomes a
message in an SQS queue.

    python examples/sales-report/eventbridge.py QUEUE_URL

Where Step Functions and SQS are, boto3 finds in the environment.  Ends with SIGTERM.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3

REGION = os.environ["AWS_SFN_REGION"]
TEXTS = ("executionArn", "stateMachineArn", "name", "status", "input", "output", "error", "cause")


def main(queue_url: str) -> None:
    step_functions = boto3.client("stepfunctions", region_name=REGION)
    sqs = boto3.client("sqs", region_name=REGION)
    told: dict[str, str] = {}
    while True:
        for arn, status in executions(step_functions):
            if told.get(arn) != status:
                described = step_functions.describe_execution(executionArn=arn)
                sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps(event(described)))
                told[arn] = described["status"]
                print(described["status"], arn, flush=True)
        time.sleep(0.1)


def executions(step_functions: Any) -> Iterator[tuple[str, str]]:
    """(ARN, status) of all there are."""
    for machines in step_functions.get_paginator("list_state_machines").paginate():
        for machine in machines["stateMachines"]:
            pages = step_functions.get_paginator("list_executions")
            for page in pages.paginate(stateMachineArn=machine["stateMachineArn"]):
                for execution in page["executions"]:
                    yield execution["executionArn"], execution["status"]


def event(described: dict[str, Any]) -> dict[str, Any]:
    """A "Step Functions Execution Status Change", as EventBridge words it."""
    arn = described["executionArn"]
    stopped_at = described.get("stopDate")
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": arn.split(":")[4],
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [arn],
        "detail": {
            **{name: described.get(name) for name in TEXTS},
            "startDate": milliseconds(described["startDate"]),
            "stopDate": milliseconds(stopped_at) if stopped_at else None,
            "inputDetails": {"included": True},
            "outputDetails": {"included": True} if "output" in described else None,
        },
    }


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


if __name__ == "__main__":
    main(sys.argv[1])
