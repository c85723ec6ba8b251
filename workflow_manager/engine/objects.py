"""The port to the object store that a distributed Map reads items from and writes results to.

Requests are S3's, by the names of its API; so are the members of what is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol, TypeAlias

from workflow_manager.kernel.json import Json

Request: TypeAlias = "Mapping[str, Json]"


class ObjectFailed(Exception):
    """The store refused or does not answer; the text is for whoever runs the workflow."""


class Objects(Protocol):
    """All methods block, and are called on threads.  All raise `ObjectFailed`."""

    def get(self, request: Request) -> AbstractContextManager[BinaryIO]:
        """The body of an object: `Bucket`, `Key`, and whatever else GetObject takes."""
        ...

    def list(self, request: Request) -> Iterator[dict[str, Json]]:
        """Key, ETag, Size, StorageClass and LastModified (seconds since 1970) of every object, in
        the order of their keys: `Bucket`, `Prefix`, and whatever else ListObjectsV2 takes.
        """
        ...

    def put(self, request: Request, body: bytes) -> None:
        """`Bucket`, `Key`, and whatever else PutObject takes."""
        ...


class NoObjects:
    """Holds nothing."""

    def get(self, request: Request) -> AbstractContextManager[BinaryIO]:
        raise ObjectFailed(_NOT_CONNECTED)

    def list(self, request: Request) -> Iterator[dict[str, Json]]:
        raise ObjectFailed(_NOT_CONNECTED)

    def put(self, request: Request, body: bytes) -> None:
        raise ObjectFailed(_NOT_CONNECTED)


_NOT_CONNECTED = "No object store is connected."
