"""Events as they come, over connections that break."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workflow_manager.cli.http import Server
from workflow_manager.cli.status import resumed
from workflow_manager.kernel.errors import NotFound, Unavailable


def event(id: str, name: str) -> str:
    return f'id: {id}\nevent: {name}\ndata: {{"n": "{id}"}}\n\n'


@contextmanager
def streaming(*bodies: str | int) -> Iterator[tuple[Server, list[str | None]]]:
    """A server that answers once with each of these and then closes; and what it was asked to go on after."""
    asked: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies[len(asked)]
            asked.append(self.headers["Last-Event-ID"])
            self.send_response(body if isinstance(body, int) else 200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b'{"message": "e"}' if isinstance(body, int) else body.encode())

        def log_message(self, format: str, *arguments: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield Server(f"http://127.0.0.1:{listening.server_port}"), asked
        finally:
            listening.shutdown()


def test_a_stream_goes_on_where_it_broke(capsys: pytest.CaptureFixture[str]) -> None:
    pauses: list[float] = []
    bodies = (event("1", "history"), "", event("2", "history") + event("3", "end"))
    with streaming(*bodies) as (server, asked):
        found = [each.id for each in resumed(server, "/events", {}, None, sleep=pauses.append)]
    assert found == ["1", "2", "3"]
    assert asked == [None, "1", "1"]
    assert len(pauses) == 2
    assert capsys.readouterr().err.count("Trying again") == 1, "once for each time that it is away"


def test_what_a_server_refuses_is_not_asked_again() -> None:
    with streaming(event("1", "history"), 404) as (server, _), pytest.raises(NotFound):
        list(resumed(server, "/events", {}, None, sleep=lambda _: None))


def test_a_server_that_was_never_there_is_not_waited_for() -> None:
    with pytest.raises(Unavailable, match="nobody listens"):
        list(resumed(Server("http://127.0.0.1:1"), "/events", {}, None))
