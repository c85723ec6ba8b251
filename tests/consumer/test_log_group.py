"""The log group of executions on moto's CloudWatch Logs, with a Kinesis stream behind it."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from tests.consumer.test_consumer import ARN, FAILED, Recorded, line
from tests.dynamodb import CREDENTIALS, moto_server
from workflow_manager.cli.main import run
from workflow_manager.consumer.consumer import Consumer
from workflow_manager.consumer.log_group import LogGroup
from workflow_manager.kernel.errors import Unavailable

ROLE = "arn:aws:iam::123456789012:role/logs-to-stream"


@dataclass(frozen=True)
class Place:
    url: str
    logs: Any
    kinesis: Any
    stream: str
    group: str

    def log_group(self, stream: str | None = None) -> LogGroup:
        return LogGroup(self.logs, self.group, stream_arn=stream or self.stream, role_arn=ROLE)


@pytest.fixture
def place() -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch, moto_server() as url:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        patch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", url)
        logs, kinesis = (
            boto3.client(service, region_name="us-east-1", endpoint_url=url)  # type: ignore[call-overload]
            for service in ("logs", "kinesis")
        )
        name = f"events-{uuid.uuid4()}"
        kinesis.create_stream(StreamName=name, ShardCount=1)
        stream = kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]
        yield Place(url, logs, kinesis, stream, f"/aws/vendedlogs/states/{uuid.uuid4()}")


def test_what_is_missing_is_made_once(place: Place) -> None:
    group = place.log_group()
    assert group.problems() == [f"{place.group}: there is no such log group"]
    assert group.create() == [
        f"log group {place.group}",
        f"retention of {place.group}: 7 days",
        f"filter to-kinesis of {place.group}",
    ]
    assert (group.problems(), group.create()) == ([], [])
    (found,) = place.logs.describe_log_groups(logGroupNamePrefix=place.group)["logGroups"]
    assert found["retentionInDays"] == 7
    (led,) = place.logs.describe_subscription_filters(logGroupName=place.group)["subscriptionFilters"]
    assert (led["destinationArn"], led["filterPattern"], led["roleArn"]) == (place.stream, "", ROLE)
    assert led["distribution"] == "ByLogStream"


def test_what_the_owner_chose_stays_and_what_leads_elsewhere_is_led_here(place: Place) -> None:
    place.log_group().create()
    place.logs.put_retention_policy(logGroupName=place.group, retentionInDays=90)
    place.kinesis.create_stream(StreamName="other", ShardCount=1)
    other = place.stream.rpartition("/")[0] + "/other"
    (problem,) = place.log_group(other).problems()
    assert f"has destinationArn '{place.stream}', and must have '{other}'" in problem
    assert place.log_group(other).create() == [f"filter to-kinesis of {place.group}"]
    (found,) = place.logs.describe_log_groups(logGroupNamePrefix=place.group)["logGroups"]
    assert found["retentionInDays"] == 90
    place.logs.delete_retention_policy(logGroupName=place.group)
    assert place.log_group(other).problems() == [f"{place.group}: events are kept for ever"]
    place.logs.delete_subscription_filter(logGroupName=place.group, filterName="to-kinesis")
    assert len(place.log_group(other).problems()) == 2


def test_a_group_whose_name_only_begins_so_is_another_one(place: Place) -> None:
    place.logs.create_log_group(logGroupName=f"{place.group}-other")
    assert place.log_group().problems() == [f"{place.group}: there is no such log group"]


def test_a_stream_that_is_not_there_is_told(place: Place) -> None:
    nowhere = place.stream.rpartition("/")[0] + "/nowhere"
    with pytest.raises(Unavailable, match="CloudWatch Logs"):
        place.log_group(nowhere).create()


def test_an_event_in_the_log_reaches_the_record(place: Place) -> None:
    place.log_group().create()
    name = "states/dev--wf-m--0--s/2026-01-05/x"
    place.logs.create_log_stream(logGroupName=place.group, logStreamName=name)
    place.logs.put_log_events(
        logGroupName=place.group,
        logStreamName=name,
        logEvents=[{"timestamp": int(time.time() * 1000), "message": line("ExecutionFailed")}],
    )
    records = read(place)
    executions = Recorded()
    assert Consumer(executions).take_batch({"Records": records}) == {"batchItemFailures": []}
    assert executions.told == [(ARN, FAILED)]


def read(place: Place) -> list[dict[str, Any]]:
    """What is in the stream, as Lambda hands it over."""
    name = place.stream.rpartition("/")[2]
    (shard,) = place.kinesis.describe_stream(StreamName=name)["StreamDescription"]["Shards"]
    at = place.kinesis.get_shard_iterator(
        StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return [
        {
            "kinesis": {
                "sequenceNumber": record["SequenceNumber"],
                "data": base64.b64encode(record["Data"]).decode(),
            }
        }
        for record in place.kinesis.get_records(ShardIterator=at)["Records"]
    ]


def test_the_command_makes_and_checks(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    flags = [
        f"--events-stream={place.stream}",
        f"--logs-role={ROLE}",
        f"--execution-log-group={place.group}",
    ]
    assert run(["log-group", "check", *flags]) == 1
    assert capsys.readouterr().out == f"{place.group}: there is no such log group\n"
    assert run(["log-group", "create", *flags]) == 0
    assert f"made log group {place.group}\n" in capsys.readouterr().out
    assert run(["log-group", "create", *flags]) == 0
    assert run(["log-group", "check", *flags]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "nothing was missing",
        "the log group is as it must be",
    ]
    assert run(["log-group", "check"]) == 2
    assert "AWS_SFN_EXECUTION_EVENTS_STREAM_ARN required" in capsys.readouterr().err
