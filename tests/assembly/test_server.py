"""The server as a process: how it starts, how it refuses to, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api.wire import Server
from workflow_manager.assembly.listening import bind, url_of
from workflow_manager.kernel.errors import Unavailable

ROOT = Path(__file__).parents[2]

SERVE = """
import os, sys
from workflow_manager.assembly import serve
from workflow_manager.kernel.errors import WorkflowManagerError
from workflow_manager.settings import load_settings
try:
    serve(load_settings(os.environ))
except WorkflowManagerError as error:
    sys.exit(f"Error: {error}")
"""

slow = pytest.mark.slow


class Process:
    def __init__(self, data: Path, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            cwd=ROOT,
            env={
                **os.environ,
                "WFM_PORT": "0",
                "WFM_DATA": str(data),
                "WFM_LOG_FORMAT": "json",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(self.process.stderr)

    def ready(self) -> Server:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("workflow-manager listens on http://127.0.0.1:"), (line, self.log)
        return Server(int(line.rsplit(":")[-1]))

    def end(self) -> int:
        code = self.process.wait(180)
        self._reader.join()
        return code

    def titles(self) -> list[str]:
        return [json.loads(line)["title"] for line in self.log]


@contextmanager
def process(data: Path, **environment: str) -> Iterator[Process]:
    started = Process(data, environment)
    try:
        yield started
    finally:
        started.process.kill()
        started.end()
        assert started.process.stdout is not None
        started.process.stdout.close()


@slow
def test_sigterm_lets_requests_end_and_exits_0(tmp_path: Path) -> None:
    with process(tmp_path) as wfm:
        server = wfm.ready()
        server.define("a")
        with server.connection() as late:
            body = b'{"workflowDefinition":{"name":"a"}}'
            late.send(
                b"POST /workflows HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body[:5])
            )
            assert server.request("GET", "/_ready").status == 200
            wfm.process.send_signal(signal.SIGTERM)
            while "stopping" not in "".join(wfm.log):
                threading.Event().wait(0.01)
            late.send(body[5:])
            workflow = late.receive()
            assert workflow.status == 200
        assert wfm.end() == 0
        assert wfm.titles()[-1] == "stopped"
        with process(tmp_path) as again:
            assert again.ready().request("GET", f"/workflows/{workflow.json['id']}").status == 200


@slow
def test_every_request_is_one_line_of_the_log(tmp_path: Path) -> None:
    with process(tmp_path) as wfm:
        server = wfm.ready()
        server.define("a")
        workflow = server.start("a")
        server.request("GET", "/workflows/none")
        wfm.process.terminate()
        assert wfm.end() == 0
        lines: list[dict[str, Any]] = [json.loads(line) for line in wfm.log]
    requests = [line for line in lines if line["title"] == "request-finished"]
    assert [
        (line["op"], line["status"], line.get("workflow-id"), line.get("error")) for line in requests
    ] == [
        ("newWorkflowDefinition", 201, None, None),
        ("startWorkflow", 200, workflow["id"], None),
        ("getWorkflowByID", 404, "none", "none"),
    ]
    assert all(line["duration"] > 0 for line in requests)


@slow
def test_a_data_directory_has_one_server(tmp_path: Path) -> None:
    with process(tmp_path) as first:
        first.ready()
        with process(tmp_path) as second:
            assert second.end() == 1
            assert len(second.log) == 1
            assert str(tmp_path) in second.log[0]


@slow
@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"WFM_HOST": "0.0.0.0"}, "WFM_API_KEYS"),
        ({"WFM_PORT": "x"}, "WFM_PORT: 'x' is not a whole number from 0 to 65535"),
        ({"WFM_HOST": "203.0.113.1", "WFM_INSECURE": "1"}, "cannot listen on 203.0.113.1 port 0"),
        ({"WFM_DATA": "/dev/null/data"}, "cannot use the data directory /dev/null/data"),
    ],
)
def test_what_cannot_be_served_is_one_line(tmp_path: Path, environment: dict[str, str], message: str) -> None:
    with process(tmp_path, **environment) as wfm:
        assert wfm.end() == 1
        assert len(wfm.log) == 1
        assert message in wfm.log[0]


def test_an_address_in_use_is_said_so() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert url_of(taken) == f"http://127.0.0.1:{port}"
        with pytest.raises(
            Unavailable, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"
        ):
            bind("127.0.0.1", port)
