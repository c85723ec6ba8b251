"""The states, one parser for each type, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypedDict

from workflow_manager.asl.compiling import MAX_SECONDS, OPEN, Compiler
from workflow_manager.asl.environment import Expression, Literal
from workflow_manager.asl.flow import JsonataFlow, PathFlow
from workflow_manager.asl.integrations import missing, unsupported
from workflow_manager.asl.judging import Fields
from workflow_manager.asl.nodes import (
    END,
    Choice,
    DataFlow,
    Fail,
    Next,
    Node,
    Pass,
    QueryLanguage,
    Succeed,
    Task,
    Wait,
)
from workflow_manager.asl.parse_choice import parse_rule
from workflow_manager.asl.parse_recovery import parse_catchers, parse_retriers
from workflow_manager.asl.paths import not_an_input_value
from workflow_manager.asl.resources import task_problem
from workflow_manager.asl.timestamps import parse_timestamp
from workflow_manager.kernel.json import ABSENT, document


class Shared(TypedDict):
    """The fields of every state."""

    name: str
    flow: DataFlow
    comment: str | None
    assign: Expression | None


def shared(name: str, fields: Fields, compiler: Compiler) -> Shared:
    """Reads what all states have.  A field that the state's type lacks was reported before."""
    return Shared(
        name=name,
        flow=_flow(fields, compiler),
        comment=fields.text("Comment"),
        assign=compiler.assign(fields),
    )


def _flow(fields: Fields, compiler: Compiler) -> DataFlow:
    if compiler.is_jsonata:
        return JsonataFlow(
            arguments_template=_arguments(fields, compiler), output_template=compiler.output(fields)
        )
    is_map = fields["Type"] == "Map"  # whose Parameters are an old ItemSelector
    return PathFlow(
        input_path=compiler.path(fields, "InputPath"),
        parameters=None if is_map else compiler.template(fields, "Parameters"),
        result_selector=compiler.object_template(fields, "ResultSelector"),
        result_path=compiler.result_path(fields),
        output_path=compiler.path(fields, "OutputPath"),
    )


def _arguments(fields: Fields, compiler: Compiler) -> Expression | None:
    value = fields.values.get("Arguments", ABSENT)
    if value is ABSENT or isinstance(value, dict):
        return compiler.template(fields, "Arguments")
    if isinstance(value, str) and value.startswith(OPEN):
        return compiler.template(fields, "Arguments")
    fields.report("Expected value of type Object or a JSONata expression", "Arguments")
    return None


def transition(fields: Fields) -> Next:
    """Next, or the end; exactly one of them has to be given."""
    end = fields.flag("End")
    if "Next" in fields:
        if end:
            fields.report("Only one of these fields is allowed: [Next, End]")
        return fields.text("Next") or ""
    if not end and (end is not None or "End" not in fields):
        fields.report("Exactly one of these fields is required: [Next, End]")
    return END


def parse_pass(name: str, fields: Fields, compiler: Compiler) -> Pass:
    result = document(fields["Result"]) if "Result" in fields else ABSENT
    return Pass(**shared(name, fields, compiler), next=transition(fields), result=result)


def parse_task(name: str, fields: Fields, compiler: Compiler) -> Task:
    fields.require("Resource")
    resource = fields.text("Resource")
    if resource is not None and (problem := task_problem(resource)):
        fields.report(problem, "Resource")
    _check_arguments(fields, resource or "", compiler)
    timeout = compiler.integer(fields, "TimeoutSeconds", 1, MAX_SECONDS)
    heartbeat = compiler.integer(fields, "HeartbeatSeconds", 1, MAX_SECONDS)
    _check_heartbeat(fields, timeout, heartbeat)
    return Task(
        **shared(name, fields, compiler),
        next=transition(fields),
        resource=resource or "",
        timeout_seconds=timeout,
        heartbeat_seconds=heartbeat,
        credentials=_credentials(fields, compiler),
        retry=parse_retriers(fields),
        catch=parse_catchers(fields, compiler),
    )


def _check_arguments(fields: Fields, resource: str, compiler: Compiler) -> None:
    """Names are known before the values are."""
    field = "Arguments" if compiler.is_jsonata else "Parameters"
    given = fields.values.get(field)
    if not isinstance(given, dict):
        return
    names = [name if compiler.is_jsonata else name.removesuffix(".$") for name in given]
    for problem in (*unsupported(resource, names), *missing(resource, names)):
        fields.report(problem, field)


def _check_heartbeat(fields: Fields, timeout: Expression | None, heartbeat: Expression | None) -> None:
    if not (isinstance(timeout, Literal) and isinstance(heartbeat, Literal)):
        return
    if not heartbeat.value < timeout.value:  # type: ignore[operator]
        fields.report("HeartbeatSeconds must be less than TimeoutSeconds", "HeartbeatSeconds")


def _credentials(fields: Fields, compiler: Compiler) -> Expression | None:
    template = compiler.object_template(fields, "Credentials")
    given = fields.values.get("Credentials")
    names = {"RoleArn"} if compiler.is_jsonata else {"RoleArn", "RoleArn.$"}
    if isinstance(given, dict) and not names & given.keys():
        fields.report("The field 'RoleArn' is required but was missing", "Credentials")
    return template


def parse_wait(name: str, fields: Fields, compiler: Compiler) -> Wait:
    names = ("Seconds", "Timestamp") if compiler.is_jsonata else _WAITS
    given = fields.require_one(*names)
    seconds = timestamp = None
    if given in ("Seconds", "SecondsPath"):
        seconds = compiler.integer(fields, "Seconds", 0, MAX_SECONDS, not_an_input_value("SecondsPath"))
    elif given == "Timestamp":
        timestamp = compiler.string(fields, "Timestamp")
        if isinstance(timestamp, Literal) and parse_timestamp(str(timestamp.value)) is None:
            fields.report("String does not match RFC3339 timestamp", "Timestamp")
    elif given == "TimestampPath":
        timestamp = compiler.single_path(fields, "TimestampPath", not_an_input_value("TimestampPath"))
    return Wait(
        **shared(name, fields, compiler), next=transition(fields), seconds=seconds, timestamp=timestamp
    )


_WAITS: Final = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")


def parse_choice(name: str, fields: Fields, compiler: Compiler) -> Choice:
    fields.require("Choices")
    return Choice(
        **shared(name, fields, compiler),
        rules=tuple(parse_rule(rule, compiler) for rule in fields.objects("Choices", nonempty=True)),
        default=fields.text("Default"),
    )


def parse_succeed(name: str, fields: Fields, compiler: Compiler) -> Succeed:
    return Succeed(**shared(name, fields, compiler))


def parse_fail(name: str, fields: Fields, compiler: Compiler) -> Fail:
    return Fail(
        **shared(name, fields, compiler),
        error=_text_or_path(fields, "Error", compiler),
        cause=_text_or_path(fields, "Cause", compiler),
    )


def _text_or_path(fields: Fields, name: str, compiler: Compiler) -> Expression | None:
    if not compiler.is_jsonata and fields.choose(name, f"{name}Path") == f"{name}Path":
        return compiler.path_or_intrinsic(fields, f"{name}Path")
    return compiler.string(fields, name)


SIMPLE: Final[Mapping[str, Callable[[str, Fields, Compiler], Node]]] = {
    "Task": parse_task,
    "Pass": parse_pass,
    "Wait": parse_wait,
    "Choice": parse_choice,
    "Succeed": parse_succeed,
    "Fail": parse_fail,
}

LANGUAGES: Final[Mapping[str, QueryLanguage]] = {language.value: language for language in QueryLanguage}
