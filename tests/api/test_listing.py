from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.api.memory_executor import MemoryExecutor
from tests.api.wire import Server
from workflow_manager.models.activity import ActivityLoad, WorkerSeen
from workflow_manager.models.workflow import WorkflowStatus


@pytest.fixture
def ids(server: Server) -> list[str]:
    """Five workflows, oldest first."""
    server.define()
    return [server.start(namespace=f"ns{n % 2}", tags={"n": str(n)})["id"] for n in range(5)]


def listed(server: Server, query: str) -> list[str]:
    answer = server.request("GET", f"/workflows?workflowDefinitionName=wf%3Am&{query}")
    assert answer.status == 200, answer.body
    return [each["id"] for each in answer.json]


def test_pages_lead_to_each_other_and_end(server: Server, ids: list[str]) -> None:
    path: str | None = "/workflows?workflowDefinitionName=wf:m&limit=2&oldestFirst=1"
    seen: list[list[str]] = []
    while path:
        answer = server.request("GET", path)
        seen.append([each["id"] for each in answer.json])
        path = answer.headers.get("x-next-page-path")
    assert seen == [ids[:2], ids[2:4], ids[4:]]


def test_the_next_page_repeats_what_is_in_force_and_no_more(server: Server, ids: list[str]) -> None:
    plain = server.request("GET", "/workflows?workflowDefinitionName=wf:m&limit=1")
    assert plain.headers["x-next-page-path"] == (
        "/workflows?limit=1&pageToken=1&summaryOnly=false&workflowDefinitionName=wf%3Am"
    )
    full = server.request(
        "GET",
        "/workflows?workflowDefinitionName=wf:m&limit=1&summaryOnly=T&status=queued&oldestFirst=false"
        "&resolvedByUser=F&createdAfter=2020-01-01T00:00:00Z&unknown=1&limit=3",
    )
    path = urlsplit(full.headers["x-next-page-path"])
    assert path.path == "/workflows"
    assert parse_qsl(path.query) == [
        ("createdAfter", "2020-01-01T00:00:00+00:00"),
        ("limit", "1"),
        ("oldestFirst", "false"),
        ("pageToken", "1"),
        ("resolvedByUser", "false"),
        ("status", "queued"),
        ("summaryOnly", "true"),
        ("workflowDefinitionName", "wf:m"),
    ]
    assert server.request("GET", full.headers["x-next-page-path"]).status == 200


def test_an_empty_page_leads_nowhere(server: Server) -> None:
    answer = server.request("GET", "/workflows?workflowDefinitionName=nobody")
    assert (answer.status, answer.json) == (200, [])
    assert "x-next-page-path" not in answer.headers


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [4, 3, 2, 1, 0]),
        ("limit=0", [4, 3, 2, 1, 0]),
        ("limit=%2B2", [4, 3]),
        ("limit=1&limit=x", [4]),
        ("oldestFirst=t", [0, 1, 2, 3, 4]),
        ("status=", [4, 3, 2, 1, 0]),
        ("status=failed", [2]),
        ("resolvedByUser=true", []),
        ("namespace=ns1", [3, 1]),
        ("tag=n%3D3", [3]),
        ("tag=n=3&tag=n=2", []),
    ],
)
def test_filters(
    server: Server, executor: MemoryExecutor, ids: list[str], query: str, found: list[int]
) -> None:
    executor.finish(ids[2], WorkflowStatus.FAILED)
    assert listed(server, query) == [ids[n] for n in found]


def test_a_summary_is_one(server: Server, ids: list[str]) -> None:
    path = "/workflows?workflowDefinitionName=wf:m&limit=1&summaryOnly="
    summary, whole = (server.request("GET", path + only).json[0] for only in ("true", "false"))
    assert set(whole) - set(summary) == {"jobs"}
    assert "stateMachine" in whole["workflowDefinition"]
    assert summary["workflowDefinition"] == {"createdAt": "0001-01-01T00:00:00.000Z", "name": "wf:m"}


def test_a_history_comes_in_pages(server: Server, ids: list[str]) -> None:
    first = server.request("GET", f"/workflows/{ids[0]}/history?limit=3")
    following = first.headers["x-next-page-path"]
    assert following == f"/workflows/{ids[0]}/history?limit=3&newestFirst=false&pageToken=3"
    second = server.request("GET", following)
    assert [each["id"] for each in first.json + second.json] == [1, 2, 3, 4, 5, 6]
    assert "x-next-page-path" not in second.headers
    assert first.json[0]["timestamp"].endswith("Z")


def test_activities_come_in_pages(server: Server, executor: MemoryExecutor) -> None:
    executor.queues = dict.fromkeys(["dev--a", "dev--b", "prod--a"])
    first = server.request("GET", "/activities?namespace=dev&limit=1")
    following = first.headers["x-next-page-path"]
    assert following == "/activities?limit=1&namespace=dev&pageToken=dev--a"
    second = server.request("GET", following)
    assert [each["name"] for each in first.json + second.json] == ["dev--a", "dev--b"]
    assert "x-next-page-path" not in second.headers
    assert set(first.json[0]) == {"name", "activityArn", "createdAt"}


def test_what_is_known_of_an_activity_is_written_though_it_is_nothing(
    server: Server, executor: MemoryExecutor
) -> None:
    seen = WorkerSeen(name="", last_seen=datetime(2026, 1, 5, 10, tzinfo=UTC), tasks=0)
    executor.queues = {
        "a": ActivityLoad(waiting=0, waiting_since=None, running=0, pollers=0, workers=(seen,)),
        "b": ActivityLoad(waiting=2, waiting_since=seen.last_seen, running=1, pollers=3, workers=()),
    }
    assert [each["load"] for each in server.request("GET", "/activities").json] == [
        {
            "waiting": 0,
            "running": 0,
            "pollers": 0,
            "workers": [{"name": "", "lastSeen": "2026-01-05T10:00:00.000Z", "tasks": 0}],
        },
        {
            "waiting": 2,
            "waitingSince": "2026-01-05T10:00:00.000Z",
            "running": 1,
            "pollers": 3,
            "workers": [],
        },
    ]


def test_definitions_come_as_bare_lists(server: Server) -> None:
    assert server.request("GET", "/workflow-definitions").body == b"[]\n"
    server.define("b")
    server.define("a")
    machine = {"StartAt": "t", "States": {"t": {"Type": "Succeed"}}}
    server.request("PUT", "/workflow-definitions/a", {"name": "a", "stateMachine": machine, "version": 77})
    assert [
        (each["name"], each.get("version")) for each in server.request("GET", "/workflow-definitions").json
    ] == [
        ("a", 1),
        ("b", None),
    ]
    latest = server.request("GET", "/workflow-definitions/a").json
    assert [each["version"] for each in latest] == [1]
    every = server.request("GET", "/workflow-definitions/a?latest=0").json
    assert [each.get("version") for each in every] == [None, 1]
