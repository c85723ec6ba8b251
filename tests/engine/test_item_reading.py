"""Items out of objects."""

from __future__ import annotations

import gzip
import io
import json
import re
from typing import Any

import pytest
from arro3.core import Array, DataType, RecordBatch
from arro3.io import write_parquet

from tests.engine.object_store import MemoryObjects
from workflow_manager.engine.context import Item
from workflow_manager.engine.frames import ItemSource
from workflow_manager.engine.item_reading import Unreadable, read_items

GET = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"


def read(
    body: bytes, config: dict[str, Any], *, resource: str = GET, max_items: int | None = None, **more: bytes
) -> list[Any]:
    """What children are given of the object `o`; `more` are others beside it."""
    return [item.given for item in read_all(body, config, resource=resource, max_items=max_items, **more)]


def read_all(
    body: bytes, config: dict[str, Any], *, resource: str = GET, max_items: int | None = None, **more: bytes
) -> list[Item]:
    objects = MemoryObjects({("b", key): held for key, held in {"o": body, **more}.items()})
    arguments = {"Bucket": "b", "Key": "o"} if resource == GET else {"Bucket": "b"}
    source = ItemSource(
        resource=resource, arguments=json.dumps(arguments), config=json.dumps(config), max_items=max_items
    )
    return list(read_items(source, objects))


FIRST = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}


GIVEN = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}


@pytest.mark.parametrize(
    ("body", "config", "items"),
    [
        (b"[1, 2]", {}, [1, 2]),
        (b'{"a": 1, "b": [2]}', {}, [{"Key": "a", "Value": 1}, {"Key": "b", "Value": [2]}]),
        (b'{"a": {"b": null}}', {"ItemsPointer": "/a"}, [{"Key": "b", "Value": None}]),
        (gzip.compress(b"[1]", mtime=0), {}, [1]),
        (b"[12345678901234567890123]", {"InputType": "JSON"}, [12345678901234567890123]),
        (b'{"a": {"b/c": [[1], [2]]}}', {"InputType": "JSON", "ItemsPointer": "/a/b~1c/1"}, [2]),
        (b'1\n\n{"a": 2}\n"x"', {"InputType": "JSONL"}, [1, {"a": 2}, "x"]),
        (b"a,b\n1,2\n3\n4,5,6\n\n", FIRST, [{"a": "1", "b": "2"}, {"a": "3", "b": ""}, {"a": "4", "b": "5"}]),
        (
            '\ufeffä;b\r\n"x\ny";2\r\n'.encode(),
            {**FIRST, "CSVDelimiter": "SEMICOLON"},
            [{"ä": "x\ny", "b": "2"}],
        ),
        (b"1\t2\n", {**GIVEN, "CSVHeaders": ["a", "b"], "CSVDelimiter": "TAB"}, [{"a": "1", "b": "2"}]),
        (b"", FIRST, []),
    ],
)
def test_items_are_read(body: bytes, config: dict[str, Any], items: list[Any]) -> None:
    assert read(body, config) == items


