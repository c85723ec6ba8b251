"""A served `wfm` whose disk takes nothing more: what would write is refused, what reads is answered."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.crashes.test_bad_disks import ROLE, limit_files
from tests.crashes.wire import Wire
from tests.processes import served

pytest.importorskip("resource")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits the files of another process"),
]

FAIL = {"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "x"}}}
WAIT = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 3600, "End": True}}}
HOOK = {"url": "http://127.0.0.1:9/"}
SCHEDULE = {"name": "s", "cron": "0 0 * * *", "workflowDefinition": {"name": "wait"}}
RESOURCE = {"name": "r", "namespace": "n", "uri": "u"}

Calls: TypeAlias = Mapping[str, Mapping[str, Any]]
Requests: TypeAlias = Mapping[tuple[str, str], Any]


def calls_that_write(wire: Wire) -> Calls:
    """Every operation of the protocol that writes, each on something that is there."""

    def make(operation: str, member: str, **request: Any) -> str:
        return str(wire.call(operation, **request).body[member])

    def machine(name: str, definition: Any) -> str:
        text = json.dumps(definition)
        return make("CreateStateMachine", "stateMachineArn", name=name, definition=text, roleArn=ROLE)

    def publish(arn: str) -> str:
        return make("PublishStateMachineVersion", "stateMachineVersionArn", stateMachineArn=arn)

    activity = make("CreateActivity", "activityArn", name="a")
    task = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": activity, "End": True}}}
    working, failing, plain = machine("working", task), machine("failing", FAIL), machine("plain", FAIL)
    routes = [{"stateMachineVersionArn": publish(working), "weight": 100}]
    version = publish(failing)
    alias = make("CreateStateMachineAlias", "stateMachineAliasArn", name="al", routingConfiguration=routes)
    started = [
        make("StartExecution", "executionArn", stateMachineArn=arn) for arn in (failing, working, working)
    ]
    token = make("GetActivityTask", "taskToken", activityArn=activity)
    return {
        "StartExecution": {"stateMachineArn": failing},
        "StopExecution": {"executionArn": started[1]},
        "RedriveExecution": {"executionArn": started[0]},
        "CreateStateMachine": {"name": "new", "definition": json.dumps(FAIL), "roleArn": ROLE},
        "UpdateStateMachine": {"stateMachineArn": failing, "definition": json.dumps(WAIT)},
        "DeleteStateMachine": {"stateMachineArn": failing},
        "PublishStateMachineVersion": {"stateMachineArn": plain},
        "DeleteStateMachineVersion": {"stateMachineVersionArn": version},
        "CreateStateMachineAlias": {"name": "new", "routingConfiguration": routes},
        "UpdateStateMachineAlias": {"stateMachineAliasArn": alias, "description": "new"},
        "DeleteStateMachineAlias": {"stateMachineAliasArn": alias},
        "CreateActivity": {"name": "new"},
        "DeleteActivity": {"activityArn": activity},
        "TagResource": {"resourceArn": plain, "tags": [{"key": "k", "value": "v"}]},
        "GetActivityTask": {"activityArn": activity},
        "SendTaskHeartbeat": {"taskToken": token},
        "SendTaskSuccess": {"taskToken": token, "output": "{}"},
        "SendTaskFailure": {"taskToken": token},
    }


def requests(wire: Wire) -> tuple[Requests, list[str]]:
    """Every operation of REST that writes, each on something that is there; and paths to read."""

    def create(path: str, body: Any) -> Any:
        made = wire.rest("POST", path, body)
        assert made.ok, made
        return made.body

    for name, machine in (("wait", WAIT), ("fail", FAIL)):
        create("/workflow-definitions", {"name": name, "stateMachine": machine})
    create("/state-resources", RESOURCE)
    create("/schedules", SCHEDULE)
    hook = f"/webhooks/{create('/webhooks', HOOK)['id']}"
    waiting, failed, ended = (
        f"/workflows/{create('/workflows', {'workflowDefinition': {'name': name}})['id']}"
        for name in ("wait", "fail", "fail")
    )
    until = time.monotonic() + 120
    while wire.rest("GET", failed).body["status"] != "failed":
        assert time.monotonic() < until
        time.sleep(0.05)
    january = {"startAt": "2026-01-01T00:00:00Z", "endAt": "2026-01-31T00:00:00Z"}
    writes = {
        ("POST", "/workflows"): {"workflowDefinition": {"name": "fail"}},
        ("DELETE", waiting): {"reason": "enough"},
        ("POST", failed): {"StartAt": "A"},
        ("POST", f"{failed}/resolved"): None,
        ("POST", "/workflow-definitions"): {"name": "new", "stateMachine": FAIL},
        ("PUT", "/workflow-definitions/fail"): {"name": "fail", "stateMachine": WAIT},
        ("POST", "/state-resources"): RESOURCE,
        ("PUT", "/state-resources/n/r"): RESOURCE,
        ("DELETE", "/state-resources/n/r"): None,
        ("POST", "/schedules"): {**SCHEDULE, "name": "new"},
        ("PUT", "/schedules/s"): {**SCHEDULE, "cron": "1 0 * * *"},
        ("POST", "/schedules/s/pause"): {"reason": "enough"},
        ("POST", "/schedules/s/backfill"): january,
        ("DELETE", "/schedules/s"): None,
        ("POST", "/webhooks"): HOOK,
        ("PUT", hook): {"url": "http://127.0.0.1:9/other"},
        ("POST", f"{hook}/disable"): {"reason": "enough"},
        ("DELETE", hook): None,
    }
    reads = [
        *(f"{each}{more}" for each in (waiting, failed, ended) for more in ("", "?fetchHistory=true")),
        f"{waiting}/history",
        "/workflows?workflowDefinitionName=fail",
        "/workflow-definitions",
        "/activities",
        "/schedules/s",
        hook,
        "/_health",
    ]
    return writes, reads


def test_every_write_is_refused_clearly_and_every_read_is_answered(tmp_path: Path) -> None:
    with served(tmp_path / "data", log=tmp_path / "log") as server:
        wire = Wire(server.port)
        calls = calls_that_write(wire)
        writes, reads = requests(wire)
        limit_files(server, 4096)  # its log too
        for operation, request in calls.items():
            refused = wire.call(operation, **request)
            assert (operation, refused.status, refused.error) == (operation, 503, "ServiceUnavailable")
            assert "cannot be written" in refused.body["message"]
        for (method, path), body in writes.items():
            refused = wire.rest(method, path, body)
            assert (method, path, refused.status) == (method, path, 503), refused
            assert "cannot be written" in refused.body["message"]
            assert "retry-after" in refused.headers
        for path in reads:
            assert wire.rest("GET", path).status == 200, path
        server.process.terminate()
        assert server.process.wait(180) == 0
