"""AWS as it is far away: a proxy in front of what plays it that is late, throttles and loses answers."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_WRITES = {"PutItem", "TransactWriteItems"}


@dataclass
class Distance:
    """How late a request arrives at most, how likely it is refused, how many answers get lost; and what
    was asked."""

    seconds: float = 0.01
    throttled: float = 0.0
    refusals: int = 0
    writes_to_lose: int = 0
    operations: set[str] = field(default_factory=set)


@contextmanager
def far_away(port: int, distance: Distance) -> Iterator[str]:
    """The address of a proxy in front of that port.  `distance` may be changed on the way."""
    chance = random.Random(7)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            distance.operations.add(operation)
            time.sleep(chance.uniform(0, distance.seconds))
            if chance.random() < distance.throttled:
                distance.refusals += 1
                refusal = {"__type": "ThrottlingException", "message": "Rate exceeded"}
                self._answer(400, "application/x-amz-json-1.0", json.dumps(refusal).encode())
                return
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
            try:
                connection.request("POST", self.path, body, dict(self.headers))
                response = connection.getresponse()
                answer = response.read()
                if distance.writes_to_lose and operation in _WRITES:
                    distance.writes_to_lose -= 1
                    self.close_connection = True
                else:
                    self._answer(response.status, response.getheader("content-type", ""), answer)
            finally:
                connection.close()

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    # Idle connections of clients would hold up the end.
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
