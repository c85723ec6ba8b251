"""The rows of a Parquet file, as JSON.  The library that reads them is an extra of its own.

A file of any size is read: it lies on disk meanwhile, because its index is at its end, and what is in
memory are some rows at a time.
"""

from __future__ import annotations

import base64
import math
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any, BinaryIO, Final

from workflow_manager.kernel.json import Json

MAGIC: Final = b"PAR1"
MAX_FILE: Final = 5 * 2**30  # bytes, as with AWS
KEPT_IN_MEMORY: Final = 8 * 2**20  # bytes of a file that is not put on disk
_PIECE: Final = 2**20
_SMALLEST: Final = 12  # bytes: the magic number at both ends, and the length of the index


class NoParquet(Exception):
    """There is no Parquet file, or nobody to read it; the text says which."""


def parquet_rows(body: BinaryIO) -> Iterator[Json]:
    """Raises `NoParquet`, and whatever reading `body` raises."""
    try:
        from arro3.io import read_parquet
    except ImportError:
        raise NoParquet(
            "Reading Parquet needs the extra `parquet`: pip install 'workflow-manager[parquet]'"
        ) from None
    with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as file:
        _copy(body, file)
        _check(file)
        try:
            for batch in read_parquet(file):
                for row in batch.to_struct_array().to_pylist():
                    yield _json(row)
        except (GeneratorExit, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a damaged file makes the library panic, and a panic is no Exception
            raise NoParquet(f"The Parquet file cannot be read: {error}") from None


def _copy(body: BinaryIO, file: IO[bytes]) -> None:
    left = MAX_FILE
    while piece := body.read(_PIECE):
        left -= len(piece)
        if left < 0:
            raise NoParquet(f"A Parquet file may have {MAX_FILE} bytes at most.")
        file.write(piece)


def _check(file: IO[bytes]) -> None:
    """What the library would panic about."""
    size = file.seek(0, 2)
    if size >= _SMALLEST:
        file.seek(size - 8)
        length, magic = int.from_bytes(file.read(4), "little"), file.read(4)
        file.seek(0)
        if magic == file.read(4) == MAGIC and length <= size - _SMALLEST:
            file.seek(0)
            return
    raise NoParquet("The object is not a Parquet file.")


def _json(value: Any) -> Json:
    """Times are texts, bytes that are no text are base64, and what JSON has no number for is null."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return base64.b64encode(value).decode()
        case Mapping():
            return {str(name): _json(member) for name, member in value.items()}
        case _:
            return [_json(member) for member in value]
