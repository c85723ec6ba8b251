"""The log group of all executions, and its way to the consumer's stream: made, and looked after.

Outside of every request: whoever runs the service does it once.  Everything here may be done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from workflow_manager.kernel.errors import Unavailable

# For a new group, and for one whose events stay for ever; any other choice is the owner's.
RETENTION_DAYS: Final = 7

FILTER_NAME: Final = "to-kinesis"

# The events of one execution stay in order: they are in one log stream.
_DISTRIBUTION: Final = "ByLogStream"


class Logs(Protocol):
    """A boto3 client of CloudWatch Logs."""

    def create_log_group(self, **request: Any) -> Mapping[str, Any]: ...
    def describe_log_groups(self, **request: Any) -> Mapping[str, Any]: ...
    def describe_subscription_filters(self, **request: Any) -> Mapping[str, Any]: ...
    def put_retention_policy(self, **request: Any) -> Mapping[str, Any]: ...
    def put_subscription_filter(self, **request: Any) -> Mapping[str, Any]: ...


class LogGroup:
    """Raises `Unavailable` when CloudWatch Logs does not answer, or does not let us."""

    def __init__(self, logs: Logs, name: str, *, stream_arn: str, role_arn: str) -> None:
        self._logs = logs
        self._name = name
        self._filter = {
            "destinationArn": stream_arn,
            "roleArn": role_arn,
            "filterPattern": "",
            "distribution": _DISTRIBUTION,
        }

    def create(self) -> list[str]:
        """Make what is missing; returns a word on each thing made."""
        with _unavailable():
            return list(self._make())

    def _make(self) -> Iterator[str]:
        group = self._find()
        if group is None:
            self._create_group()
            yield f"log group {self._name}"
        if group is None or "retentionInDays" not in group:
            self._logs.put_retention_policy(logGroupName=self._name, retentionInDays=RETENTION_DAYS)
            yield f"retention of {self._name}: {RETENTION_DAYS} days"
        if self._find_filter() != self._filter:
            self._logs.put_subscription_filter(
                logGroupName=self._name, filterName=FILTER_NAME, **self._filter
            )
            yield f"filter {FILTER_NAME} of {self._name}"

    def _create_group(self) -> None:
        try:
            self._logs.create_log_group(logGroupName=self._name, tags={"application": "workflow-manager"})
        except ClientError as error:
            # Somebody else made it since we looked.
            if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                raise

    def problems(self) -> list[str]:
        """What is missing or other than it must be; empty when events find their way."""
        with _unavailable():
            group = self._find()
            if group is None:
                return [f"{self._name}: there is no such log group"]
            problems = []
            if "retentionInDays" not in group:
                problems.append(f"{self._name}: events are kept for ever")
            found = self._find_filter()
            if found is None:
                problems.append(f"{self._name}: there is no filter {FILTER_NAME}")
                return problems
            problems += [
                f"{self._name}: the filter {FILTER_NAME} has {name} {found.get(name)!r}, "
                f"and must have {wanted!r}"
                for name, wanted in self._filter.items()
                if found.get(name) != wanted
            ]
            return problems

    def _find(self) -> Mapping[str, Any] | None:
        # Groups are found by how their names begin, in alphabetical order: the whole name comes first.
        found = self._logs.describe_log_groups(logGroupNamePrefix=self._name, limit=1)["logGroups"]
        return found[0] if found and found[0]["logGroupName"] == self._name else None

    def _find_filter(self) -> dict[str, str] | None:
        """As it would be asked for; None for none of that name."""
        found = self._logs.describe_subscription_filters(
            logGroupName=self._name, filterNamePrefix=FILTER_NAME
        )["subscriptionFilters"]
        for each in found:
            if each["filterName"] == FILTER_NAME:
                return {name: each.get(name, "") for name in self._filter}
        return None


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"CloudWatch Logs: {error}") from error
