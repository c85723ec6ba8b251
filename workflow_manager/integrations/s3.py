"""Amazon S3, or whatever speaks its protocol, as the object store of distributed Maps."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, BinaryIO, Final

from workflow_manager.engine.objects import ObjectFailed, Request
from workflow_manager.kernel.json import Json

READ_AHEAD: Final = 256 * 1024  # bytes

# botocore does not say what is wrong with them.
_REQUIRED: Final = {
    "get_object": ("Bucket", "Key"),
    "list_objects_v2": ("Bucket",),
    "put_object": ("Bucket", "Key"),
}
_LISTED: Final = ("Key", "ETag", "Size", "StorageClass", "LastModified")


class S3Objects:
    """`make_client` makes boto3's client, on the first use: it takes half a second to load."""

    def __init__(self, make_client: Callable[[], Any]) -> None:
        self._make_client = make_client
        self._lock = threading.Lock()
        self._client: Any = None

    def get(self, request: Request) -> AbstractContextManager[BinaryIO]:
        return io.BufferedReader(_Body(self._call("get_object", request)["Body"]), READ_AHEAD)

    def list(self, request: Request) -> Iterator[dict[str, Json]]:
        more: dict[str, Json] = {}
        while True:
            page = self._call("list_objects_v2", {**request, **more})
            for found in page.get("Contents", ()):
                yield {name: _shown(found[name]) for name in _LISTED if name in found}
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def put(self, request: Request, body: bytes) -> None:
        self._call("put_object", {"ContentType": "application/json", **request, "Body": body})

    def _call(self, operation: str, request: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        for name in _REQUIRED[operation]:
            if not isinstance(request.get(name), str) or not request[name]:
                raise ObjectFailed(f"{name} must be given, and must be a string.")
        try:
            with self._lock:
                self._client = self._client or self._make_client()
            return getattr(self._client, operation)(**request)
        except ClientError as error:
            raise ObjectFailed(str(error.response["Error"].get("Message") or error)) from error
        except BotoCoreError as error:
            raise ObjectFailed(str(error)) from error


class _Body(io.RawIOBase):
    """A body that is read as it comes; it fails as the port says, however it fails."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        from botocore.exceptions import BotoCoreError

        try:
            read: bytes = self._body.read(len(buffer))
        except (BotoCoreError, OSError) as error:
            raise ObjectFailed(str(error)) from error
        buffer[: len(read)] = read
        return len(read)

    def close(self) -> None:
        self._body.close()
        super().close()


def _shown(value: Any) -> Json:
    if isinstance(value, datetime):
        return int(value.timestamp())
    shown: Json = value
    return shown
