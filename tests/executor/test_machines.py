"""Which state machine a definition runs on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.executor.fake_step_functions import FakeStepFunctions, Machine, client_error
from workflow_manager.executor.expand import definition_text
from workflow_manager.executor.log_pipeline import LogPipeline
from workflow_manager.executor.machines import CACHE_SIZE, Machines
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import Conflict, InvalidRequest, Throttled, Unavailable
from workflow_manager.models.names import Naming
from workflow_manager.models.workflow import WorkflowDefinition

NAMING = Naming()
ROLE = "arn:aws:iam::123456789012:role/r"


def definition(name: str = "wf", **fields: Any) -> WorkflowDefinition:
    machine = {"StartAt": "s", "States": {"s": {"Type": "Task", "Resource": "echo", "End": True}}}
    return WorkflowDefinition(
        **{"id": f"id of {name}", "name": name, "version": 2, "state_machine": machine} | fields
    )


@pytest.fixture
def client() -> FakeStepFunctions:
    return FakeStepFunctions(ManualClock())


@pytest.fixture
def machines(client: FakeStepFunctions) -> Machines:
    return Machines(client, NAMING, ROLE, None)


def arn(name: str) -> str:
    return NAMING.state_machine_arn(name)


def test_the_activities_of_a_machine_are_there_before_its_workers(
    client: FakeStepFunctions, machines: Machines
) -> None:
    inner = {"StartAt": "i", "States": {"i": {"Type": "Task", "Resource": "inner", "End": True}}}
    states = {
        "s": {"Type": "Task", "Resource": "echo", "Next": "l"},
        "l": {"Type": "Task", "Resource": "lambda:f", "Next": "a"},
        "a": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:1:activity:other", "Next": "m"},
        "m": {"Type": "Map", "ItemProcessor": inner, "Next": "p"},
        "p": {"Type": "Parallel", "Branches": [inner], "End": True},
    }
    machines.ensure(definition(state_machine={"StartAt": "s", "States": states}), "ns")
    created = [request["name"] for name, request in client.requests if name == "create_activity"]
    assert created == ["ns--echo", "ns--inner"]
    machines.ensure(definition(state_machine={"StartAt": "s", "States": states}), "ns")
    assert client.count("create_activity") == 2


def test_a_machine_is_created_with_what_it_is_for(client: FakeStepFunctions, machines: Machines) -> None:
    given = definition("w:f", default_tags={"application": "mine", "team": "é(x)", "odd": 5})
    assert machines.ensure(given, "ns") == "ns--w-f--2--s"
    request = client.last("create_state_machine")
    assert request["definition"] == definition_text(given.state_machine, "ns", NAMING)
    assert request["roleArn"] == ROLE
    assert "loggingConfiguration" not in request
    assert client.machines[arn("ns--w-f--2--s")].tags == {
        "application": "mine",
        "environment": "ns",
        "workflow-definition-name": "w:f",
        "workflow-definition-version": "2",
        "workflow-definition-start-at": "s",
        "team": "é-x-",
        "workflow-manager-conventions": "1",
    }


def test_what_was_found_is_remembered(client: FakeStepFunctions, machines: Machines) -> None:
    for _ in range(1000):
        machines.ensure(definition(), "ns")
    assert client.count("describe_state_machine") == 1
    machines.forget(definition(), "ns")
    machines.ensure(definition(), "ns")
    assert client.count("describe_state_machine") == 2
    assert client.count("create_state_machine") == 1


def test_what_is_remembered_is_bounded(client: FakeStepFunctions, machines: Machines) -> None:
    for number in range(CACHE_SIZE + 1):
        machines.ensure(definition(version=number), "ns")
    machines.ensure(definition(version=CACHE_SIZE), "ns")
    assert client.count("describe_state_machine") == CACHE_SIZE + 1
    machines.ensure(definition(version=0), "ns")
    assert client.count("describe_state_machine") == CACHE_SIZE + 2


def test_errors_are_not_remembered(client: FakeStepFunctions, machines: Machines) -> None:
    client.fail_next("describe_state_machine", client_error("AccessDenied", "no"))
    with pytest.raises(Unavailable, match="AccessDenied: no"):
        machines.ensure(definition(), "ns")
    assert machines.ensure(definition(), "ns")


def test_a_machine_as_wanted_is_left_alone(client: FakeStepFunctions, machines: Machines) -> None:
    text = definition_text(definition().state_machine, "ns", NAMING)
    client.machines[arn("ns--wf--2--s")] = Machine(text.replace("\n", " "), {}, None)
    machines.ensure(definition(), "ns")
    assert [name for name, _ in client.requests] == ["describe_state_machine"]


@pytest.mark.parametrize("start_at", ["s", "wf"])
def test_a_machine_of_older_conventions_is_brought_up_to_date(
    client: FakeStepFunctions, machines: Machines, start_at: str
) -> None:
    tags = {
        "environment": "ns",
        "workflow-definition-name": "wf",
        "workflow-definition-version": "2",
        "workflow-definition-start-at": start_at,
    }
    client.machines[arn("ns--wf--2--s")] = there = Machine('{"StartAt": "old"}', tags, None)
    assert machines.ensure(definition(), "ns") == "ns--wf--2--s"
    assert there.definition == definition_text(definition().state_machine, "ns", NAMING)
    assert there.tags["workflow-manager-conventions"] == "1"
    assert there.tags["workflow-definition-start-at"] == "s"


def test_a_name_that_another_definition_took_is_left_to_it(
    client: FakeStepFunctions, machines: Machines
) -> None:
    one, other = (
        definition("a:b"),
        definition("a-b", state_machine={"StartAt": "s", "States": {"s": {"Type": "Fail"}}}),
    )
    first, second = machines.ensure(one, "ns"), machines.ensure(other, "ns")
    assert first != second
    assert second.startswith("ns--a-b--2--s-")
    assert "Task" in client.machines[arn(first)].definition
    assert "Fail" in client.machines[arn(second)].definition
    again = Machines(client, NAMING, ROLE, None)
    assert (again.ensure(one, "ns"), again.ensure(other, "ns")) == (first, second)


def test_a_clash_on_both_names_is_told(client: FakeStepFunctions, machines: Machines) -> None:
    machines.ensure(definition("a:b"), "ns")
    name = machines.ensure(definition("a-b", state_machine={"StartAt": "s", "States": {}}), "ns")
    client.machines[arn(name)].definition = "other"
    client.machines[arn(name)].tags.clear()
    machines.forget(definition("a-b"), "ns")
    with pytest.raises(Conflict, match="belongs to something else"):
        machines.ensure(definition("a-b", state_machine={"StartAt": "s", "States": {}}), "ns")


def test_a_machine_that_someone_made_meanwhile_is_found(
    client: FakeStepFunctions, machines: Machines
) -> None:
    client.fail_next("describe_state_machine", client_error("StateMachineDoesNotExist"))
    Machines(client, NAMING, ROLE, None)
    text = definition_text(definition().state_machine, "ns", NAMING)
    client.machines[arn("ns--wf--2--s")] = Machine(text, {}, None)
    client.fail_next("create_state_machine", client_error("StateMachineAlreadyExists"))
    assert machines.ensure(definition(), "ns") == "ns--wf--2--s"


def test_finding_and_losing_does_not_go_on_for_ever(client: FakeStepFunctions, machines: Machines) -> None:
    client.fail_next("create_state_machine", *[client_error("StateMachineAlreadyExists")] * 100)
    with pytest.raises(Unavailable):
        machines.ensure(definition(), "ns")
    assert client.count("create_state_machine") < 10


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ThrottlingException", Throttled),
        ("TooManyRequestsException", Throttled),
        ("InvalidDefinition", InvalidRequest),
        ("InvalidName", InvalidRequest),
        ("InternalServerError", Unavailable),
    ],
)
def test_the_clients_errors_are_told_apart(
    client: FakeStepFunctions, machines: Machines, code: str, error: type[Exception]
) -> None:
    client.fail_next("create_state_machine", client_error(code, "the text"))
    with pytest.raises(error, match="the text"):
        machines.ensure(definition(), "ns")


def test_many_threads_make_one_machine(client: FakeStepFunctions, machines: Machines) -> None:
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(lambda _: machines.ensure(definition(), "ns"), range(32)))
    assert names == {"ns--wf--2--s"}
    assert len(client.machines) == 1


# The log pipeline


class FakeLogs:
    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.failures: list[Exception] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> dict[str, Any]:
            self.requests.append((operation, request))
            if self.failures:
                raise self.failures.pop(0)
            return {}

        return call


def with_logs(client: FakeStepFunctions) -> tuple[FakeLogs, Machines]:
    logs = FakeLogs()
    return logs, Machines(client, NAMING, ROLE, LogPipeline(logs, NAMING, "stream", "logs-role"))


LOGGING = {
    "level": "ALL",
    "includeExecutionData": True,
    "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": NAMING.log_group_arn("ns--wf--2--s")}}],
}


def test_the_log_group_is_there_before_the_machine(client: FakeStepFunctions) -> None:
    logs, machines = with_logs(client)
    machines.ensure(definition(), "ns")
    group = "/aws/vendedlogs/states/ns--wf--2--s"
    assert [name for name, _ in logs.requests] == [
        "create_log_group",
        "put_retention_policy",
        "put_subscription_filter",
    ]
    assert {request["logGroupName"] for _, request in logs.requests} == {group}
    assert logs.requests[1][1]["retentionInDays"] == 7
    assert logs.requests[2][1] == {
        "logGroupName": group,
        "filterName": "to-kinesis",
        "filterPattern": "",
        "destinationArn": "stream",
        "roleArn": "logs-role",
        "distribution": "ByLogStream",
    }
    assert client.last("create_state_machine")["loggingConfiguration"] == LOGGING


def test_steps_of_the_log_pipeline_are_repeated_and_may_be_done_already(client: FakeStepFunctions) -> None:
    logs, machines = with_logs(client)
    logs.failures = [client_error("ThrottlingException"), client_error("ResourceAlreadyExistsException")]
    machines.ensure(definition(), "ns")
    assert [name for name, _ in logs.requests].count("create_log_group") == 2
    logs.failures = [client_error("OperationAbortedException")] * 10
    with pytest.raises(Unavailable):
        machines.ensure(replace(definition(), version=3), "ns")


@pytest.mark.parametrize(
    ("logging", "is_fixed"),
    [
        (None, True),
        ({"level": "ERROR"}, True),
        ({"level": "ALL"}, False),
        (LOGGING, False),
        ({"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "other"}}]}, True),
    ],
)
def test_a_machine_that_does_not_log_to_us_is_made_to(
    client: FakeStepFunctions, logging: Any, is_fixed: bool
) -> None:
    _, plain = FakeLogs(), Machines(client, NAMING, ROLE, None)
    plain.ensure(definition(), "ns")
    client.machines[arn("ns--wf--2--s")].logging = logging
    _, machines = with_logs(client)
    machines.ensure(definition(), "ns")
    assert client.count("update_state_machine") == is_fixed
    if is_fixed:
        assert client.machines[arn("ns--wf--2--s")].logging == LOGGING
