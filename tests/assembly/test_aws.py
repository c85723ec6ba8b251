"""The AWS setting: throttling, outages, and two servers on the same tables."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.api.wire import Response, Server
from tests.assembly.serving import aws_played_here, served, served_on_aws
from tests.dynamodb import CREDENTIALS, dynamodb_local, fresh_tables, moto_server
from tests.far_away import Distance
from tests.processes import Served
from tests.store.originals import noise
from workflow_manager.assembly.application import open_store
from workflow_manager.assembly.events import consumer
from workflow_manager.settings import InvalidSettings, Settings, StoreKind, load_settings
from workflow_manager.store.dynamodb.shrinking import MARK

PASS = {"StartAt": "s", "States": {"s": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "f", "States": {"f": {"Type": "Fail", "Error": "e", "Cause": "c"}}}
TASK = {"StartAt": "t", "States": {"t": {"Type": "Task", "Resource": "work", "End": True}}}


@pytest.mark.slow
def test_a_throttled_start_is_told_when_to_come_again_and_leaves_nothing(tmp_path: Path) -> None:
    distance = Distance(seconds=0)
    with served_on_aws(tmp_path, distance, aws_attempts=1) as server:
        server.request("POST", "/workflow-definitions", {"name": "wf", "stateMachine": PASS})
        body = {"workflowDefinition": {"name": "wf"}}
        # Once, so that the machine is there and it is the start itself that is refused.
        assert server.request("POST", "/workflows", body).status == 200
        distance.throttled = 1.0
        refused = server.request("POST", "/workflows", body)
        distance.throttled = 0.0
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert "Rate exceeded" in refused.message
        assert len(server.request("GET", "/workflows?workflowDefinitionName=wf").json) == 1


@pytest.mark.slow
def test_who_asks_when_the_tables_are_throttled_is_told_when_to_come_again(tmp_path: Path) -> None:
    tables = Distance(seconds=0)
    body = {"workflowDefinition": {"name": "wf"}}
    with served_on_aws(tmp_path, Distance(seconds=0), tables, aws_attempts=1) as server:
        definition = {"name": "wf", "stateMachine": PASS}
        assert server.request("POST", "/workflow-definitions", definition).status == 201
        known = server.request("POST", "/workflows", body).json["id"]
        tables.throttled = 1.0
        for request in (
            ("POST", "/workflows", body),
            ("GET", f"/workflows/{known}"),
            ("DELETE", f"/workflows/{known}", {"reason": "enough"}),
            ("POST", f"/workflows/{known}/resolved"),
            ("GET", "/workflows?workflowDefinitionName=wf"),
            ("GET", "/workflow-definitions"),
            ("PUT", "/workflow-definitions/wf", definition),
        ):
            refused = server.request(*request)
            assert (refused.status, refused.headers.get("retry-after")) == (429, "1"), request
            assert "DynamoDB is throttling" in refused.message
        tables.throttled = 0.0
        assert server.request("GET", f"/workflows/{known}").status == 200
        (only,) = server.request("GET", "/workflows?workflowDefinitionName=wf").json
        assert only["id"] == known


@pytest.mark.slow
def test_throttling_now_and_then_is_not_noticed(tmp_path: Path) -> None:
    distance = Distance(seconds=0)
    with served_on_aws(tmp_path, distance, aws_attempts=8) as server:
        server.request("POST", "/workflow-definitions", {"name": "wf", "stateMachine": PASS})
        distance.throttled = 0.3
        body = {"workflowDefinition": {"name": "wf"}}
        answers = [server.request("POST", "/workflows", body).status for _ in range(5)]
        assert answers == [200] * 5
        assert distance.refusals


@pytest.mark.slow
def test_a_server_says_which_of_its_dependencies_is_away(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, moto_server() as url:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        settings = Settings(
            data=tmp_path,
            store=StoreKind.DYNAMODB,
            dynamo_endpoint=url,
            workflows_prefix="nowhere",
            aws_attempts=1,
        )
        with served(settings) as server:
            assert server.request("GET", "/_health").status == 200
            answer = server.request("GET", "/_ready")
            assert (answer.status, "nowhere-workflows" in answer.message) == (503, True)
            assert server.request("GET", "/workflows/w").status == 500


@pytest.mark.slow
def test_events_bring_the_record_up_to_date_before_anybody_reads_it(tmp_path: Path) -> None:
    with (
        aws_played_here(tmp_path, Distance(seconds=0)) as (settings, url),
        served(settings) as server,
        closing(open_store(settings)) as store,
    ):
        sfn: Any = boto3.client("stepfunctions", endpoint_url=url, region_name="us-east-1")
        server.request("POST", "/workflow-definitions", {"name": "wf", "stateMachine": PASS})
        server.request("POST", "/workflow-definitions", {"name": "bad", "stateMachine": FAIL})
        taking = consumer(settings)
        for name, status in (("wf", "succeeded"), ("bad", "failed")):
            workflow_id = server.request("POST", "/workflows", {"workflowDefinition": {"name": name}}).json[
                "id"
            ]
            arn = store.get_workflow(workflow_id).execution_arn
            while (ended := sfn.describe_execution(executionArn=arn))["status"] == "RUNNING":
                time.sleep(0.01)
            assert store.get_workflow(workflow_id).status.value == "queued"
            taking.take_batch(status_change(ended))
            (listed,) = server.request("GET", f"/workflows?workflowDefinitionName={name}").json
            assert (listed["status"], "lastJob" in listed) == (status, status == "failed")
            # The same again, and late news, change nothing.
            before = store.get_workflow(workflow_id)
            taking.take_batch(status_change({**ended, "status": "RUNNING"}))
            taking.take_batch(status_change(ended | {"executionArn": arn.replace(name, "other")}))
            assert store.get_workflow(workflow_id) == before


@pytest.mark.slow
def test_an_execution_gets_all_of_an_input_that_its_record_has_no_room_for(tmp_path: Path) -> None:
    text = json.dumps({"a": noise(250_000)})
    with served_on_aws(tmp_path, Distance(seconds=0)) as server:
        definition = {"name": "wf", "stateMachine": {**PASS, "Comment": noise(500_000)}}
        assert server.request("POST", "/workflow-definitions", definition).status == 201
        started = server.request("POST", "/workflows", {"workflowDefinition": {"name": "wf"}, "input": text})
        assert started.status == 200, started.message
        sfn: Any = boto3.client("stepfunctions", endpoint_url=server.protocol_url, region_name="us-east-1")
        (machine,) = sfn.list_state_machines()["stateMachines"]
        (execution,) = sfn.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
        arn = execution["executionArn"]
        while (ended := sfn.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(0.01)
        assert json.loads(ended["input"])["a"] == json.loads(text)["a"]
        path = f"/workflows/{started.json['id']}"
        shown = server.request("GET", path).json
        assert (shown["status"], shown["input"].endswith(MARK)) == ("succeeded", True)


def status_change(execution: Mapping[str, Any]) -> dict[str, Any]:
    """What EventBridge tells of an execution as it is described."""
    detail = {name: execution.get(name) for name in ("executionArn", "status", "output", "error", "cause")}
    stop = int(execution["stopDate"].timestamp() * 1000)
    return {"source": "aws.states", "detail": {**detail, "stopDate": stop}}


def test_events_come_from_aws_alone() -> None:
    with pytest.raises(InvalidSettings, match="WFM_BACKEND"):
        consumer(Settings(store=StoreKind.MEMORY))


# Two servers


@contextmanager
def on_moto() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(
    params=[
        pytest.param(on_moto, marks=pytest.mark.slow),
        pytest.param(dynamodb_local, marks=pytest.mark.dynamodb_local),
    ]
)
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Server]]:
    """Two processes with WFM_BACKEND=aws on the same tables and the same Step Functions."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        aws = stack.enter_context(served(Settings(data=tmp_path / "aws", store=StoreKind.MEMORY)))
        tables = stack.enter_context(request.param())
        prefix = fresh_tables(tables).settings.workflows_prefix
        for name, value in AWS_VARIABLES.items():
            patch.setenv(name, value)
        for kind in ("WORKFLOW_DEFINITIONS", "WORKFLOWS", "STATE_RESOURCES"):
            patch.setenv(f"AWS_DYNAMO_PREFIX_{kind}", prefix)
        patch.setenv("AWS_ENDPOINT_URL_SFN", aws.protocol_url)
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", tables)
        servers = []
        for number in range(2):
            process = Served(tmp_path / str(number))
            stack.callback(process.stop)
            servers.append(Server(process.port, aws.protocol_url))
        yield servers


