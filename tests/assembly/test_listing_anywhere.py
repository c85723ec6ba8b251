"""Lists over REST, on every store: each filter, each order, and pages while workflows are being added."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api.wire import Server
from tests.assembly.serving import served, served_on_aws
from tests.far_away import Distance
from workflow_manager.settings import Settings, StoreKind, SyncMode

WAIT = {"StartAt": "w", "States": {"w": {"Type": "Wait", "Seconds": 3600, "End": True}}}


@pytest.fixture(
    scope="module", params=[StoreKind.SQLITE, StoreKind.MEMORY, pytest.param("aws", marks=pytest.mark.slow)]
)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data")
    if request.param == "aws":
        with served_on_aws(folder, Distance(seconds=0)) as server:
            yield server
        return
    with served(Settings(data=folder, store=request.param, sync=SyncMode.NORMAL)) as server:
        yield server


@pytest.fixture(scope="module")
def started(server: Server) -> list[Any]:
    """Twelve that wait, oldest first; every third was cancelled, the second and third are resolved."""
    definition = {"name": "wf", "stateMachine": WAIT}
    assert server.request("POST", "/workflow-definitions", definition).status == 201
    server.define("other")
    made = [
        server.start(
            "wf",
            namespace="dev" if number % 2 else "prod",
            tags={"team": "infra", "number": str(number % 4)},
        )
        for number in range(12)
    ]
    server.start("other")
    for workflow in made[::3]:
        path = f"/workflows/{workflow['id']}"
        assert server.request("DELETE", path, {"reason": "enough"}).status == 200
        assert server.request("GET", path).json["status"] == "cancelled"
    for workflow in made[1:3]:
        assert server.request("POST", f"/workflows/{workflow['id']}/resolved").status == 201
    for workflow in made:
        workflow["now"] = server.request("GET", f"/workflows/{workflow['id']}").json
    return made


def listed(server: Server, **query: Any) -> list[str]:
    """The ids on all pages."""
    path = "/workflows?" + urlencode({"workflowDefinitionName": "wf", **query}, doseq=True)
    found: list[str] = []
    while path:
        page = server.request("GET", path)
        assert page.status == 200, page.body
        found += [each["id"] for each in page.json]
        path = page.headers.get("x-next-page-path", "")
    return found


FILTERS: list[tuple[dict[str, Any], Callable[[Any], bool]]] = [
    ({}, lambda each: True),
    ({"status": "cancelled"}, lambda each: each["status"] == "cancelled"),
    ({"status": "running"}, lambda each: each["status"] == "running"),
    ({"status": "failed"}, lambda each: False),
    ({"resolvedByUser": "true"}, lambda each: each.get("resolvedByUser", False)),
    ({"resolvedByUser": "false"}, lambda each: not each.get("resolvedByUser", False)),
    ({"namespace": "dev"}, lambda each: each["namespace"] == "dev"),
    ({"tag": ["team=infra", "number=2"]}, lambda each: each["tags"]["number"] == "2"),
    (
        {"status": "running", "namespace": "prod", "resolvedByUser": "false"},
        lambda each: (
            (each["status"], each["namespace"]) == ("running", "prod") and not each.get("resolvedByUser")
        ),
    ),
]


@pytest.mark.parametrize("limit", [1, 5, 100])
@pytest.mark.parametrize(("query", "fits"), FILTERS, ids=[str(query) for query, _ in FILTERS])
def test_every_filter_finds_what_fits_in_both_orders(
    server: Server, started: list[Any], query: dict[str, Any], fits: Callable[[Any], bool], limit: int
) -> None:
    wanted = [each["id"] for each in started if fits(each["now"])]
    assert listed(server, limit=limit, oldestFirst="true", **query) == wanted
    assert listed(server, limit=limit, **query) == wanted[::-1]


def test_a_span_of_time_is_a_filter(server: Server, started: list[Any]) -> None:
    moments = [each["createdAt"] for each in started]
    found = listed(server, oldestFirst="true", createdAfter=moments[3], createdBefore=moments[8])
    # Times on the wire are cut to milliseconds, so the ends themselves may be on either side.
    assert set(found) >= {each["id"] for each in started[4:8]}
    assert set(found) <= {each["id"] for each in started[3:9]}


def test_pages_lose_and_repeat_nothing_while_workflows_are_added(server: Server) -> None:
    server.define("busy")
    before = [server.start("busy")["id"] for _ in range(9)]
    path, found = "/workflows?workflowDefinitionName=busy&limit=2", []
    while path:
        page = server.request("GET", path)
        found += [each["id"] for each in page.json]
        server.start("busy")
        path = page.headers.get("x-next-page-path", "")
    assert found == before[::-1]
