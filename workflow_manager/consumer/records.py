"""What CloudWatch Logs puts into a Kinesis record: gzipped JSON with the lines of one log stream."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import NotJson, loads

_GZIP: Final = b"\x1f\x8b"

# Ahead of the logs of an execution; control messages have other streams.
_EXECUTIONS: Final = "states/"

# A record holds at most 1 MB; what it unpacks to has to stop somewhere.
_MOST_BYTES: Final = 64 << 20


def log_lines(data: str) -> Iterator[str]:
    """The lines about executions in a record's `data` (base64); none in an empty one.

    Raises `InvalidRequest` for what CloudWatch Logs did not write.
    """
    batch = _batch(data)
    if batch is None or not str(batch.get("logStream", "")).startswith(_EXECUTIONS):
        return
    events = batch.get("logEvents")
    for event in events if isinstance(events, list) else ():
        message = event.get("message") if isinstance(event, Mapping) else None
        if isinstance(message, str):
            yield message


def parsed(text: str) -> Mapping[str, Any]:
    """The object in a JSON text.  Raises `InvalidRequest`."""
    try:
        value = loads(text)
    except NotJson as error:
        raise InvalidRequest(f"an event is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise InvalidRequest("an event is not a JSON object")
    return value


def _batch(data: str) -> Mapping[str, Any] | None:
    try:
        packed = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest("the data of a record is not base64") from None
    if not packed:
        return None
    if not packed.startswith(_GZIP):
        raise InvalidRequest(f"unexpected data format: {data[:200]}")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = unpacker.decompress(packed, _MOST_BYTES)
    except zlib.error as error:
        raise InvalidRequest(f"the data of a record cannot be unpacked: {error}") from None
    if not unpacker.eof:
        raise InvalidRequest("the data of a record is cut off, or too large")
    try:
        return parsed(text.decode())
    except UnicodeDecodeError:
        raise InvalidRequest("the data of a record is not UTF-8") from None
