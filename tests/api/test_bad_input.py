"""Whatever a caller sends: never a 5xx, never a dropped connection, always `{"message": …}`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.wire import Server
from tests.assembly.serving import served
from workflow_manager.settings import Settings, StoreKind, SyncMode

MACHINE = {"StartAt": "s", "States": {"s": {"Type": "Succeed"}}}
DEFINITION = {"name": "known", "stateMachine": MACHINE}
RESOURCE = {"name": "n", "namespace": "ns", "uri": "u"}

WITH_A_BODY = [
    ("POST", "/workflow-definitions", DEFINITION),
    ("PUT", "/workflow-definitions/known", DEFINITION),
    ("POST", "/workflows", {"workflowDefinition": {"name": "known"}}),
    ("POST", "/workflows/{running}", {"StartAt": "s"}),
    ("DELETE", "/workflows/{cancelled}", {"reason": "r"}),
    ("POST", "/state-resources", RESOURCE),
    ("PUT", "/state-resources/ns/n", RESOURCE),
]

NO_JSON_OBJECT = {
    "an empty body": b"",
    "blanks": b" \n ",
    "a list": b"[]",
    "a number": b"1",
    "a string": b'"x"',
    "half an object": b'{"name":',
    "not JSON": b"hello",
    "NaN": b"NaN",
    "another encoding": '{"name":"x"}'.encode("utf-16"),
    "no UTF-8": b'{"name":"\xff\xfe"}',
    "a lone surrogate": b'{"name":"\\ud800"}',
    "too deep, unclosed": b"[" * 100_000,
    "too deep": b'{"stateMachine":' + b"[" * 300 + b"]" * 300 + b"}",
    "far too deep": b'{"stateMachine":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
}

FIELDS = {
    "name": str,
    "manager": str,
    "stateMachine": dict,
    "defaultTags": dict,
    "version": int,
    "workflowDefinition": dict,
    "workflowDefinition.name": str,
    "workflowDefinition.version": int,
    "input": str,
    "namespace": str,
    "queue": str,
    "tags": dict,
    "idSuffix": str,
    "StartAt": str,
    "reason": str,
    "uri": str,
}

OF_OPERATION = {
    "/workflow-definitions": ("name", "manager", "stateMachine", "defaultTags", "version"),
    "/workflow-definitions/known": ("name", "manager", "stateMachine", "defaultTags", "version"),
    "/workflows": (
        *("workflowDefinition", "workflowDefinition.name", "workflowDefinition.version"),
        *("input", "namespace", "queue", "tags", "idSuffix"),
    ),
    "/state-resources": ("name", "namespace", "uri"),
    "/state-resources/ns/n": ("name", "namespace", "uri"),
}

VALUES: list[Any] = [1, 1.5, True, "x", [], {}, ["a"], {"a": 1}, 2**70]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = Settings(data=tmp_path_factory.mktemp("data"), store=StoreKind.MEMORY, sync=SyncMode.NORMAL)
    with served(settings) as server:
        yield server


@pytest.fixture(scope="module")
def ids(server: Server) -> dict[str, str]:
    """Workflows that run, are there to be cancelled, failed, and are resolved."""
    machines = {
        "known": MACHINE,
        "waiting": {"StartAt": "s", "States": {"s": {"Type": "Wait", "Seconds": 99_999, "End": True}}},
        "failing": {"StartAt": "s", "States": {"s": {"Type": "Fail"}}},
        "working": {"StartAt": "s", "States": {"s": {"Type": "Task", "Resource": "work", "End": True}}},
    }
    for name, machine in machines.items():
        server.define(name, stateMachine=machine)
    ids = {
        "running": server.start("waiting")["id"],
        "cancelled": server.start("waiting")["id"],
        "failed": server.start("failing")["id"],
        "resolved": server.start("waiting")["id"],
    }
    server.request("POST", f"/workflows/{ids['resolved']}/resolved")
    while server.request("GET", f"/workflows/{ids['failed']}").json["status"] != "failed":
        pass
    return ids


@pytest.mark.parametrize(("method", "path", "good"), WITH_A_BODY)
@pytest.mark.parametrize("bad", NO_JSON_OBJECT)
def test_a_body_that_is_no_object_is_a_400(
    server: Server, ids: dict[str, str], method: str, path: str, good: Any, bad: str
) -> None:
    answer = server.request(method, path.format(**ids), NO_JSON_OBJECT[bad])
    assert answer.status == 400, answer.body
    nothing_given = not NO_JSON_OBJECT[bad].strip()
    if nothing_given and (method, path) == ("PUT", "/workflow-definitions/known"):
        assert answer.message == "Name in path must match WorkflowDefinition object"
    else:
        assert "body" in answer.message
    assert ("half a character" in answer.message) is (bad == "a lone surrogate")
    assert "\n" not in answer.message


def wrong_types() -> Iterator[tuple[str, str, str, Any]]:
    for method, path, _ in WITH_A_BODY:
        for name in OF_OPERATION.get(path, ("StartAt",) if method == "POST" else ("reason",)):
            for value in VALUES:
                if not isinstance(value, FIELDS[name]) or (FIELDS[name] is int and isinstance(value, bool)):
                    yield method, path, name, value


@pytest.mark.parametrize(("method", "path", "name", "value"), list(wrong_types()))
def test_a_wrong_type_is_a_400_that_names_the_field_and_the_reason(
    server: Server, ids: dict[str, str], method: str, path: str, name: str, value: Any
) -> None:
    good = next(body for m, p, body in WITH_A_BODY if (m, p) == (method, path))
    outer, _, inner = name.partition(".")
    body = {**good, outer: {**good[outer], inner: value} if inner else value}
    answer = server.request(method, path.format(**ids), body)
    assert answer.status == 400
    assert answer.message.startswith(f"{name} in body should be a")
    assert "\n" not in answer.message


@pytest.mark.parametrize("version", [2**63, -(2**63) - 1])
def test_numbers_beyond_64_bits_are_refused(server: Server, version: int) -> None:
    body = {"workflowDefinition": {"name": "known", "version": version}}
    answer = server.request("POST", "/workflows", body)
    assert answer.status == 400
    assert answer.message.startswith("workflowDefinition.version in body should be ")


@pytest.mark.parametrize(("method", "path", "good"), WITH_A_BODY)
def test_null_means_not_given(
    server: Server, ids: dict[str, str], method: str, path: str, good: dict[str, Any]
) -> None:
    nulls = dict.fromkeys(OF_OPERATION.get(path, ("StartAt", "reason")))
    nulls = {name: None for name in nulls if "." not in name}
    answer = server.request(method, path.format(**ids), {**nulls, **good, "unknown": None})
    plain = server.request(method, path.format(**ids), good)
    assert answer.status == plain.status

    none_at_all = server.request(method, path.format(**ids), b"null")
    empty_object = server.request(method, path.format(**ids), b"{}")
    assert (none_at_all.status, none_at_all.body) == (empty_object.status, empty_object.body)
    assert none_at_all.status < 500


REFUSED = [
    ("POST", "/workflow-definitions", {}, 400, "WorkflowDefinition `name` is required"),
    ("POST", "/workflow-definitions", {"name": "new"}, 400, "stateMachine is required"),
    ("POST", "/workflow-definitions", DEFINITION, 409, "Already Exists: known"),
    (
        *("POST", "/workflow-definitions", {**DEFINITION, "name": "new", "manager": "x"}, 400),
        "validation failure list:\nmanager in body should be one of [step-functions]",
    ),
    (
        *("POST", "/workflow-definitions", {**DEFINITION, "name": "new", "defaultTags": {"a": 4}}, 400),
        "error converting tag value to string: 4",
    ),
    (
        *("PUT", "/workflow-definitions/known", {**DEFINITION, "name": "other"}, 400),
        "Name in path must match WorkflowDefinition object",
    ),
    ("PUT", "/workflow-definitions/known", None, 400, "Name in path must match WorkflowDefinition object"),
    ("PUT", "/workflow-definitions/zz", {**DEFINITION, "name": "zz"}, 404, "zz"),
    ("GET", "/workflow-definitions/zz", None, 404, "zz"),
    ("GET", "/workflow-definitions/zz?latest=false", None, 404, "zz"),
    (
        "GET",
        "/workflow-definitions/known?latest=yes",
        None,
        400,
        'latest in query: parsing "yes": not a boolean',
    ),
    ("GET", "/workflow-definitions/known?latest=", None, 400, 'latest in query: parsing "": not a boolean'),
    ("GET", "/workflow-definitions/known/9", None, 404, "known@9"),
    ("GET", "/workflow-definitions/known/-1", None, 404, "known@-1"),
    ("GET", "/workflow-definitions/known/abc", None, 400, 'version in path: parsing "abc": not an integer'),
    ("GET", "/workflow-definitions/known/1.0", None, 400, 'version in path: parsing "1.0": not an integer'),
    ("GET", f"/workflow-definitions/known/{'9' * 5000}", None, 400, None),
    ("GET", f"/workflow-definitions/known/{2**63}", None, 400, "version in path: value out of range"),
    ("POST", "/workflows", {}, 400, "workflowDefinition in body is required"),
    ("POST", "/workflows", {"workflowDefinition": None}, 400, "workflowDefinition in body is required"),
    ("POST", "/workflows", {"workflowDefinition": {}}, 400, "workflowDefinition.name in body is required"),
    ("POST", "/workflows", {"workflowDefinition": {"name": "zz", "version": -1}}, 404, "zz"),
    ("POST", "/workflows", {"workflowDefinition": {"name": "zz", "version": 3}}, 404, "zz@3"),
    ("POST", "/workflows", {"workflowDefinition": {"name": "known"}, "input": "null"}, 400, None),
    *(
        (
            *("POST", "/workflows", {"workflowDefinition": {"name": "working"}, "namespace": namespace}, 400),
            f"namespace and Resource make the name {shown!r}, which no activity can have: "
            "at most 80 characters, none of them blank or special",
        )
        for namespace, shown in [("a b", "a b--work"), ("n" * 200, "n" * 99 + "…"), ("a\n", "a\n--work")]
    ),
    ("POST", "/workflows", {"workflowDefinition": {"name": "known"}, "tags": {"a": [1]}}, 400, None),
    ("GET", "/workflows", None, 400, "query parameter 'workflowDefinitionName' must be specified"),
    ("GET", "/workflows?workflowDefinitionName=", None, 400, None),
    (
        *("GET", "/workflows?workflowDefinitionName=known&limit=10001", None, 400),
        "limit in query should be less than or equal to 10000",
    ),
    (
        *("GET", "/workflows?workflowDefinitionName=known&limit=-1", None, 400),
        "limit in query should be greater than or equal to 0",
    ),
    ("GET", "/workflows?workflowDefinitionName=known&limit=1_0", None, 400, None),
    ("GET", "/workflows?workflowDefinitionName=known&limit=", None, 400, None),
    ("GET", f"/workflows?workflowDefinitionName=known&limit={'1' * 9000}", None, 400, None),
    (
        *("GET", "/workflows?workflowDefinitionName=known&status=done", None, 400),
        "status in query should be one of [queued running failed succeeded cancelled]",
    ),
    ("GET", "/workflows?workflowDefinitionName=known&resolvedByUser=maybe", None, 400, None),
    ("GET", "/workflows?workflowDefinitionName=known&pageToken=x", None, 400, None),
    ("GET", "/workflows?workflowDefinitionName=known&tag=x", None, 400, None),
    ("GET", "/workflows?workflowDefinitionName=known&createdAfter=yesterday", None, 400, None),
    (
        "GET",
        "/workflows?workflowDefinitionName=known&createdAfter=0001-01-01T00:00:00%2B23:00",
        None,
        400,
        None,
    ),
    ("GET", "/workflows/zz", None, 404, "zz"),
    ("GET", "/workflows/{running}?fetchHistory=2", None, 400, None),
    ("POST", "/workflows/zz", {"StartAt": "s"}, 404, "zz"),
    ("POST", "/workflows/{failed}", {"StartAt": "x"}, 400, "Invalid StartAt state x"),
    ("POST", "/workflows/{running}", {"StartAt": "s"}, 400, None),
    ("DELETE", "/workflows/zz", {"reason": ""}, 404, "zz"),
    ("DELETE", "/workflows/{failed}", {"reason": ""}, 400, None),
    (
        *("DELETE", "/workflows/{running}", {"reason": "x" * 32769}, 400),
        "reason in body should be at most 32768 chars long",
    ),
    ("DELETE", "/workflows/{failed}", None, 400, "request body is required, but was empty"),
    ("POST", "/workflows/zz/resolved", None, 404, "zz"),
    ("POST", "/workflows/{resolved}/resolved", None, 409, None),
    ("GET", "/state-resources/ns/zz", None, 404, "ns--zz"),
    ("DELETE", "/state-resources/ns/zz", None, 404, "ns--zz"),
    ("POST", "/state-resources", {"name": "a"}, 400, None),
    ("PUT", "/state-resources/ns/zz", RESOURCE, 400, "StateResource.Name does not match name in path"),
    (
        "PUT",
        "/state-resources/zz/n",
        RESOURCE,
        400,
        "StateResource.Namespace does not match namespace in path",
    ),
    ("GET", "/workflows/%FF%00", None, 404, None),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "message"), REFUSED)
def test_a_refusal_says_why(
    server: Server, ids: dict[str, str], method: str, path: str, body: Any, status: int, message: str | None
) -> None:
    encoded = None if body is None else json.dumps(body).encode()
    answer = server.request(method, path.format(**ids), encoded)
    assert answer.status == status, answer.body
    assert message is None or answer.message == message
    assert answer.message


@pytest.mark.parametrize("size", [1_048_577, 5_000_000])
@pytest.mark.parametrize(("method", "path", "good"), WITH_A_BODY)
def test_too_large_a_body_is_a_413(
    server: Server, ids: dict[str, str], method: str, path: str, good: Any, size: int
) -> None:
    answer = server.request(method, path.format(**ids), json.dumps(good).encode().ljust(size))
    assert answer.status == 413
    assert answer.message == "request body is larger than 1048576 bytes"
