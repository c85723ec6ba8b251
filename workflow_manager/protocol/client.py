"""A Step Functions client for this process: boto3's methods, answers and errors, without a socket.

Requests go through the same table of operations as those that come over the wire.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from typing import Any, Final

from botocore.exceptions import ClientError

from workflow_manager.engine.thread import LoopBridge
from workflow_manager.kernel.json import Json, NotJson, dumps, loads
from workflow_manager.protocol import tasks
from workflow_manager.protocol.model import error_codes, requests
from workflow_manager.protocol.operations import TAKE, Operations
from workflow_manager.protocol.refusals import Refusal

_TIMES: Final = frozenset(("creationDate", "redriveDate", "startDate", "stopDate", "timestamp", "updateDate"))


class LocalClient:
    """What `boto3.client("stepfunctions")` gives, over `operations` on the loop behind `bridge`.

    For any thread but the loop's own; there every method raises `RuntimeError`.
    """

    def __init__(self, operations: Operations, bridge: LoopBridge) -> None:
        self._operations = operations
        self._bridge = bridge
        self.exceptions = Exceptions()

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        operation = _operation_names().get(method)
        if operation is None:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{method}'")
        return partial(self._call, operation)

    def can_paginate(self, method: str) -> bool:
        operation = _operation_names().get(method)
        return operation is not None and operation.startswith(("List", "GetExecutionHistory"))

    def get_paginator(self, method: str) -> Paginator:
        if not self.can_paginate(method):
            raise KeyError(f"{method} cannot be paginated")
        return Paginator(getattr(self, method))

    def close(self) -> None:
        """Nothing is held open."""

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            # What a socket would carry: no tuples, no strings of a subclass, nothing but JSON.
            sent = loads(dumps(request))
        except NotJson as error:
            raise self.exceptions.make("SerializationException", str(error), 400, operation) from None
        try:
            answer, headers = self._bridge.run(self._ask(operation, sent))
        except Refusal as refusal:
            raise self.exceptions.make(refusal.code, refusal.message, refusal.status, operation) from None
        return {**_with_times(answer), "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": headers}}

    async def _ask(self, operation: str, sent: Json) -> tuple[dict[str, Any], dict[str, str]]:
        if operation != TAKE:
            return await self._operations.call(operation, sent), {}
        task = await self._operations.take(sent)
        if task is not None:
            self._operations.engine.delivered(task)
        return tasks.show_task(task), tasks.task_headers(task)


class Paginator:
    def __init__(self, method: Callable[..., dict[str, Any]]) -> None:
        self._method = method

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Page after page.  `PaginationConfig` may hold a PageSize and a StartingToken."""
        config: Mapping[str, Any] = request.pop("PaginationConfig", None) or {}
        if config.get("PageSize"):
            request["maxResults"] = config["PageSize"]
        if config.get("StartingToken"):
            request["nextToken"] = config["StartingToken"]
        while True:
            page = self._method(**request)
            yield page
            if "nextToken" not in page:
                return
            request["nextToken"] = page["nextToken"]


class Exceptions:
    """boto3's `client.exceptions`: a class for each error that AWS describes."""

    def __init__(self) -> None:
        self.ClientError = ClientError

    def __getattr__(self, code: str) -> type[ClientError]:
        if code not in error_codes():
            raise AttributeError(f"Step Functions has no error '{code}'")
        return _error_class(code)

    def make(self, code: str, message: str, status: int, operation: str) -> ClientError:
        response: Any = {
            "Error": {"Code": code, "Message": message},
            "message": message,
            "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
        }
        kind = _error_class(code) if code in error_codes() else ClientError
        return kind(response, operation)


@cache
def _error_class(code: str) -> type[ClientError]:
    return type(code, (ClientError,), {})


@lru_cache(maxsize=1)
def _operation_names() -> Mapping[str, str]:
    """Operations by the names that boto3 gives their methods."""
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): name for name in requests()}


def _with_times(value: Any) -> Any:
    """Times as datetimes.  Payloads are texts, so every member is one of AWS's own."""
    if isinstance(value, dict):
        return {
            name: datetime.fromtimestamp(member, UTC) if name in _TIMES else _with_times(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_with_times(member) for member in value]
    return value
