"""Which state machine a definition runs on."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.executor.fake_step_functions import client_error
from tests.executor.stages import NONE, Stage, Written
from tests.script import Script
from workflow_manager.executor.execution_log import ExecutionLog
from workflow_manager.executor.expand import definition_text
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


OTHER = '{"StartAt": "o", "States": {"o": {"Type": "Succeed"}}}'


@pytest.fixture(params=["fake", "engine", pytest.param("wfm serve", marks=pytest.mark.slow)])
def setting(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param, "none"


@pytest.fixture
def machines(stage: Stage) -> Machines:
    return Machines(stage.client, NAMING, ROLE, None)


def put(stage: Stage, name: str, definition: str, tags: Mapping[str, str] = NONE) -> None:
    """A machine that somebody else made."""
    listed = [{"key": key, "value": value} for key, value in tags.items()]
    stage.direct.create_state_machine(name=name, definition=definition, roleArn=ROLE, tags=listed)


def definition_of(stage: Stage, name: str) -> str:
    described: str = stage.direct.describe_state_machine(stateMachineArn=arn(name))["definition"]
    return described


def tags_of(stage: Stage, name: str) -> dict[str, str]:
    listed = stage.direct.list_tags_for_resource(resourceArn=arn(name))["tags"]
    return {tag["key"]: tag["value"] for tag in listed}


def arn(name: str) -> str:
    return NAMING.state_machine_arn(name)


def test_the_activities_of_a_machine_are_there_before_its_workers(script: Script, machines: Machines) -> None:
    inner, branch = (
        {"StartAt": name, "States": {name: {"Type": "Task", "Resource": "inner", "End": True}}}
        for name in ("i", "b")
    )
    states = {
        "s": {"Type": "Task", "Resource": "echo", "Next": "l"},
        "l": {"Type": "Task", "Resource": "lambda:f", "Next": "a"},
        "a": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:1:activity:other", "Next": "m"},
        "m": {"Type": "Map", "ItemProcessor": inner, "Next": "p"},
        "p": {"Type": "Parallel", "Branches": [branch], "End": True},
    }
    machines.ensure(definition(state_machine={"StartAt": "s", "States": states}), "ns")
    created = [request["name"] for name, request in script.requests if name == "create_activity"]
    assert created == ["ns--echo", "ns--inner"]
    machines.ensure(definition(state_machine={"StartAt": "s", "States": states}), "ns")
    assert script.count("create_activity") == 2


def test_a_machine_is_created_with_what_it_is_for(stage: Stage, script: Script, machines: Machines) -> None:
    given = definition("w:f", default_tags={"application": "mine", "team": "é(x)", "odd": 5})
    assert machines.ensure(given, "ns") == "ns--w-f--2--s"
    request = script.last("create_state_machine")
    assert request["definition"] == definition_text(given.state_machine, "ns", NAMING)
    assert request["roleArn"] == ROLE
    assert "loggingConfiguration" not in request
    assert tags_of(stage, "ns--w-f--2--s") == {
        "application": "mine",
        "environment": "ns",
        "workflow-definition-name": "w:f",
        "workflow-definition-version": "2",
        "workflow-definition-start-at": "s",
        "team": "é-x-",
        "workflow-manager-conventions": "1",
    }


def test_default_tags_that_no_machine_can_have_do_not_keep_it_from_being_made(
    stage: Stage, machines: Machines
) -> None:
    tags = {"": "x", "aws:x": "x", "AWS:y": "x", "k" * 200: "long", "a<b": "v" * 300, "application": "mine"}
    machines.ensure(definition("w", default_tags=tags | {f"n{number}": "x" for number in range(60)}), "ns")
    there = tags_of(stage, "ns--w--2--s")
    assert len(there) == 50
    assert there["k" * 128] == "long"
    assert there["a-b"] == "v" * 256
    assert there["application"] == "mine"
    assert there["workflow-manager-conventions"] == "1"
    assert not {"", "aws:x", "AWS:y"} & set(there)


def test_the_keys_of_tags_are_made_to_fit_as_well(stage: Stage, machines: Machines) -> None:
    keys = ("who?", "AWS:cost", "", "k" * 130)
    machines.ensure(definition("wf", default_tags=dict.fromkeys(keys, "1")), "ns")
    assert {"who-", "AWS-cost", "k" * 128} <= tags_of(stage, "ns--wf--2--s").keys()


def test_what_was_found_is_remembered(script: Script, machines: Machines) -> None:
    for _ in range(1000):
        machines.ensure(definition(), "ns")
    assert script.count("describe_state_machine") == 1
    machines.forget(definition(), "ns")
    machines.ensure(definition(), "ns")
    assert script.count("describe_state_machine") == 2
    assert script.count("create_state_machine") == 1


def test_what_is_remembered_is_bounded() -> None:
    stage = Written(ManualClock())
    machines, script = Machines(stage.client, NAMING, ROLE, None), stage.script
    for number in range(CACHE_SIZE + 1):
        machines.ensure(definition(version=number), "ns")
    machines.ensure(definition(version=CACHE_SIZE), "ns")
    assert script.count("describe_state_machine") == CACHE_SIZE + 1
    machines.ensure(definition(version=0), "ns")
    assert script.count("describe_state_machine") == CACHE_SIZE + 2


def test_errors_are_not_remembered(script: Script, machines: Machines) -> None:
    script.fail_next("describe_state_machine", client_error("AccessDenied", "no"))
    with pytest.raises(Unavailable, match="AccessDenied: no"):
        machines.ensure(definition(), "ns")
    assert machines.ensure(definition(), "ns")


def test_a_machine_as_wanted_is_left_alone(stage: Stage, script: Script, machines: Machines) -> None:
    text = definition_text(definition().state_machine, "ns", NAMING)
    put(stage, "ns--wf--2--s", text.replace("\n", " "))
    machines.ensure(definition(), "ns")
    assert [name for name, _ in script.requests] == ["describe_state_machine"]


@pytest.mark.parametrize("start_at", ["s", "wf"])
def test_a_machine_of_older_conventions_is_brought_up_to_date(
    stage: Stage, machines: Machines, start_at: str
) -> None:
    tags = {
        "environment": "ns",
        "workflow-definition-name": "wf",
        "workflow-definition-version": "2",
        "workflow-definition-start-at": start_at,
    }
    put(stage, "ns--wf--2--s", OTHER, tags)
    assert machines.ensure(definition(), "ns") == "ns--wf--2--s"
    wanted = definition_text(definition().state_machine, "ns", NAMING)
    assert definition_of(stage, "ns--wf--2--s") == wanted
    there = tags_of(stage, "ns--wf--2--s")
    assert there["workflow-manager-conventions"] == "1"
    assert there["workflow-definition-start-at"] == "s"


FAILING = {"StartAt": "s", "States": {"s": {"Type": "Fail"}}}


def test_a_name_that_another_definition_took_is_left_to_it(stage: Stage, machines: Machines) -> None:
    one, other = definition("a:b"), definition("a-b", state_machine=FAILING)
    first, second = machines.ensure(one, "ns"), machines.ensure(other, "ns")
    assert first != second
    assert second.startswith("ns--a-b--2--s-")
    assert "Task" in definition_of(stage, first)
    assert "Fail" in definition_of(stage, second)
    again = Machines(stage.client, NAMING, ROLE, None)
    assert (again.ensure(one, "ns"), again.ensure(other, "ns")) == (first, second)


def test_a_clash_on_both_names_is_told(stage: Stage, machines: Machines) -> None:
    machines.ensure(definition("a:b"), "ns")
    name = machines.ensure(definition("a-b", state_machine=FAILING), "ns")
    stage.direct.delete_state_machine(stateMachineArn=arn(name))
    put(stage, name, OTHER)
    machines.forget(definition("a-b"), "ns")
    with pytest.raises(Conflict, match="belongs to something else"):
        machines.ensure(definition("a-b", state_machine=FAILING), "ns")


def test_a_machine_that_someone_made_meanwhile_is_found(
    stage: Stage, script: Script, machines: Machines
) -> None:
    script.fail_next("describe_state_machine", client_error("StateMachineDoesNotExist"))
    text = definition_text(definition().state_machine, "ns", NAMING)
    put(stage, "ns--wf--2--s", text)
    script.fail_next("create_state_machine", client_error("StateMachineAlreadyExists"))
    assert machines.ensure(definition(), "ns") == "ns--wf--2--s"


def test_finding_and_losing_does_not_go_on_for_ever(script: Script, machines: Machines) -> None:
    script.fail_next("create_state_machine", *[client_error("StateMachineAlreadyExists")] * 100)
    with pytest.raises(Unavailable):
        machines.ensure(definition(), "ns")
    assert script.count("create_state_machine") < 10


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
    script: Script, machines: Machines, code: str, error: type[Exception]
) -> None:
    script.fail_next("create_state_machine", client_error(code, "the text"))
    with pytest.raises(error, match="the text"):
        machines.ensure(definition(), "ns")


def test_many_threads_make_one_machine(stage: Stage, machines: Machines) -> None:
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(lambda _: machines.ensure(definition(), "ns"), range(32)))
    assert names == {"ns--wf--2--s"}
    assert len(stage.machines()) == 1


# The log of executions

GROUP = NAMING.log_group_arn("/aws/vendedlogs/states/workflow-manager")


def logging_to(group: str, level: str = "ALL") -> dict[str, Any]:
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]
    return {"level": level, "includeExecutionData": True, "destinations": destinations}


def test_a_machine_logs_from_its_first_execution_on(script: Script, stage: Stage) -> None:
    Machines(stage.client, NAMING, ROLE, ExecutionLog(GROUP)).ensure(definition(), "ns")
    assert script.last("create_state_machine")["loggingConfiguration"] == logging_to(GROUP)


@pytest.mark.parametrize(
    ("logging", "is_fixed"),
    [
        (None, True),
        (logging_to(GROUP, "ERROR"), True),
        (logging_to(GROUP), False),
        # The original service gave each machine a group of its own, which leads to the same stream.
        (logging_to(NAMING.log_group_arn("/aws/vendedlogs/states/ns--wf--2--s")), False),
        (logging_to(NAMING.log_group_arn("/somebody/else")), True),
    ],
)
def test_a_machine_that_does_not_log_to_us_is_made_to(
    stage: Stage, script: Script, machines: Machines, logging: Any, is_fixed: bool
) -> None:
    machines.ensure(definition(), "ns")
    name = arn("ns--wf--2--s")
    if logging is not None:
        stage.direct.update_state_machine(stateMachineArn=name, loggingConfiguration=logging)
    Machines(stage.client, NAMING, ROLE, ExecutionLog(GROUP)).ensure(definition(), "ns")
    assert script.count("update_state_machine") == is_fixed
    if is_fixed:
        described = stage.direct.describe_state_machine(stateMachineArn=name)
        assert described["loggingConfiguration"] == logging_to(GROUP)
