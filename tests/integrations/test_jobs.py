from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.model import OperationModel, Shape

from tests.integrations.calling import STATES, Caller, call_of, clients, service_model
from workflow_manager.asl.resources import task_problem
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.integrations.calls import find_operation
from workflow_manager.integrations.jobs import JOBS, Ask
from workflow_manager.integrations.members import find
from workflow_manager.integrations.naming import OPTIMIZED
from workflow_manager.integrations.translated import TRANSLATED, Translated
from workflow_manager.kernel.json import Json, loads


def operation(service: str, name: str) -> OperationModel:
    found = find_operation(service_model(OPTIMIZED[service].client), name)
    assert found is not None, name
    return found


def at(shape: Shape | None, path: str) -> Shape:
    """The shape at a path, as `find` reads it."""
    for step in path.split(".") if path else ():
        assert shape is not None
        if step.isdigit():
            shape = shape.member  # type: ignore[attr-defined]
        else:
            members = {name.lower(): member for name, member in shape.members.items()}  # type: ignore[attr-defined]
            shape = members[step.lower()]
    assert shape is not None
    return shape


@pytest.mark.parametrize(("service", "action"), JOBS)
def test_all_that_is_said_of_jobs_is_in_the_models(service: str, action: str) -> None:
    job = JOBS[service, action]
    translated = TRANSLATED.get((service, action), Translated(operation=action))
    begin = operation(service, translated.operation)
    requested = {path.removeprefix("[]"): name for name, path in translated.arguments.items()}

    def check(ask: Ask) -> OperationModel:
        asked = operation(service, ask.operation)
        for source, paths, names in (
            (begin.output_shape, ask.answer, translated.answer),
            (begin.input_shape, ask.arguments, requested),
        ):
            for name, path in paths.items():
                wanted = at(asked.input_shape, name)
                place = path.removeprefix("[]")
                given = at(source, names.get(place, place))
                if f"[]{place}" in translated.arguments.values():
                    given = given.member  # type: ignore[attr-defined]
                assert given.type_name == ("string" if path.startswith("[]") else wanted.type_name)
        for name in ask.fixed:
            at(asked.input_shape, name)
        required = {name.lower() for name in asked.input_shape.required_members}  # type: ignore[union-attr]
        assert required <= {name.lower() for name in (*ask.answer, *ask.arguments, *ask.fixed)}
        return asked

    described = check(job.describe)
    if job.stop is not None:
        check(job.stop)
    status = at(at(described.output_shape, job.found), job.status)
    if service != "ecs":  # its status is free text
        known = set(getattr(status, "enum", ())) or {*job.succeeded, *job.failed}
        assert {*job.succeeded, *job.failed} <= known
    if job.gone:
        assert job.gone.removeprefix("EKS.") in {error.name for error in described.error_shapes}


def test_the_how_to_names_every_action_that_can_be_waited_for() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/call-aws-services.md").read_text()
    rows = {row.split()[1]: row for row in page.splitlines() if row.startswith("| ")}
    assert [key for key in JOBS if f"`{key[1]}`" not in rows[key[0]]] == []


@pytest.mark.parametrize(("service", "action"), TRANSLATED)
def test_all_that_is_said_of_actions_is_in_the_models(service: str, action: str) -> None:
    translated = TRANSLATED[service, action]
    meant = operation(service, translated.operation)
    for name, path in translated.arguments.items():
        assert (at(meant.input_shape, name).type_name == "list") is path.startswith("[]")
    for path in translated.answer.values():
        at(meant.output_shape, path)
    if translated.arguments:
        required = {name.lower() for name in meant.input_shape.required_members}  # type: ignore[union-attr]
        assert required <= {name.lower() for name in translated.arguments}


@pytest.mark.parametrize(
    ("path", "value"),
    [("A", 1), ("a", 1), ("L.1.B", 2), ("L.2", None), ("L.x", None), ("A.B", None), ("Z", None)],
)
def test_paths(path: str, value: Json) -> None:
    assert find({"A": 1, "l": [{}, {"b": 2}]}, path) == value


