"""Connections that would cost the server something and bring it nothing are ended."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workflow_manager.assembly.listening import Listener, bind, possible_connections

REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@contextmanager
def listening(**limits: Any) -> Iterator[int]:
    ready = threading.Event()
    listener = Listener(hello, drain_seconds=1, on_ready=ready.set, **limits)
    with bind("127.0.0.1", 0) as bound:
        thread = threading.Thread(target=lambda: asyncio.run(listener.serve([bound])))
        thread.start()
        assert ready.wait(120)
        try:
            yield int(bound.getsockname()[1])
        finally:
            listener.should_exit = True
            thread.join()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=120)


def read_to_end(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(4096):
        parts.append(part)
    return b"".join(parts)


def is_answered(connection: socket.socket) -> bool:
    answer = b""
    try:
        connection.sendall(REQUEST)
        while not answer.endswith(b"hi"):
            part = connection.recv(4096)
            if not part:
                return False
            answer += part
    except ConnectionError:
        return False
    return True


def answered(port: int) -> socket.socket:
    """A connection that has had an answer; this machine may be too slow for the first one."""
    deadline = time.monotonic() + 120
    while not is_answered(connection := connect(port)):
        connection.close()
        assert time.monotonic() < deadline, "nobody is answered"
    return connection


def test_a_head_that_comes_too_slowly_is_not_waited_for() -> None:
    with listening(head_seconds=0.3) as port:
        with connect(port) as silent:
            assert read_to_end(silent) == b""
        with answered(port) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nhost")
            assert read_to_end(slow).startswith(b"HTTP/1.1 408 ")
        with connect(port) as drip:
            answer = b""
            drip.settimeout(0.05)
            for byte in REQUEST[:-4] + b"x" * 1000:
                try:
                    drip.sendall(bytes([byte]))
                    answer += drip.recv(4096)
                except TimeoutError:
                    continue
                except OSError:
                    break
                if answer:
                    break
            assert answer.startswith(b"HTTP/1.1 408 "), "a byte now and then does not help"


def test_a_connection_that_answers_in_time_stays_beyond_it() -> None:
    with listening(head_seconds=0.2) as port, answered(port) as connection:
        for _ in range(3):
            threading.Event().wait(0.25)
            assert is_answered(connection)


def test_there_are_only_so_many_connections_and_then_there_are_again() -> None:
    with listening(max_connections=2) as port:
        with connect(port) as first, connect(port) as second:
            for connection in (first, second):
                assert is_answered(connection)
            with connect(port) as third:
                answer = read_to_end(third)
                assert answer.startswith(b"HTTP/1.1 503 ")
                assert b"retry-after: 1" in answer
            assert is_answered(first)
        answered(port).close()


def test_no_more_connections_than_there_are_descriptors() -> None:
    assert possible_connections(100) == 100
    assert 1 <= possible_connections(10**9) <= 10**9
