"""State machines, versions, aliases and their configurations, as callers see them."""

from __future__ import annotations

from typing import Any

import pytest

from .callers import ROLE, Caller

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
KEY = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k", "kmsDataKeyReusePeriodSeconds": 60}


def create(call: Caller, name: str, **more: Any) -> dict[str, Any]:
    return call("CreateStateMachine", name=name, definition=PASS, roleArn=ROLE, **more)


def test_executions_are_listed_by_the_version_or_alias_that_started_them(call: Caller) -> None:
    created = create(call, "versions", publish=True)
    machine, version = created["stateMachineArn"], created["stateMachineVersionArn"]
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = call("CreateStateMachineAlias", name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    for number, arn in enumerate((machine, version, alias)):
        call("StartExecution", stateMachineArn=arn, name=f"e{number}")

    def listed(arn: str) -> list[str]:
        found = call("ListExecutions", stateMachineArn=arn)["executions"]
        assert all(one["executionArn"] == call_arn(machine, one["name"]) for one in found)
        return [one["name"] for one in found]

    assert listed(machine) == ["e2", "e1", "e0"]
    assert listed(version) == ["e2", "e1"]
    assert listed(alias) == ["e2"]


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ({"key": "aws:cost", "value": "1"}, "Tag keys that start with 'aws:' are reserved: 'aws:cost'"),
        (
            {"key": "a?", "value": "1"},
            "Tags may only contain Unicode letters, digits, white space,"
            " or these symbols: _ . : / = + - @. Received: 'a?'",
        ),
        (
            {"key": "a", "value": "<b>"},
            "Tags may only contain Unicode letters, digits, white space,"
            " or these symbols: _ . : / = + - @. Received: '<b>'",
        ),
    ],
)
def test_a_tag_that_nobody_may_set_is_refused(call: Caller, tag: dict[str, str], text: str) -> None:
    arn = create(call, "tagged", tags=[{"key": "Größe 1/2", "value": "a_b.c:d/e=f+g-h@i"}])["stateMachineArn"]
    for refused in (
        call.refused("TagResource", resourceArn=arn, tags=[tag]),
        call.refused("CreateActivity", name="tagged", tags=[tag]),
    ):
        assert refused == ("ValidationException", text)
    assert [one["key"] for one in call("ListTagsForResource", resourceArn=arn)["tags"]] == ["Größe 1/2"]


def call_arn(machine: str, name: str) -> str:
    return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"


@pytest.mark.parametrize(
    ("routes", "text"),
    [
        (
            [("m:1", 60), ("m:2", 50)],
            "Sum of routing configuration weights must equal 100. Received: [60, 50]",
        ),
        (
            [("m:1", 50), ("m:1", 50)],
            "Routing configuration must contain distinct state machine version ARNs."
            " Received: [{m}:1, {m}:1]",
        ),
        (
            [("m", 100)],
            "Routing configuration must contain state machine version ARNs. Received: [{m}]",
        ),
        (
            [("m:live", 100)],
            "Routing configuration must contain state machine version ARNs. Received: [{m}:live]",
        ),
        (
            [("m:1", 50), ("m:2", 30), ("m:3", 20)],
            "1 validation error detected: Value '["
            "RoutingConfigurationListItem(stateMachineVersionArn={m}:1, weight=50), "
            "RoutingConfigurationListItem(stateMachineVersionArn={m}:2, weight=30), "
            "RoutingConfigurationListItem(stateMachineVersionArn={m}:3, weight=20)]'"
            " at 'routingConfiguration' failed to satisfy constraint:"
            " Member must have length less than or equal to 2",
        ),
    ],
)
def test_an_alias_routes_to_two_versions_at_most_by_weight(
    call: Caller, routes: list[tuple[str, int]], text: str
) -> None:
    prefix = "arn:aws:states:us-east-1:123456789012:stateMachine:"
    given = [{"stateMachineVersionArn": prefix + name, "weight": weight} for name, weight in routes]
    refusal = call.refused("CreateStateMachineAlias", name="a", routingConfiguration=given)
    assert refusal == ("ValidationException", text.format(m=f"{prefix}m"))