AWS_VARIABLES = {
    "WFM_BACKEND": "aws",
    "AWS_SFN_REGION": "us-east-1",
    "AWS_SFN_ACCOUNT_ID": "123456789012",
    "AWS_SFN_ROLE_ARN": "arn:aws:iam::123456789012:role/any",
}


def everywhere(two: list[Server], times: int, ask: Callable[[Server, int], Response]) -> list[Response]:
    """So many requests at once, in turn on the one and the other server."""
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda number: ask(two[number % 2], number), range(times)))


def test_two_servers_agree(two: list[Server]) -> None:
    made = everywhere(
        two,
        8,
        lambda server, n: server.request(
            "POST", "/workflow-definitions", {"name": "wf", "stateMachine": TASK}
        ),
    )
    assert Counter(answer.status for answer in made) == {201: 1, 409: 7}

    updated = everywhere(
        two,
        16,
        lambda server, n: server.request(
            "PUT", "/workflow-definitions/wf", {"name": "wf", "stateMachine": TASK}
        ),
    )
    versions = sorted(answer.json["version"] for answer in updated if answer.status == 201)
    assert versions == list(range(1, len(versions) + 1))
    assert {answer.status for answer in updated} <= {201, 409}
    listed = two[0].request("GET", "/workflow-definitions/wf?latest=false").json
    assert [each.get("version", 0) for each in listed] == list(range(len(versions) + 1))

    body = {"workflowDefinition": {"name": "wf", "version": -1}, "namespace": "dev"}
    started = everywhere(two, 24, lambda server, n: server.request("POST", "/workflows", body))
    assert {answer.status for answer in started} == {200}
    ids = [answer.json["id"] for answer in started]
    for server in two:
        assert sorted(paged(server)) == sorted(ids)

    # Each is cancelled on both servers at once.
    cancelled = everywhere(
        two,
        2 * 12,
        lambda server, n: server.request("DELETE", f"/workflows/{ids[n // 2]}", {"reason": str(n)}),
    )
    assert {answer.status for answer in cancelled} == {200}
    for number, each in enumerate(ids[:12]):
        one, other = (server.request("GET", f"/workflows/{each}").json for server in two)
        assert one["status"] == other["status"] == "cancelled"
        assert one["statusReason"] == other["statusReason"]
        assert one["statusReason"] in (str(2 * number), str(2 * number + 1))

    fail_all(two[0], ids[12:])
    for each in ids[12:]:
        resumed = everywhere(two, 6, partial(resume, each))
        assert Counter(answer.status for answer in resumed) == {200: 1, 400: 5}
        (won,) = [answer.json["id"] for answer in resumed if answer.status == 200]
        assert [two[1].request("GET", f"/workflows/{each}").json["retries"]] == [[won]]
        assert two[0].request("GET", f"/workflows/{won}").json["retryFor"] == each

    resolved = everywhere(
        two, 8, lambda server, n: server.request("POST", f"/workflows/{ids[-1]}/resolved", {})
    )
    assert Counter(answer.status for answer in resolved) == {201: 1, 409: 7}


