"""What a map run leaves: one value for the state, or files in an object store.

Results are read a few at a time and written in files of limited size, so that a run of any length
takes the memory of one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from workflow_manager.engine.context import format_time
from workflow_manager.engine.execution import REDRIVABLE, Identity, Status
from workflow_manager.engine.frames import ItemSink
from workflow_manager.engine.journal.records import ExecutionRecord, MapRun
from workflow_manager.engine.moves import MAX_PAYLOAD_BYTES
from workflow_manager.engine.objects import ObjectFailed, Objects
from workflow_manager.kernel.json import Json, NotJson, dumps, loads

PENDING: Final = "PENDING"
MAX_FILE: Final = 8 * 2**20  # bytes of a results file, but for the last result in it


class Unwritable(Exception):
    """The results cannot be written; the text is the cause that the execution fails with."""


def gather(records: Iterator[ExecutionRecord], sink: ItemSink | None) -> str:
    """The results as one JSON array.  One that is larger than a payload may be is not complete."""
    config = {} if sink is None else _config(sink)
    parts: list[str] = []
    size = 2
    for record in records:
        for part in _shaped(record, str(config.get("Transformation", "COMPACT"))):
            parts.append(part)
            size += len(part) + 1
        if size > 2 * MAX_PAYLOAD_BYTES:
            break
    return f"[{','.join(parts)}]"


def export(
    records: Iterator[ExecutionRecord],
    run: MapRun,
    sink: ItemSink,
    objects: Objects,
    unbegun: Iterable[Identity] = (),
) -> str:
    """Write the results and a manifest of them; the text that says where.  Blocks.

    `unbegun` are the children that a run that failed has not come to.  The same run writes the same
    files again.  Raises `Unwritable`.
    """
    try:
        target = loads(sink.arguments)
    except NotJson as error:
        raise Unwritable(str(error)) from None
    match target:
        case {"Bucket": str() as bucket, **more}:
            prefix = str(more.get("Prefix") or "").strip("/")
        case _:
            raise Unwritable("The arguments of a ResultWriter must name a Bucket.")
    folder = "/".join(part for part in (prefix, run.arn.rpartition(":")[2]) if part)
    try:
        return _Export(bucket, folder, run, _config(sink), objects).write(records, unbegun)
    except ObjectFailed as error:
        raise Unwritable(str(error)) from None


class _Export:
    def __init__(
        self, bucket: str, folder: str, run: MapRun, config: Mapping[str, Json], objects: Objects
    ) -> None:
        self._bucket = bucket
        self._folder = folder
        self._run = run
        self._transformation = str(config.get("Transformation", "NONE"))
        self._lines = config.get("OutputType") == "JSONL"
        self._objects = objects
        self._open: dict[str, tuple[list[str], int]] = {}
        self._written: dict[str, list[Json]] = {"FAILED": [], PENDING: [], "SUCCEEDED": []}

    def write(self, records: Iterator[ExecutionRecord], unbegun: Iterable[Identity]) -> str:
        for record in records:
            kind = "SUCCEEDED" if record.status is Status.SUCCEEDED else "FAILED"
            self._add(kind, list(_shaped(record, self._transformation)))
        for identity in unbegun:
            shown = {**_identified(identity), "Status": PENDING}
            self._add(PENDING, [dumps(dict(sorted(shown.items())))])
        for kind in list(self._open):
            self._close(kind)
        manifest: Json = {
            "DestinationBucket": self._bucket,
            "MapRunArn": self._run.arn,
            "ResultFiles": dict(self._written),
        }
        key = f"{self._folder}/manifest.json"
        self._objects.put({"Bucket": self._bucket, "Key": key}, dumps(manifest).encode())
        return dumps(
            {
                "MapRunArn": self._run.arn,
                "ResultWriterDetails": {"Bucket": self._bucket, "Key": key},
            }
        )

    def _add(self, kind: str, results: list[str]) -> None:
        parts, size = self._open.setdefault(kind, ([], 0))
        parts += results
        size += sum(map(len, results))
        self._open[kind] = (parts, size)
        if size > MAX_FILE:
            self._close(kind)

    def _close(self, kind: str) -> None:
        parts, _ = self._open.pop(kind)
        if self._lines:
            body = "".join(f"{part}\n" for part in parts).encode()
        else:
            body = f"[{','.join(parts)}]".encode()
        ending = "jsonl" if self._lines else "json"
        key = f"{self._folder}/{kind}_{len(self._written[kind])}.{ending}"
        self._objects.put({"Bucket": self._bucket, "Key": key}, body)
        self._written[kind].append({"Key": key, "Size": len(body)})


def _config(sink: ItemSink) -> dict[str, Json]:
    config = loads(sink.config)
    assert isinstance(config, dict)
    return config


def _shaped(record: ExecutionRecord, transformation: str) -> Iterator[str]:
    """What one child adds to the results.  One that failed is always told of in full."""
    output = record.ending.output if record.ending is not None else None
    if output is None or transformation == "NONE":
        return iter((dumps(_whole(record)),))
    if transformation == "FLATTEN" and isinstance(value := loads(output), list):
        return map(dumps, value)
    return chain((output,))


def _whole(record: ExecutionRecord) -> dict[str, Json]:
    """A child as it is shown beside its result (Developer Guide, "ResultWriter")."""
    identity, ending = record.identity, record.ending
    # One that waits to be redriven has not been, in the end.
    status = record.status if ending is None else ending.status
    shown = {
        **_identified(identity),
        "RedriveCount": record.redrives,
        "RedriveStatus": "REDRIVABLE_BY_MAP_RUN" if status in REDRIVABLE else "NOT_REDRIVABLE",
        "StartDate": format_time(identity.started_at),
        "Status": status.value,
    }
    if status not in REDRIVABLE:
        shown["RedriveStatusReason"] = f"Execution is {status.value} and cannot be redriven"
    if record.stopped_at is not None:
        shown["StopDate"] = format_time(record.stopped_at)
    if ending is not None and ending.output is not None:
        shown |= {"Output": ending.output, "OutputDetails": {"Included": True}}
    if ending is not None and ending.failure is not None:
        if ending.failure.error is not None:
            shown["Error"] = ending.failure.error
        if ending.failure.cause is not None:
            shown["Cause"] = ending.failure.cause
    return dict(sorted(shown.items()))


def _identified(identity: Identity) -> dict[str, Json]:
    return {
        "ExecutionArn": identity.arn,
        "Input": identity.input,
        "InputDetails": {"Included": True},
        "Name": identity.name,
        "StateMachineArn": identity.machine_arn,
    }