@pytest.mark.parametrize(
    ("body", "config", "cause"),
    [
        (b'"a"', {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
        (b"[1", {"InputType": "JSON"}, "cannot be read"),
        (b"[1]", {"InputType": "JSON", "ItemsPointer": "/x"}, "'/x' leads to nothing"),
        (b"1\n{\n", {"InputType": "JSONL"}, "Line 2 is not JSON"),
        (b"a,a\n1,2\n", FIRST, "CSV headers cannot contain duplicates."),
        (b"\xff\xfe\xfa", FIRST, "cannot be read"),
        (b"x", GIVEN, "CSVHeaders are required"),
        (gzip.compress(b"[1]", mtime=0)[:12] + b"\xff" * 9, {}, "cannot be read"),
        (b"x", {"InputType": "AVRO"}, "AVRO cannot be read"),
        (b"x", {"InputType": "PARQUET"}, "not a Parquet file"),
        (b"PAR1" + bytes(20) + b"\x10\0\0\0PAR1", {"InputType": "PARQUET"}, "cannot be read"),
        (b"{}", {"InputType": "MANIFEST"}, "not that of an S3 inventory"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, config: dict[str, Any], cause: str) -> None:
    with pytest.raises(Unreadable, match=cause):
        read(body, config)


@pytest.mark.parametrize(("limit", "read_"), [(None, 3), (0, 3), (2, 2), (9, 3)])
def test_max_items_is_a_limit_unless_it_is_zero(limit: int | None, read_: int) -> None:
    assert len(read(b"[1, 2, 3]", {}, max_items=limit)) == read_


def test_a_negative_max_items_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"^field MaxItems must be positive$"):
        read(b"[1]", {}, max_items=-1)


def test_an_object_that_is_missing_says_so() -> None:
    source = ItemSource(resource=GET, arguments='{"Bucket": "b", "Key": "o"}', config="{}")
    with pytest.raises(Unreadable, match="key does not exist"):
        list(read_items(source, MemoryObjects()))


def test_a_listing_gives_what_step_functions_shows_of_an_object() -> None:
    (first, second) = read(b"12", {}, resource=LIST, p=b"3")
    assert first == {"Key": "o", "Etag": '"e"', "Size": 2, "LastModified": 0}
    assert second["Key"] == "p"


def test_a_listing_can_be_loaded_and_flattened() -> None:
    config = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
    assert read(b"[1, 2]", config, resource=LIST, p=b"[3]") == [1, 2, 3]


@pytest.mark.parametrize(
    ("held", "cause"),
    [
        (b"[1", "S3://b/p: The items cannot be read: it ends too early."),
        (b"5", "S3://b/p: Attempting to map over non-iterable node."),
        (gzip.compress(b"[1]", mtime=0)[:-4], "S3://b/p: The items cannot be read: "),
    ],
)
def test_which_object_of_a_listing_cannot_be_read_is_told(held: bytes, cause: str) -> None:
    config = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
    with pytest.raises(Unreadable, match=re.escape(cause)):
        read(b"[1, 2]", config, resource=LIST, p=held)


def test_an_inventory_gives_the_rows_of_its_files() -> None:
    manifest = {
        "destinationBucket": "arn:aws:s3:::b",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key",
        "files": [{"key": "f1"}, {"key": "f2"}],
    }
    files = {"f1": gzip.compress(b'"x","k1"\n'), "f2": b'"x","k2"\n'}
    assert read(json.dumps(manifest).encode(), {"InputType": "MANIFEST"}, **files) == [
        {"Bucket": "x", "Key": "k1"},
        {"Bucket": "x", "Key": "k2"},
    ]


def test_the_files_of_an_athena_query_are_read_by_their_own_type() -> None:
    config = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
    files = {"f1": gzip.compress(b"1\n2\n"), "f2": b"3\n"}
    assert read(b"s3://b/f1\ns3://b/f2\n", config, **files) == [1, 2, 3]


def parquet(**columns: Array) -> bytes:
    file = io.BytesIO()
    write_parquet(RecordBatch.from_pydict(columns), file, compression="snappy")
    return file.getvalue()


def test_the_rows_of_a_parquet_file_are_items() -> None:
    file = parquet(
        n=Array([1, 2], DataType.int64()),
        text=Array(["ä", None], DataType.string()),
        share=Array([0.5, float("nan")], DataType.float64()),
        at=Array([0, 1500], DataType.int64()).cast(DataType.timestamp("ms", tz="UTC")),
        raw=Array([b"x", b"\xff"], DataType.binary()),
        price=Array([10, 2], DataType.int64()).cast(DataType.decimal128(10, 2)),
    )
    rows = [
        {"n": 1, "text": "ä", "share": 0.5, "at": "1970-01-01T00:00:00+00:00", "raw": "x", "price": 10},
        {
            "n": 2,
            "text": None,
            "share": None,
            "at": "1970-01-01T00:00:01.500000+00:00",
            "raw": "/w==",
            "price": 2,
        },
    ]
    assert read(file, {"InputType": "PARQUET"}) == rows
    # It tells by itself what it is.
    assert read(file, {}) == rows
    manifest = json.dumps(
        {"fileFormat": "Parquet", "fileSchema": "message s3.inventory {}", "files": [{"key": "f"}]}
    )
    assert read(manifest.encode(), {"InputType": "MANIFEST"}, f=file) == rows


def test_items_know_where_they_come_from() -> None:
    assert [item.source for item in read_all(b"[1]", {})] == ["S3://b/o"]
    assert [item.source for item in read_all(b"1", {}, resource=LIST)] == ["S3://b"]
    flat = {"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}
    assert [item.source for item in read_all(b"1\n2", flat, resource=LIST, p=b"3")] == [
        "S3://b/o",
        "S3://b/o",
        "S3://b/p",
    ]