@pytest.mark.parametrize(
    ("operation", "member", "allowed"),
    [
        ("DeleteStateMachine", "stateMachineArn", "machine"),
        ("DeleteStateMachineVersion", "stateMachineVersionArn", "version"),
        ("DeleteStateMachineAlias", "stateMachineAliasArn", "alias"),
    ],
)
def test_only_what_an_operation_is_for_can_be_deleted_with_it(
    call: Caller, operation: str, member: str, allowed: str
) -> None:
    created = create(call, f"guarded-{allowed}", publish=True)
    version = created["stateMachineVersionArn"]
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = call("CreateStateMachineAlias", name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    arns = {"machine": created["stateMachineArn"], "version": version, "alias": alias}
    del arns[allowed]
    for arn in arns.values():
        code, _ = call.refused(operation, **{member: arn})
        assert code == "ValidationException"
    assert call("DescribeStateMachineAlias", stateMachineAliasArn=alias)["routingConfiguration"] == routes
    assert call("DescribeStateMachine", stateMachineArn=version)["name"] == f"guarded-{allowed}"


@pytest.mark.parametrize(
    "operation", ["DeleteStateMachine", "DescribeStateMachine", "StartExecution", "UpdateStateMachine"]
)
def test_a_distributed_map_is_no_state_machine_of_ones_own(call: Caller, operation: str) -> None:
    arn = f"{create(call, 'around-a-map')['stateMachineArn']}/label"
    assert call.refused(operation, stateMachineArn=arn) == (
        "ValidationException",
        f"The ARN refers to a Distributed Map state: '{arn}'",
    )


def test_an_execution_shows_the_machine_as_it_was(call: Caller) -> None:
    machine = create(call, "changing")["stateMachineArn"]
    call("UpdateStateMachine", stateMachineArn=machine, definition={**PASS, "Comment": "second"})
    before = call("DescribeStateMachine", stateMachineArn=machine)
    execution = call("StartExecution", stateMachineArn=machine)["executionArn"]
    updated = call("UpdateStateMachine", stateMachineArn=machine, definition={**PASS, "Comment": "third"})
    shown = call("DescribeStateMachineForExecution", executionArn=execution)
    assert shown["definition"]["Comment"] == "second"
    assert shown["revisionId"] == before["revisionId"] != updated["revisionId"]
    assert shown["updateDate"] < updated["updateDate"]


@pytest.mark.parametrize("role", ["nobody", "arn:aws:iam::123456789012:user/u", "arn:aws:iam::12:role/r"])
def test_a_role_must_look_like_one(call: Caller, role: str) -> None:
    refusal = call.refused("CreateStateMachine", name="r", definition=PASS, roleArn=role)
    assert refusal == ("InvalidArn", f"Invalid Role Arn: '{role}'")


@pytest.mark.parametrize(
    "destinations",
    [[], [{}], [{"cloudWatchLogsLogGroup": {}}], [{"cloudWatchLogsLogGroup": {"logGroupArn": "g"}}] * 2],
)
def test_what_is_logged_goes_to_exactly_one_place(call: Caller, destinations: list[Any]) -> None:
    logging = {"level": "ALL", "destinations": destinations}
    assert call.refused(
        "CreateStateMachine", name="m", definition=PASS, roleArn=ROLE, loggingConfiguration=logging
    ) == (
        "InvalidLoggingConfiguration",
        "Invalid Logging Configuration: Must specify exactly one Log Destination.",
    )


def test_what_is_logged_goes_to_a_log_group(call: Caller) -> None:
    logging = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "group"}}]}
    assert call.refused(
        "CreateStateMachine", name="m", definition=PASS, roleArn=ROLE, loggingConfiguration=logging
    ) == (
        "InvalidLoggingConfiguration",
        "Invalid Logging Configuration: Log Destination must be the ARN of a log group: 'group'",
    )


def test_encryption_is_kept_and_shown(call: Caller) -> None:
    def shown(arn: str) -> Any:
        return call("DescribeStateMachine", stateMachineArn=arn)["encryptionConfiguration"]

    machine = create(call, "encrypted", encryptionConfiguration=KEY)["stateMachineArn"]
    assert shown(machine) == KEY
    own = {"type": "AWS_OWNED_KEY"}
    call("UpdateStateMachine", stateMachineArn=machine, encryptionConfiguration=own)
    assert shown(machine) == own
    activity = call("CreateActivity", name="encrypted", encryptionConfiguration=KEY)["activityArn"]
    assert call("DescribeActivity", activityArn=activity)["encryptionConfiguration"] == KEY
    assert call.refused("CreateActivity", name="encrypted") == (
        "ActivityAlreadyExists",
        "Activity already exists. EncryptionConfiguration may not be updated.",
    )


@pytest.mark.parametrize(
    "encryption", [{"type": "AWS_OWNED_KEY", "kmsKeyId": "k"}, {"type": "CUSTOMER_MANAGED_KMS_KEY"}]
)
def test_an_encryption_that_contradicts_itself_is_refused(call: Caller, encryption: dict[str, str]) -> None:
    code, _ = call.refused("CreateActivity", name="x", encryptionConfiguration=encryption)
    assert code == "InvalidEncryptionConfiguration"