@pytest.mark.parametrize(
    ("key", "description", "outcome"),
    [
        (("batch", "submitJob"), {"Jobs": [{"Status": "RUNNING"}]}, None),
        (("batch", "submitJob"), {"Jobs": [{"Status": "FAILED"}]}, False),
        (("elasticmapreduce", "addStep"), {"Step": {"Status": {"State": "RUNNING"}}}, None),
        (("elasticmapreduce", "addStep"), {"Step": {"Status": {"State": "COMPLETED"}}}, True),
        (("elasticmapreduce", "addStep"), {"Step": {"Status": {"State": "INTERRUPTED"}}}, False),
        (("elasticmapreduce", "createCluster"), {"Cluster": {"Status": {"State": "RUNNING"}}}, None),
        (("eks", "createCluster"), {"Cluster": {"Status": "FAILED"}}, False),
        (("eks", "deleteNodegroup"), {"Nodegroup": {"Status": "ACTIVE"}}, None),
        (("eks", "deleteNodegroup"), {"Nodegroup": {"Status": "DELETE_FAILED"}}, False),
        (("bedrock", "createModelCustomizationJob"), {"Status": "Stopping"}, None),
        (("bedrock", "createModelCustomizationJob"), {"Status": "Completed"}, True),
        (("athena", "startQueryExecution"), {"QueryExecution": {"Status": {"State": "SUCCEEDED"}}}, True),
        (
            ("ecs", "runTask"),
            {"Tasks": [{"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}, {"ExitCode": 1}]}]},
            False,
        ),
        (
            ("ecs", "runTask"),
            {"Tasks": [{"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}]}]},
            True,
        ),
        # It never started.
        (("ecs", "runTask"), {"Tasks": [{"LastStatus": "STOPPED", "Containers": [{}]}]}, False),
        (("ecs", "runTask"), {"Tasks": [{"LastStatus": "DEPROVISIONING"}]}, None),
    ],
)
def test_how_far_a_job_is(key: tuple[str, str], description: Json, outcome: bool | None) -> None:
    job = JOBS[key].read(description)
    assert job is not None
    assert JOBS[key].outcome(job) is outcome


def test_a_job_that_is_not_known_yet_goes_on() -> None:
    assert JOBS["batch", "submitJob"].read({"Jobs": []}) is None


@pytest.fixture
def slow_glue(aws_url: str) -> Iterator[str]:
    """A service whose jobs are seen three times before they are further."""
    from moto.moto_api import state_manager

    state_manager.set_transition("glue::job_run", {"progression": "manual", "times": 3})
    yield aws_url
    state_manager.unset_transition("glue::job_run")


def test_looks_at_a_job_become_rarer(slow_glue: str) -> None:
    clients(slow_glue).get("glue", "us-east-1").create_job(  # type: ignore[attr-defined]
        Name="slow", Role="r", Command={"Name": "glueetl"}
    )
    caller = Caller(slow_glue)
    assert caller.call(f"{STATES}glue:startJobRun.sync", {"JobName": "slow"})["JobRunState"] == "SUCCEEDED"
    assert len(caller.pauses) >= 3
    assert caller.pauses[:3] == [1.0, 1.5, 2.25]


def test_a_job_that_cannot_be_seen_fails_the_task_in_the_end(aws_url: str) -> None:
    caller = Caller(aws_url)
    call = call_of(f"{STATES}glue:startJobRun.sync", {"JobName": "absent"})
    with pytest.raises(ServiceFailed) as failed:
        asyncio.run(caller.services().finish(call, '{"JobRunId":"jr_1"}'))
    assert failed.value.failure.error == "Glue.EntityNotFoundException"
    assert len(caller.pauses) == 9


def test_a_job_that_failed_is_the_cause(aws_url: str) -> None:
    async def play() -> None:
        services = Caller(aws_url).services()
        call = call_of(f"{STATES}athena:startQueryExecution.sync", {"QueryString": "select 1"})
        answer = await services.call(call)
        await services.abandon(call, answer)
        await services.finish(call, answer)

    with pytest.raises(ServiceFailed) as failed:
        asyncio.run(play())
    assert failed.value.failure.error == "States.TaskFailed"
    assert find(loads(failed.value.failure.cause or ""), "Status.State") == "CANCELLED"


ROLE = "arn:aws:iam::123456789012:role/r"


def test_a_cluster_of_emr_is_created_used_and_terminated(aws_url: str) -> None:
    caller = Caller(aws_url)
    emr = f"{STATES}elasticmapreduce:"
    instances: Json = {
        "KeepJobFlowAliveWhenNoSteps": True,
        "InstanceCount": 1,
        "MasterInstanceType": "m4.large",
    }
    made = caller.call(f"{emr}createCluster.sync", {"Name": "n", "Instances": instances})
    assert made["Cluster"]["Status"]["State"] == "WAITING"
    cluster: Json = {"ClusterId": made["ClusterId"]}
    assert made["Cluster"]["Id"] == made["ClusterId"]

    step: Json = {"Name": "s", "HadoopJarStep": {"Jar": "a.jar"}}
    added = caller.call(f"{emr}addStep", {**cluster, "Step": step})
    assert added["StepId"].startswith("s-")
    assert "StepIds" not in added
    caller.call(f"{emr}setClusterTerminationProtection", {**cluster, "TerminationProtected": False})
    ended = caller.call(f"{emr}terminateCluster.sync", cluster)
    assert ended["Cluster"]["Status"]["State"] == "TERMINATED"


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("createCluster", {"Name": "n", "Instances": {}, "Steps": []}),
        ("addStep", {"ClusterId": "j-1", "Steps": []}),
    ],
)
def test_an_action_refuses_what_is_the_operations_alone(action: str, arguments: Json) -> None:
    with pytest.raises(ServiceFailed) as failed:
        Caller("http://127.0.0.1:9").call(f"{STATES}elasticmapreduce:{action}", arguments)
    assert failed.value.failure.error == "States.Runtime"
    assert 'The field "Steps" is not supported by Step Functions' in (failed.value.failure.cause or "")


def test_what_is_deleted_is_waited_for_until_nobody_knows_it(aws_url: str) -> None:
    caller = Caller(aws_url)
    eks = f"{STATES}eks:"
    network: Json = {"SubnetIds": ["subnet-1"]}
    made = caller.call(
        f"{eks}createCluster.sync", {"Name": "c", "RoleArn": ROLE, "ResourcesVpcConfig": network}
    )
    assert made["Cluster"]["Status"] == "ACTIVE"
    group: Json = {"ClusterName": "c", "NodegroupName": "g"}
    nodes: Json = {"Subnets": ["subnet-1"], "NodeRole": ROLE}
    assert caller.call(f"{eks}createNodegroup.sync", {**group, **nodes})["Nodegroup"]["Status"] == "ACTIVE"
    assert caller.call(f"{eks}deleteNodegroup.sync", group)["Nodegroup"]["NodegroupName"] == "g"
    assert caller.call(f"{eks}deleteCluster.sync", {"Name": "c"})["Cluster"]["Name"] == "c"
    with pytest.raises(ServiceFailed) as failed:
        caller.call(f"{eks}deleteCluster.sync", {"Name": "c"})
    assert failed.value.failure.error == "EKS.ResourceNotFoundException"


def test_an_application_of_emr_serverless_goes_through_its_states(aws_url: str) -> None:
    caller = Caller(aws_url)
    emr = f"{STATES}emr-serverless:"
    made = caller.call(f"{emr}createApplication.sync", {"ReleaseLabel": "emr-6.6.0", "Type": "SPARK"})
    application: Json = {"ApplicationId": made["Application"]["ApplicationId"]}
    for action, state in (("start", "STARTED"), ("stop", "STOPPED"), ("delete", "TERMINATED")):
        told = caller.call(f"{emr}{action}Application.sync", application)
        assert told["Application"]["State"] == state


def test_a_virtual_cluster_is_created_and_deleted(aws_url: str) -> None:
    caller = Caller(aws_url)
    emr = f"{STATES}emr-containers:"
    provider: Json = {"Type": "EKS", "Id": "c", "Info": {"EksInfo": {"Namespace": "d"}}}
    made = caller.call(f"{emr}createVirtualCluster.sync", {"Name": "v", "ContainerProvider": provider})
    assert made["State"] == "RUNNING"
    assert caller.call(f"{emr}deleteVirtualCluster.sync", {"Id": made["Id"]})["State"] == "TERMINATED"


def test_what_can_be_waited_for_is_what_definitions_may_wait_for() -> None:
    for service, action in JOBS:
        assert task_problem(f"{STATES}{service}:{action}.sync") is None, (service, action)
