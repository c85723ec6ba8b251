"""Uvicorn as we run it: bounded request heads, JSON for what is no HTTP, short answers written whole, a
quiet way out.

Signals are the caller's: uvicorn would end the process with the signal that stopped it.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from workflow_manager.kernel.errors import Unavailable

_NO_HTTP = "Invalid HTTP request received."
_HEAD_LIMIT = 64 * 1024
_KEEP_ALIVE_SECONDS = 180
HEAD_SECONDS = 30.0
# Files and connections of our own: databases, threads, calls of services.
_OWN_DESCRIPTORS = 256


class _Config(uvicorn.Config):
    """With what uvicorn has no word for."""

    max_connections = 10_000
    head_seconds = HEAD_SECONDS


class _Cycle(RequestResponseCycle):
    """Holds the head of an answer of known length back for its body, and writes both at once."""

    _head: Any = None

    async def send(self, message: Any) -> None:
        head, self._head = self._head, None
        if head is not None:
            if self._write_whole(head, message):
                return
            self.response_started = False
            await super().send(head)
        elif message["type"] == "http.response.start" and not self.response_started and _is_short(message):
            self._head, self.response_started = message, True
            return
        await super().send(message)

    def _write_whole(self, head: Any, message: Any) -> bool:
        """False when there is more to consider than the bytes."""
        body = message.get("body", b"")
        if message.get("more_body") or self.flow.write_paused or self.disconnected or not self.keep_alive:
            return False
        headers = [*self.default_headers, *head["headers"]]
        if (b"content-length", b"%d" % len(body)) not in headers or self.scope["method"] == "HEAD":
            return False
        text = b"".join([STATUS_LINE[head["status"]], *[b"%b: %b\r\n" % header for header in headers]])
        if text.count(b"\n") != len(headers) + 1 or text.count(b"\r") != len(headers) + 1 or b"\0" in text:
            return False
        self.waiting_for_100_continue = False
        self.transport.write(b"%b\r\n%b" % (text, body))
        self.response_complete = True
        self.message_event.set()
        self.on_response()
        return True


def _is_short(head: Any) -> bool:
    """Whether the answer has a length, and leaves the connection as it is."""
    names = [name for name, _ in head["headers"]]
    return b"content-length" in names and b"connection" not in names and b"transfer-encoding" not in names


class _BoundedHttp(HttpToolsProtocol):
    """The parser keeps a head until it is complete; somebody has to stop it, by size and by time.

    And there are only so many connections, of which each may cost a descriptor and some memory.
    """

    config: _Config
    _head_bytes = 0
    _in_head = False
    _head_alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.config.max_connections:
            self._refuse(b"503 Service Unavailable", "too many connections", b"retry-after: 1\r\n")
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self.logger.warning(_NO_HTTP)
            self.send_400_response(_NO_HTTP)
            return
        if self._in_head and self.parser is not None:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_LIMIT and not self.transport.is_closing():
                self._refuse(b"431 Request Header Fields Too Large", "request head is too large")
            elif self._head_alarm is None:
                self._expect_head()

    def _parse(self, data: bytes) -> None:
        """A request that offers another protocol is begun anew without the offer.

        We have no other, but the parser leaves the body to it.  Java and `curl --http2` offer HTTP/2 thus.
        """
        while data:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as offer:
                if not self._offers_upgrade():
                    return
                head = self._head_without_offer()
                data = head + data[offer.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def _offers_upgrade(self) -> bool:
        # What follows a CONNECT is no body of ours either.
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def _head_without_offer(self) -> bytes:
        line = b"%b %b HTTP/%b" % (
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version().encode("ascii"),
        )
        fields = [b"%b: %b" % field for field in self.headers if field[0] != b"upgrade"]
        return b"\r\n".join([line, *fields, b"", b""])

    def on_message_begin(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin with the request, or queue it behind the one that is answered."""
        if self._offers_upgrade():
            return
        self._in_head = False
        self._have_head()
        version = self.parser.get_http_version()
        self.scope["http_version"] = version
        self.scope["method"] = self.parser.get_method().decode("ascii")
        raw_path, self.scope["query_string"] = _split(self.url)
        path = raw_path.decode("ascii")
        self.scope["raw_path"], self.scope["path"] = raw_path, unquote(path) if "%" in path else path
        earlier = self.cycle
        self.cycle = _Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if earlier is None or earlier.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_message_complete(self) -> None:
        if not self._offers_upgrade():
            super().on_message_complete()

    def _expect_head(self) -> None:
        self._head_alarm = self.loop.call_later(self.config.head_seconds, self._head_is_late)

    def _have_head(self) -> None:
        if self._head_alarm is not None:
            self._head_alarm.cancel()
            self._head_alarm = None

    def _head_is_late(self) -> None:
        self._head_alarm = None
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._expect_head()  # an earlier request on the connection is still being answered
        elif self._in_head:
            self._refuse(b"408 Request Timeout", "request head was not complete in time")
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        self._refuse(b"400 Bad Request", msg)

    def _refuse(self, status: bytes, message: str, headers: bytes = b"") -> None:
        body = b'{"message":"%s"}\n' % message.encode("ascii")
        self.transport.write(
            b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
            b"%sconnection: close\r\n\r\n%s" % (status, len(body), headers, body)
        )
        self.transport.close()


def _split(url: bytes) -> tuple[bytes, bytes]:
    """Path and query of a request's target; proxies send whole URLs."""
    if url.startswith(b"/") and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = httptools.parse_url(url)
    return parsed.path or b"/", parsed.query or b""


class Listener(uvicorn.Server):
    """A uvicorn server that leaves signals alone and says when it answers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        drain_seconds: float,
        on_ready: Callable[[], None] = lambda: None,
        max_connections: int = _Config.max_connections,
        head_seconds: float = HEAD_SECONDS,
    ) -> None:
        self._on_ready = on_ready
        config = _Config(
            app,
            http=_BoundedHttp,
            ws="none",
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody asks who the client is
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=max(1, round(drain_seconds)),
        )
        config.max_connections = max_connections
        config.head_seconds = head_seconds
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there.  Raises `Unavailable`."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Named, because asyncio turns Nagle's delay of 40 ms off only where it reads TCP.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise Unavailable(f"cannot listen on {host} port {port}: {error.strerror}") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(2048)
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        advice = "; port 0 takes any free one" if error.errno == errno.EADDRINUSE else ""
        raise Unavailable(f"cannot listen on {host} port {port}: {error.strerror}{advice}") from None
    return bound


def possible_connections(wanted: int) -> int:
    """As many of them as the process may have descriptors for, after asking for more of those."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OWN_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - _OWN_DESCRIPTORS))


def url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
