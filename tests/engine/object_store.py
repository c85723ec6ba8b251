"""An object store in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import BinaryIO

from workflow_manager.engine.objects import ObjectFailed, Request
from workflow_manager.kernel.json import Json


class MemoryObjects:
    """`held` are the bodies, by bucket and key."""

    def __init__(self, held: Mapping[tuple[str, str], bytes] | None = None) -> None:
        self.held = dict(held or {})

    def get(self, request: Request) -> AbstractContextManager[BinaryIO]:
        try:
            return io.BytesIO(self.held[str(request["Bucket"]), str(request["Key"])])
        except KeyError:
            raise ObjectFailed("The specified key does not exist.") from None

    def list(self, request: Request) -> Iterator[dict[str, Json]]:
        for (bucket, key), body in sorted(self.held.items()):
            if bucket == request["Bucket"] and key.startswith(str(request.get("Prefix", ""))):
                yield {"Key": key, "ETag": '"e"', "Size": len(body), "LastModified": 0}

    def put(self, request: Request, body: bytes) -> None:
        self.held[str(request["Bucket"]), str(request["Key"])] = body
