"""Items of a distributed Map, out of objects: JSON, JSON lines, CSV, Parquet, manifests, listings.

Read one by one, so that an object of any size takes the memory of an item; only JSON has to be read
whole.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import BinaryIO, Final, cast

from workflow_manager.engine.context import Item, items_of
from workflow_manager.engine.frames import ItemSource
from workflow_manager.engine.objects import ObjectFailed, Objects
from workflow_manager.engine.parquet import MAGIC, NoParquet, parquet_rows
from workflow_manager.engine.resources import parse_resource
from workflow_manager.kernel.json import Json, NotJson, loads

MAX_ITEMS: Final = 100_000_000
MAX_WHOLE: Final = 64 * 2**20  # bytes of an object that has to be read whole
MAX_LINE: Final = 8 * 2**20  # bytes

_DELIMITERS: Final = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_GZIP: Final = b"\x1f\x8b"
_MALFORMED: Final = (NotJson, csv.Error, UnicodeDecodeError, gzip.BadGzipFile, zlib.error, EOFError)

Config = Mapping[str, Json]


class Unreadable(Exception):
    """The items cannot be read; the text is the cause that the execution fails with."""


def read_items(source: ItemSource, objects: Objects) -> Iterator[Item]:
    """Every item, as many as MaxItems allows.  Blocks.  Raises `Unreadable`."""
    if source.max_items is not None and source.max_items < 0:
        raise Unreadable("field MaxItems must be positive")
    try:
        config, request = loads(source.config), loads(source.arguments)
        assert isinstance(config, dict)
        if not isinstance(request, dict):
            raise Unreadable("The arguments of an ItemReader must be an object.")
        reading = _read(parse_resource(source.resource).operation, request, config, objects)
        # 0 is no limit of one's own.
        yield from islice(reading, source.max_items or MAX_ITEMS)
    except (ObjectFailed, NoParquet) as error:
        raise Unreadable(str(error)) from None
    except _MALFORMED as error:
        raise _malformed(error) from None


def parse_items(body: bytes, config: Config) -> Iterator[Item]:
    """The items of one object by what it holds; raises `Unreadable`."""
    try:
        yield from (item for item in _items(io.BytesIO(body), config))
    except NoParquet as error:
        raise Unreadable(str(error)) from None
    except _MALFORMED as error:
        raise _malformed(error) from None


def _malformed(error: Exception) -> Unreadable:
    return Unreadable(f"The items cannot be read: {error}.")


def _read(operation: str, request: Config, config: Config, objects: Objects) -> Iterator[Item]:
    match operation:
        case "getObject":
            yield from _object(request, config, objects)
        case "listObjectsV2":
            yield from _listing(request, config, objects)
        case _:
            raise Unreadable(f"Items cannot be read with '{operation}'.")


def _listing(request: Config, config: Config, objects: Objects) -> Iterator[Item]:
    flatten = config.get("Transformation") == "LOAD_AND_FLATTEN"
    for found in objects.list(request):
        if flatten:
            place = {"Bucket": request.get("Bucket"), "Key": found["Key"]}
            yield from _one_of_many(place, _object(place, config, objects))
        else:
            # The one member that Step Functions spells in its own way.
            shown = {("Etag" if name == "ETag" else name): value for name, value in found.items()}
            yield Item(shown, source=_place(request))


def _object(request: Config, config: Config, objects: Objects) -> Iterator[Item]:
    if config.get("ManifestType") == "ATHENA_DATA":
        yield from _athena(request, config, objects)
    elif config.get("InputType") == "MANIFEST":
        yield from _inventory(request, objects)
    else:
        with objects.get(request) as packed:
            yield from _from(_place(request), _items(_unpacked(packed), config))


def _one_of_many(request: Config, items: Iterable[Item]) -> Iterator[Item]:
    """The items of an object that no definition names; what is wrong with it is told with its place."""
    try:
        yield from items
    except Unreadable as problem:
        raise Unreadable(f"{_place(request)}: {problem}") from None
    except _MALFORMED as error:
        raise Unreadable(f"{_place(request)}: {_malformed(error)}") from None


def _place(request: Config) -> str:
    """As `$$.Map.Item.Source` names an object, or a bucket."""
    return "/".join(str(part) for part in (f"S3://{request.get('Bucket')}", request.get("Key")) if part)


def _from(place: str, items: Iterable[Item]) -> Iterator[Item]:
    return (item._replace(source=place) for item in items)


def _items(body: BinaryIO, config: Config) -> Iterator[Item]:
    kind = config.get("InputType")
    if kind is None and isinstance(body, io.BufferedReader) and body.peek(4)[:4] == MAGIC:
        kind = "PARQUET"
    match kind:
        case "CSV":
            yield from map(Item, _csv(body, config))
        case "JSONL":
            yield from map(Item, _json_lines(body))
        case "PARQUET":
            yield from map(Item, parquet_rows(body))
        case "JSON" | None:
            yield from _json(body, config)
        case other:
            raise Unreadable(f"Items of the type {other} cannot be read.")


def _json(body: BinaryIO, config: Config) -> Iterator[Item]:
    text = body.read(MAX_WHOLE + 1)
    if len(text) > MAX_WHOLE:
        raise Unreadable(f"A JSON object may have {MAX_WHOLE} bytes at most; JSON lines have no such limit.")
    found = items_of(pointed_at(loads(text), config.get("ItemsPointer")))
    if found is None:
        raise Unreadable("Attempting to map over non-iterable node.")
    yield from found


def pointed_at(value: Json, pointer: Json) -> Json:
    """What a JSON pointer (RFC 6901) leads to.  Raises `Unreadable`."""
    for step in str(pointer).split("/")[1:] if pointer else ():
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise Unreadable(f"The ItemsPointer '{pointer}' leads to nothing.")
    return value


def _json_lines(body: BinaryIO) -> Iterator[Json]:
    number = 0
    while line := body.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise Unreadable(f"Line {number} has more than {MAX_LINE} bytes.")
        if line.strip():
            try:
                yield loads(line)
            except NotJson as error:
                raise Unreadable(f"Line {number} is not JSON: {error}.") from None


def _csv(body: BinaryIO, config: Config) -> Iterator[Json]:
    rows = _rows(body, _DELIMITERS[str(config.get("CSVDelimiter", "COMMA"))])
    if config.get("CSVHeaderLocation") == "GIVEN":
        given = config.get("CSVHeaders")
        if not isinstance(given, list):
            raise Unreadable("CSVHeaders are required where CSVHeaderLocation is GIVEN.")
        headers = [str(name) for name in given]
    else:
        headers = next(rows, [])
    yield from _named(rows, headers)


def _rows(body: BinaryIO, delimiter: str = ",") -> Iterator[list[str]]:
    """The rows that hold anything."""
    lines = io.TextIOWrapper(body, encoding="utf-8-sig", newline="")
    return (row for row in csv.reader(lines, delimiter=delimiter) if row)


def _named(rows: Iterable[list[str]], headers: list[str]) -> Iterator[Json]:
    """Each row as an object; a short row has empty texts at its end, a long one loses its own."""
    if len(set(headers)) != len(headers):
        raise Unreadable("CSV headers cannot contain duplicates.")
    width = len(headers)
    for row in rows:
        row += [""] * (width - len(row))
        yield dict(zip(headers, row, strict=False))


def _inventory(request: Config, objects: Objects) -> Iterator[Item]:
    """The rows of all files of an S3 inventory, by its manifest."""
    with objects.get(request) as body:
        text = body.read(MAX_WHOLE + 1)
    if len(text) > MAX_WHOLE:
        raise Unreadable(f"A manifest may have {MAX_WHOLE} bytes at most.")
    match loads(text):
        case {"fileSchema": str() as schema, "files": list() as files, **more}:
            pass
        case _:
            raise Unreadable("The manifest is not that of an S3 inventory.")
    kind = more.get("fileFormat", "CSV")
    if kind not in ("CSV", "Parquet"):
        raise Unreadable(f"Inventories of the format {kind} cannot be read: let S3 write CSV or Parquet.")
    headers = [name.strip() for name in schema.split(",")]
    bucket = str(more.get("destinationBucket") or request.get("Bucket")).removeprefix("arn:aws:s3:::")
    for file in files:
        if not isinstance(file, dict):
            raise Unreadable("The manifest is not that of an S3 inventory.")
        place = {"Bucket": bucket, "Key": file.get("key")}
        with objects.get(place) as packed:
            body = _unpacked(packed)
            rows = parquet_rows(body) if kind == "Parquet" else _named(_rows(body), headers)
            yield from _one_of_many(place, _from(_place(place), map(Item, rows)))


def _athena(request: Config, config: Config, objects: Objects) -> Iterator[Item]:
    """The items of all files that an Athena query has written, by its manifest: one `s3://` a line."""
    with objects.get(request) as body:
        places = [row[0].strip() for row in _rows(body)]
    for place in places:
        bucket, _, key = place.removeprefix("s3://").partition("/")
        written = {"Bucket": bucket, "Key": key}
        with objects.get(written) as packed:
            yield from _one_of_many(written, _from(_place(written), _items(_unpacked(packed), config)))


def _unpacked(body: BinaryIO) -> BinaryIO:
    """The body itself, or what it holds where it is compressed."""
    buffered = io.BufferedReader(cast(io.RawIOBase, body))
    if buffered.peek(2)[:2] == _GZIP:
        return cast(BinaryIO, gzip.GzipFile(fileobj=buffered))
    return cast(BinaryIO, buffered)
