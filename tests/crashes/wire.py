"""What the harness says to the server: the protocol and REST over plain HTTP, and what came of it."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass
from typing import Any


class Unanswered(Exception):
    """The server went away: what was asked may have happened or not."""


class Stopped(Exception):
    """The harness is at its end."""


@dataclass(frozen=True)
class Answer:
    """`tries` counts the requests that were sent until one of them was answered."""

    status: int
    body: Any
    headers: dict[str, str]
    tries: int = 1

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def error(self) -> str:
        return str(self.body.get("__type", "")) if isinstance(self.body, dict) else ""


class Wire:
    """One connection at a time, for one thread."""

    def __init__(self, port: int, stop: threading.Event | None = None) -> None:
        self._port = port
        self._stop = stop or threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    def call(self, operation: str, **request: Any) -> Answer:
        return self._send("POST", "/", request, {"X-Amz-Target": f"AWSStepFunctions.{operation}"})

    def rest(self, method: str, path: str, body: Any = None) -> Answer:
        return self._send(method, path, body, {"Content-Type": "application/json"})

    def insist(self, operation: str, **request: Any) -> Answer:
        """Call until there is an answer that is no 5xx."""
        return self._insist(lambda: self.call(operation, **request))

    def insist_rest(self, method: str, path: str, body: Any = None) -> Answer:
        return self._insist(lambda: self.rest(method, path, body))

    def _insist(self, ask: Any) -> Answer:
        for tries in range(1, 1_000_000):
            try:
                answer: Answer = ask()
            except Unanswered:
                pass
            else:
                if answer.status < 500 and answer.status != 429:
                    return Answer(answer.status, answer.body, answer.headers, tries)
            if self._stop.wait(random.uniform(0.02, 0.2)):
                raise Stopped
        raise AssertionError("never answered")

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=75)
            text = None if body is None else json.dumps(body)
            self._connection.request(method, path, text, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(str(error)) from None
        return Answer(response.status, json.loads(content or b"null"), dict(response.getheaders()))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def pages(self, operation: str, member: str, **request: Any) -> list[Any]:
        """All pages of a listing."""
        found: list[Any] = []
        while True:
            answer = self.insist(operation, **request)
            assert answer.ok, (operation, answer)
            found += answer.body[member]
            if "nextToken" not in answer.body:
                return found
            request["nextToken"] = answer.body["nextToken"]


def wait_for(seconds: float, stop: threading.Event) -> None:
    """Raises `Stopped` when the harness ends meanwhile."""
    deadline = time.monotonic() + seconds
    if stop.wait(max(0.0, deadline - time.monotonic())):
        raise Stopped
