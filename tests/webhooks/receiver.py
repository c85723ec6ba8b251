"""Somebody who is told: an HTTP server on a free port, which answers as the test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Received"], tuple[int, Mapping[str, str], bytes]]


@dataclass(frozen=True)
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes


def accepted(received: Received) -> tuple[int, Mapping[str, str], bytes]:
    return 204, {}, b""


@dataclass
class Receiver:
    url: str
    answer: Answer
    received: list[Received] = field(default_factory=list)
    heard: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int, seconds: float = 120) -> list[Received]:
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.received) >= count, seconds), self.received
            return list(self.received)


@contextmanager
def receiving(answer: Answer = accepted, port: int = 0) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.path, headers, body)
            with receiver.heard:
                receiver.received.append(received)
                receiver.heard.notify_all()
            status, more, text = receiver.answer(received)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook", answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
