"""Step Functions as a service that states call."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.worlds import World, definition, run, task, until
from workflow_manager.kernel.json import loads
from workflow_manager.protocol.integrations import connect

SFN = "arn:aws:states:::aws-sdk:sfn:"
CHILD = definition(A={"Type": "Pass", "Result": {"answer": 42}, "End": True})


def outcome(resource: str, arguments: dict[str, Any]) -> tuple[Any, str | None, str | None]:
    """Output, error and cause of an execution with that one task."""
    found: list[tuple[Any, str | None, str | None]] = []

    async def play(world: World) -> None:
        await world.machine(CHILD, "child")
        arn = await world.start(definition(A=task(resource, Parameters=arguments)))
        ending = (await world.ended(arn)).ending
        assert ending is not None
        failure = ending.failure
        output = None if ending.output is None else loads(ending.output)
        found.append((output, failure.error if failure else None, failure.cause if failure else None))

    run(play, services=connect())
    return found[0]


CHILD_ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:child"


def test_the_answer_of_an_operation_has_capitals_and_times_as_text() -> None:
    output, _, _ = outcome(f"{SFN}describeStateMachine", {"StateMachineArn": CHILD_ARN})
    assert (output["Name"], output["Status"], output["Definition"]) == ("child", "ACTIVE", CHILD)
    assert output["CreationDate"].startswith("2026-01-01T00:00:00")


def test_a_child_is_waited_for() -> None:
    output, _, _ = outcome("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": CHILD_ARN})
    assert (output["Status"], output["Output"]) == ("SUCCEEDED", {"answer": 42})


@pytest.mark.parametrize(
    ("operation", "arguments", "error", "cause"),
    [
        (
            "sendTaskSuccess",
            {"TaskToken": "none", "Output": {"a": 1}},
            "Sfn.InvalidTokenException",
            "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: ",
        ),
        ("describeExecution", {"ExecutionArn": "no ARN"}, "Sfn.InvalidArnException", "Invalid Arn: "),
        ("noSuchThing", {}, "Sfn.UnknownOperationException", "The operation NoSuchThing is not known."),
    ],
)
def test_a_refusal_is_named_as_the_sdk_names_it(
    operation: str, arguments: dict[str, Any], error: str, cause: str
) -> None:
    _, got, told = outcome(f"{SFN}{operation}", arguments)
    assert got == error
    assert (told or "").startswith(cause)


@pytest.mark.parametrize("input", [7, False, [1], {"a": None}])
def test_the_input_of_a_child_is_json_of_any_kind(input: Any) -> None:
    arguments = {"StateMachineArn": CHILD_ARN, "Input": input}
    output, _, _ = outcome("arn:aws:states:::states:startExecution.sync:2", arguments)
    assert output["Input"] == input


def test_a_name_that_is_no_text_is_refused() -> None:
    arguments = {"StateMachineArn": CHILD_ARN, "Name": 7}
    _, error, cause = outcome("arn:aws:states:::states:startExecution", arguments)
    assert error == "States.Runtime"
    assert (cause or "").endswith("to start the Task: [The value for the field 'Name' must be a STRING]")


@pytest.mark.parametrize("pattern", [".sync", ".sync:2", ".waitForTaskToken"])
def test_whoever_waits_for_more_than_an_answer_has_a_token(pattern: str) -> None:
    async def play(world: World) -> None:
        parent = definition(
            A=task(
                f"arn:aws:states:::states:startExecution{pattern}",
                Parameters={"StateMachineArn": CHILD_ARN, "Input": {"token.$": "$$.Task.Token"}},
            )
        )
        await world.machine(definition(A={"Type": "Wait", "Seconds": 3600, "End": True}), "child")
        arn = await world.start(parent)

        async def is_submitted() -> bool:
            return "TaskSubmitted" in await world.types(arn)

        await until(is_submitted)
        page = await world.engine.history(world.engine.execution(arn).key, limit=10)
        [details] = [event.details for event in page.events if event.type == "TaskScheduled"]
        assert details is not None
        asked: Any = loads(str(details["parameters"]))
        await world.engine.task_succeeded(asked["Input"]["token"], '"by the token"')
        ending = (await world.ended(arn)).ending
        assert ending is not None
        assert ending.output == '"by the token"'

    run(play, services=connect())


@pytest.mark.parametrize(
    ("resource", "given"),
    [
        ("arn:aws:states:::aws-sdk:sfn:startExecution", {"StateMachineArn": CHILD_ARN, "Bogus": 1}),
        (f"{SFN}listActivities", {"Bogus": 1}),
    ],
)
def test_a_member_that_nobody_knows_is_refused(resource: str, given: dict[str, Any]) -> None:
    _, error, cause = outcome(resource, given)
    assert error == "States.Runtime"
    assert (cause or "").endswith(
        'could not be used to start the Task: [The field "Bogus" is not supported by Step Functions]'
    )


def test_an_operation_may_pass_on_the_token() -> None:
    async def play(world: World) -> None:
        activity = await world.activity("asked")
        waiting = definition(A=task(activity))
        await world.machine(waiting, "child")
        arn = await world.start(
            definition(
                A=task(
                    f"{SFN}startExecution.waitForTaskToken",
                    Parameters={"StateMachineArn": CHILD_ARN, "Input": {"token.$": "$$.Task.Token"}},
                )
            )
        )
        asked = await world.take(activity)

        async def is_submitted() -> bool:
            return "TaskSubmitted" in await world.types(arn)

        await until(is_submitted)
        token = loads(asked.input)
        assert isinstance(token, dict)
        await world.engine.task_succeeded(str(token["token"]), '"done"')
        ending = (await world.ended(arn)).ending
        assert ending is not None
        assert ending.output == '"done"'

    run(play, services=connect())
