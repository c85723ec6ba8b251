"""AWS as it is far away: a proxy in front of what plays it that is late, throttles, breaks connections
and loses answers; and that counts what was asked."""

from __future__ import annotations

import http.client
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.exceptions import ClientError

from tests.script import Script

_WRITES = {"PutItem", "TransactWriteItems"}


@dataclass
class Distance:
    """How late a request arrives at most, how likely it is refused or its connection breaks (before it
    arrives or after it was done), and how many answers get lost; and what was asked.

    A call counts once, however often the SDK repeats it.  What `script` says of a call counts for all
    its repetitions, too; with `is_lenient`, what chance says does not.
    """

    seconds: float = 0.01
    throttled: float = 0.0
    broken: float = 0.0
    refusals: int = 0
    is_lenient: bool = False
    breaks: int = 0
    writes_to_lose: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    script: Script | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Exception | None] = {}

    @property
    def operations(self) -> set[str]:
        """Of whichever services."""
        return {target.partition(".")[2] for target in self.calls}

    def arrived(self, target: str, body: bytes, call: str) -> tuple[Exception | None, bool]:
        """What is to happen to it instead, by the script; and whether something may, by chance."""
        with self._lock:
            if call in self._known:
                return self._known[call], not self.is_lenient
            self.calls[target] += 1
            self.bodies.append((target, body))
            # Requests of one call come one after the other.
            self._known[call] = None
        if self.script is not None:
            self._known[call] = self.script.enter(_method(target), json.loads(body))
        return self._known[call], True


@contextmanager
def far_away(port: int, distance: Distance) -> Iterator[str]:
    """The address of a proxy in front of that port.  `distance` may be changed on the way."""
    chance = random.Random(7)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            # By name, or in the path: `/service/GraniteServiceVersion20100801/operation/PutMetricData`.
            target = self.headers["X-Amz-Target"] or ".".join(self.path.split("/")[2::2])
            call = self.headers["amz-sdk-invocation-id"]
            failure, is_at_risk = distance.arrived(target, body, call)
            time.sleep(chance.uniform(0, distance.seconds))
            if isinstance(failure, ClientError):
                error = failure.response["Error"]
                self._refuse(error["Code"], error["Message"])
            elif failure is not None:
                self.close_connection = True
            elif is_at_risk and chance.random() < distance.throttled:
                distance.refusals += 1
                self._refuse("ThrottlingException", "Rate exceeded")
            elif is_at_risk and chance.random() < distance.broken:
                distance.breaks += 1
                self.close_connection = True
                if chance.random() < 0.5:
                    self._pass_on(body)
            else:
                self._answer_with(self._pass_on(body), target, body)

        def _pass_on(self, body: bytes) -> tuple[int, str, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
            try:
                connection.request("POST", self.path, body, dict(self.headers))
                response = connection.getresponse()
                return response.status, response.getheader("content-type", ""), response.read()
            finally:
                connection.close()

        def _answer_with(self, answer: tuple[int, str, bytes], target: str, body: bytes) -> None:
            if distance.script is not None:
                distance.script.leave(_method(target), json.loads(body))
            if distance.writes_to_lose and target.partition(".")[2] in _WRITES:
                distance.writes_to_lose -= 1
                self.close_connection = True
            else:
                self._answer(*answer)

        def _refuse(self, code: str, message: str) -> None:
            refusal: Mapping[str, Any] = {"__type": code, "message": message}
            status = 500 if code == "InternalServerError" else 400
            self._answer(status, "application/x-amz-json-1.0", json.dumps(refusal).encode())

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


def _method(target: str) -> str:
    """boto3's name for the operation that `X-Amz-Target` names."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", target.partition(".")[2]).lower()
