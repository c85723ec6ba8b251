"""httpx transports that send again what may be sent again, and let only successes through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

from workflow_manager_client.errors import checked, sending
from workflow_manager_client.retries import RetryPolicy


class Wire(httpx.BaseTransport):
    def __init__(
        self, inner: httpx.BaseTransport, retry: RetryPolicy, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._inner = inner
        self._retry = retry
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._send(request)
        for pause in self._retry.pauses_for(request):
            if response.status_code < 500:
                break
            self._sleep(pause)
            response = self._send(request)
        return checked(response)

    def _send(self, request: httpx.Request) -> httpx.Response:
        with sending():
            response = self._inner.handle_request(request)
            if not _is_stream(request, response):
                response.read()  # here, so that the connection is free for the next attempt
        return response

    def close(self) -> None:
        self._inner.close()


class AsyncWire(httpx.AsyncBaseTransport):
    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        retry: RetryPolicy,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._inner = inner
        self._retry = retry
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._send(request)
        for pause in self._retry.pauses_for(request):
            if response.status_code < 500:
                break
            await self._sleep(pause)
            response = await self._send(request)
        return checked(response)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        with sending():
            response = await self._inner.handle_async_request(request)
            if not _is_stream(request, response):
                await response.aread()
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def _is_stream(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether the body is for the caller to read, piece by piece."""
    return response.is_success and request.headers.get("Accept") == "text/event-stream"
