"""What the pipeline does around the operations: keys, deadlines, bugs, metrics."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from tests.api.conftest import THREADS, running
from tests.api.memory_executor import MemoryExecutor
from tests.api.wire import Server
from workflow_manager.api.operations import Limits
from workflow_manager.kernel.errors import Conflict, Throttled, Unavailable
from workflow_manager.models.workflow import WorkflowDefinition


class Troubled(MemoryExecutor):
    """Raises what it is told to, or waits."""

    def __init__(self, error: Exception | None = None, gate: threading.Event | None = None) -> None:
        super().__init__()
        self.error = error
        self.gate = gate
        self.begun = 0

    def definitions(self) -> Sequence[WorkflowDefinition]:
        self.begun += 1
        if self.gate is not None:
            assert self.gate.wait(120)
        if self.error is not None:
            raise self.error
        return []


@pytest.fixture(scope="module")
def troubled() -> Iterator[tuple[Server, Troubled]]:
    executor = Troubled()
    with running(executor) as server:
        yield server, executor


@pytest.mark.parametrize(
    ("error", "status", "message", "retry_after"),
    [
        (ValueError("a secret"), 500, "internal error", None),
        (RecursionError("maximum depth"), 400, "nested too deeply", None),
        (Unavailable("ThrottlingException: no", 3), 500, "ThrottlingException: no", "3"),
        (Throttled("later", 2), 429, "later", "2"),
        (Conflict("someone was first"), 400, "someone was first", None),
    ],
)
def test_errors_become_answers(
    troubled: tuple[Server, Troubled], error: Exception, status: int, message: str, retry_after: str | None
) -> None:
    server, executor = troubled
    executor.error = error
    answer = server.request("GET", "/workflow-definitions")
    assert (answer.status, answer.message) == (status, message)
    assert answer.headers.get("retry-after") == retry_after


def test_a_request_that_takes_too_long_is_a_503_and_health_still_answers() -> None:
    gate = threading.Event()
    executor = Troubled(gate=gate)
    with running(executor, limits=Limits(seconds=0.3)) as server:
        try:
            answers = [server.request("GET", "/workflow-definitions") for _ in range(THREADS + 4)]
            assert {(each.status, each.message) for each in answers} == {(503, "Request timed out")}
            assert server.request("GET", "/_health").status == 200
        finally:
            gate.set()
    assert executor.begun == THREADS, "what waited for a thread is not begun when nobody waits for it"


def test_a_body_that_never_ends_is_a_408() -> None:
    with running(MemoryExecutor(), limits=Limits(seconds=0.05)) as server, server.connection() as connection:
        connection.send(b"POST /workflows HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        answer = connection.receive()
        assert (answer.status, answer.message) == (408, "request body was not complete in time")


def test_the_body_limit_can_be_set() -> None:
    with running(MemoryExecutor(), limits=Limits(body_bytes=2000)) as server:
        assert server.request("POST", "/workflows", b" " * 2000).status == 400
        assert server.request("POST", "/workflows", b" " * 2001).status == 413


def signed_by(key: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/states/aws4_request, SignedHeaders=host"


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({}, False),
        ({"Authorization": "Bearer two"}, True),
        ({"authorization": "bearer one"}, True),
        ({"X-Api-Key": "one"}, True),
        ({"X-Api-Key": "on"}, False),
        ({"X-Api-Key": ""}, False),
        ({"X-Api-Key": "one,two"}, False),
        ({"Authorization": "Basic b25l"}, False),
        ({"Authorization": "Bearer"}, False),
        (
            {"Authorization": signed_by("two")},
            True,
        ),
        (
            {"Authorization": signed_by("no")},
            False,
        ),
    ],
)
def test_keys(keyed: Server, headers: dict[str, str], admitted: bool) -> None:
    rest = keyed.request("GET", "/workflow-definitions", headers=headers)
    assert rest.status == (200 if admitted else 401)
    assert admitted or rest.message
    aws = keyed.request("POST", "/", b"{}", {**headers, "X-Amz-Target": "AWSStepFunctions.ListActivities"})
    assert aws.status == (299 if admitted else 400)
    assert admitted or aws.json["__type"] == "UnrecognizedClientException"


@pytest.fixture(scope="module")
def keyed() -> Iterator[Server]:
    with running(MemoryExecutor(), keys=("one", "two")) as server:
        yield server


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/_health", 200),
        ("/_ready", 200),
        ("/docs", 200),
        ("/swagger.yml", 200),
        ("/metrics", 401),
        ("/x", 401),
    ],
)
def test_what_needs_no_key(keyed: Server, path: str, status: int) -> None:
    assert keyed.request("GET", path).status == status


def test_ready_asks_and_health_does_not() -> None:
    def check() -> None:
        raise Unavailable("the store does not answer")

    with running(MemoryExecutor(), check=check) as server:
        assert server.request("GET", "/_health").status == 200
        answer = server.request("GET", "/_ready")
        assert (answer.status, answer.message) == (503, "the store does not answer")


def test_metrics_count_by_operation_and_status_and_not_by_path(server: Server) -> None:
    server.define("metered")
    for path in ("/workflow-definitions/metered", "/workflow-definitions/unheard-of", "/a-path", "/b-path"):
        server.request("GET", path)
    text = server.request("GET", "/metrics").body.decode()
    for status in (200, 404):
        label = f'operation="getWorkflowDefinitionVersionsByName",status="{status}"'
        assert f"wfm_requests_total{{{label}}}" in text
    assert 'wfm_request_duration_seconds_count{operation="newWorkflowDefinition"}' in text
    assert 'wfm_requests_total{operation="none",status="404"}' in text
    assert "path" not in text
