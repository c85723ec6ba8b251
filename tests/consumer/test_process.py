"""`wfm consume` as a process, on moto's SQS and DynamoDB and an engine that plays Step Functions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.api.wire import Server
from tests.assembly.serving import port_of, served
from tests.consumer.test_consumer import status_change
from tests.dynamodb import CREDENTIALS, fresh_tables, moto_server
from tests.far_away import Distance, far_away
from tests.processes import ROOT, WFM, ended
from tests.script import Script
from workflow_manager.assembly.application import open_store
from workflow_manager.kernel.clock import SystemClock
from workflow_manager.settings import Settings, StoreKind, load_settings
from workflow_manager.store.port import Store

pytestmark = pytest.mark.slow

PASS = {"StartAt": "s", "States": {"s": {"Type": "Pass", "End": True}}}

# After which a message is given up.
DELIVERIES = 3


@dataclass
class Place:
    server: Server
    store: Store
    sqs: Any
    queue: str
    given_up: str
    to_queue: Distance
    to_step_functions: Distance
    environment: dict[str, str]
    log: Path

    def consuming(self) -> subprocess.Popen[str]:
        with self.log.open("a") as log:
            return subprocess.Popen(
                [*WFM, "consume"], cwd=ROOT, env=self.environment, stdout=log, stderr=log, text=True
            )

    def start(self) -> str:
        """The id of a workflow that ended, though its record does not say so yet."""
        body = {"workflowDefinition": {"name": "wf"}}
        workflow_id: str = self.server.request("POST", "/workflows", body).json["id"]
        return workflow_id

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)

    def soon_visible_again(self) -> None:
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"VisibilityTimeout": "2"})

    def event(self, workflow_id: str, **detail: Any) -> str:
        arn = self.store.get_workflow(workflow_id).execution_arn
        return json.dumps(status_change(arn, **{"status": "SUCCEEDED", "output": "{}", **detail}))

    def status(self, workflow_id: str) -> str:
        return self.store.get_workflow(workflow_id).status.value

    def left(self, queue: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(count) for count in counts.values())

    def told(self, title: str) -> int:
        return self.log.read_text().count(f'"title": "{title}"')


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    to_queue, to_step_functions = Distance(seconds=0), Distance(seconds=0)
    with ExitStack() as stack:
        enter = stack.enter_context
        aws = enter(served(Settings(data=tmp_path / "aws", store=StoreKind.MEMORY)))
        # They hold the same; a poll of the queue that waits keeps up its own one only.
        moto, polled, asked = (enter(moto_server()) for _ in range(3))
        sqs: Any = boto3.client("sqs", region_name="us-east-1", endpoint_url=asked)
        given_up = sqs.create_queue(QueueName="given-up")["QueueUrl"]
        stack.callback(sqs.delete_queue, QueueUrl=given_up)
        redrive = {
            "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:given-up",
            "maxReceiveCount": DELIVERIES,
        }
        attributes = {"VisibilityTimeout": "60", "RedrivePolicy": json.dumps(redrive)}
        queue = sqs.create_queue(QueueName="events", Attributes=attributes)["QueueUrl"]
        stack.callback(sqs.delete_queue, QueueUrl=queue)
        prefix = fresh_tables(moto).settings.workflows_prefix
        variables = {
            "WFM_BACKEND": "aws",
            "WFM_LOG_FORMAT": "json",
            "WFM_AWS_ATTEMPTS": "1",
            "WFM_EVENTS_QUEUE_URL": queue,
            "AWS_SFN_REGION": "us-east-1",
            "AWS_SFN_ACCOUNT_ID": "123456789012",
            "AWS_SFN_ROLE_ARN": "arn:aws:iam::123456789012:role/any",
            **{
                f"AWS_DYNAMO_PREFIX_{kind}": prefix
                for kind in ("WORKFLOW_DEFINITIONS", "WORKFLOWS", "STATE_RESOURCES")
            },
            "AWS_ENDPOINT_URL_SFN": enter(far_away(port_of(aws.protocol_url), to_step_functions)),
            "AWS_ENDPOINT_URL_SQS": enter(far_away(port_of(polled), to_queue)),
            "AWS_ENDPOINT_URL_DYNAMODB": moto,
        }
        settings = load_settings(variables, {"data": str(tmp_path / "server")})
        server = enter(served(settings))
        server.request("POST", "/workflow-definitions", {"name": "wf", "stateMachine": PASS})
        store = enter(closing(open_store(settings, SystemClock())))
        environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
        yield Place(
            server, store, sqs, queue, given_up, to_queue, to_step_functions, environment, tmp_path / "log"
        )


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_events_reach_the_records_once_however_often_they_come(place: Place) -> None:
    ids = [place.start() for _ in range(5)]
    for workflow_id in ids:
        place.send(
            place.event(workflow_id),
            place.event(workflow_id, output='"somebody else\'s"'),
            place.event(workflow_id, status="RUNNING"),
        )
    process = place.consuming()
    try:
        wait_until(lambda: place.left(place.queue) == 0)
        assert {place.status(each) for each in ids} == {"succeeded"}
    finally:
        ended([process])
    assert place.left(place.given_up) == 0


def test_what_can_never_be_taken_is_dropped_and_what_cannot_be_now_comes_again(place: Place) -> None:
    place.soon_visible_again()
    asked, told = place.start(), place.start()
    # Nobody answers about the one execution that has to be asked.
    place.to_step_functions.throttled = 1.0
    place.send("not JSON", "{}", '{"source": "aws.states", "detail": []}', place.event(told))
    place.send(place.event(asked, output=None, outputDetails={"included": False}))
    process = place.consuming()
    try:
        wait_until(lambda: place.told("event-comes-again") >= 1)
        wait_until(lambda: place.status(told) == "succeeded")
        assert place.status(asked) == "queued"
        # Of the batch only that one comes again.
        wait_until(lambda: place.left(place.queue) + place.left(place.given_up) == 1)
        place.to_step_functions.throttled = 0.0
        wait_until(lambda: place.left(place.queue) == 0)
    finally:
        ended([process])
    # Those of a batch that took longer than they stay invisible are dropped again.
    assert place.told("event-dropped") >= 3
    # It was given back before the last delivery, or went to those given up: it is lost nowhere.
    assert (place.status(asked), place.left(place.given_up)) in (("succeeded", 0), ("queued", 1))


def test_what_fails_again_and_again_is_given_up_and_holds_up_nothing(place: Place) -> None:
    place.soon_visible_again()
    asked, told = place.start(), place.start()
    place.to_step_functions.throttled = 1.0
    place.send(place.event(asked, output=None, outputDetails={"included": False}))
    process = place.consuming()
    try:
        wait_until(lambda: place.left(place.given_up) == 1)
        place.send(place.event(told))
        wait_until(lambda: place.status(told) == "succeeded")
    finally:
        ended([process])
    assert place.told("event-comes-again") == DELIVERIES
    assert place.left(place.queue) == 0


def test_a_message_whose_deletion_failed_is_taken_again_without_harm(place: Place) -> None:
    place.soon_visible_again()
    workflow_id = place.start()
    place.to_queue.script = script = Script()
    script.fail_always("delete_message_batch", ConnectionError())
    place.send(place.event(workflow_id))
    process = place.consuming()
    try:
        wait_until(lambda: script.count("delete_message_batch") >= 1)
        script.recover()
        wait_until(lambda: place.left(place.queue) == 0)
    finally:
        ended([process])
    assert place.status(workflow_id) == "succeeded"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_was_taken_end_and_leaves_the_rest_in_the_queue(
    place: Place, number: signal.Signals
) -> None:
    ids = [place.start() for _ in range(3)]
    # Slow enough that the signal comes in the middle.
    place.to_step_functions.seconds = 2.0
    place.send(*(place.event(each, output=None, outputDetails={"included": False}) for each in ids))
    process = place.consuming()
    wait_until(lambda: place.to_step_functions.calls["AWSStepFunctions.DescribeExecution"] >= 1)
    process.send_signal(number)
    assert process.wait(timeout=180) == 0
    assert place.told("stopped") == 1
    done = [each for each in ids if place.status(each) == "succeeded"]
    assert done
    assert place.left(place.queue) == len(ids) - len(done)
