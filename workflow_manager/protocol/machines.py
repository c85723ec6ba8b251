"""State machines, their versions and aliases, over the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from workflow_manager.asl.parse import parse
from workflow_manager.asl.references import variable_references
from workflow_manager.asl.validate import diagnose
from workflow_manager.engine.draft import machine_at
from workflow_manager.engine.journal.records import Alias, StateMachine, Version
from workflow_manager.engine.runtime import Engine
from workflow_manager.kernel.errors import InvalidDefinition, NotFound
from workflow_manager.kernel.json import Json, dumps, loads
from workflow_manager.protocol.encryption import read_encryption, show_encryption
from workflow_manager.protocol.model import Request
from workflow_manager.protocol.names import check_arn, check_name
from workflow_manager.protocol.paging import make_token, page_size, parse_token
from workflow_manager.protocol.refusals import Refusal
from workflow_manager.protocol.tags import read_tags

Answer = dict[str, Any]

_LOG_GROUP: Final = re.compile(r"arn:[^:]+:logs:[^:]*:[^:]*:log-group:.+")
_NO_LOGGING: Final = {"level": "OFF", "includeExecutionData": False}
_ROLE: Final = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+", re.DOTALL)
MAX_DIAGNOSTICS: Final = 100


async def create(engine: Engine, request: Request) -> Answer:
    with _labels_told_of(request):
        machine, version = await engine.create_machine(
            check_name(request["name"]),
            request["definition"],
            check_role(request["roleArn"]),
            type=request.get("type", "STANDARD"),
            logging=_logging(request),
            tracing=request.get("tracingConfiguration", {}).get("enabled", False),
            encryption=read_encryption(request),
            tags=read_tags(request.get("tags", ())),
            publish=_publish(request),
        )
    return {
        "stateMachineArn": machine.arn,
        "creationDate": machine.created_at.timestamp(),
        **_published(version),
    }


@contextmanager
def _labels_told_of(request: Request) -> Iterator[None]:
    """A Map's Label is judged apart from the schema, and what is wrong with it has another text."""
    try:
        yield
    except InvalidDefinition as error:
        first = next((problem for problem in error.problems if problem.severity == "ERROR"), None)
        if first is None or not (first.place.endswith("/Label") and first.message.startswith("Label ")):
            raise
        message = f"Error=ValueError Args=[{first.message!r}] in definition '{request['definition']}'."
        raise Refusal("InvalidDefinition", message) from None


async def update(engine: Engine, request: Request) -> Answer:
    arn = check_arn(request["stateMachineArn"], "stateMachine")
    changes = (
        "definition",
        "roleArn",
        "loggingConfiguration",
        "tracingConfiguration",
        "encryptionConfiguration",
    )
    if not any(name in request for name in changes):
        raise Refusal(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration"
            " must be specified",
        )
    role = request.get("roleArn")
    with _labels_told_of(request):
        machine, version = await engine.update_machine(
            arn,
            definition=request.get("definition"),
            role_arn=None if role is None else check_role(role),
            logging=_logging(request),
            tracing=request.get("tracingConfiguration", {}).get("enabled"),
            encryption=read_encryption(request),
            publish=_publish(request),
        )
    return {"updateDate": machine.updated_at.timestamp(), **_revision(machine), **_published(version)}


async def delete(engine: Engine, request: Request) -> Answer:
    await engine.delete_machine(check_arn(request["stateMachineArn"], "stateMachine"))
    return {}


async def describe(engine: Engine, request: Request) -> Answer:
    arn = check_arn(request["stateMachineArn"], "stateMachine")
    version = engine.registry.versions.get(arn)
    machine = version.machine if version else engine.registry.machine(arn)
    answer = {
        "stateMachineArn": arn,
        "name": machine.name,
        "status": "ACTIVE",
        **_definition(engine, machine.definition, request),
        "roleArn": machine.role_arn,
        "type": machine.type,
        "creationDate": (version or machine).created_at.timestamp(),
        **_settings(machine),
        **_revision(machine),
    }
    if version is not None and version.description:
        answer["description"] = version.description
    return answer


