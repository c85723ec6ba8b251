"""A load generator that costs little itself: prebuilt bytes over keep-alive connections.

It shares two cores with what it measures, so it parses no more of an answer than its length.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


class Connection(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._closing = 0  # connections that were closed here, of which the loop has not told yet
        self._received = b""
        self._head = 0  # bytes of the answer's head, 0 while they are not known
        self._length: int | None = 0  # bytes of the whole answer; None where it comes in chunks

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """(status, body)"""
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            self._transport, _ = await loop.create_connection(lambda: self, self._host, self._port)
        self._answer = loop.create_future()
        self._received, self._head = b"", 0
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._head:
            self._measure()
        if not self._head or self._answer is None or self._answer.done():
            return
        if self._length is None and self._received.endswith(b"\r\n0\r\n\r\n"):
            self._settle(_unchunked(self._received[self._head :]))
        elif self._length is not None and len(self._received) >= self._length:
            self._settle(self._received[self._head : self._length])

    def _measure(self) -> None:
        self._head = self._received.find(b"\r\n\r\n") + 4
        if self._head < 4:
            self._head = 0
            return
        lowered = self._received[: self._head].lower()
        at = lowered.find(b"content-length:")
        if at >= 0:
            self._length = self._head + int(lowered[at + 15 : lowered.index(b"\r\n", at)])
        else:
            self._length = None if b"chunked" in lowered else self._head

    def _settle(self, body: bytes) -> None:
        assert self._answer is not None
        self._answer.set_result((int(self._received[9:12]), body))
        if b"connection: close" in self._received[: self._head].lower():
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self._closing:
            self._closing -= 1
            return
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server closed the connection"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            self._closing += 1


def _unchunked(text: bytes) -> bytes:
    body = b""
    while size := int(text[: (end := text.index(b"\r\n"))], 16):
        body += text[end + 2 : end + 2 + size]
        text = text[end + 4 + size :]
    return body


def aws_request(operation: str, body: Any) -> bytes:
    """A call of the AWS JSON 1.0 protocol, as boto3 would send it but for the signature."""
    payload = json.dumps(body).encode()
    return (
        f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\n"
        "Content-Type: application/x-amz-json-1.0\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/states/aws4_request, "
        "SignedHeaders=host, Signature=0\r\n"
        f"Content-Length: {len(payload)}\r\n\r\n"
    ).encode() + payload


def rest_request(method: str, path: str, body: Any = None) -> bytes:
    payload = b"" if body is None else json.dumps(body).encode()
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(payload)}\r\n\r\n"
    ).encode() + payload


async def call(connection: Connection, operation: str, body: Any) -> Any:
    """One call, its answer parsed; raises when it is not a 200."""
    status, answer = await connection.send(aws_request(operation, body))
    if status != 200:
        raise RuntimeError(f"{operation}: {status} {answer[:300]!r}")
    return json.loads(answer)


@dataclass
class Load:
    """What a run of requests took: seconds in all, and seconds of each."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


async def drive(url: str, requests: Sequence[bytes], connections: int) -> Load:
    """Send the requests over so many connections, each sending its next when it has its answer."""
    load, left = Load(), iter(requests)

    async def one(connection: Connection) -> None:
        for request in left:
            begun = time.perf_counter()
            status, answer = await connection.send(request)
            load.latencies.append(time.perf_counter() - begun)
            if status >= 300:
                load.refused += 1
                if load.refused > len(requests) // 10:
                    raise RuntimeError(f"{status}: {answer[:300]!r}")

    pool = [Connection(url) for _ in range(connections)]
    begun = time.perf_counter()
    try:
        await asyncio.gather(*(one(connection) for connection in pool))
    finally:
        load.seconds = time.perf_counter() - begun
        for connection in pool:
            connection.close()
    return load


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def until(condition: Callable[[], Awaitable[bool]], every: float = 0.01, limit: float = 120) -> None:
    """Wait until the condition holds; raises after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the condition did not come about")
        await asyncio.sleep(every)
