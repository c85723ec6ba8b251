"""Binds an operation's arguments and calls its handler, within its time.

Handlers are synchronous and run in threads of our own, or beside the event loop where they only wait
for a commit; one that overstays its time is answered 503 and goes on to its end, as its side effects
would anyway.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import Executor as Threads
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import structlog
from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
from connexion.operations import AbstractOperation
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from workflow_manager.api.answer import Answer
from workflow_manager.api.body import parse_body, read_body
from workflow_manager.api.exchange import exchange_of
from workflow_manager.api.parameters import parameter, read_headers, read_query
from workflow_manager.api.routing import segment_text
from workflow_manager.api.schema import Check, Compiler, Place
from workflow_manager.kernel.beside import Beside

Handler: TypeAlias = Callable[..., Answer]

# By where they stand and by their names, the texts of the parameters.
Occurrences: TypeAlias = Mapping[str, Mapping[str, list[str]]]

# Those that read a record or two by key, compute little, and wait for a commit.
BESIDE: Final = frozenset(("startWorkflow",))

_log = structlog.get_logger("api")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on one request; times in seconds."""

    body_bytes: int = 1024 * 1024
    seconds: float = 30.0
    history_seconds: float = 90.0

    def seconds_for(self, arguments: Mapping[str, list[str]]) -> float:
        """Reading a long history takes its time."""
        return self.history_seconds if "fetchHistory" in arguments else self.seconds


class Operation:
    """One operation of swagger.yml and its handler."""

    def __init__(
        self,
        operation: AbstractOperation,
        compiler: Compiler,
        limits: Limits,
        threads: Threads,
        beside: Beside | None,
    ) -> None:
        self._id: str = operation.operation_id
        self._handler: Handler = operation.function
        self._inline = inspect.iscoroutinefunction(operation.function)
        self._declared = frozenset(int(status) for status in operation.responses if status != "default")
        self._parameters = [parameter(definition, compiler) for definition in operation.parameters]
        self._body_check = _body_check(operation, compiler)
        self._needs_body = bool(compiler.resolve(operation.request_body or {}).get("required"))
        self._limits = limits
        self._threads = threads
        self._beside = beside if self._id in BESIDE else None
        self._check_signature()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = exchange_of(scope)
        exchange.operation = self._id
        exchange.declared = self._declared
        path = {name: segment_text(segment) for name, segment in scope["path_params"].items()}
        exchange.workflow_id = path.get("workflowID", "")
        query = read_query(scope["query_string"])
        given = {
            "path": {name: [text] for name, text in path.items()},
            "query": query,
            "header": read_headers(scope["headers"]),
        }
        body = None
        try:
            async with asyncio.timeout(self._limits.seconds_for(query)):
                # Read to its end even where none is expected: the next request follows it.
                body = await read_body(scope, receive, self._limits.body_bytes)
                if self._inline:
                    answer = await self._handler(**self._bind(given, body))  # type: ignore[misc]
                else:
                    answer = await self._handle(partial(self._answer, given, body))
        except TimeoutError:
            if body is not None:
                raise
            late = "request body was not complete in time"
            raise HTTPException(408, late, {"connection": "close"}) from None
        exchange.workflow_id = answer.workflow_id or exchange.workflow_id
        await answer.send(send)

    async def _handle(self, handling: Callable[[], Answer]) -> Answer:
        if self._beside is not None:
            return await _result(self._beside.begin(handling))
        work = self._threads.submit(handling)
        try:
            return await _result(asyncio.wrap_future(work))
        finally:
            # What still waits for a thread once its time is over never begins, and is not kept.
            work.cancel()

    def _answer(self, given: Occurrences, body: bytes) -> Answer:
        return self._handler(**self._bind(given, body))

    def _bind(self, given: Occurrences, body: bytes) -> dict[str, Any]:
        """Arguments for the handler.  The first that fails decides: parameters, then the body."""
        bound: dict[str, Any] = {}
        for each in self._parameters:
            name = each.name.lower() if each.container == "header" else each.name
            bound[each.argument] = each.bind(given[each.container].get(name))
        if self._body_check is not None:
            value = parse_body(body) if self._needs_body or body.strip() else None
            bound["body"] = self._body_check({} if value is None else value, Place("body"))
        return bound

    def _check_signature(self) -> None:
        """A handler takes what swagger.yml gives it, or the server does not start."""
        given = {each.argument for each in self._parameters} | ({"body"} if self._body_check else set())
        taken = set(inspect.signature(self._handler).parameters)
        if given != taken:
            raise TypeError(
                f"{self._id}: swagger.yml gives {sorted(given)}, its handler takes {sorted(taken)}"
            )


async def _result(handling: asyncio.Future[Answer]) -> Answer:
    try:
        return await asyncio.shield(handling)
    except asyncio.CancelledError:
        # The client has had its answer; what still goes wrong is for the log alone.
        handling.add_done_callback(_log_failure)
        raise


def _log_failure(handling: asyncio.Future[Answer]) -> None:
    error = None if handling.cancelled() else handling.exception()
    if error is not None:
        _log.error("failed-after-its-time", exc_info=error)


def _body_check(operation: AbstractOperation, compiler: Compiler) -> Check | None:
    if not operation.request_body:
        return None
    body = compiler.resolve(operation.request_body)
    return compiler.compile(body["content"]["application/json"]["schema"])


class _OperationsAPI(RoutedAPI):  # type: ignore[misc]
    """The operations of one specification, by their id."""

    def __init__(
        self, specification: Any, *, limits: Limits, threads: Threads, beside: Beside | None, **kwargs: Any
    ) -> None:
        super().__init__(specification, **kwargs)
        self._compiler = Compiler(specification.raw)
        self._limits = limits
        self._threads = threads
        self._beside = beside
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> Operation:
        return Operation(operation, self._compiler, self._limits, self._threads, self._beside)


class Operations(RoutedMiddleware):  # type: ignore[misc]
    """The last stage: what has no operation does not exist."""

    api_cls = _OperationsAPI


async def unknown_path(scope: Scope, receive: Receive, send: Send) -> None:
    """What a request without an operation ends in."""
    raise HTTPException(404, f"there is nothing at {scope['path']}")
