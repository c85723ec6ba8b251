"""What a map run leaves behind."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.engine.driver import identity
from tests.engine.object_store import MemoryObjects
from workflow_manager.asl.failure import Failure
from workflow_manager.engine import result_writing
from workflow_manager.engine.execution import Ending, Status
from workflow_manager.engine.frames import ItemSink
from workflow_manager.engine.journal.records import ExecutionRecord, MapRun
from workflow_manager.engine.result_writing import Unwritable, export, gather

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PUT = "arn:aws:states:::s3:putObject"
RUN = MapRun(
    key=1,
    arn="arn:aws:states:us-east-1:123456789012:mapRun:m/label:0000",
    execution=1,
    execution_arn="e",
    frame="0",
    visit=1,
    label="label",
    started_at=NOW,
    seed=1,
)


def child(output: str | None) -> ExecutionRecord:
    """One that succeeded with the output, or failed."""
    if output is None:
        ending = Ending(Status.FAILED, failure=Failure("Bad", "as told"))
    else:
        ending = Ending(Status.SUCCEEDED, output=output)
    return ExecutionRecord(
        key=1,
        identity=identity('{"a":1}', NOW),
        definition="d",
        status=ending.status,
        stopped_at=NOW,
        ending=ending,
    )


def sink(resource: str | None = PUT, **config: str) -> ItemSink:
    return ItemSink(resource=resource, arguments='{"Bucket": "b", "Prefix": "p/"}', config=json.dumps(config))


def written(objects: MemoryObjects, kind: str) -> Any:
    return json.loads(objects.held["b", f"p/0000/{kind}"])


@pytest.mark.parametrize(
    ("transformation", "result"),
    [(None, "[[1,[2]],3]"), ("COMPACT", "[[1,[2]],3]"), ("FLATTEN", "[1,[2],3]")],
)
def test_results_are_gathered_for_the_state(transformation: str | None, result: str) -> None:
    given = None if transformation is None else sink(None, Transformation=transformation)
    assert gather(iter([child("[1,[2]]"), child("3")]), given) == result


def test_a_child_that_failed_is_told_of_in_full() -> None:
    (told,) = json.loads(gather(iter([child(None)]), None))
    assert told["Status"] == "FAILED"
    assert (told["Error"], told["Cause"], told["Input"]) == ("Bad", "as told", '{"a":1}')
    assert "Output" not in told
    assert (told["RedriveStatus"], "RedriveStatusReason" in told) == ("REDRIVABLE_BY_MAP_RUN", False)


def test_gathering_ends_when_no_payload_could_hold_it() -> None:
    def endless() -> Any:
        while True:
            yield child(f'"{"x" * 1000}"')

    assert len(gather(endless(), None)) < 2_000_000


def test_results_are_exported_by_status_with_a_manifest() -> None:
    objects = MemoryObjects()
    told = json.loads(export(iter([child("1"), child(None), child("2")]), RUN, sink(), objects))
    assert told == {
        "MapRunArn": RUN.arn,
        "ResultWriterDetails": {"Bucket": "b", "Key": "p/0000/manifest.json"},
    }
    manifest = written(objects, "manifest.json")
    files = {kind: [file["Key"] for file in files] for kind, files in manifest["ResultFiles"].items()}
    assert files == {
        "FAILED": ["p/0000/FAILED_0.json"],
        "PENDING": [],
        "SUCCEEDED": ["p/0000/SUCCEEDED_0.json"],
    }
    good = written(objects, "SUCCEEDED_0.json")
    assert [(each["Status"], each["Output"]) for each in good] == [("SUCCEEDED", "1"), ("SUCCEEDED", "2")]
    assert good[0]["RedriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert [each["Error"] for each in written(objects, "FAILED_0.json")] == ["Bad"]


def test_results_are_exported_in_files_of_limited_size() -> None:
    objects = MemoryObjects()
    large = child(f'"{"x" * (result_writing.MAX_FILE // 2)}"')
    export(iter([large] * 5), RUN, sink(Transformation="COMPACT", OutputType="JSONL"), objects)
    keys = [key for _, key in objects.held]
    assert keys == [f"p/0000/SUCCEEDED_{number}.jsonl" for number in range(3)] + ["p/0000/manifest.json"]


def test_a_writer_without_a_bucket_says_so() -> None:
    without = ItemSink(resource=PUT, arguments="{}", config="{}")
    with pytest.raises(Unwritable, match="Bucket"):
        export(iter(()), RUN, without, MemoryObjects())
