"""A deployment of the original service taken over: its variables, its tables, its state machines."""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.assembly.serving import served
from tests.dynamodb import CREDENTIALS, moto_server
from tests.store.originals import make_original_tables
from workflow_manager.cli.main import run
from workflow_manager.settings import Settings, StoreKind, load_settings
from workflow_manager.store.dynamodb.tables import DynamoDBSettings

# What the original's deployment sets.  Source: spec, appendix A.
VARIABLES = {
    "AWS_DYNAMO_REGION": "us-west-2",
    "AWS_SFN_REGION": "us-west-2",
    "AWS_SFN_ACCOUNT_ID": "123456789012",
    "AWS_SFN_ROLE_ARN": "arn:aws:iam::123456789012:role/states",
    "AWS_SFN_EXECUTION_EVENTS_STREAM_ARN": "arn:aws:kinesis:us-west-2:123456789012:stream/events",
    "AWS_IAM_CWLOGS_TO_KINESIS_ROLE_ARN": "arn:aws:iam::123456789012:role/logs",
    "ES_URL": "http://search.internal:9200",
    "_DEPLOY_ENV": "production",
    "_TRACING_ENABLED": "true",
    "_IS_LOCAL": "false",
    "KINESIS_STREAM_ARN": "arn:aws:kinesis:us-west-2:123456789012:stream/events",
}
PREFIXES = ("WORKFLOW_DEFINITIONS", "WORKFLOWS", "STATE_RESOURCES")
MACHINE = "arn:aws:states:us-west-2:123456789012:stateMachine:dev--wf--1--s"


@pytest.mark.slow
def test_what_the_original_left_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as stack:
        played = Settings(data=tmp_path / "aws", store=StoreKind.MEMORY, region="us-west-2")
        aws = stack.enter_context(served(played))
        moto = stack.enter_context(moto_server())
        prefix = f"original-{uuid.uuid4()}"
        variables = {
            **VARIABLES,
            **{f"AWS_DYNAMO_PREFIX_{kind}": prefix for kind in PREFIXES},
            "WFM_BACKEND": "aws",
            "AWS_ENDPOINT_URL_SFN": aws.protocol_url,
            "AWS_ENDPOINT_URL_DYNAMODB": moto,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        prefixes = {f"{kind}_prefix": prefix for kind in ("definitions", "workflows", "resources")}
        tables: Any = boto3.client("dynamodb", region_name="us-west-2", endpoint_url=moto)
        make_original_tables(tables, DynamoDBSettings(region="us-west-2", **prefixes))
        sfn: Any = boto3.client("stepfunctions", region_name="us-west-2", endpoint_url=aws.protocol_url)
        make_original_machine(sfn)

        assert run(["tables", "check"]) == 1
        assert "there is no index status-createdat" in capsys.readouterr().out
        assert run(["tables", "migrate"]) == 0
        assert "1 workflows and 1 latest definitions brought up to date" in capsys.readouterr().out
        assert run(["tables", "check"]) == 0

        server = stack.enter_context(served(load_settings(variables, {"data": str(tmp_path / "server")})))

        def get(path: str) -> Any:
            answer = server.request("GET", path)
            assert answer.status == 200, answer.body
            return answer.json

        (latest,) = get("/workflow-definitions")
        assert (latest["name"], latest["version"], latest["id"]) == ("wf", 1, "id of 1")
        versions = get("/workflow-definitions/wf?latest=false")
        assert [each.get("version", 0) for each in versions] == [0, 1]
        assert versions[0]["createdAt"] == "2023-11-14T22:13:20.120Z"
        state = versions[0]["stateMachine"]["States"]["s"]
        assert (state["TimeoutSeconds"], state["Resource"]) == (60, "echo")
        assert get("/state-resources/dev/echo")["uri"].endswith(":activity:dev--echo")

        old = get("/workflows/w")
        assert (old["status"], old["input"], old["tags"]) == ("failed", '{"a": 1}', {"team": "infra"})
        assert old["createdAt"] == "2023-11-14T22:13:20.120Z"
        assert old["lastJob"]["stateResource"]["name"] == "echo"
        for query in ("workflowDefinitionName=wf%3Am", "workflowDefinitionName=wf%3Am&status=failed"):
            assert [each["id"] for each in get(f"/workflows?{query}")] == ["w"]
        assert server.request("POST", "/workflows/w/resolved").status == 201
        assert get("/workflows/w")["resolvedByUser"]

        # A new start goes to the machine that is there, and brings it up to date.
        body = {"workflowDefinition": {"name": "wf", "version": 1}, "namespace": "dev"}
        started = server.request("POST", "/workflows", body)
        assert started.status == 200, started.body
        assert started.json["tags"] == {"team": "infra"}
        (execution,) = sfn.list_executions(stateMachineArn=MACHINE)["executions"]
        assert execution["name"] == started.json["id"]
        described = sfn.describe_state_machine(stateMachineArn=MACHINE)
        assert json.loads(described["definition"])["States"]["s"]["TimeoutSeconds"] == 60
        # It goes on logging to the group of its own.
        (destination,) = described["loggingConfiguration"]["destinations"]
        assert "dev--wf--1--s:*" in destination["cloudWatchLogsLogGroup"]["logGroupArn"]
        listed = sfn.list_tags_for_resource(resourceArn=MACHINE)["tags"]
        assert {tag["key"]: tag["value"] for tag in listed}["workflow-definition-start-at"] == "s"


def make_original_machine(sfn: Any) -> None:
    """With its log group, and its own mistake in the tags.  Source: spec sections 4.2 and 4.5."""
    tags = {
        "application": "wf",
        "environment": "dev",
        "workflow-definition-name": "wf",
        "workflow-definition-version": "1",
        "workflow-definition-start-at": "wf",
    }
    group = "arn:aws:logs:us-west-2:123456789012:log-group:/aws/vendedlogs/states/dev--wf--1--s:*"
    states = {"s": {"Type": "Pass", "End": True}}
    sfn.create_state_machine(
        name="dev--wf--1--s",
        definition=json.dumps({"StartAt": "s", "States": states}, indent=2),
        roleArn=VARIABLES["AWS_SFN_ROLE_ARN"],
        loggingConfiguration={
            "level": "ALL",
            "includeExecutionData": True,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
        },
        tags=[{"key": key, "value": value} for key, value in tags.items()],
    )
