"""The whole of it in one process: REST, the protocol and a worker over sockets, on real files."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest
from botocore.config import Config

from tests.api.wire import Connection, Response, Server
from tests.assembly.serving import served, served_on_aws
from tests.far_away import Distance
from workflow_manager.api.spec import load_spec
from workflow_manager.settings import Settings, StoreKind, SyncMode

SPEC = load_spec()


@pytest.fixture(params=[StoreKind.SQLITE, StoreKind.MEMORY, pytest.param("aws", marks=pytest.mark.slow)])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server of every setting."""
    if request.param == "aws":
        with served_on_aws(tmp_path, Distance()) as server:
            yield server
        return
    with served(Settings(data=tmp_path, store=request.param, sync=SyncMode.NORMAL)) as server:
        yield server


@pytest.fixture(params=[StoreKind.SQLITE, StoreKind.MEMORY])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with served(Settings(data=tmp_path, store=request.param, sync=SyncMode.NORMAL)) as server:
        yield server


def boto(server: Server) -> Any:
    return boto3.client(
        "stepfunctions",
        endpoint_url=server.protocol_url,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )


def until(server: Server, workflow_id: str, status: str) -> Any:
    """The workflow once it has that status."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        workflow = server.request("GET", f"/workflows/{workflow_id}?fetchHistory=true").json
        if workflow["status"] == status:
            return workflow
        time.sleep(0.01)
    raise AssertionError(workflow)


def check(method: str, template: str, answer: Response) -> Response:
    """The answer is one that swagger.yml declares."""
    declared = SPEC["paths"][template][method.lower()]["responses"]
    assert str(answer.status) in declared, (answer.status, answer.body)
    response = declared[str(answer.status)]
    if "$ref" in response:
        response = SPEC["components"]["responses"][response["$ref"].rsplit("/")[-1]]
    if "content" not in response:
        assert answer.body == b""
        return answer
    schema = {**response["content"]["application/json"]["schema"], "components": SPEC["components"]}
    if "$ref" in schema:
        schema = {"allOf": [{"$ref": schema.pop("$ref")}], **schema}
    jsonschema.Draft4Validator(schema).validate(answer.json)
    return answer


MACHINE = {
    "StartAt": "first",
    "States": {
        "first": {"Type": "Task", "Resource": "work", "Next": "second"},
        "second": {"Type": "Pass", "Next": "third"},
        "third": {"Type": "Task", "Resource": "work", "End": True},
    },
}


def test_a_workflow_from_its_definition_to_its_resumption(anywhere: Server) -> None:
    server = anywhere
    sfn = boto(server)
    activity = sfn.create_activity(name="dev--work")["activityArn"]

    def call(method: str, template: str, body: Any = None, **parts: str) -> Response:
        path = template.format(**parts) if parts else template
        return check(method, template.split("?")[0], server.request(method, path, body))

    call("GET", "/_health")
    found = call("GET", "/activities").json
    # AWS does not say what waits for an activity.
    assert [(each["name"], each.get("load", {}).get("waiting", 0)) for each in found] == [("dev--work", 0)]
    made = call("POST", "/workflow-definitions", {"name": "a/b", "stateMachine": MACHINE}).json
    assert made["stateMachine"] == MACHINE
    updated = call(
        "PUT", "/workflow-definitions/{name}", {"name": "a/b", "stateMachine": MACHINE}, name="a%2Fb"
    ).json
    assert updated["version"] == 1
    call("GET", "/workflow-definitions")
    call("GET", "/workflow-definitions/{name}", name="a%2Fb")
    call("GET", "/workflow-definitions/{name}/{version}", name="a%2Fb", version="1")
    reference = {"name": "a/b", "version": -1}
    started = call(
        "POST",
        "/workflows",
        {"workflowDefinition": reference, "input": '{"big":12345678901234567890}', "namespace": "dev"},
    ).json

    task = sfn.get_activity_task(activityArn=activity, workerName="w")
    assert "12345678901234567890" in task["input"]
    sfn.send_task_success(taskToken=task["taskToken"], output=task["input"])
    task = sfn.get_activity_task(activityArn=activity, workerName="w")
    early = call("POST", "/workflows/{workflowID}", {"StartAt": "third"}, workflowID=started["id"])
    assert early.message == f"Workflow {started['id']} active: running"
    sfn.send_task_failure(taskToken=task["taskToken"], error="Bad", cause="luck")
    failed = until(server, started["id"], "failed")
    assert [(job["state"], job["status"]) for job in failed["jobs"]] == [
        ("first", "succeeded"),
        ("second", "succeeded"),
        ("third", "failed"),
    ]
    assert failed["lastJob"]["statusReason"] == "luck\nBad"

    retry = call("POST", "/workflows/{workflowID}", {"StartAt": "third"}, workflowID=started["id"]).json
    assert retry["retryFor"] == started["id"]
    task = sfn.get_activity_task(activityArn=activity, workerName="w")
    sfn.send_task_success(taskToken=task["taskToken"], output='{"done":true}')
    assert until(server, retry["id"], "succeeded")["output"] == '{"done":true}'
    assert call("GET", "/workflows/{workflowID}", workflowID=started["id"]).json["retries"] == [retry["id"]]
    assert call("DELETE", "/workflows/{workflowID}", {"reason": "late"}, workflowID=retry["id"]).status == 400
    assert call("POST", "/workflows/{workflowID}/resolved", workflowID=started["id"]).status == 201
    assert call("POST", "/workflows/{workflowID}/resolved", workflowID=started["id"]).status == 409

    other = call("POST", "/workflows", {"workflowDefinition": reference, "namespace": "dev"}).json
    assert call("DELETE", "/workflows/{workflowID}", {"reason": "enough"}, workflowID=other["id"]).body == b""
    assert until(server, other["id"], "cancelled")["statusReason"] == "enough"

    page = check("GET", "/workflows", server.request("GET", "/workflows?workflowDefinitionName=a/b&limit=2"))
    assert [each["id"] for each in page.json] == [other["id"], retry["id"]]
    rest = check("GET", "/workflows", server.request("GET", page.headers["x-next-page-path"]))
    assert [each["id"] for each in rest.json] == [started["id"]]
    assert "x-next-page-path" not in rest.headers

    resource = {"name": "n", "namespace": "ns", "uri": "u"}
    call("POST", "/state-resources", resource)
    call("PUT", "/state-resources/{namespace}/{name}", resource, namespace="ns", name="n")
    assert call("GET", "/state-resources/{namespace}/{name}", namespace="ns", name="n").json["uri"] == "u"
    call("DELETE", "/state-resources/{namespace}/{name}", namespace="ns", name="n")
    assert call("GET", "/state-resources/{namespace}/{name}", namespace="ns", name="n").message == "ns--n"


def test_a_submission_that_is_repeated_under_its_key_is_one_workflow(anywhere: Server) -> None:
    server = anywhere
    server.define("keyed")
    body = {"workflowDefinition": {"name": "keyed", "version": -1}, "input": '{"n": 1}', "namespace": "dev"}

    def submit(body: Any, key: str) -> Response:
        headers = {"Content-Type": "application/json", "idempotency-key": key}
        return check("POST", "/workflows", server.request("POST", "/workflows", body, headers))

    first, again = submit(body, "k-1"), submit(body, "k-1")
    assert first.json["id"] == again.json["id"]
    assert submit(body, "k-2").json["id"] != first.json["id"]
    other = submit({**body, "input": '{"n": 2}'}, "k-1")
    assert (other.status, first.json["id"] in other.message) == (400, True)
    assert submit(body, "k" * 256).message == "Idempotency-Key in header should be at most 255 chars long"
    assert submit(body, "").status == 400


def test_the_end_reaches_the_list_by_itself(server: Server) -> None:
    server.define("quick")
    workflow = server.start("quick")
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        listed = server.request("GET", "/workflows?workflowDefinitionName=quick").json[0]
        if listed["status"] == "succeeded":
            break
        time.sleep(0.01)
    assert (listed["id"], listed["status"], listed["resolvedByUser"]) == (workflow["id"], "succeeded", True)


def test_a_long_poll_ends_when_the_server_does(tmp_path: Path) -> None:
    with served(Settings(data=tmp_path, sync=SyncMode.NORMAL)) as server:
        activity = boto(server).create_activity(name="idle")["activityArn"]
        polling = Connection(server.port)
        body = json.dumps({"activityArn": activity}).encode()
        head = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\n"
        polling.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        # What is answered later was read later: the poll has begun.
        assert server.request("GET", "/_ready").status == 200
        ending_at = time.monotonic()
    answer = polling.receive()
    polling.close()
    assert (answer.status, answer.json) == (200, {"taskToken": None})
    assert time.monotonic() - ending_at < 45, "it was held to its end"


def test_what_was_there_is_there_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sync=SyncMode.NORMAL)
    with served(settings) as server:
        activity = boto(server).create_activity(name="dev--work")["activityArn"]
        server.request("POST", "/workflow-definitions", {"name": "a", "stateMachine": MACHINE})
        workflow = server.start("a", namespace="dev")
    with served(settings) as server:
        sfn = boto(server)
        for _ in range(2):
            task = sfn.get_activity_task(activityArn=activity)
            sfn.send_task_success(taskToken=task["taskToken"], output="{}")
        assert until(server, workflow["id"], "succeeded")["output"] == "{}"


def test_functions_of_this_machine_do_the_work_of_lambda_tasks(tmp_path: Path) -> None:
    entries = ("double=tests.integrations.handlers:double", "same=command:cat")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:"
    states = {
        "Double": {"Type": "Task", "Resource": f"{arn}double", "Next": "Same"},
        "Same": {"Type": "Task", "Resource": f"{arn}dev--same", "End": True},
    }
    settings = Settings(
        data=tmp_path, store=StoreKind.MEMORY, sync=SyncMode.NORMAL, function=entries, service_calls=1
    )
    with served(settings) as server:
        client = boto(server)
        machine = client.create_state_machine(
            name="m",
            definition=json.dumps({"StartAt": "Double", "States": states}),
            roleArn="arn:aws:iam::123456789012:role/r",
        )
        started = client.start_execution(stateMachineArn=machine["stateMachineArn"], input="21")
        deadline = time.monotonic() + 120
        while (told := client.describe_execution(executionArn=started["executionArn"]))[
            "status"
        ] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert told["output"] == "42"
