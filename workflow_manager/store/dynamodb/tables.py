"""The tables and indexes, as pynamodb models made for one set of names and one endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pynamodb.attributes import Attribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.constants import LIST, MAP
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

_CONNECT_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoDBSettings:
    """Where the tables are.  Credentials come from boto3's own chain.

    Workflows expire after `keep_days`; 0 keeps them.
    """

    region: str = "us-east-1"
    endpoint_url: str | None = None
    definitions_prefix: str = "workflow-manager-test"
    workflows_prefix: str = "workflow-manager-test"
    resources_prefix: str = "workflow-manager-test"
    keep_days: int = 30
    max_connections: int = 32
    attempts: int = 4
    read_timeout: float = 15.0


class TableNames:
    def __init__(self, settings: DynamoDBSettings) -> None:
        self.versions = f"{settings.definitions_prefix}-workflow-definitions"
        self.latest = f"{settings.definitions_prefix}-latest-workflow-definitions"
        self.workflows = f"{settings.workflows_prefix}-workflows"
        self.resources = f"{settings.resources_prefix}-state-resources"
        self.agenda = f"{settings.workflows_prefix}-agenda"


class Raw(Attribute[Mapping[str, Any]]):
    """A map whose members are attribute values already."""

    attr_type = MAP

    def serialize(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        return value

    def deserialize(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        return value


class RawList(Attribute[Sequence[Any]]):
    """A list whose elements are attribute values already."""

    attr_type = LIST

    def serialize(self, value: Sequence[Any]) -> Sequence[Any]:
        return value

    def deserialize(self, value: Sequence[Any]) -> Sequence[Any]:
        return value


class Tables:
    """The five tables of one deployment."""

    def __init__(self, settings: DynamoDBSettings) -> None:
        self.settings = settings
        names = TableNames(settings)
        self.connection = Connection(
            region=settings.region,
            host=settings.endpoint_url,
            connect_timeout_seconds=_CONNECT_SECONDS,
            read_timeout_seconds=settings.read_timeout,
            max_retry_attempts=settings.attempts - 1,
            max_pool_connections=settings.max_connections,
        )

        class Here:
            """How every table is reached."""

            region = settings.region
            host = settings.endpoint_url
            connect_timeout_seconds = _CONNECT_SECONDS
            read_timeout_seconds = settings.read_timeout
            max_retry_attempts = settings.attempts - 1
            max_pool_connections = settings.max_connections

        class ByDefinition(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
            """One definition's workflows by time; the original's own index."""

            class Meta:
                index_name = "workflowname-createdat"
                projection = AllProjection()

            name = UnicodeAttribute(hash_key=True, attr_name="_gsi-wn")
            created_at = UnicodeAttribute(range_key=True, attr_name="_gsi-ca")

        class ByStatus(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
            """Workflows of one status by time, whatever their definition."""

            class Meta:
                index_name = "status-createdat"
                projection = AllProjection()

            status = UnicodeAttribute(hash_key=True, attr_name="_gsi-st")
            created_at = UnicodeAttribute(range_key=True, attr_name="_gsi-ca")

        class ByTime(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
            """What is due, of one kind; only what has a time is in it."""

            class Meta:
                index_name = "kind-due"
                projection = AllProjection()

            kind = UnicodeAttribute(hash_key=True)
            due_at = UnicodeAttribute(range_key=True, attr_name="due")

        class Versions(Model):
            class Meta(Here):
                table_name = names.versions

            name = UnicodeAttribute(hash_key=True)
            version = NumberAttribute(range_key=True)
            definition = Raw(attr_name="workflow-definition")

        class Latest(Model):
            class Meta(Here):
                table_name = names.latest

            name = UnicodeAttribute(hash_key=True)
            version = NumberAttribute()
            definition = Raw(attr_name="workflow-definition")

        class Workflows(Model):
            class Meta(Here):
                table_name = names.workflows

            id = UnicodeAttribute(hash_key=True)
            name = UnicodeAttribute(attr_name="_gsi-wn")
            created_at = UnicodeAttribute(attr_name="_gsi-ca")
            status = UnicodeAttribute(attr_name="_gsi-st", null=True)
            expires = TTLAttribute(attr_name="_ttl", null=True)
            workflow = Raw(attr_name="Workflow")
            by_definition = ByDefinition()
            by_status = ByStatus()

        class Resources(Model):
            class Meta(Here):
                table_name = names.resources

            name = UnicodeAttribute(hash_key=True)
            namespace = UnicodeAttribute(range_key=True)
            resource = Raw(attr_name="StateResource")

        class Agenda(Model):
            class Meta(Here):
                table_name = names.agenda

            kind = UnicodeAttribute(hash_key=True)
            id = UnicodeAttribute(range_key=True)
            revision = NumberAttribute()
            due_at = UnicodeAttribute(attr_name="due", null=True)
            body = UnicodeAttribute()
            by_time = ByTime()

        self.versions = Versions
        self.latest = Latest
        self.workflows = Workflows
        self.resources = Resources
        self.agenda = Agenda
