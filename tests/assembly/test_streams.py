"""Server-sent events from a whole server, as a client reads them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.api.wire import Server
from tests.assembly.serving import served
from workflow_manager.settings import Settings, SyncMode

TASK = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "work", "End": True}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(Settings(data=tmp_path_factory.mktemp("data"), sync=SyncMode.NORMAL)) as running:
        for name, machine in (("task", TASK), ("wait", WAIT)):
            body = {"name": name, "stateMachine": machine}
            assert running.request("POST", "/workflow-definitions", body).status == 201
        running.define("quick")
        yield running


class Stream:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.status = int(self._file.readline().split()[1])
        while self._file.readline().strip():
            pass

    def event(self) -> tuple[str, str, Any] | None:
        """Id, name and data of the next event; None at the end."""
        fields: dict[str, str] = {}
        while line := self._line():
            if line == "\n" and "data" in fields:
                return fields["id"], fields["event"], json.loads(fields["data"])
            name, _, value = line.rstrip("\n").partition(": ")
            if line != "\n":
                fields[name] = value
        return None

    def events(self) -> Iterator[tuple[str, str, Any]]:
        while (event := self.event()) is not None:
            yield event

    _left = ""

    def _line(self) -> str:
        """One line of the body, whose chunks end where they like."""
        while "\n" not in self._left:
            size = int(self._file.readline() or b"0", 16)
            self._left += self._file.read(size).decode()
            self._file.readline()
            if size == 0:
                return ""
        line, _, self._left = self._left.partition("\n")
        return line + "\n"


@contextmanager
def stream(server: Server, path: str, last: str | None = None) -> Iterator[Stream]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as connection:
        resume = "" if last is None else f"Last-Event-ID: {last}\r\n"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{resume}\r\n".encode())
        with connection.makefile("rb") as file:
            yield Stream(file)


def test_a_history_is_told_to_its_end_and_from_where_its_reader_was(server: Server) -> None:
    workflow = server.start("quick", namespace="dev")
    path = f"/workflows/{workflow['id']}/events"
    with stream(server, path) as found:
        events = list(found.events())
    numbers = [str(number) for number in range(1, len(events))]
    assert [event[:2] for event in events[:-1]] == [(number, "history") for number in numbers]
    assert events[0][2]["type"] == "ExecutionStarted"
    assert events[-2][2]["type"] == "ExecutionSucceeded"
    last, name, data = events[-1]
    assert (name, data["id"], data["status"]) == ("end", workflow["id"], "succeeded")
    with stream(server, path, last="2") as found:
        assert list(found.events()) == events[2:]
    with stream(server, path, last=last) as found:
        assert found.status == 204


def test_a_history_is_told_while_it_grows(server: Server) -> None:
    workflow = server.start("wait")
    with stream(server, f"/workflows/{workflow['id']}/events") as found:
        assert [(found.event() or ("", "", {}))[2]["type"] for _ in range(2)] == [
            "ExecutionStarted",
            "WaitStateEntered",
        ]
        assert server.request("DELETE", f"/workflows/{workflow['id']}", {"reason": "enough"}).status == 200
        rest = [(name, data.get("type") or data.get("status")) for _, name, data in found.events()]
    assert rest == [("history", "ExecutionAborted"), ("end", "cancelled")]


def test_all_changes_are_told_and_can_be_taken_up_again(server: Server) -> None:
    with stream(server, "/events?namespace=seen") as found:
        server.start("quick", namespace="unseen")
        workflow = server.start("quick", namespace="seen")
        first, second = found.event(), found.event()
    assert first is not None
    assert second is not None
    assert [(name, data["id"], data["status"]) for _, name, data in (first, second)] == [
        ("workflow", workflow["id"], "queued"),
        ("workflow", workflow["id"], "succeeded"),
    ]
    with stream(server, "/events?namespace=seen", last=first[0]) as found:
        assert found.event() == second
    with stream(server, "/events", last="another-7") as found:
        gap = found.event()
        assert gap is not None
        assert gap[1] == "gap"


@pytest.mark.slow
def test_what_runs_is_told_and_listed_as_running_though_nobody_has_looked_at_it(server: Server) -> None:
    with stream(server, "/events?namespace=long") as found:
        workflow = server.start("wait", namespace="long")
        told = [(data["id"], data["status"]) for _, _, data in (found.event(), found.event())]  # type: ignore[misc]
    assert told == [(workflow["id"], "queued"), (workflow["id"], "running")]
    listed = server.request("GET", "/workflows?workflowDefinitionName=wait&status=running").json
    assert workflow["id"] in [each["id"] for each in listed]


def test_what_cannot_be_followed_is_refused(server: Server) -> None:
    assert server.request("GET", "/workflows/nope/events").status == 404
    workflow = server.start("quick")
    headers = {"Last-Event-ID": "x"}
    refused = server.request("GET", f"/workflows/{workflow['id']}/events", headers=headers)
    assert refused.status == 400
    assert refused.message == "Last-Event-ID in header should be the number of an event"
    assert server.request("POST", "/events", {}).status == 405


def test_streams_end_when_the_server_does(tmp_path: Path) -> None:
    with served(Settings(data=tmp_path, sync=SyncMode.NORMAL)) as running:
        body = {"name": "wait", "stateMachine": WAIT}
        running.request("POST", "/workflow-definitions", body)
        workflow = running.start("wait")
        connections = [socket.create_connection(("127.0.0.1", running.port), timeout=120) for _ in range(2)]
        for connection, path in zip(
            connections, ("/events", f"/workflows/{workflow['id']}/events"), strict=True
        ):
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert connection.recv(1)
    for connection in connections:
        while connection.recv(65536):
            pass
        connection.close()
