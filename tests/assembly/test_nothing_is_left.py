"""What a server keeps is of the work that is open, not of the work that was done."""

from __future__ import annotations

import gc
import http.client
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crashes.wire import Wire
from tests.serving import serving
from tests.webhooks.receiver import receiving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files as Linux shows them"),
]

ROLE = "arn:aws:iam::123456789012:role/r"
PASS: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WAIT: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "End": True}}}
# What is made of these is kept on purpose, and bounded where it is kept.
BOUNDED = frozenset(
    {
        "Definitions._machines",  # by weight
        "Feed._changes",  # by number and weight
        "Machines._known",  # by number
        "Roster._seen",  # by number
    }
)
# One number for each state machine that has ever run.
OF_MACHINES = frozenset({"SqliteJournal._machine_numbers", "SqliteJournal._machines", "Writing._machines"})
ROUNDS = 4


class Client:
    """One who asks for a little of everything, and does not always wait for the answer."""

    def __init__(self, port: int, receiver_url: str) -> None:
        self.port = port
        self._receiver_url = receiver_url
        self._wire = Wire(port)

    def round(self, number: int) -> None:
        machine = self._machine(f"pass-{number}", PASS)
        self._call("TagResource", resourceArn=machine, tags=[{"key": "a", "value": "b"}])
        self._ended(self._start(machine, "{}"))
        self._call("DeleteStateMachine", stateMachineArn=machine)
        self._spread(number)
        self._leave_a_poll(number)
        self._rest(number)
        self._wire.close()

    def _call(self, operation: str, **request: Any) -> Any:
        answer = self._wire.call(operation, **request)
        assert answer.ok, answer
        return answer.body

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._wire.rest(method, path, body)
        assert answer.ok, answer
        return answer.body

    def _machine(self, name: str, definition: Any) -> str:
        text = json.dumps(definition)
        made = self._call("CreateStateMachine", name=name, definition=text, roleArn=ROLE)
        return str(made["stateMachineArn"])

    def _start(self, machine: str, input: str) -> str:
        return str(self._call("StartExecution", stateMachineArn=machine, input=input)["executionArn"])

    def _ended(self, arn: str) -> None:
        deadline = time.monotonic() + 120
        while self._call("DescribeExecution", executionArn=arn)["status"] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _spread(self, number: int) -> None:
        """A distributed Map that ends, and one that is stopped while its children run."""
        for name, inner in (("ends", PASS), ("stopped", WAIT)):
            processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **inner}
            spread = {
                "StartAt": "M",
                "States": {"M": {"Type": "Map", "ItemProcessor": processor, "End": True}},
            }
            arn = self._start(self._machine(name, spread), "[1,2,3,4,5]")
            if inner is WAIT:
                self._call("StopExecution", executionArn=arn)
            self._ended(arn)

    def _leave_a_poll(self, number: int) -> None:
        activity = self._call("CreateActivity", name=f"a-{number}", tags=[{"key": "a", "value": "b"}])
        body = json.dumps({"activityArn": activity["activityArn"], "workerName": f"w-{number}"})
        target = "X-Amz-Target: AWSStepFunctions.GetActivityTask"
        self._leave(f"POST / HTTP/1.1\r\nHost: x\r\n{target}\r\nContent-Length: {len(body)}\r\n\r\n{body}")
        self._leave(f"POST / HTTP/1.1\r\nHost: x\r\n{target}\r\nContent-Length: 900\r\n\r\n{body}")
        self._call("DeleteActivity", activityArn=activity["activityArn"])

    def _rest(self, number: int) -> None:
        webhook = self._ask("POST", "/webhooks", {"url": self._receiver_url})
        plan = {"name": f"s-{number}", "everySeconds": 3600, "workflowDefinition": {"name": "wf"}}
        self._ask("POST", "/schedules", plan)
        workflow = self._ask("POST", "/workflows", {"workflowDefinition": {"name": "wf"}})
        for path in ("/events", f"/workflows/{workflow['id']}/events"):
            self._leave(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n", answers=True)
        self._leave("POST /workflows HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{")
        deliveries = f"/webhooks/{webhook['id']}/deliveries"
        deadline = time.monotonic() + 120
        while [each["status"] for each in self._ask("GET", deliveries)] != ["delivered"]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self._ask("DELETE", f"/webhooks/{webhook['id']}")
        self._ask("DELETE", f"/schedules/s-{number}")

    def _leave(self, request: str, *, answers: bool = False) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as connection:
            connection.sendall(request.encode())
            if answers:
                assert http.client.HTTPResponse(connection)._read_status()[1]  # type: ignore[attr-defined]


def kept() -> dict[str, int]:
    """How much hangs on the objects of ours, by class and attribute, and what the process has open."""
    gc.collect()
    found = {
        "open files": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
    }
    for name, held in _containers():
        found[name] = found.get(name, 0) + len(held)
    return found


def _containers() -> Iterator[tuple[str, Any]]:
    for each in gc.get_objects():
        kind = type(each)
        if not str(kind.__module__).startswith("workflow_manager."):
            continue
        slots = [slot for base in kind.__mro__ for slot in getattr(base, "__slots__", ())]
        for name in {*getattr(each, "__dict__", ()), *slots}:
            held = getattr(each, name, None)
            if isinstance(held, dict | list | set | deque):
                yield f"{kind.__name__}.{name}", held


def grown(before: dict[str, int], now: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {
        name: (before.get(name, 0), count)
        for name, count in now.items()
        if name not in BOUNDED | OF_MACHINES and count > before.get(name, 0) + _slack(name)
    }


def _slack(name: str) -> int:
    """Connections and threads for as many as came at one time; elsewhere less than one a round."""
    return 20 if name in ("open files", "threads") else ROUNDS - 1


def test_nothing_is_left_of_work_that_is_done(tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, webhooks_private=True) as url:
        client = Client(int(url.rpartition(":")[2]), receiver.url)
        Wire(client.port).rest("POST", "/workflow-definitions", {"name": "wf", "stateMachine": PASS})
        for number in range(2):
            client.round(number)
        before = kept()
        for number in range(2, 2 + 3 * ROUNDS):
            client.round(number)
        deadline = time.monotonic() + 120
        while (more := grown(before, kept())) and time.monotonic() < deadline:
            time.sleep(0.5)  # what was left behind is being ended
        assert more == {}
