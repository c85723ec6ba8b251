"""Events as AWS delivers them, and what they do to the records of workflows."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from tests.dynamodb import CREDENTIALS, moto_server
from workflow_manager.consumer.consumer import Consumer
from workflow_manager.consumer.queue import QueueLoop
from workflow_manager.kernel.errors import Conflict, Throttled, Unavailable
from workflow_manager.models.workflow import WorkflowStatus
from workflow_manager.store.port import WorkflowChange

MACHINE = "arn:aws:states:us-west-2:123456789012:execution:dev--wf-m--0--s"
ARN = f"{MACHINE}:4ee0f650"
MILLIS = 1_767_607_216_123
AT = datetime(2026, 1, 5, 10, 0, 16, 123_000, tzinfo=UTC)


class Recorded:
    """Stands for the executor: keeps what it is told, and fails as it is asked to."""

    def __init__(self, **failures: Exception) -> None:
        self.told: list[tuple[str, WorkflowChange | None]] = []
        self._failures = failures

    def execution_changed(self, execution_arn: str, change: WorkflowChange) -> None:
        self._tell(execution_arn, change)

    def execution_ended(self, execution_arn: str) -> None:
        self._tell(execution_arn, None)

    def _tell(self, arn: str, change: WorkflowChange | None) -> None:
        failure = self._failures.get(arn.rpartition(":")[2])
        if failure:
            raise failure
        self.told.append((arn, change))


def line(kind: str, id: str = "9", **fields: Any) -> str:
    """One event as it stands in an execution's log."""
    event = {
        "id": id,
        "type": kind,
        "details": {},
        "previous_event_id": "8",
        "event_timestamp": str(MILLIS),
        "execution_arn": ARN,
    }
    return json.dumps(event | fields)


def record(
    *lines: str, stream: str = "states/dev--wf-m--0--s/2026-01-05/x", number: int = 1
) -> dict[str, Any]:
    batch = {
        "messageType": "DATA_MESSAGE",
        "logStream": stream,
        "logEvents": [{"id": str(n), "timestamp": MILLIS, "message": text} for n, text in enumerate(lines)],
    }
    return raw_record(gzip.compress(json.dumps(batch).encode()), number)


def raw_record(data: bytes, number: int = 1) -> dict[str, Any]:
    return {"kinesis": {"sequenceNumber": str(number), "data": base64.b64encode(data).decode()}}


def told(*records: dict[str, Any]) -> list[tuple[str, WorkflowChange | None]]:
    executions = Recorded()
    answer = Consumer(executions).take_batch({"Records": list(records)})
    assert answer == {"batchItemFailures": []}
    return executions.told


SUCCEEDED = WorkflowChange(
    status=WorkflowStatus.SUCCEEDED, stopped_at=AT, output='{"ok":true}', resolved_by_user=True
)
FAILED = WorkflowChange(status=WorkflowStatus.FAILED, stopped_at=AT)
TIMED_OUT = WorkflowChange(status=WorkflowStatus.FAILED, stopped_at=AT, status_reason="Workflow timed out")
ABORTED = WorkflowChange(
    status=WorkflowStatus.CANCELLED, stopped_at=AT, resolved_by_user=True, first_status_reason="enough"
)
RUNNING = WorkflowChange(status=WorkflowStatus.RUNNING)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (line("ExecutionStarted", "1"), []),
        (line("TaskStateEntered", "2"), [(ARN, RUNNING)]),
        (line("TaskStateExited", "3"), []),
        (line("ExecutionAborted", details={"cause": "enough"}), [(ARN, ABORTED)]),
        (line("ExecutionFailed", "2"), [(ARN, FAILED)]),
        (line("ExecutionFailed", details={"error": "e", "cause": "c"}), [(ARN, FAILED)]),
        (line("ExecutionTimedOut", details=None), [(ARN, TIMED_OUT)]),
        (
            line(
                "ExecutionSucceeded", details={"output": '{"ok":true}', "outputDetails": {"truncated": False}}
            ),
            [(ARN, SUCCEEDED)],
        ),
        # What the event leaves out, the execution is asked for.
        (line("ExecutionSucceeded"), [(ARN, None)]),
        (
            line("ExecutionSucceeded", details={"output": "{", "outputDetails": {"truncated": True}}),
            [(ARN, None)],
        ),
    ],
)
def test_an_event_of_a_log_changes(event: str, expected: Any) -> None:
    assert told(record(event)) == expected


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"status": "RUNNING"}, (ARN, RUNNING)),
        ({"status": "PENDING_REDRIVE"}, (ARN, RUNNING)),
        ({"status": "SUCCEEDED", "output": '{"ok":true}'}, (ARN, SUCCEEDED)),
        ({"status": "SUCCEEDED", "output": None, "outputDetails": {"included": False}}, (ARN, None)),
        ({"status": "FAILED", "error": "e", "cause": "c"}, (ARN, FAILED)),
        ({"status": "TIMED_OUT"}, (ARN, TIMED_OUT)),
        ({"status": "ABORTED", "cause": "enough"}, (ARN, ABORTED)),
    ],
)
def test_a_status_change_changes(detail: dict[str, Any], expected: Any) -> None:
    event = status_change(**detail)
    assert told({"messageId": "1", "body": json.dumps(event)}) == [expected]
    executions = Recorded()
    assert Consumer(executions).take_batch(event) == {"batchItemFailures": []}
    assert executions.told == [expected]


