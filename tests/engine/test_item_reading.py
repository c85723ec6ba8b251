"""Items out of objects."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.engine.object_store import MemoryObjects
from workflow_manager.engine.frames import ItemSource
from workflow_manager.engine.item_reading import Unreadable, read_items

GET = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"


def read(
    body: bytes, config: dict[str, Any], *, resource: str = GET, max_items: int | None = None, **more: bytes
) -> list[Any]:
    """The items of the object `o`; `more` are others beside it."""
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
        (b'{"a": 1}', {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
        (b"[1", {"InputType": "JSON"}, "cannot be read"),
        (b"[1]", {"InputType": "JSON", "ItemsPointer": "/x"}, "'/x' leads to nothing"),
        (b"1\n{\n", {"InputType": "JSONL"}, "Line 2 is not JSON"),
        (b"a,a\n1,2\n", FIRST, "CSV headers cannot contain duplicates."),
        (b"\xff\xfe\xfa", FIRST, "cannot be read"),
        (b"x", GIVEN, "CSVHeaders are required"),
        (b"x", {"InputType": "PARQUET"}, "PARQUET cannot be read"),
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
