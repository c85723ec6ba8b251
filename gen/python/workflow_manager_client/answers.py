"""Turns what a caller gives into what the generated functions take, and what they return into one type."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, Required, Self, TypedDict, TypeVar

import httpx

from workflow_manager_client.errors import InvalidRequest, UnexpectedResponse, WorkflowManagerError
from workflow_manager_client.generated.models import DeliveryStatus, WorkflowStatus
from workflow_manager_client.generated.types import UNSET, Unset

NEVER = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
"""What a time reads that is not set, such as `stopped_at` of a running workflow."""


class WorkflowQuery(TypedDict, total=False):
    """Which workflows to find; all that is given has to match."""

    workflow_definition_name: Required[str]
    status: WorkflowStatus
    namespace: str
    tag: list[str]  # each written key=value
    resolved_by_user: bool
    created_after: datetime.datetime
    created_before: datetime.datetime
    oldest_first: bool
    summary_only: bool
    limit: int  # of one page
    page_token: str


class HistoryQuery(TypedDict, total=False):
    """Which events of a workflow to find."""

    newest_first: bool
    limit: int  # of one page
    page_token: str


class PageQuery(TypedDict, total=False):
    limit: int  # of one page
    page_token: str


class ActivityQuery(PageQuery, total=False):
    """Which activities to find."""

    namespace: str


class DeliveryQuery(PageQuery, total=False):
    """Which deliveries of a webhook to find."""

    status: DeliveryStatus


class Model(Protocol):
    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any], /) -> Self: ...

    def to_dict(self) -> dict[str, Any]: ...


M = TypeVar("M", bound=Model)
T = TypeVar("T")


def base_url(address: str) -> str:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise InvalidRequest(f"address is no URL: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidRequest(f"address must be an http:// or https:// URL, not {address}")
    return address.rstrip("/")


def body(model: type[M], given: M | Mapping[str, Any]) -> M:
    """The request's body as a model, given as one or as the JSON object it stands for."""
    try:
        request = model.from_dict(given) if isinstance(given, Mapping) else given
        json.dumps(request.to_dict(), allow_nan=False)
        return request
    except KeyError as error:
        raise InvalidRequest(f"{model.__name__} needs {error}") from error
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise InvalidRequest(f"this is no {model.__name__}: {error}") from error


def query(given: WorkflowQuery) -> WorkflowQuery:
    for name in ("created_after", "created_before"):
        if not isinstance(given.get(name, NEVER), datetime.datetime):
            raise InvalidRequest(f"{name} must be a datetime")
    if not given.get("workflow_definition_name"):
        raise InvalidRequest("workflow_definition_name must not be empty")
    return given


def segment(value: str, name: str) -> str:
    """A part of the path.  An empty one would address something else."""
    if not value:
        raise InvalidRequest(f"{name} must not be empty")
    return value


def sendable(idempotency_key: str | None) -> str | Unset:
    if idempotency_key is None:
        return UNSET
    if not idempotency_key or not (idempotency_key.isascii() and idempotency_key.isprintable()):
        raise InvalidRequest("idempotency_key must be printable ASCII, and not empty")
    return idempotency_key


@contextmanager
def reading() -> Iterator[None]:
    """Tells of an answer that is a success but has not the shape it should have."""
    try:
        yield
    except WorkflowManagerError:
        raise
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise UnexpectedResponse(200, f"the answer cannot be read: {error!r}", b"") from error


def one(kind: type[T], parsed: object) -> T:
    if not isinstance(parsed, kind):
        raise TypeError(f"no {kind.__name__}")
    return parsed


def many(kind: type[T], parsed: object) -> list[T]:
    return [one(kind, item) for item in one(list, parsed)]


def next_page(headers: Mapping[str, str]) -> str | None:
    """Path and query of the next page, to be appended to the server's address."""
    path = headers.get("X-Next-Page-Path")
    # Anything else would be taken for another server's address, and be sent this one's key.
    if path is not None and not path.startswith("/"):
        raise ValueError(f"X-Next-Page-Path is no path: {path}")
    return path
