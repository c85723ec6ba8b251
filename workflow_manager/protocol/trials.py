"""TestState, over the wire: what may be asked of a single state, and how its outcome is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.nodes import Machine, Map, Node, Parallel, Task
from workflow_manager.asl.parse import parse, parse_state
from workflow_manager.asl.references import all_states
from workflow_manager.engine.item_reading import Unreadable, parse_items, pointed_at
from workflow_manager.engine.resources import Kind, Pattern, parse_resource
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.stages import Stages
from workflow_manager.engine.trial import NAME, Circumstances, Outcome
from workflow_manager.kernel.json import Document, Json, NotJson, dumps, loads
from workflow_manager.protocol.machines import check_role
from workflow_manager.protocol.mocks import check_mock_result
from workflow_manager.protocol.model import Request
from workflow_manager.protocol.refusals import Refusal

_SUPPORTED: Final = (
    "TestState API does not support {}. Supported state types include:"
    " [Task, Wait, Pass, Succeed, Fail, Choice]"
)


async def test(engine: Engine, request: Request) -> dict[str, Any]:
    node = _node(request)
    # It may take a service's description to judge a mock, and that is slow to read.
    mock = await asyncio.to_thread(_mock, request, node)
    _check_without_mock(request, node)
    role = request.get("roleArn")
    configuration = request.get("stateConfiguration", {})
    outcome = await engine.test_state(
        node,
        request.get("input", "{}"),
        None if role is None else check_role(role),
        Circumstances(
            variables=_variables(request),
            context=_context(request, node),
            mock=mock,
            retries=configuration.get("retrierRetryCount", 0),
            failed_items=configuration.get("mapIterationFailureCount", 0),
            **_read_data(configuration, node),
        ),
    )
    answer = _show(outcome)
    level = request.get("inspectionLevel", "INFO")
    if level != "INFO":
        answer["inspectionData"] = _inspect(request.get("input", "{}"), outcome)
    if level == "TRACE" and (exchange := outcome.stages.exchange) is not None:
        reveals = request.get("revealSecrets", False)
        answer["inspectionData"]["request"] = dict(exchange.revealed if reveals else exchange.request)
        if exchange.response is not None:
            answer["inspectionData"]["response"] = dict(exchange.response)
    return answer


def _node(request: Request) -> Node:
    name = request.get("stateName")
    if name is None:
        return parse_state(request["definition"]).states[NAME]
    for node in all_states(parse(request["definition"])):
        if node.name == name:
            return node
    raise _invalid("State not found in definition")


# The mock, and what only goes with one


def _mock(request: Request, node: Node) -> Document | Failure | None:
    mock = request.get("mock")
    if mock is None:
        return None
    if not isinstance(node, Task | Map | Parallel):
        raise _invalid(f"State type '{type(node).__name__}' is not supported when a mock is specified")
    if request.get("revealSecrets"):
        raise _invalid("TestState does not support RevealSecrets when a mock is specified.")
    if ("result" in mock) is ("errorOutput" in mock):
        raise _invalid("A test mock should have only one of the following fields: [result, errorOutput].")
    if "errorOutput" in mock:
        error = mock["errorOutput"]
        if "error" not in error:
            raise _invalid("A mocked errorOutput must have the field 'error'.")
        _check_origin(request, node)
        return Failure(error["error"], error.get("cause"))
    result = _parse(mock["result"], "Mocked result must be valid JSON")
    match node:
        case Task():
            check_mock_result(node.resource, result, mock.get("fieldValidationMode", "STRICT"))
        case Map(writer=None) if not isinstance(result, list):
            raise _invalid("Mocked result must be an array.")
        case Map(writer=writer) if writer is not None and not isinstance(result, dict):
            raise _invalid("Mocked result must be a JSON object.")
        case Parallel() if not isinstance(result, list):
            raise _invalid("Mocked result must be an array.")
        case Parallel(branches=branches) if isinstance(result, list) and len(result) != len(branches):
            raise _invalid(
                "Mocked result must contain the same number of items as number of Parallel branches."
            )
    return Document(text=mock["result"])


def _check_origin(request: Request, node: Node) -> None:
    """The state that a failed Map or Parallel blames has to be inside of it."""
    name = request.get("stateConfiguration", {}).get("errorCausedByState")
    if name is None:
        return
    inside = all_states(Machine(start_at=node.name, states={node.name: node}))
    if not any(state.name == name for state in inside if state is not node):
        raise _invalid("ErrorCausedByState must name a state within the Map or Parallel state under test.")


def _check_without_mock(request: Request, node: Node) -> None:
    if "mock" in request:
        return
    for name in request.get("stateConfiguration", {}):
        raise _invalid(
            f"TestState does not support {name[0].upper()}{name[1:]} when a mock is not specified."
        )
    if "context" in request:
        raise _invalid("TestState does not support Context when a mock is not specified.")
    if isinstance(node, Map | Parallel):
        raise Refusal("InvalidDefinition", _SUPPORTED.format("Map or Parallel states"))
    if not isinstance(node, Task):
        return
    resource = parse_resource(node.resource)
    if resource.kind is Kind.ACTIVITY:
        raise Refusal("InvalidDefinition", _SUPPORTED.format("Activity tasks when a mock is not specified"))
    if resource.pattern is not Pattern.REQUEST_RESPONSE:
        raise Refusal(
            "InvalidDefinition",
            _SUPPORTED.format("'.sync' or '.waitForTaskToken' when a mock is not specified"),
        )
    if "roleArn" not in request:
        raise _invalid("RoleArn must be specified when testing a Task state")


def _variables(request: Request) -> dict[str, str]:
    if "variables" not in request:
        return {}
    given = _parse(request["variables"], "Variables must be valid JSON")
    if not isinstance(given, dict):
        raise _invalid("Variables must be a JSON object")
    return {name: dumps(value) for name, value in given.items()}


def _read_data(configuration: Request, node: Node) -> dict[str, Any]:
    """What an ItemReader would have found, of the data given as it is at its source."""
    data = configuration.get("mapItemReaderData")
    if data is None or not isinstance(node, Map) or node.reader is None:
        return {}
    config = dict(node.reader.config)
    if config.get("InputType") == "MANIFEST":
        # A manifest only lists what is read.
        config["InputType"] = "JSON"
    try:
        read = {"read_items": tuple(parse_items(data.encode(), config))}
        if "ItemsPointer" not in config:
            return read
        return {**read, "pointed_at": dumps(pointed_at(loads(data), config["ItemsPointer"]))}
    except (Unreadable, NotJson) as problem:
        raise _invalid(f"Invalid mapItemReaderData: {problem}") from None


# The context object


_CONTEXT: Final[Mapping[str, Mapping[str, type[object] | tuple[type, ...]]]] = {
    "Execution": {
        "Id": str,
        "Input": object,
        "Name": str,
        "RoleArn": str,
        "StartTime": str,
        "RedriveCount": (int, float),
        "RedriveTime": str,
    },
    "State": {"EnteredTime": str, "Name": str, "RetryCount": (int, float)},
    "StateMachine": {"Id": str, "Name": str},
    "Task": {"Token": str},
}
_EXPECTED: Final[Mapping[object, str]] = {str: "a string", (int, float): "a number"}


def _context(request: Request, node: Node) -> dict[str, Json] | None:
    if "context" not in request:
        return None
    context = _parse(request["context"], "Invalid Context object provided: not valid JSON")
    if not isinstance(context, dict):
        raise _wrong_context("Context object must be a JSON object")
    if "Map" in context:
        raise _wrong_context("'Map' field is not supported when mocking a Context object")
    for part, members in context.items():
        _check_part(part, members)
    if "Task" in context and not _waits_for_others(node):
        raise _wrong_context(
            "Context object contains 'Task' when state is not a Task state with a '.sync' or"
            " '.waitForTaskToken' service integration pattern"
        )
    return context


def _check_part(part: str, members: Json) -> None:
    allowed = _CONTEXT.get(part)
    if allowed is None:
        raise _wrong_context(f"Field '{part}' is not allowed")
    if not isinstance(members, dict):
        raise _wrong_context(f"{part} must be an object")
    for name, value in members.items():
        if name not in allowed:
            raise _wrong_context(f"Field '{name}' is not allowed")
        if (isinstance(value, bool) and allowed[name] is not object) or not isinstance(value, allowed[name]):
            raise _wrong_context(f"{part}.{name} must be {_EXPECTED[allowed[name]]}")


def _waits_for_others(node: Node) -> bool:
    return isinstance(node, Task) and parse_resource(node.resource).pattern is not Pattern.REQUEST_RESPONSE


# The answer


def _show(outcome: Outcome) -> dict[str, Any]:
    answer: dict[str, Any] = {"status": outcome.verdict.value}
    if outcome.output is not None:
        answer["output"] = outcome.output
    if outcome.next is not None:
        answer["nextState"] = outcome.next
    if outcome.failure is not None:
        told = {"error": outcome.failure.error, "cause": outcome.failure.cause}
        answer |= {name: text for name, text in told.items() if text is not None}
    return answer


def _inspect(input: str, outcome: Outcome) -> dict[str, Any]:
    shown: dict[str, Any] = {"input": input, **outcome.stages.texts, **_limits(outcome.stages)}
    if outcome.variables:
        shown["variables"] = (
            f"{{{','.join(f'{dumps(name)}:{text}' for name, text in outcome.variables.items())}}}"
        )
    handled = {
        "catchIndex": outcome.catcher,
        "retryIndex": outcome.retrier,
        "retryBackoffIntervalSeconds": outcome.backoff_seconds,
    }
    handled = {name: number for name, number in handled.items() if number is not None}
    return {**shown, "errorDetails": handled} if handled else shown


def _limits(stages: Stages) -> dict[str, float]:
    limits = {
        "maxConcurrency": stages.max_concurrency,
        "toleratedFailureCount": stages.tolerated_failure_count,
        "toleratedFailurePercentage": stages.tolerated_failure_percentage,
    }
    return {name: number for name, number in limits.items() if number is not None}


def _parse(text: str, otherwise: str) -> Json:
    try:
        return loads(text)
    except NotJson:
        raise _invalid(otherwise) from None


def _wrong_context(problem: str) -> Refusal:
    return _invalid(f"Invalid Context object provided: {problem}")


def _invalid(text: str) -> Refusal:
    return Refusal("ValidationException", text)
