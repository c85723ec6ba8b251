"""IAM as it judges requests: what a request needs permission for, on which resource and under which
conditions, and whether a policy of the Terraform module allows that.

Source: "Actions, resources, and condition keys" of each service in AWS's service authorization reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.deploy.terraform import Module

PARTITION, REGION, ACCOUNT = "aws", "us-east-1", "123456789012"


class Need(NamedTuple):
    """What IAM is asked for a request; `key` is the condition key that goes with it, as `name=value`."""

    action: str
    resource: str
    key: str = ""


@dataclass(frozen=True)
class Statement:
    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    keys: Sequence[str] = ()

    def allows(self, need: Need) -> bool:
        return (
            need.action in self.actions
            and any(_matches(pattern, need.resource) for pattern in self.resources)
            and (not self.keys or need.key in self.keys)
        )


def _matches(pattern: str, resource: str) -> bool:
    wildcards = {"*": ".*", "?": "."}
    return (
        re.fullmatch("".join(wildcards.get(each, re.escape(each)) for each in pattern), resource) is not None
    )


# What requests need


def arn(service: str, resource: str) -> str:
    return f"arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{resource}"


# What is allowed by the name of another call.
IN_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
BATCHES = {"DeleteMessageBatch": "DeleteMessage"}


def needs_of(target: str, body: bytes) -> Iterator[Need]:
    """Of a request by the name in its `X-Amz-Target`."""
    service, _, operation = target.partition(".")
    return _SERVICES[service](operation, body)


def _states(operation: str, body: bytes) -> Iterator[Need]:
    request = json.loads(body)
    resource = "*"
    if operation == "CreateStateMachine":
        resource = arn("states", f"stateMachine:{request['name']}")
    elif operation == "CreateActivity":
        resource = arn("states", f"activity:{request['name']}")
    else:
        for member in ("stateMachineArn", "executionArn", "activityArn", "resourceArn"):
            resource = request.get(member, resource)
    yield Need(f"states:{operation}", resource)
    if request.get("tags") and operation != "TagResource":
        yield Need("states:TagResource", resource)
    if "roleArn" in request:
        yield Need("iam:PassRole", request["roleArn"], "iam:PassedToService=states.amazonaws.com")


def _dynamodb(operation: str, body: bytes) -> Iterator[Need]:
    request = json.loads(body)
    if operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            for kind, write in item.items():
                yield Need(
                    f"dynamodb:{IN_A_TRANSACTION[kind]}", arn("dynamodb", f"table/{write['TableName']}")
                )
        return
    index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
    yield Need(f"dynamodb:{operation}", arn("dynamodb", f"table/{request['TableName']}{index}"))


def _sqs(operation: str, body: bytes) -> Iterator[Need]:
    name = json.loads(body)["QueueUrl"].rpartition("/")[2]
    yield Need(f"sqs:{BATCHES.get(operation, operation)}", arn("sqs", name))


def _logs(operation: str, body: bytes) -> Iterator[Need]:
    request = json.loads(body)
    # Whatever groups are looked for, they are looked for among all.
    group = "" if operation == "DescribeLogGroups" else request["logGroupName"]
    # Some actions are asked for with `:*` after the group, others without; which is not said.
    for resource in (arn("logs", f"log-group:{group}"), arn("logs", f"log-group:{group}:*")):
        yield Need(f"logs:{operation}", resource)
        if request.get("tags"):
            yield Need("logs:TagResource", resource)
    if "roleArn" in request:
        yield Need("iam:PassRole", request["roleArn"], "iam:PassedToService=logs.amazonaws.com")


def _cloudwatch(operation: str, body: bytes) -> Iterator[Need]:
    namespace = json.loads(body)["Namespace"]
    yield Need(f"cloudwatch:{operation}", "*", f"cloudwatch:namespace={namespace}")


_SERVICES = {
    "AWSStepFunctions": _states,
    "AmazonSQS": _sqs,
    "DynamoDB_20120810": _dynamodb,
    "GraniteServiceVersion20100801": _cloudwatch,
    "Logs_20140328": _logs,
}


# What the module's policies say


@dataclass(frozen=True)
class Deployment:
    """The module with values for its variables."""

    module: Module
    prefix: str
    namespaces: Sequence[str]
    stream: str = ""
    events_queue: str = "execution-events"
    machines_role: str = ""
    logs_role: str = ""
    inner: Mapping[str, Any] = field(default_factory=dict)

    def policy(self, name: str) -> list[Statement]:
        document = self.module.data[f"aws_iam_policy_document.{name}"]
        statements = [self._statement(each) for each in document.get("statement", ())]
        for dynamic in document.get("dynamic", ()):
            (block,) = dynamic["statement"]["content"]
            for value in self.value_of(dynamic["statement"]["for_each"]):
                statements.append(self._with("statement.value", value)._statement(block))
        return statements

    def _statement(self, block: Mapping[str, Any]) -> Statement:
        keys = []
        for condition in block.get("condition", ()):
            assert condition["test"] == "StringEquals", condition
            keys += [f"{condition['variable']}={value}" for value in condition["values"]]
        return Statement(block["sid"], block["actions"], self._list(block["resources"]), keys)

    def _list(self, written: str | list[str]) -> list[str]:
        return (
            self.value_of(written) if isinstance(written, str) else [self.value_of(each) for each in written]
        )

    def value_of(self, text: str) -> Any:
        """Of what stands in the module: `${…}` as a whole, or a text with such in it."""
        whole = re.fullmatch(r"\$\{(.*)\}", text, re.DOTALL)
        if whole and "${" not in re.sub(r'"[^"]*"', "", whole[1]):
            return self._expression(whole[1])
        return re.sub(r"\$\{([^}]*)\}", lambda found: str(self._expression(found[1])), text)

    def _expression(self, text: str) -> Any:
        if each := re.fullmatch(r'\[for (\w+) in ([\w.]+) : "(.*)"\]', text):
            name, among, template = each.groups()
            return [self._with(name, value).value_of(template) for value in self._expression(among)]
        return self._named(text)

    def _with(self, name: str, value: Any) -> Deployment:
        return Deployment(**{**vars(self), "inner": {**self.inner, name: value}})

    def _named(self, name: str) -> Any:
        if (outermost := name.rpartition(".")[0]) in self.inner and name.endswith(".arn"):
            return self.inner[outermost]
        for known in (self.inner, self._known()):
            if name in known:
                return known[name]
        if name.startswith("local."):
            local = self.module.local_values[name.removeprefix("local.")]
            return self.value_of(local) if isinstance(local, str) else [self.value_of(each) for each in local]
        kind, resource, attribute = name.split(".")
        assert (kind, attribute) == ("aws_dynamodb_table", "arn"), name
        return arn("dynamodb", "table/" + self.value_of(self.module.resources[f"{kind}.{resource}"]["name"]))

    def _known(self) -> Mapping[str, Any]:
        return {
            "var.prefix": self.prefix,
            "var.namespaces": self.namespaces,
            "data.aws_partition.current.partition": PARTITION,
            "data.aws_region.current.name": REGION,
            "data.aws_caller_identity.current.account_id": ACCOUNT,
            "local.log_groups": [f"/aws/vendedlogs/states/{self.prefix}"] if self.stream else [],
            "aws_iam_role.machines.arn": self.machines_role,
            "aws_iam_role.logs_to_stream": [self.logs_role],
            "aws_sqs_queue.events.arn": arn("sqs", self.events_queue),
        }


def refused(policy: Sequence[Statement], needs: Iterable[Need]) -> list[Need]:
    return sorted({need for need in needs if not any(each.allows(need) for each in policy)})


def idle(policy: Sequence[Statement], needs: Iterable[Need]) -> list[tuple[str, str, str]]:
    """(sid, action, resource) of all that nobody needs."""
    needed = set(needs)
    return [
        (statement.sid, action, resource)
        for statement in policy
        for action in statement.actions
        for resource in statement.resources
        if not any(
            Statement(statement.sid, [action], [resource], statement.keys).allows(need) for need in needed
        )
    ]
