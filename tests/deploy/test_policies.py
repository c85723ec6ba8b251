"""Every call of AWS that each part makes, recorded, against the policy that the Terraform module has for
it: nothing may be refused, and nothing is allowed that nobody asks for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.api.wire import Server
from tests.assembly.serving import aws_played_here, port_of, served
from tests.assembly.test_aws_costs import ask_everything
from tests.consumer.test_consumer import status_change
from tests.deploy.permissions import Deployment, Need, Statement, arn, idle, needs_of, refused
from tests.deploy.terraform import read_module
from tests.dynamodb import CREDENTIALS, moto_server
from tests.far_away import Distance, far_away
from tests.processes import ROOT, WFM
from tests.processes import ended as ended_processes
from tests.serving import serving
from tests.store.originals import make_original_tables, noise
from workflow_manager.assembly.application import open_store
from workflow_manager.assembly.aws import queue_client
from workflow_manager.assembly.events import consumer
from workflow_manager.cli.main import run
from workflow_manager.consumer.queue import QueueLoop
from workflow_manager.settings import Settings
from workflow_manager.store.dynamodb.tables import DynamoDBSettings
from workflow_manager.store.port import Store
from workflow_manager.worker.client import connect_cloudwatch
from workflow_manager.worker.metric import CloudWatchGauge

A_PREFIX = re.compile(r"(original|new)-[0-9a-f-]{36}")

ROLE = "arn:aws:iam::123456789012:role/any"

MODULE = read_module()


def needs(*distances: Distance) -> set[Need]:
    return {
        need for distance in distances for target, body in distance.bodies for need in needs_of(target, body)
    }


def assert_just(policy: Sequence[Statement], needed: set[Need]) -> None:
    """Nothing is refused, and nothing is allowed, on whatever resource, that nobody asks for."""
    assert refused(policy, needed) == []
    assert idle(policy, needed) == []


def deployment(settings: Settings, **more: Any) -> Deployment:
    return Deployment(MODULE, settings.workflows_prefix, ["dev"], machines_role=settings.role, **more)


def test_the_docs_list_what_the_policies_allow() -> None:
    rows = re.findall(
        r"^\| (\w+) \| ((?:`[a-z]+:\w+` ?)+)\|$", (ROOT / "docs/aws.md").read_text(), re.MULTILINE
    )
    listed = {policy: set(re.findall(r"`([^`]+)`", actions)) for policy, actions in rows}
    assert listed == {policy: MODULE.actions(policy) for policy in ("server", "consumer", "worker", "upkeep")}


def test_the_servers_policy_ends_where_another_deployment_begins() -> None:
    policy = Deployment(MODULE, "one", ["dev", "qa"], machines_role=ROLE).policy("server")
    passes_on = Need("iam:PassRole", ROLE, "iam:PassedToService=states.amazonaws.com")
    ours = [
        *(
            Need("states:StartExecution", arn("states", f"stateMachine:{each}--wf--0--s"))
            for each in ("dev", "qa")
        ),
        Need("dynamodb:Query", arn("dynamodb", "table/one-workflows/index/status-createdat")),
        passes_on,
    ]
    others = [
        Need("states:StartExecution", arn("states", "stateMachine:production--wf--0--s")),
        Need("states:StopExecution", arn("states", "execution:production--wf--0--s:dev--a")),
        Need("dynamodb:GetItem", arn("dynamodb", "table/two-workflows")),
        Need("dynamodb:DeleteItem", arn("dynamodb", "table/one-workflow-definitions")),
        passes_on._replace(resource=f"{ROLE}-else"),
        passes_on._replace(key="iam:PassedToService=lambda.amazonaws.com"),
    ]
    assert refused(policy, [*ours, *others]) == sorted(others)


@pytest.mark.slow
def test_the_servers_policy_is_what_the_server_asks(tmp_path: Path) -> None:
    step_functions, tables = Distance(seconds=0), Distance(seconds=0)
    with aws_played_here(tmp_path, step_functions, tables) as (settings, direct):
        with served(settings) as server:
            ask_everything(lambda what, *request: server.request(*request))
            plan_and_tell(server)
            # A start that fails is taken back.
            step_functions.throttled = 1.0
            body = {"workflowDefinition": {"name": "wf", "version": 1}, "namespace": "dev"}
            assert server.request("POST", "/workflows", body).status == 429
            step_functions.throttled = 0.0
        outdate_machines(direct)
        with served(settings) as server:
            assert server.request("POST", "/workflows", body).status == 200
    assert_just(deployment(settings).policy("server"), needs(step_functions, tables))


def plan_and_tell(server: Server) -> None:
    """Schedules and webhooks, there for a moment."""
    plan = {"cron": "0 0 1 1 *", "workflowDefinition": {"name": "wf"}, "namespace": "dev"}
    hook = f"/webhooks/{webhook(server)}"
    for request in (
        ("PUT", "/schedules/yearly", plan),
        ("GET", "/schedules"),
        ("POST", "/schedules/yearly/pause", {"reason": "winter"}),
        ("POST", "/schedules/yearly/resume", {}),
        ("DELETE", "/schedules/yearly"),
        ("GET", "/webhooks"),
        ("POST", f"{hook}/disable", {"reason": "quiet"}),
        ("POST", f"{hook}/enable", {}),
        ("GET", f"{hook}/deliveries"),
        ("DELETE", hook),
    ):
        assert server.request(*request).status < 300, request


def webhook(server: Server) -> str:
    """The id of a new one."""
    made = server.request("POST", "/webhooks", {"url": "https://example.com/ends", "statuses": ["failed"]})
    assert made.status == 201, made.body
    identifier: str = made.json["id"]
    return identifier


def outdate_machines(url: str) -> None:
    """As if conventions had changed since they were made."""
    client: Any = boto3.client("stepfunctions", endpoint_url=url, region_name="us-east-1")
    for machine in client.list_state_machines()["stateMachines"]:
        states = {"s": {"Type": "Succeed"}}
        client.update_state_machine(
            stateMachineArn=machine["stateMachineArn"],
            definition=json.dumps({"StartAt": "s", "States": states}),
        )


@contextmanager
def moto_far_away(monkeypatch: pytest.MonkeyPatch, *services: str) -> Iterator[tuple[str, Distance]]:
    distance = Distance(seconds=0)
    with moto_server() as moto, far_away(port_of(moto), distance) as url:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        for service in services:
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
        yield moto, distance


@pytest.mark.slow
def test_the_consumers_policy_is_what_the_consumer_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step_functions, tables = Distance(seconds=0), Distance(seconds=0)
    with (
        moto_far_away(monkeypatch, "SQS") as (moto, queues),
        aws_played_here(tmp_path, step_functions, tables) as (settings, _),
    ):
        sqs: Any = boto3.client("sqs", region_name="us-east-1", endpoint_url=moto)
        queue = sqs.create_queue(QueueName="events")["QueueUrl"]
        with served(settings) as server, closing(open_store(settings)) as store:
            webhook(server)
            arns = [start(server, store, name) for name in ("Fail", "Succeed", "Pass")]
        for distance in (step_functions, tables):
            distance.bodies.clear()
        changes = (
            {"status": "FAILED"},
            # Left out of the event, so that the execution is asked.
            {"status": "SUCCEEDED", "outputDetails": {"included": False}},
            # Too large for the record as it is.
            {"status": "SUCCEEDED", "output": noise(200_000)},
        )
        for arn, detail in zip(arns, changes, strict=True):
            sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(status_change(arn, **detail)))
        loop = QueueLoop(queue_client(settings), queue, consumer(settings), poll_seconds=0)
        taken = 0
        with ThreadPoolExecutor(1) as threads:
            while taken < len(arns):
                taken += loop.take_some(threads)
    policy = deployment(settings, events_queue="events").policy("consumer")
    assert_just(policy, needs(step_functions, tables, queues))


def start(server: Server, store: Store, kind: str) -> str:
    """The ARN of an execution of one state of that type."""
    state = {"Type": kind} | ({"End": True} if kind == "Pass" else {})
    machine = {"StartAt": "s", "States": {"s": state}}
    server.request("POST", "/workflow-definitions", {"name": kind, "stateMachine": machine})
    body = {
        "workflowDefinition": {"name": kind},
        "namespace": "dev",
        "input": json.dumps({"a": noise(240_000)}),
    }
    answer = server.request("POST", "/workflows", body)
    assert answer.status == 200, answer.body
    return store.get_workflow(answer.json["id"]).execution_arn


@pytest.mark.slow
def test_the_workers_policy_is_what_a_worker_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distance = Distance(seconds=0)
    with (
        moto_far_away(monkeypatch, "CLOUDWATCH") as (_, metrics),
        serving(tmp_path) as url,
        far_away(port_of(url), distance) as through,
    ):
        client: Any = boto3.client("stepfunctions", region_name="us-east-1", endpoint_url=url)
        state = {"Type": "Task", "HeartbeatSeconds": 60, "End": True}
        state["Resource"] = client.create_activity(name="dev--work")["activityArn"]
        machine = client.create_state_machine(
            name="m", roleArn=ROLE, definition=json.dumps({"StartAt": "s", "States": {"s": state}})
        )["stateMachineArn"]
        # With tags for the activity, as in a container that says what it is.
        tags = {"_POD_ID": "pod"}
        worker = subprocess.Popen(
            [
                *(*WFM, "worker", "--aws", "--region", "us-east-1", "--activity", "dev--work"),
                *("--heartbeat", "0.05", "--poll-rate", "50", "--", sys.executable, "-c", COMMAND),
            ],
            cwd=ROOT,
            env={**os.environ, **tags, "AWS_ENDPOINT_URL_SFN": through, "PYTHONPATH": str(ROOT)},
        )
        try:
            for does, status in (("well", "SUCCEEDED"), ("badly", "FAILED")):
                arn = client.start_execution(
                    stateMachineArn=machine, input=json.dumps({"does": does, "_EXECUTION_NAME": does})
                )["executionArn"]
                assert ended(client, arn) == status
        finally:
            ended_processes([worker])
        CloudWatchGauge(connect_cloudwatch("us-east-1"), "an activity's ARN").set(50.0)
    assert_just(Deployment(MODULE, "any", ["dev"]).policy("worker"), needs(distance, metrics))


# Takes long enough for a heartbeat.
COMMAND = """import json, sys, time
time.sleep(0.5)
print("{}")
sys.exit(json.loads(sys.argv[-1])["does"] == "badly")
"""


def ended(client: Any, arn: str) -> str:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        status: str = client.describe_execution(executionArn=arn)["status"]
        if status != "RUNNING":
            return status
        time.sleep(0.05)
    raise AssertionError("nobody took the task")


@pytest.mark.slow
def test_the_keepers_policy_is_what_the_commands_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_far_away(monkeypatch, "DYNAMODB", "CLOUDWATCH_LOGS") as (moto, distance):
        kinesis: Any = boto3.client("kinesis", region_name="us-east-1", endpoint_url=moto)
        stream = f"events-{uuid.uuid4()}"
        kinesis.create_stream(StreamName=stream, ShardCount=1)
        arn = kinesis.describe_stream(StreamName=stream)["StreamDescription"]["StreamARN"]
        monkeypatch.setenv("AWS_SFN_EXECUTION_EVENTS_STREAM_ARN", arn)
        monkeypatch.setenv("AWS_IAM_CWLOGS_TO_KINESIS_ROLE_ARN", ROLE)
        monkeypatch.setenv("WFM_EXECUTION_LOG_GROUP", "/aws/vendedlogs/states/any")
        for prefix in (f"original-{uuid.uuid4()}", f"new-{uuid.uuid4()}"):
            for kind in ("WORKFLOW_DEFINITIONS", "WORKFLOWS", "STATE_RESOURCES"):
                monkeypatch.setenv(f"AWS_DYNAMO_PREFIX_{kind}", prefix)
            if prefix.startswith("original"):
                client: Any = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=moto)
                prefixes = {f"{kind}_prefix": prefix for kind in ("definitions", "workflows", "resources")}
                make_original_tables(client, DynamoDBSettings(**prefixes))
                assert run(["tables", "migrate"]) == 0
            assert run(["tables", "create"]) == 0
            assert run(["tables", "check"]) == 0
        assert run(["log-group", "create"]) == 0
        assert run(["log-group", "check"]) == 0
    policy = Deployment(MODULE, "any", ["dev"], stream=arn, logs_role=ROLE).policy("upkeep")
    assert_just(
        policy, {need._replace(resource=A_PREFIX.sub("any", need.resource)) for need in needs(distance)}
    )