RANKS = {"queued": 0, "running": 1, "succeeded": 2, "failed": 2, "cancelled": 2}


def test_a_status_never_goes_backwards(two: list[Server]) -> None:
    """While both servers read and cancel, and events come late, twice and in any order."""
    for name, machine in (("wf", PASS), ("bad", FAIL), ("slow", TASK)):
        definition = {"name": name, "stateMachine": machine}
        assert two[0].request("POST", "/workflow-definitions", definition).status == 201
    ids = [
        server.request("POST", "/workflows", {"workflowDefinition": {"name": name}}).json["id"]
        for server in two
        for name in ("wf", "bad", "slow") * 2
    ]
    settings = load_settings(os.environ)
    with closing(open_store(settings)) as store:
        taking = consumer(settings)
        stop = time.time() * 1000

        def seen(workflow_id: str, number: int) -> list[str]:
            """What one reader sees, one look after the other, while it stirs things up."""
            chance, server = random.Random(number), two[number % 2]
            arn = store.get_workflow(workflow_id).execution_arn
            looks = []
            for _ in range(12):
                match chance.randrange(5):
                    case 0:
                        server.request("DELETE", f"/workflows/{workflow_id}", {"reason": "enough"})
                    case 1:
                        event = {"executionArn": arn, "status": "RUNNING"}
                        taking.take_batch({"source": "aws.states", "detail": event})
                    case 2:
                        event = {"executionArn": arn, "status": "ABORTED", "stopDate": int(stop)}
                        taking.take_batch({"source": "aws.states", "detail": event})
                    case 3:
                        server.request("GET", f"/workflows/{workflow_id}?fetchHistory=true")
                looks.append(server.request("GET", f"/workflows/{workflow_id}").json["status"])
            return looks

        with ThreadPoolExecutor(8) as threads:
            looks = list(threads.map(seen, [each for each in ids for _ in range(2)], range(2 * len(ids))))
        last = {each: store.get_workflow(each).status.value for each in ids}
    for number, statuses in enumerate(looks):
        ranks = [RANKS[status] for status in statuses]
        assert ranks == sorted(ranks), statuses
        ends = {status for status in statuses if RANKS[status] == 2}
        assert ends <= {last[ids[number // 2]]}, (statuses, last[ids[number // 2]])


def resume(workflow_id: str, server: Server, number: int) -> Response:
    return server.request("POST", f"/workflows/{workflow_id}", {"StartAt": "t"})


def paged(server: Server) -> list[str]:
    """All workflows, page by page."""
    found: list[str] = []
    path = "/workflows?workflowDefinitionName=wf&limit=5"
    while path:
        page = server.request("GET", path)
        found += [each["id"] for each in page.json]
        path = page.headers.get("x-next-page-path", "")
    return found


def fail_all(server: Server, ids: list[str]) -> None:
    sfn: Any = boto3.client("stepfunctions", endpoint_url=server.protocol_url, region_name="us-east-1")
    arn = "arn:aws:states:us-east-1:123456789012:activity:dev--work"
    left = set(ids)
    while left:
        task = sfn.get_activity_task(activityArn=arn, workerName="w")
        sfn.send_task_failure(taskToken=task["taskToken"], error="Bad", cause="luck")
        left = {
            each for each in left if server.request("GET", f"/workflows/{each}").json["status"] != "failed"
        }
