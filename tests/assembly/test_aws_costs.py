"""What each request costs in calls of AWS, counted and compared with what the docs say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.api.wire import Response
from tests.assembly.serving import served_on_aws
from tests.far_away import Distance
from tests.processes import ROOT

MACHINE = {"StartAt": "t", "States": {"t": {"Type": "Task", "Resource": "work", "End": True}}}
DEFINITION = {"name": "wf", "stateMachine": MACHINE}
RESOURCE = {"name": "n", "namespace": "ns", "uri": "u", "type": "ActivityARN"}

Costs = Mapping[str, Mapping[str, int]]


def documented() -> Costs:
    """Calls of both services by the text of the first column."""
    rows = re.findall(
        r"^\| (`[A-Z]+ /[^|]*) \|([^|]*)\|([^|]*)\|$", (ROOT / "docs/aws.md").read_text(), re.MULTILINE
    )
    return {request.strip(): _calls(f"{ours} {theirs}") for request, ours, theirs in rows}


def _calls(text: str) -> dict[str, int]:
    return {name: int(count or 1) for count, name in re.findall(r"(?:(\d+) )?`(\w+)`", text)}


# Of these the docs say that what they ask is not counted, and streams go on for as long as somebody listens.
NOT_COUNTED = re.compile(r"/(schedules|webhooks)\b|.*/events$|/metrics$")


def test_the_docs_tell_the_cost_of_every_request() -> None:
    requests = {
        f"{method.upper()} {path}"
        for path, methods in yaml.safe_load((ROOT / "swagger.yml").read_text())["paths"].items()
        for method in methods
        if method != "parameters" and not NOT_COUNTED.match(path)
    }
    told = {re.split("[`?]", what)[1] for what in documented()}
    assert {_nameless(each) for each in requests} == {_nameless(each) for each in told}


def _nameless(request: str) -> str:
    """Whatever its parameters are called."""
    return re.sub(r"{\w+}", "{}", request)


@pytest.mark.slow
def test_requests_cost_what_the_docs_say(tmp_path: Path) -> None:
    step_functions, tables = Distance(seconds=0), Distance(seconds=0)
    counted: dict[str, Mapping[str, int]] = {}
    with served_on_aws(tmp_path, step_functions, tables) as server:

        def cost(what: str, method: str, path: str, body: Any = None) -> Response:
            for distance in (step_functions, tables):
                distance.bodies.clear()
            answer = server.request(method, path, body)
            assert answer.status < 300, answer.body
            asked = [*step_functions.bodies, *filter(_is_for_the_request, tables.bodies)]
            counted[what] = Counter(target.partition(".")[2] for target, _ in asked)
            return answer

        ask_everything(cost)
    assert counted == documented()


def _is_for_the_request(asked: tuple[str, bytes]) -> bool:
    """The table of schedules and webhooks is asked now and then, whatever is requested."""
    return not json.loads(asked[1]).get("TableName", "").endswith("-agenda")


def ask_everything(cost: Callable[..., Response]) -> None:
    """Every request of the table, each once the server has used the table before."""
    start: dict[str, Any] = {"workflowDefinition": {"name": "wf", "version": 1}, "namespace": "dev"}
    for _ in range(2):
        cost("`GET /_ready`", "GET", "/_ready")
    cost("`GET /_health`", "GET", "/_health")

    cost("`POST /workflow-definitions`", "POST", "/workflow-definitions", DEFINITION)
    cost("`PUT /workflow-definitions/{name}`", "PUT", "/workflow-definitions/wf", DEFINITION)
    for _ in range(2):
        cost("`GET /workflow-definitions`, for each MB of them", "GET", "/workflow-definitions")
    cost("`GET /workflow-definitions/{name}`", "GET", "/workflow-definitions/wf")
    cost("`GET /workflow-definitions/{name}/{version}`", "GET", "/workflow-definitions/wf/1")

    cost("`POST /workflows`, the first of a version in a namespace", "POST", "/workflows", start)
    known = "`POST /workflows`, once the server knows the state machine"
    workflow = f"/workflows/{cost(known, 'POST', '/workflows', start).json['id']}"
    latest = {**start, "workflowDefinition": {"name": "wf", "version": -1}}
    other = cost("`POST /workflows` with version -1", "POST", "/workflows", latest).json["id"]
    cost("`GET /workflows`, for each page", "GET", "/workflows?workflowDefinitionName=wf")

    cost("`GET /workflows/{id}` of a new one", "GET", workflow)
    cost("`GET /workflows/{id}`, when nothing changed", "GET", workflow)
    history = "`GET /workflows/{id}?fetchHistory=true` of one that "
    cost(f"{history}runs, for every 200 events", "GET", f"{workflow}?fetchHistory=true")
    cost("`GET /workflows/{id}/history`, for each page", "GET", f"{workflow}/history")
    cost("`DELETE /workflows/{id}`", "DELETE", workflow, {"reason": "enough"})
    cost("`GET /workflows/{id}` of a new one", "GET", workflow)
    cost("`GET /workflows/{id}` of one that has ended", "GET", workflow)
    cost(f"{history}has ended, for every 200 events", "GET", f"{workflow}?fetchHistory=true")
    cost("`POST /workflows/{id}`, resume of one whose jobs are stored", "POST", workflow, {"StartAt": "t"})
    cost("`POST /workflows/{id}/resolved`", "POST", f"/workflows/{other}/resolved")

    cost("`GET /activities`, for every 1,000 that there are", "GET", "/activities")

    resource = "/state-resources/ns/n"
    for _ in range(2):
        cost("`POST /state-resources`", "POST", "/state-resources", RESOURCE)
    cost("`PUT /state-resources/{namespace}/{name}`", "PUT", resource, RESOURCE)
    cost("`GET /state-resources/{namespace}/{name}`", "GET", resource)
    cost("`DELETE /state-resources/{namespace}/{name}`", "DELETE", resource)
