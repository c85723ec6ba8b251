"""Server-sent events: the history of one workflow as it grows, and the changes of all of them.

A stream holds no thread and no buffer: it remembers only how far its client has come, reads a page
from there when there may be news, and sends it as fast as the client takes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor as Threads
from functools import partial
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from workflow_manager.api.codec import write_event, write_summary
from workflow_manager.api.exchange import exchange_of
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.errors import NotFound
from workflow_manager.kernel.json import dumps
from workflow_manager.models.workflow import Workflow

T = TypeVar("T")

MAX_STREAMS: Final = 1000
PAGE: Final = 100

# After news the next may be near; then a history is looked at less often.
_FIRST_LOOK: Final = 0.1
_LAST_LOOK: Final = 2.0
# Proxies close what is silent for a minute.
_SILENCE: Final = 15.0

_ENDINGS: Final = frozenset(
    {"ExecutionAborted", "ExecutionFailed", "ExecutionSucceeded", "ExecutionTimedOut"}
)


class Streams:
    """For use on one event loop; reads happen on `threads`."""

    def __init__(self, executor: Executor, threads: Threads, *, run_id: str) -> None:
        """`run_id` names this run of the server in the ids of events: their numbers begin anew with it."""
        self._executor = executor
        self._threads = threads
        self._run_id = run_id
        self._open = 0
        self._wakers: set[asyncio.Event] = set()
        self._is_closed = False

    @property
    def open(self) -> int:
        """How many there are."""
        return self._open

    def close(self) -> None:
        """End every stream: the server is going down.  Clients come again with where they were."""
        self._is_closed = True
        for waker in self._wakers:
            waker.set()

    async def workflow(self, request: Request) -> Response:
        """`GET /workflows/{id}/events`: event ids are those of the history."""
        exchange_of(request.scope).operation = "streamWorkflowEvents"
        workflow_id = request.path_params["workflow_id"]
        exchange_of(request.scope).workflow_id = workflow_id
        after = request.headers.get("last-event-id") or "0"
        if not after.isascii() or not after.isdigit() or len(after) > 9:
            raise HTTPException(400, "Last-Event-ID in header should be the number of an event")
        await self._read(self._executor.workflow, workflow_id)
        if after != "0" and await self._is_through(workflow_id, int(after)):
            # With this answer a browser stops coming again.
            return Response(status_code=204)
        return self._stream(request, lambda waker: self._history(workflow_id, int(after), waker))

    async def all(self, request: Request) -> Response:
        """`GET /events`: from now on, or from Last-Event-ID."""
        exchange_of(request.scope).operation = "streamEvents"
        wanted = {
            name: request.query_params[name]
            for name in ("namespace", "workflowDefinitionName")
            if name in request.query_params
        }
        last = request.headers.get("last-event-id", "")
        return self._stream(request, lambda waker: self._changes(wanted, last, waker))

    def _stream(self, request: Request, events: Callable[[asyncio.Event], AsyncIterator[str]]) -> Response:
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        if request.method == "HEAD":  # nothing would ever come, and nobody would know that it is over
            return Response(media_type="text/event-stream", headers=headers)
        if self._open >= MAX_STREAMS:
            raise HTTPException(429, f"more than {MAX_STREAMS} streams are open", {"retry-after": "10"})
        self._open += 1
        return _Counted(self._woken(events), self._closed_one, headers)

    def _closed_one(self) -> None:
        self._open -= 1

    async def _woken(self, events: Callable[[asyncio.Event], AsyncIterator[str]]) -> AsyncIterator[str]:
        waker = asyncio.Event()
        self._wakers.add(waker)
        try:
            yield "retry: 1000\n\n"
            async for text in events(waker):
                yield text
        finally:
            self._wakers.discard(waker)

    async def _history(self, workflow_id: str, after: int, waker: asyncio.Event) -> AsyncIterator[str]:
        pause, silent = _FIRST_LOOK, 0.0
        while not self._is_closed:
            events = await self._news(workflow_id, after)
            for event in events:
                yield _event(str(event["id"]), "history", write_event(event))
            if events:
                after, pause, silent = events[-1]["id"], _FIRST_LOOK, 0.0
                if events[-1]["type"] in _ENDINGS:
                    workflow = await self._read(self._executor.workflow, workflow_id)
                    yield _event(str(after), "end", write_summary(workflow))
                    return
                continue
            await _wait(waker, pause)
            silent += pause
            if silent >= _SILENCE:
                silent = 0.0
                yield ": still here\n\n"
            pause = min(_LAST_LOOK, pause * 1.5)

    async def _is_through(self, workflow_id: str, after: int) -> bool:
        newest = await self._page(workflow_id, newest_first=True, limit=1)
        return bool(newest) and newest[0]["id"] <= after and newest[0]["type"] in _ENDINGS

    async def _news(self, workflow_id: str, after: int) -> Sequence[Mapping[str, Any]]:
        """The next events above that number, oldest first; a page of them at most."""
        newest = await self._page(workflow_id, newest_first=True, limit=PAGE)
        if not newest or newest[-1]["id"] <= after + 1:
            return [event for event in reversed(newest) if event["id"] > after]
        return await self._read(self._catch_up, workflow_id, after)

    def _catch_up(self, workflow_id: str, after: int) -> Sequence[Mapping[str, Any]]:
        """The same from the other end, where the client is further behind than a page."""
        token: str | None = None
        while True:
            page = self._executor.history(workflow_id, limit=1000, page_token=token)
            if news := [event for event in page.events if event["id"] > after]:
                return news
            if page.next_token is None:
                return []
            token = page.next_token

    async def _page(self, workflow_id: str, **query: Any) -> Sequence[Mapping[str, Any]]:
        try:
            page = await self._read(partial(self._executor.history, workflow_id, **query))
        except NotFound:  # stored, and not started yet
            return []
        return page.events

    async def _changes(
        self, wanted: Mapping[str, str], last: str, waker: asyncio.Event
    ) -> AsyncIterator[str]:
        feed, loop = self._executor.feed, asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(waker.set)

        end = feed.listen(wake)
        try:
            run_id, _, number = last.rpartition("-")
            at = feed.last
            if run_id == self._run_id and number.isascii() and number.isdigit() and len(number) <= 18:
                at = min(at, int(number))
            elif last:
                yield self._gap(at)
            while not self._is_closed:
                waker.clear()
                changes, is_whole = feed.after(at, PAGE)
                if not is_whole:
                    yield self._gap(at)
                for change in changes:
                    at = change.number
                    if _is_wanted(change.workflow, wanted):
                        yield _event(f"{self._run_id}-{at}", "workflow", write_summary(change.workflow))
                if not changes and not await _wait(waker, _SILENCE):
                    yield ": still here\n\n"
        finally:
            end()

    def _gap(self, at: int) -> str:
        return _event(f"{self._run_id}-{at}", "gap", {"message": "events are missing: read the list"})

    async def _read(self, read: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, read, *arguments)


class _Counted(StreamingResponse):
    """Says when it is over, however that came."""

    def __init__(self, events: AsyncIterator[str], over: Callable[[], None], headers: dict[str, str]) -> None:
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._over = over

    async def __call__(self, *arguments: Any) -> None:
        try:
            await super().__call__(*arguments)
        finally:
            self._over()


def _is_wanted(workflow: Workflow, wanted: Mapping[str, str]) -> bool:
    has = {"namespace": workflow.namespace, "workflowDefinitionName": workflow.workflow_definition.name}
    return all(has[name] == value for name, value in wanted.items())


async def _wait(waker: asyncio.Event, seconds: float) -> bool:
    """Whether it was woken before the time was over."""
    try:
        async with asyncio.timeout(seconds):
            await waker.wait()
    except TimeoutError:
        return False
    return True


def _event(id: str, name: str, data: Any) -> str:
    # JSON text has no line ends of its own.
    return f"id: {id}\nevent: {name}\ndata: {dumps(data)}\n\n"
