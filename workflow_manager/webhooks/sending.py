"""One attempt to deliver: a POST, within its time, of which only the status of the answer counts.

Redirects are not followed, and no more of an answer is read than is polite.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Protocol

import httptools

from workflow_manager.webhooks.addresses import AddressPolicy, Refused, Target, allowed_address, parse_url

SECONDS: Final = 10.0
MAX_ANSWER: Final = 64 * 1024  # bytes
MAX_HEADER: Final = 100  # bytes of one that is read
_CHUNK: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is None when there was no answer; `error` is "" for a success.

    `retry_after` is the answer's header of that name, as it came; "" where there was none.
    """

    status: int | None
    error: str = ""
    retry_after: str = ""


class Sender(Protocol):
    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome: ...


class HttpSender:
    def __init__(self, policy: AddressPolicy, seconds: float = SECONDS) -> None:
        self._policy = policy
        self._seconds = seconds

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        answer = _Answer()
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(parse_url(url), headers, body, answer)
        except Refused as refused:
            return Outcome(None, str(refused))
        except TimeoutError:
            # Who has answered, and does not come to an end, has answered.
            if answer.status is None:
                return Outcome(None, f"no answer within {self._seconds:g} seconds")
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return Outcome(None, "the answer is not HTTP")
        except (OSError, asyncio.IncompleteReadError) as error:
            if answer.status is None:
                return Outcome(None, f"no connection: {_reason(error)}")
        return replace(_outcome(answer.status), retry_after=answer.retry_after)

    async def _exchange(
        self, target: Target, headers: Mapping[str, str], body: bytes, answer: _Answer
    ) -> None:
        address = await allowed_address(target, self._policy)
        reader, writer = await asyncio.open_connection(
            address,
            target.port,
            ssl=_trust() if target.is_secure else None,
            server_hostname=target.host if target.is_secure else None,
        )
        try:
            writer.write(_request(target, headers, body))
            await writer.drain()
            await _read(reader, answer)
        finally:
            # Without the goodbyes of TLS, for which the other side may take its time.
            writer.transport.abort()


class _Answer:
    """What httptools tells of it."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.retry_after = ""
        self.is_complete = False
        self.parser = httptools.HttpResponseParser(self)

    def on_message_begin(self) -> None:
        self.retry_after = ""

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self.retry_after = value[:MAX_HEADER].decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        self.status = self.parser.get_status_code()

    def on_message_complete(self) -> None:
        # 100 Continue, and the like, come before the answer.
        self.is_complete = self.status is not None and self.status >= 200


async def _read(reader: asyncio.StreamReader, answer: _Answer) -> None:
    left = MAX_ANSWER
    while left > 0 and not answer.is_complete:
        chunk = await reader.read(min(left, _CHUNK))
        if not chunk:
            break
        left -= len(chunk)
        answer.parser.feed_data(chunk)


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"host: {target.place}",
        "user-agent: workflow-manager",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _outcome(status: int | None) -> Outcome:
    if status is None:
        return Outcome(None, "the connection was closed without an answer")
    if 200 <= status < 300:
        return Outcome(status)
    if 300 <= status < 400:
        return Outcome(status, f"HTTP {status}: redirects are not followed")
    return Outcome(status, f"HTTP {status}")


def _reason(error: OSError | asyncio.IncompleteReadError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