def status_change(arn: str = ARN, **detail: Any) -> dict[str, Any]:
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {"executionArn": arn, "startDate": MILLIS - 1000, "stopDate": MILLIS, **detail},
    }


@pytest.mark.parametrize(
    "bad",
    [
        raw_record(b""),
        raw_record(b"plain"),
        raw_record(b"\x1f\x8bnot gzip"),
        raw_record(gzip.compress(b"x" * 1000)[:-20]),
        raw_record(gzip.compress(b"\xff")),
        raw_record(gzip.compress(b"[]")),
        {"kinesis": {"sequenceNumber": "1", "data": "%%%"}},
        record("not JSON"),
        record("[]"),
        record(line("ExecutionFailed", event_timestamp="soon")),
        record(line("ExecutionFailed", event_timestamp="9" * 30)),
        record(json.dumps({"type": "ExecutionFailed"})),
        record("{}", stream="control"),
        {"messageId": "1", "body": "not JSON"},
        {"messageId": "1", "body": "{}"},
        {"messageId": "1", "body": json.dumps(status_change(status="PAUSED"))},
        {"messageId": "1", "body": json.dumps(status_change(status="FAILED") | {"source": "me"})},
    ],
)
def test_what_can_never_be_taken_is_dropped_and_holds_up_nothing(bad: dict[str, Any]) -> None:
    assert told(bad, record(line("ExecutionFailed"))) == [(ARN, FAILED)]


def test_a_bad_line_does_not_keep_the_others_from_being_taken() -> None:
    assert told(record("{", line("ExecutionFailed"))) == [(ARN, FAILED)]


def test_what_did_not_answer_comes_again_and_only_that() -> None:
    executions = Recorded(a=Throttled("slow down"), b=Unavailable("away"), c=Conflict("no"))
    arns = {name: f"{MACHINE}:{name}" for name in "abcd"}
    records = [
        record(line("ExecutionFailed", execution_arn=arns[name]), line("ExecutionFailed"), number=number)
        for number, name in enumerate("abcd")
    ]
    answer = Consumer(executions).take_batch({"Records": records})
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["0", "1"]
    assert [arn for arn, _ in executions.told] == [ARN, ARN, ARN, arns["d"], ARN]


def test_a_status_change_alone_that_was_not_taken_raises() -> None:
    consumer = Consumer(Recorded(x=Unavailable("away")))
    with pytest.raises(Unavailable):
        consumer.take_batch(status_change(f"{MACHINE}:x", status="FAILED"))


# The queue


@pytest.fixture(scope="module")
def sqs() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, moto_server() as url:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield boto3.client("sqs", region_name="us-east-1", endpoint_url=url)


@contextmanager
def queue(sqs: Any, **attributes: str) -> Iterator[str]:
    url = sqs.create_queue(QueueName="changes", Attributes=attributes)["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def test_messages_leave_the_queue_once_they_were_taken(sqs: Any) -> None:
    executions = Recorded(away=Unavailable("away"))
    with queue(sqs, VisibilityTimeout="0") as url, ThreadPoolExecutor(4) as threads:
        for name in ("a", "away", "b"):
            body = status_change(f"{MACHINE}:{name}", status="FAILED")
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
        sqs.send_message(QueueUrl=url, MessageBody="not for us")
        loop = QueueLoop(sqs, url, Consumer(executions), poll_seconds=0)
        taken = 0
        while taken < 3:
            taken += loop.take_some(threads)
        assert loop.take_some(threads) == 0
        assert {arn.rpartition(":")[2] for arn, _ in executions.told} == {"a", "b"}
        (left,) = sqs.receive_message(QueueUrl=url)["Messages"]
        assert "away" in left["Body"]


def test_the_loop_ends_when_told_to(sqs: Any) -> None:
    with queue(sqs) as url:
        loop = QueueLoop(sqs, url, Consumer(Recorded()), poll_seconds=0)
        running = threading.Thread(target=loop.run)
        running.start()
        loop.stop()
        running.join(120)
        assert not running.is_alive()
