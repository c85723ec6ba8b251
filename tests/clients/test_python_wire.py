"""What the Python client sends again, and what it makes of strange answers; no server, no clock."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.clients.callers import Caller
from workflow_manager_client import (
    EXPONENTIAL,
    NONE,
    SINGLE,
    AsyncWorkflowManager,
    BadRequest,
    ConnectionFailed,
    InternalError,
    InvalidRequest,
    NotFound,
    RetryPolicy,
    TimedOut,
    UnexpectedResponse,
    WorkflowManager,
)
from workflow_manager_client.streaming import EventReader
from workflow_manager_client.wire import AsyncWire, Wire

WORKFLOW = {
    "createdAt": "2026-01-05T10:00:00.378Z",
    "lastUpdated": "2026-01-05T10:00:00.378Z",
    "stoppedAt": "0001-01-01T00:00:00.000Z",
    "retries": [],
    "id": "one",
}

START = {"workflowDefinition": {"name": "n"}}

Answer = Callable[[httpx.Request], httpx.Response]


def calling(answer: Answer, **options: Any) -> WorkflowManager:
    return WorkflowManager("http://server/base", transport=httpx.MockTransport(answer), **options)


@pytest.fixture(params=["sync", "async"])
def sent(request: pytest.FixtureRequest) -> Iterator[Callable[..., tuple[Any, int, list[float]]]]:
    """Sends a request to something that answers with these statuses in turn: (answer, requests, pauses)."""
    with asyncio.Runner() as runner:

        def send(method: str, statuses: list[int], policy: RetryPolicy) -> tuple[Any, int, list[float]]:
            left, pauses, count = list(statuses), [], 0

            def answer(_: httpx.Request) -> httpx.Response:
                nonlocal count
                count += 1
                return httpx.Response(left.pop(0), json={"message": "m"})

            async def pause(seconds: float) -> None:
                pauses.append(seconds)

            transport = httpx.MockTransport(answer)
            message = httpx.Request(method, "http://server/")
            try:
                if request.param == "sync":
                    result: Any = Wire(transport, policy, pauses.append).handle_request(message)
                else:
                    wire = AsyncWire(transport, policy, pause)
                    result = runner.run(wire.handle_async_request(message))
            except Exception as error:
                result = error
            return result, count, pauses

        yield send


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_5xx_is_tried_once_more_after_a_second(method: str, sent: Any) -> None:
    answer, count, pauses = sent(method, [503, 200], SINGLE)
    assert (answer.status_code, count, pauses) == (200, 2, [1.0])
    error, count, _ = sent(method, [500, 500, 200], SINGLE)
    assert (type(error), count) == (InternalError, 2)


@pytest.mark.parametrize(
    ("method", "status", "policy"),
    [("POST", 500, EXPONENTIAL), ("PATCH", 503, SINGLE), ("GET", 404, EXPONENTIAL), ("GET", 500, NONE)],
)
def test_what_must_not_be_sent_again_is_not(method: str, status: int, policy: Any, sent: Any) -> None:
    _, count, pauses = sent(method, [status, 200], policy)
    assert (count, pauses) == (1, [])


def test_a_start_with_a_key_is_sent_again_under_that_key() -> None:
    keys: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers.get("Idempotency-Key"))
        return httpx.Response(500 if len(keys) == 1 else 200, json=WORKFLOW)

    client = calling(answer, retry=RetryPolicy((0.0,)))
    assert client.start_workflow(START, idempotency_key="order 7").id == "one"
    assert keys == ["order 7", "order 7"]
    keys.clear()
    with pytest.raises(InternalError):
        client.start_workflow(START)
    assert keys == [None]


def test_the_exponential_policy_doubles_its_pauses_give_or_take_a_twentieth(sent: Any) -> None:
    _, count, pauses = sent("GET", [500] * 6, EXPONENTIAL)
    assert count == 6
    assert all(math.isclose(pause, 0.1 * 2**number, rel_tol=0.0501) for number, pause in enumerate(pauses))


def test_no_answer_is_told_apart_from_a_late_one_and_neither_is_retried() -> None:
    def check(raised: Exception, expected: type[Exception]) -> None:
        requests = []

        def answer(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            raise raised

        with pytest.raises(expected):
            calling(answer).get_workflow_by_id("one")
        assert len(requests) == 1

    check(httpx.ConnectError("refused"), ConnectionFailed)
    check(httpx.ReadError(""), ConnectionFailed)
    check(httpx.ReadTimeout("late"), TimedOut)


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, b'{"message": "no"}\n', BadRequest, "no"),
        (404, b"{}", NotFound, ""),
        (404, b"<html>gone</html>", NotFound, "<html>gone</html>"),
        (401, b'{"message": "key"}', UnexpectedResponse, "key"),
        (503, b"Request timed out", UnexpectedResponse, "Request timed out"),
        (400, b"[1]", BadRequest, "[1]"),
        (400, b'{"message": 1}', BadRequest, '{"message": 1}'),
        (302, b"", UnexpectedResponse, ""),
    ],
)
def test_every_status_has_an_error(status: int, body: bytes, kind: type, message: str) -> None:
    with pytest.raises(kind) as raised:
        calling(lambda _: httpx.Response(status, content=body), retry=NONE).get_workflow_by_id("one")
    error: Any = raised.value
    assert (error.status, error.message, error.body) == (status, message, body)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"{}", json.dumps({**WORKFLOW, "createdAt": "soon"}).encode()]
)
def test_a_success_of_another_shape_is_an_error(body: bytes) -> None:
    client = calling(lambda _: httpx.Response(200, content=body))
    with pytest.raises(UnexpectedResponse):
        client.get_workflow_by_id("one")
    if body not in (b"[]", b"{}"):
        with pytest.raises(UnexpectedResponse):
            client.get_workflow_definitions()


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get_workflow_by_id(""),
        lambda client: client.put_state_resource("ns", "", {}),
        lambda client: client.start_workflow({}),
        lambda client: client.start_workflow({"workflowDefinition": 1}),
        lambda client: client.new_workflow_definition({"stateMachine": {"States": {1, 2}}}),
        lambda client: client.new_workflow_definition({"stateMachine": {"TimeoutSeconds": math.nan}}),
        lambda client: client.start_workflow(START, idempotency_key=""),
        lambda client: client.start_workflow(START, idempotency_key="a\nb"),
        lambda client: client.start_workflow(START, idempotency_key="é"),
        lambda client: client.get_workflow_history(""),
        lambda client: list(client.get_workflow_history_iter("")),
        lambda client: client.get_workflows(workflow_definition_name=""),
        lambda client: client.get_workflows(workflow_definition_name="n", created_after="now"),
        lambda _: WorkflowManager("localhost:8080"),
        lambda _: WorkflowManager(""),
    ],
)
def test_what_cannot_be_right_is_not_sent(call: Callable[[Any], Any]) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise AssertionError("sent")

    with pytest.raises(InvalidRequest):
        call(calling(answer))


def test_pages_are_asked_for_as_they_are_taken() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        more = {"X-Next-Page-Path": "/workflows?pageToken=a%2Bb%26c"} if len(asked) == 1 else {}
        return httpx.Response(200, json=[{**WORKFLOW, "id": str(len(asked))}], headers=more)

    pages = calling(answer).get_workflows_iter(workflow_definition_name="n")
    assert asked == []
    assert next(pages).id == "1"
    assert len(asked) == 1
    assert [workflow.id for workflow in pages] == ["2"]
    assert asked[1] == "/base/workflows?pageToken=a%2Bb%26c"


def test_a_history_goes_on_where_the_server_says() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        event = {"id": len(asked), "timestamp": "2026-01-05T10:00:00.378Z", "type": "TaskFailed"}
        more = {"X-Next-Page-Path": "/workflows/a%2Fb/history?pageToken=t"} if len(asked) == 1 else {}
        return httpx.Response(200, json=[{**event, "taskFailedEventDetails": {"error": "E"}}], headers=more)

    events = list(calling(answer).get_workflow_history_iter("a/b", newest_first=True, limit=1))
    assert [(event.id, event["taskFailedEventDetails"]["error"]) for event in events] == [(1, "E"), (2, "E")]
    assert asked == [
        "/base/workflows/a%2Fb/history?limit=1&newestFirst=true",
        "/base/workflows/a%2Fb/history?pageToken=t",
    ]


def following(path: str, hosts: list[str]) -> list[Any]:
    """What is found when the first page says that the next one is at `path`."""

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        more = {"X-Next-Page-Path": path} if len(hosts) == 1 else {}
        return httpx.Response(200, json=[WORKFLOW], headers=more)

    client = calling(answer, api_key="secret")
    return list(client.get_workflows_iter(workflow_definition_name="n"))


def test_the_next_page_is_never_on_another_server() -> None:
    hosts: list[str] = []
    assert len(following("//elsewhere/workflows", hosts)) == 2
    assert hosts == ["server", "server"]
    for path in ("http://elsewhere/workflows", "elsewhere"):
        with pytest.raises(UnexpectedResponse):
            following(path, [])


def test_a_key_is_sent_as_a_bearer_token() -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200)

    calling(answer, api_key="secret").health_check()
    calling(answer).health_check()
    assert seen[0]["authorization"] == "Bearer secret"
    assert "authorization" not in seen[1]
    assert seen[1]["x-client-version"]


def told(number: int, name: str, data: Any) -> str:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


ENTERED = {"type": "PassStateEntered", "timestamp": "2026-01-05T10:00:00.378Z"}


@pytest.mark.parametrize("kind", [WorkflowManager, AsyncWorkflowManager])
def test_a_stream_that_breaks_off_is_taken_up_where_it_was(kind: Any) -> None:
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("Last-Event-ID"))
        assert request.url.raw_path == b"/base/workflows/a%2Fb/events"
        match len(asked):
            case 1:
                text = "retry: 1\n\n: hello\n\n" + told(1, "history", {"id": 1, **ENTERED})
                return httpx.Response(200, text=f"{text}id: 2\nevent: hist")
            case 2:
                return httpx.Response(503, json={"message": "going down"})
            case 3:
                return httpx.Response(200, text=told(2, "history", {"id": 2, **ENTERED}))
            case 4:
                raise httpx.ConnectError("nobody there")
        return httpx.Response(200, text=told(3, "end", WORKFLOW))

    client = kind("http://server/base", transport=httpx.MockTransport(answer), retry=NONE)
    with asyncio.Runner() as runner:
        events = Caller(client, runner).stream_workflow_events("a/b")
    assert [(event.id, event.name) for event in events] == [("1", "history"), ("2", "history"), ("3", "end")]
    assert events[0].history.id == 1
    assert events[2].workflow.id == "one"
    assert asked == [None, "1", "1", "2", "2"]


def test_a_reader_comes_again_after_ever_longer_pauses_until_it_hears_something() -> None:
    reader = EventReader("/events", {}, None)
    down = ConnectionFailed("nobody there")

    def pauses() -> Iterator[float]:
        with suppress(ConnectionFailed):
            while True:
                reader.failed(down)
                yield reader.pause()

    assert list(pauses()) == [1.0, 1.0, 2.0, 4.0, 8.0]
    reader.take("retry: 50")
    reader.take("")
    assert list(pauses()) == [0.05, 0.05, 2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([httpx.Response(404, json={"message": "one"})], NotFound),
        ([httpx.Response(200, text="retry: 1\n\ndata: {\n\n")], UnexpectedResponse),
        ([httpx.Response(200, text=told(1, "history", []))], UnexpectedResponse),
    ],
)
def test_a_stream_that_cannot_go_on_says_why(answers: list[httpx.Response], error: type[Exception]) -> None:
    client = calling(lambda request: answers.pop(0), retry=NONE)
    with pytest.raises(error):
        list(client.stream_workflow_events("one"))


def test_a_stream_whose_reader_has_seen_the_end_is_empty() -> None:
    assert list(calling(lambda request: httpx.Response(204)).stream_workflow_events("one")) == []
    with pytest.raises(InvalidRequest):
        list(calling(lambda request: httpx.Response(204)).stream_events(last_event_id="ä"))


def test_all_changes_are_asked_for_as_wanted() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert dict(request.url.params) == {"namespace": "dev", "workflowDefinitionName": "wf:m"}
        return httpx.Response(200, text=told(7, "gap", {"message": "…"}) + told(8, "workflow", WORKFLOW))

    stream = calling(answer).stream_events(namespace="dev", workflow_definition_name="wf:m")
    assert [(event.name, event.workflow and event.workflow.id) for event in (next(stream), next(stream))] == [
        ("gap", None),
        ("workflow", "one"),
    ]
