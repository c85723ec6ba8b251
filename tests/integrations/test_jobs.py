from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from botocore.model import OperationModel, Shape

from tests.integrations.calling import STATES, Caller, call_of, clients, service_model
from workflow_manager.engine.services import ServiceFailed
from workflow_manager.integrations.calls import find_operation
from workflow_manager.integrations.jobs import JOBS, Ask, find
from workflow_manager.integrations.naming import OPTIMIZED
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
    job, begin = JOBS[service, action], operation(service, action)

    def check(ask: Ask) -> OperationModel:
        asked = operation(service, ask.operation)
        for source, paths in ((begin.output_shape, ask.answer), (begin.input_shape, ask.arguments)):
            for name, path in paths.items():
                wanted = at(asked.input_shape, name)
                given = at(source, path.removeprefix("[]"))
                assert given.type_name == ("string" if path.startswith("[]") else wanted.type_name)
        for name in ask.fixed:
            at(asked.input_shape, name)
        required = {name.lower() for name in asked.input_shape.required_members}  # type: ignore[union-attr]
        assert required <= {name.lower() for name in (*ask.answer, *ask.arguments, *ask.fixed)}
        return asked

    described = check(job.describe)
    check(job.stop)
    status = at(at(described.output_shape, job.found), job.status)
    if service != "ecs":  # its status is free text
        known = set(getattr(status, "enum", ())) or {job.succeeded, *job.failed}
        assert {job.succeeded, *job.failed} <= known


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
