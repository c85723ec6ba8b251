"""The object store of distributed Maps, against an S3 on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from tests.engine.test_map_runner import ending
from tests.engine.worlds import World, definition, run
from workflow_manager.engine.objects import ObjectFailed
from workflow_manager.integrations.s3 import S3Objects

BUCKET = "for-tests"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(s3={"addressing_style": "path"}),
    )
    made.create_bucket(Bucket=BUCKET)
    yield made
    server.stop()


@pytest.fixture
def objects(client: Any) -> S3Objects:
    return S3Objects(lambda: client)


def test_what_was_put_can_be_read_and_listed(objects: S3Objects) -> None:
    objects.put({"Bucket": BUCKET, "Key": "list/one"}, b"first\nsecond\n")
    with objects.get({"Bucket": BUCKET, "Key": "list/one"}) as body:
        assert body.readline() == b"first\n"
        assert body.read() == b"second\n"
    (found,) = objects.list({"Bucket": BUCKET, "Prefix": "list/"})
    assert (found["Key"], found["Size"], found["StorageClass"]) == ("list/one", 13, "STANDARD")
    assert isinstance(found["LastModified"], int)


def test_a_listing_goes_on_over_its_pages(objects: S3Objects) -> None:
    for number in range(5):
        objects.put({"Bucket": BUCKET, "Key": f"pages/{number}"}, b"")
    listed = objects.list({"Bucket": BUCKET, "Prefix": "pages/", "MaxKeys": 2})
    assert [found["Key"] for found in listed] == [f"pages/{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"Bucket": BUCKET, "Key": "missing"}, "key does not exist"),
        ({"Bucket": "missing", "Key": "k"}, "bucket does not exist"),
        ({"Bucket": BUCKET}, "Key must be given"),
        ({"Bucket": 1, "Key": "k"}, "Bucket must be given"),
    ],
)
def test_what_s3_refuses_is_said(objects: S3Objects, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ObjectFailed, match=message):
        objects.get(request_)


def test_a_map_reads_its_items_and_writes_its_results(objects: S3Objects, client: Any) -> None:
    objects.put({"Bucket": BUCKET, "Key": "items.csv"}, b"a,b\n1,2\n3,4\n")
    state = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Parameters": {"Bucket": BUCKET, "Key.$": "$.key"},
        },
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "P",
            "States": {"P": {"Type": "Pass", "End": True}},
        },
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": BUCKET, "Prefix": "results"},
            "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"},
        },
        "End": True,
    }

    async def play(world: World) -> None:
        told = await ending(world, await world.start(definition(M=state), '{"key": "items.csv"}'))
        place = told["ResultWriterDetails"]
        manifest = json.loads(client.get_object(**place)["Body"].read())
        (file,) = manifest["ResultFiles"]["SUCCEEDED"]
        results = json.loads(client.get_object(Bucket=BUCKET, Key=file["Key"])["Body"].read())
        assert results == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]

    run(play, objects=objects)