async def describe_for_execution(engine: Engine, request: Request) -> Answer:
    record = engine.execution(check_arn(request["executionArn"], "execution"))
    identity = record.identity
    version = engine.registry.versions.get(identity.state_machine_version_arn or "")
    machine = version.machine if version else engine.registry.machines.get(identity.machine_arn)
    answer = {
        "stateMachineArn": identity.machine_arn,
        "name": identity.machine_name,
        **_definition(engine, record.definition, request, identity.place),
        "roleArn": identity.role_arn,
        "updateDate": (identity.machine_updated_at or identity.started_at).timestamp(),
        **({"revisionId": identity.machine_revision} if identity.machine_revision else {}),
    }
    if identity.map_run_arn is not None:
        answer |= {
            "mapRunArn": identity.map_run_arn,
            "label": identity.machine_name.rpartition("/")[2],
        }
    if machine is None:
        return {**answer, "loggingConfiguration": _NO_LOGGING, "tracingConfiguration": {"enabled": False}}
    return {**answer, **_settings(machine)}


async def list_all(engine: Engine, request: Request) -> Answer:
    after = parse_token(request, "machines", str) or ""
    size = page_size(request)
    found = sorted(arn for arn in engine.registry.machines if arn > after)
    page = [engine.registry.machines[arn] for arn in found[:size]]
    shown = [
        {
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "type": machine.type,
            "creationDate": machine.created_at.timestamp(),
        }
        for machine in page
    ]
    more = {"nextToken": make_token("machines", page[-1].arn)} if len(found) > size else {}
    return {"stateMachines": shown, **more}


async def validate(engine: Engine, request: Request) -> Answer:
    problems = diagnose(request["definition"], express=request.get("type") == "EXPRESS")
    if request.get("severity", "ERROR") == "ERROR":
        problems = [problem for problem in problems if problem.severity == "ERROR"]
    most = request.get("maxResults") or MAX_DIAGNOSTICS
    failed = any(problem.severity == "ERROR" for problem in problems)
    return {
        "result": "FAIL" if failed else "OK",
        "diagnostics": [
            {
                "severity": problem.severity,
                "code": problem.code,
                "message": problem.message,
                "location": problem.place or "/",
            }
            for problem in problems[:most]
        ],
        "truncated": len(problems) > most,
    }


# Versions


async def publish_version(engine: Engine, request: Request) -> Answer:
    arn = check_arn(request["stateMachineArn"], "stateMachine")
    version = await engine.publish_version(arn, request.get("revisionId"), request.get("description", ""))
    return {"creationDate": version.created_at.timestamp(), **_published(version)}


async def delete_version(engine: Engine, request: Request) -> Answer:
    await engine.delete_version(check_arn(request["stateMachineVersionArn"], "stateMachine"))
    return {}


async def list_versions(engine: Engine, request: Request) -> Answer:
    arn = check_arn(request["stateMachineArn"], "stateMachine")
    engine.registry.machine(arn)
    listing = f"versions {arn}"
    before = parse_token(request, listing, int)
    size = page_size(request)
    found = [
        version
        for version in engine.registry.versions_of(arn)
        if before is None or version.machine.published < before
    ]
    shown = [
        {"stateMachineVersionArn": version.arn, "creationDate": version.created_at.timestamp()}
        for version in found[:size]
    ]
    more = {"nextToken": make_token(listing, found[size - 1].machine.published)} if len(found) > size else {}
    return {"stateMachineVersions": shown, **more}


# Aliases


async def create_alias(engine: Engine, request: Request) -> Answer:
    alias = await engine.create_alias(request["name"], _routes(request), request.get("description"))
    return {"stateMachineAliasArn": alias.arn, "creationDate": alias.created_at.timestamp()}


async def update_alias(engine: Engine, request: Request) -> Answer:
    arn = check_arn(request["stateMachineAliasArn"], "stateMachine")
    if "description" not in request and "routingConfiguration" not in request:
        raise Refusal(
            "ValidationException", "Either the description or the RoutingConfiguration must be specified"
        )
    routes = _routes(request) if "routingConfiguration" in request else None
    alias = await engine.update_alias(arn, routes, request.get("description"))
    return {"updateDate": alias.updated_at.timestamp()}


async def delete_alias(engine: Engine, request: Request) -> Answer:
    await engine.delete_alias(check_arn(request["stateMachineAliasArn"], "stateMachine"))
    return {}


