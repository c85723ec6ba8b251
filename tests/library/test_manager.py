"""An application's workflows, beside its functions, on an engine of this process."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypedDict

import msgspec
import pytest

import workflow_manager
from workflow_manager import (
    AlreadyExists,
    Conflict,
    Context,
    InvalidDefinition,
    InvalidInput,
    InvalidRequest,
    NotFound,
    NotSupported,
    TaskFailed,
    WorkflowFailed,
    WorkflowManager,
    WorkflowQuery,
    WorkflowStatus,
)
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.thread import EngineThread
from workflow_manager.protocol.client import LocalClient
from workflow_manager.protocol.operations import Operations


def task(name: str = "wf", resource: str = "work", **more: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": resource, "End": True, **more}
    return {"name": name, "stateMachine": {"StartAt": "Work", "States": {"Work": state}}}


def passing(name: str = "wf", result: Any = 1, **more: Any) -> dict[str, Any]:
    states = {"Go": {"Type": "Pass", "Result": result, "End": True}}
    return {"name": name, "stateMachine": {"StartAt": "Go", "States": states}, **more}


@dataclass
class Person:
    name: str
    born: int = 1815


class Greeting(msgspec.Struct):
    text: str


class Counted(TypedDict):
    n: int


def greet(person: Person) -> Greeting:
    return Greeting(f"Hello, {person.name}!")


def test_a_function_gets_its_input_typed_and_gives_its_result() -> None:
    with WorkflowManager(task(), {"work": greet}) as manager:
        assert manager.run("wf", {"name": "Ada"}, timeout=120) == {"text": "Hello, Ada!"}
        assert manager.run("wf", Person("Ada"), timeout=120) == {"text": "Hello, Ada!"}


@pytest.mark.parametrize("text", ["[1,2]", '"text"', "7", "12345678901234567890123", "null"])
def test_input_may_be_json_of_any_kind(text: str) -> None:
    def same(value):  # type: ignore[no-untyped-def]
        return [value]

    with WorkflowManager(task(), {"work": same}) as manager:
        workflow = manager.start_workflow("wf", text)
        assert manager.wait(workflow.id, timeout=120).output == f"[{text}]"


@pytest.mark.parametrize("given", ["", "{", float("nan"), object()])
def test_input_that_is_no_json_is_refused(given: object) -> None:
    with WorkflowManager(passing()) as manager, pytest.raises(InvalidInput, match="input is not valid JSON"):
        manager.start_workflow("wf", given)


class OutOfStock(Exception): ...


class SoldOut(OutOfStock): ...


def wrong_result(_: Person) -> Counted:
    return {"n": "many"}  # type: ignore[typeddict-item]


def raising(error: Exception) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


@pytest.mark.parametrize(
    ("function", "error", "cause"),
    [
        (greet, "ValidationError", "missing required field `name`"),
        (wrong_result, "ValidationError", "Object missing required field `name`"),
        (raising(KeyError("x")), "KeyError", "'x'"),
        (raising(SoldOut("none")), "Shop.OutOfStock", "none"),
        (raising(TaskFailed("Shop.Closed", "on Sundays")), "Shop.Closed", "on Sundays"),
    ],
)
def test_what_a_function_raises_names_the_failure(
    function: Callable[..., object], error: str, cause: str
) -> None:
    caught = {"ErrorEquals": [error], "Next": "Caught"}
    definition = task(Catch=[caught])
    definition["stateMachine"]["States"]["Caught"] = {"Type": "Succeed"}
    with WorkflowManager(definition, {"work": function}, errors={OutOfStock: "Shop.OutOfStock"}) as manager:
        output = manager.run("wf", {"no": "name"}, timeout=120)
        assert isinstance(output, dict)
        assert output["Error"] == error
        assert cause in str(output["Cause"])


def test_a_result_that_does_not_fit_its_annotation_is_a_failure() -> None:
    with WorkflowManager(task(), {"work": wrong_result}) as manager:
        with pytest.raises(WorkflowFailed, match="Expected `int`, got `str`") as caught:
            manager.run("wf", {"name": "Ada"}, timeout=120)
        assert caught.value.workflow.status is WorkflowStatus.FAILED


def test_a_function_knows_its_attempt_its_deadline_and_its_heartbeat() -> None:
    seen: list[Context] = []

    def work(context: Context) -> None:
        seen.append(context)
        if context.attempt == 1:
            raise ConnectionError

    definition = task(
        TimeoutSeconds=60,
        HeartbeatSeconds=30,
        Retry=[{"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 1, "MaxDelaySeconds": 2}],
    )
    with WorkflowManager(definition, {"work": work}) as manager:
        manager.run("wf", timeout=120)
    assert [context.attempt for context in seen] == [1, 2]
    assert seen[0].token != seen[1].token
    assert seen[0].heartbeat == timedelta(seconds=30)
    assert seen[0].deadline is not None
    assert seen[1].deadline is not None
    assert seen[0].deadline < seen[1].deadline


def test_no_more_tasks_run_at_once_than_allowed() -> None:
    lock = threading.Lock()
    both = threading.Barrier(2)
    running, most = 0, 0

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait(120)
        with lock:
            running -= 1
        return number

    inner = task()["stateMachine"]
    states = {"All": {"Type": "Map", "ItemProcessor": inner, "End": True}}
    definition = {"name": "wf", "stateMachine": {"StartAt": "All", "States": states}}
    with WorkflowManager(definition, {"work": work}, limits={"work": 2}) as manager:
        assert manager.run("wf", "[1,2,3,4,5,6]", timeout=120) == [1, 2, 3, 4, 5, 6]
    assert most == 2


def test_a_cancelled_workflow_tells_its_function() -> None:
    begun, told = threading.Event(), threading.Event()

    def work(context: Context) -> None:
        begun.set()
        if context.cancelled.wait(120):
            told.set()

    with WorkflowManager(task(HeartbeatSeconds=1), {"work": work}) as manager:
        workflow = manager.start_workflow("wf")
        assert begun.wait(120)
        manager.cancel_workflow(workflow.id, "not needed")
        cancelled = manager.wait(workflow.id, timeout=120)
        assert (cancelled.status, cancelled.status_reason) == (WorkflowStatus.CANCELLED, "not needed")
        assert told.wait(120)


def test_what_was_under_way_goes_on_after_a_restart(tmp_path: Path) -> None:
    begun = threading.Event()

    def slow(context: Context) -> None:
        begun.set()
        context.cancelled.wait()
        raise InterruptedError

    retry = [{"ErrorEquals": ["sfncli.CommandTerminated"], "IntervalSeconds": 1}]
    with WorkflowManager(task(Retry=retry), {"work": slow}, data=tmp_path / "data") as manager:
        workflow = manager.start_workflow("wf")
        assert begun.wait(120)
    with WorkflowManager(task(Retry=retry), {"work": lambda: {"done": 1}}, data=tmp_path / "data") as manager:
        assert manager.result(workflow.id, timeout=120) == {"done": 1}


def test_workflows_are_listed_searched_and_resumed() -> None:
    is_broken = True

    def work() -> None:
        if is_broken:
            raise OSError("broken")

    with WorkflowManager([task(), passing("other")], {"work": work}) as manager:
        first = manager.start_workflow("wf", tags={"of": "Ada"})
        manager.run("other", timeout=120)
        assert manager.wait(first.id, timeout=120).status is WorkflowStatus.FAILED
        assert [each.id for each in manager.get_workflows_iter(WorkflowQuery(tags=(("of", "Ada"),)))] == [
            first.id
        ]
        assert len(list(manager.get_workflows_iter(WorkflowQuery(limit=1)))) == 2
        jobs = manager.get_workflow_by_id(first.id, fetch_history=True).jobs
        assert jobs is not None
        assert [(job.state, job.status_reason) for job in jobs] == [("Work", "broken\nOSError")]
        is_broken = False
        second = manager.resume_workflow_by_id(first.id, "Work")
        assert manager.wait(second.id, timeout=120).status is WorkflowStatus.SUCCEEDED
        manager.resolve_workflow_by_id(first.id)
        assert manager.get_workflow_by_id(first.id).resolved_by_user


def test_an_id_may_end_as_the_caller_wants() -> None:
    with WorkflowManager(passing()) as manager:
        assert manager.start_workflow("wf", id_suffix="jan").id == "local--wf--0--Go--jan"
        with pytest.raises(AlreadyExists):
            manager.start_workflow("wf", id_suffix="jan")
        long = [manager.start_workflow("wf", id_suffix="long" * 30 + end).id for end in ("a", "b")]
        assert [len(each) for each in long] == [80, 80]
        assert manager.wait(long[0], 10).id != manager.wait(long[1], 10).id


def test_a_definition_that_is_not_numbered_may_change(tmp_path: Path) -> None:
    for version, result in [(0, 1), (0, 1), (1, 2)]:
        with WorkflowManager(passing(result=result), data=tmp_path) as manager:
            assert manager.run("wf", timeout=120) == result
            assert manager.start_workflow("wf").workflow_definition.version == version
            assert [each.version for each in manager.get_workflow_definitions()] == [-1]


def test_a_numbered_definition_is_immutable(tmp_path: Path) -> None:
    with WorkflowManager(passing(version=3), data=tmp_path) as manager:
        assert manager.run("wf", timeout=120) == 1
        with pytest.raises(Conflict, match="wf workflow definition already exists"):
            manager.new_workflow_definition(passing(result=2))
    with (
        pytest.raises(Conflict, match="state machines are immutable: rename it"),
        WorkflowManager(passing(result=2, version=3), data=tmp_path),
    ):
        pass
    with WorkflowManager(passing(result=2, version=4), data=tmp_path) as manager:
        assert manager.run("wf", timeout=120) == 2


def test_definitions_are_added_and_replaced_while_it_runs() -> None:
    with WorkflowManager() as manager:
        manager.new_workflow_definition("name: wf\nversion: -1.0\nstateMachine: " + _pass_yaml(1))
        manager.new_workflow_definition("name: wf\nstateMachine: " + _pass_yaml(2))
        assert [(each.name, each.version) for each in manager.get_workflow_definitions()] == [("wf", -1)]
        assert manager.run("wf", timeout=120) == 2
        manager.update_workflow_definition(passing(result=3))
        assert manager.run("wf", timeout=120) == 3
        assert len(manager.get_workflow_definition_versions_by_name("wf")) == 3
        with pytest.raises(NotFound):
            manager.update_workflow_definition(passing("unknown"))


def _pass_yaml(result: int) -> str:
    return f"{{StartAt: A, States: {{A: {{Type: Pass, Result: {result}, End: true}}}}}}"


def _parallel_task() -> dict[str, Any]:
    branch = task(resource="lost")["stateMachine"]
    states = {"P": {"Type": "Parallel", "Branches": [branch], "End": True}}
    return {"name": "wf", "stateMachine": {"StartAt": "P", "States": states}}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WorkflowManager([passing(), passing()]), "duplicate workflow definition found: wf"),
        (lambda: WorkflowManager(environment=""), "must configure Environment"),
        (lambda: WorkflowManager(app=""), "must configure App"),
        (lambda: WorkflowManager({"stateMachine": {}}), "`name` is missing"),
        (lambda: WorkflowManager(functions={"f": 3}), "function 'f': handler kind int is not func"),  # type: ignore[dict-item]
        (
            lambda: WorkflowManager(functions={"f": greet}, limits={"g": 1}),
            "the limit of 'g' is for no function",
        ),
        (lambda: WorkflowManager(Path("nowhere.yml")), "cannot read nowhere.yml"),
        (lambda: WorkflowManager(passing(version=1.5)), "`version` is not a whole number"),
    ],
)
def test_what_cannot_be_is_said_when_it_is_made(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (task(resource="lost"), "unknown resource 'lost' in wf.Work"),
        (_parallel_task(), "unknown resource 'lost' in wf.P.Work"),
        (
            {"name": "wf", "stateMachine": {"StartAt": "A", "States": {}}},
            "could not validate state machine: Must",
        ),
    ],
)
def test_a_definition_that_cannot_run_stops_the_start(definition: dict[str, Any], message: str) -> None:
    with (
        pytest.raises(InvalidDefinition) as caught,
        WorkflowManager(definition, {"work": greet}),
    ):
        pass
    assert message in str(caught.value)


def test_a_machine_that_only_succeeds_is_a_machine() -> None:
    machine = {"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}
    with WorkflowManager({"name": "wf", "stateMachine": machine}) as manager:
        assert manager.run("wf", {"a": 1}, timeout=120) == {"a": 1}


def test_another_namespace_and_a_workflow_that_takes_too_long() -> None:
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
    with WorkflowManager({"name": "wf", "stateMachine": wait}) as manager:
        with pytest.raises(InvalidRequest, match="namespace 'other' must match environment 'local'"):
            manager.start_workflow("wf", namespace="other")
        with pytest.raises(TimeoutError):
            manager.run("wf", timeout=0.01)


def test_what_only_a_server_has_is_not_supported() -> None:
    with WorkflowManager() as manager:
        for method in (
            manager.post_state_resource,
            manager.get_state_resource,
            manager.delete_state_resource,
        ):
            with pytest.raises(NotSupported, match="is not supported"):
                method("ns", "name")


def test_before_its_start_and_after_its_end_it_does_nothing() -> None:
    manager = WorkflowManager(passing())
    with pytest.raises(InvalidRequest, match="not started"):
        manager.start_workflow("wf")
    with manager:
        manager.run("wf", timeout=120)
    with pytest.raises(InvalidRequest, match="not started"):
        manager.get_workflow_definitions()
    with manager:
        manager.run("wf", timeout=120)


def test_every_public_name_is_there_and_importing_them_is_put_off() -> None:
    for name in workflow_manager.__all__:
        assert getattr(workflow_manager, name).__name__ == name
    with pytest.raises(AttributeError):
        _ = workflow_manager.nothing  # type: ignore[attr-defined]
    program = "import sys, workflow_manager; print([n for n in sys.modules if 'boto' in n or 'msgspec' in n])"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert printed == "[]\n"


def test_state_machines_may_run_elsewhere(tmp_path: Path) -> None:
    elsewhere = EngineThread(Engine(MemoryJournal())).start()
    client = LocalClient(Operations(elsewhere.engine, poll_seconds=0.1), elsewhere.bridge)
    with WorkflowManager(task(), {"work": greet}, client=client, poll_rate=50, data=tmp_path) as manager:
        workflow = manager.start_workflow("wf", Person("Ada"))
        assert manager.result(workflow.id, timeout=120) == {"text": "Hello, Ada!"}
        machines = client.list_state_machines()["stateMachines"]
        assert [machine["name"] for machine in machines] == ["local--wf--0--Work"]
        activities = client.list_activities()["activities"]
        assert [activity["name"] for activity in activities] == ["local--app-work"]
        second = manager.start_workflow("wf", Person("Bob"))
        client.stop_execution(executionArn=second.execution_arn)
        assert {each.status for each in manager.get_workflows(WorkflowQuery()).workflows} <= {
            WorkflowStatus.SUCCEEDED,
            WorkflowStatus.CANCELLED,
        }
    elsewhere.stop()


def test_lambda_functions_run_here(tmp_path: Path) -> None:
    def double(event: dict[str, int]) -> dict[str, int]:
        return {"n": event["n"] * 2}

    definition = {
        "name": "wf",
        "stateMachine": {
            "StartAt": "Double",
            "States": {
                "Double": {"Type": "Task", "Resource": "lambda:double", "Next": "Text"},
                "Text": {"Type": "Task", "Resource": "lambda:text", "End": True},
            },
        },
    }
    lambdas = {"double": double, "text": "command:tr -d '{}'"}
    with WorkflowManager({**definition}, lambdas=lambdas) as manager:
        found = manager.run("wf", {"n": 21}, timeout=120)
    assert '"n":42' in str(found)


def test_lambda_functions_and_connections_that_cannot_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="function 'f'"):
        WorkflowManager(passing(), lambdas={"f": "nowhere:f"})
    with pytest.raises(InvalidRequest, match="connections of"):
        WorkflowManager(passing(), connections=tmp_path / "none.yml")
