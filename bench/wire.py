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


class Connection:
    """One keep-alive connection; one request at a time."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """(status, body)"""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=2**26)
        assert self._reader is not None
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        status = int(head[9:12])
        at = lowered.find(b"content-length:")
        if at >= 0:
            body = await self._reader.readexactly(int(lowered[at + 15 : lowered.index(b"\r\n", at)]))
        elif b"chunked" in lowered:
            body = await self._chunks()
        else:
            body = b""
        if b"connection: close" in lowered:
            self.close()
        return status, body

    async def _chunks(self) -> bytes:
        assert self._reader is not None
        body = b""
        while size := int(await self._reader.readline(), 16):
            body += await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return body

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


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
