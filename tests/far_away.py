"""Step Functions as it is far away: a proxy in front of a served one that is late and throttles."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Distance:
    """Of each request: how late it arrives at most, and how likely it is refused."""

    seconds: float = 0.01
    throttled: float = 0.0
    refusals: int = 0


@contextmanager
def far_away(port: int, distance: Distance) -> Iterator[str]:
    """The address of a proxy in front of that port.  `distance` may be changed on the way."""
    chance = random.Random(7)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
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
                self._answer(response.status, response.getheader("content-type", ""), response.read())
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