async def describe_alias(engine: Engine, request: Request) -> Answer:
    alias = engine.registry.alias(check_arn(request["stateMachineAliasArn"], "stateMachine"))
    return {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        **({"description": alias.description} if alias.description else {}),
        "routingConfiguration": [
            {"stateMachineVersionArn": arn, "weight": weight} for arn, weight in alias.routes
        ],
        "creationDate": alias.created_at.timestamp(),
        "updateDate": alias.updated_at.timestamp(),
    }


async def list_aliases(engine: Engine, request: Request) -> Answer:
    arn = check_arn(request["stateMachineArn"], "stateMachine")
    version = engine.registry.versions.get(arn)
    if version is None:
        engine.registry.machine(arn)
    listing = f"aliases {arn}"
    after = parse_token(request, listing, str) or ""
    size = page_size(request)
    found = [
        alias
        for alias in engine.registry.aliases_of(version.machine.arn if version else arn)
        if alias.name > after and (version is None or _leads_to(alias, arn))
    ]
    shown = [
        {"stateMachineAliasArn": alias.arn, "creationDate": alias.created_at.timestamp()}
        for alias in found[:size]
    ]
    more = {"nextToken": make_token(listing, found[size - 1].name)} if len(found) > size else {}
    return {"stateMachineAliases": shown, **more}


def check_role(arn: str) -> str:
    """Any role will do, as long as it looks like one."""
    if not _ROLE.fullmatch(arn):
        raise Refusal("InvalidArn", f"Invalid Role Arn: '{arn}'")
    return arn


def _leads_to(alias: Alias, version_arn: str) -> bool:
    return any(arn == version_arn for arn, _ in alias.routes)


def _routes(request: Request) -> list[tuple[str, int]]:
    return [
        (check_arn(route["stateMachineVersionArn"], "stateMachine"), route["weight"])
        for route in request["routingConfiguration"]
    ]


def _publish(request: Request) -> str | None:
    if request.get("publish"):
        return str(request.get("versionDescription", ""))
    if request.get("versionDescription"):
        raise Refusal("ValidationException", "Version description can only be set when publish is true")
    return None


def _published(version: Version | None) -> Answer:
    return {"stateMachineVersionArn": version.arn} if version else {}


def _revision(machine: StateMachine) -> Answer:
    return {"revisionId": machine.revision} if machine.revision else {}


def _logging(request: Request) -> Answer | None:
    given = request.get("loggingConfiguration")
    if given is None:
        return None
    destinations = given.get("destinations", [])
    named = [each for each in destinations if each.get("cloudWatchLogsLogGroup", {}).get("logGroupArn")]
    if (given.get("level", "OFF") != "OFF" and len(named) != 1) or len(destinations) > 1:
        raise Refusal(
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        )
    for each in named:
        if not _LOG_GROUP.fullmatch(group := each["cloudWatchLogsLogGroup"]["logGroupArn"]):
            raise Refusal(
                "InvalidLoggingConfiguration",
                f"Invalid Logging Configuration: Log Destination must be the ARN of a log group: '{group}'",
            )
    return {**_NO_LOGGING, **given}


def _settings(machine: StateMachine) -> Answer:
    return {
        "loggingConfiguration": machine.logging or _NO_LOGGING,
        "tracingConfiguration": {"enabled": machine.tracing},
        "encryptionConfiguration": show_encryption(machine.encryption),
    }


def _definition(engine: Engine, digest: str, request: Request, place: tuple[str, ...] = ()) -> Answer:
    """The definition and what it refers to, unless only metadata are asked for.

    `place` is that of the machine within the definition that is meant.
    """
    if request.get("includedData") == "METADATA_ONLY":
        return {}
    try:
        text = engine.definition(digest)
    except NotFound:
        return {}
    references = variable_references(machine_at(parse(text), place))
    if place:
        text = dumps(_inside(loads(text), place))
    return {"definition": text, **({"variableReferences": dict(references)} if references else {})}


def _inside(definition: Json, place: tuple[str, ...]) -> Json:
    """The machine at `place`, with the query language of those around it."""
    machine: Any = definition
    language: Json = None
    steps = iter(place)
    for step in steps:
        language = machine.get("QueryLanguage", language)
        state = machine["States"][step]
        if state["Type"] == "Parallel":
            machine = state["Branches"][int(next(steps))]
        else:
            machine = state.get("ItemProcessor") or state["Iterator"]
    return machine if language is None else {"QueryLanguage": language, **machine}
