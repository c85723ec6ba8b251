"""Makes the tables, says what is wrong with them, and brings those of the original service up to date.

Everything here may be done again, and while servers work on the tables.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from workflow_manager.kernel.errors import Unavailable
from workflow_manager.store.dynamodb import codec
from workflow_manager.store.dynamodb.tables import DynamoDBSettings, TableNames

DEFINITION_INDEX: Final = {"workflowname-createdat": ("_gsi-wn", "_gsi-ca")}
STATUS_INDEX: Final = {"status-createdat": ("_gsi-st", "_gsi-ca")}
TIME_INDEX: Final = {"kind-due": ("kind", "due")}
_EXPIRY: Final = "_ttl"

# A table is made in seconds, an index on a large one in hours.
_TABLE_SECONDS: Final = 300.0
_INDEX_SECONDS: Final = 86_400.0
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 10.0


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What a table must be; keys and indexes as (hash, range) attribute names."""

    name: str
    key: tuple[str, ...]
    indexes: Mapping[str, tuple[str, str]]
    numbers: tuple[str, ...] = ()
    expires: bool = False

    def attributes(self, keys: Sequence[str]) -> list[dict[str, str]]:
        return [
            {"AttributeName": name, "AttributeType": "N" if name in self.numbers else "S"} for name in keys
        ]

    def request(self) -> dict[str, Any]:
        """For CreateTable."""
        used = dict.fromkeys([*self.key, *(name for index in self.indexes.values() for name in index)])
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeySchema": _key_schema(self.key),
            "AttributeDefinitions": self.attributes(list(used)),
            "BillingMode": "PAY_PER_REQUEST",
        }
        if self.indexes:
            request["GlobalSecondaryIndexes"] = [_index(*item) for item in self.indexes.items()]
        return request


def table_specs(settings: DynamoDBSettings) -> tuple[TableSpec, ...]:
    names = TableNames(settings)
    return (
        TableSpec(names.versions, ("name", "version"), {}, numbers=("version",)),
        TableSpec(names.latest, ("name",), {}),
        TableSpec(
            names.workflows, ("id",), {**DEFINITION_INDEX, **STATUS_INDEX}, expires=settings.keep_days > 0
        ),
        TableSpec(names.resources, ("name", "namespace"), {}),
        TableSpec(names.agenda, ("kind", "id"), TIME_INDEX),
    )


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did."""

    made: Sequence[str]
    workflows: int
    definitions: int


class Upkeep:
    """Raises `Unavailable` when DynamoDB does not answer, or does not let us."""

    def __init__(self, settings: DynamoDBSettings) -> None:
        self._names = TableNames(settings)
        self._specs = table_specs(settings)
        self._client: Any = boto3.client(
            "dynamodb", region_name=settings.region, endpoint_url=settings.endpoint_url
        )

    def create(self) -> list[str]:
        """Make what is missing, tables, indexes and expiry; returns a word on each thing made."""
        made: list[str] = []
        with _unavailable():
            present = {spec.name: self._describe(spec.name) for spec in self._specs}
            for spec in self._specs:
                if present[spec.name] is None:
                    self._client.create_table(**spec.request())
                    made.append(f"table {spec.name}")
            for spec in self._specs:
                self._wait(spec.name, _TABLE_SECONDS, _is_active)
                made += self._complete(spec)
        return made

    def _complete(self, spec: TableSpec) -> Iterator[str]:
        table = self._describe(spec.name) or {}
        for name, key in spec.indexes.items():
            if name not in _indexes(table):
                self._client.update_table(
                    TableName=spec.name,
                    AttributeDefinitions=spec.attributes([*spec.key, *key]),
                    GlobalSecondaryIndexUpdates=[{"Create": _for_billing(_index(name, key), table)}],
                )
                # DynamoDB takes one new index at a time.
                self._wait(spec.name, _INDEX_SECONDS, _is_active)
                yield f"index {name} of {spec.name}"
        if spec.expires and not self._expires(spec.name):
            self._client.update_time_to_live(
                TableName=spec.name,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": _EXPIRY},
            )
            yield f"expiry of {spec.name}"

    def problems(self) -> list[str]:
        """What is missing or other than it must be; empty when servers can work."""
        with _unavailable():
            return [problem for spec in self._specs for problem in self._problems(spec)]

    def _problems(self, spec: TableSpec) -> Iterator[str]:
        table = self._describe(spec.name)
        if table is None:
            yield f"{spec.name}: there is no such table"
            return
        if not _is_active(table):
            yield f"{spec.name}: not active yet"
        if _key_of(table["KeySchema"]) != spec.key:
            yield f"{spec.name}: the key is {_key_of(table['KeySchema'])}, and must be {spec.key}"
        for name, key in spec.indexes.items():
            index = _indexes(table).get(name)
            if index is None:
                yield f"{spec.name}: there is no index {name}"
            elif _key_of(index["KeySchema"]) != key or index["Projection"]["ProjectionType"] != "ALL":
                yield f"{spec.name}: the index {name} must have the key {key} and project ALL"
        if spec.expires and not self._expires(spec.name):
            yield f"{spec.name}: workflows do not expire ({_EXPIRY})"

    def migrate(self) -> Migrated:
        """Make what is missing, and give the original's items what listings need.

        Workflows get their status key, and a time whose text sorts as the time does; the table of
        latest definitions gets what an interrupted update left out.
        """
        made = self.create()
        with _unavailable():
            workflows = sum(self._migrate_workflow(item) for item in self._workflow_items())
            return Migrated(made, workflows, self._repair_latest())

    def _workflow_items(self) -> Iterator[dict[str, Any]]:
        yield from self._scan(
            self._names.workflows,
            ProjectionExpression="id, #gst, #gca, #w.#s, #w.#c",
            ExpressionAttributeNames={
                "#gst": "_gsi-st",
                "#gca": "_gsi-ca",
                "#w": "Workflow",
                "#s": "status",
                "#c": "createdAt",
            },
        )

    def _migrate_workflow(self, item: dict[str, Any]) -> bool:
        record = item.get("Workflow", {}).get("M", {})
        status = record.get("status", {}).get("S", "queued")
        created_at = codec.date_of(record.get("createdAt", {}).get("S", ""))
        wanted = {"_gsi-st": {"S": status}}
        if created_at is not None:
            wanted["_gsi-ca"] = {"S": codec.date_text(created_at)}
        if all(item.get(name) == value for name, value in wanted.items()):
            return False
        names = {f"#n{number}": name for number, name in enumerate(wanted)}
        values = {f":v{number}": value for number, value in enumerate(wanted.values())}
        assignments = ", ".join(f"{name} = :v{name[2:]}" for name in names)
        try:
            self._client.update_item(
                TableName=self._names.workflows,
                Key={"id": item["id"]},
                UpdateExpression=f"SET {assignments}",
                # Whoever changed the status meanwhile has set the key too, or is the original: then
                # the next migration sets it.
                ConditionExpression="attribute_exists(id) AND #w.#s = :v0",
                ExpressionAttributeNames={**names, "#w": "Workflow", "#s": "status"},
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _repair_latest(self) -> int:
        newest: dict[str, dict[str, Any]] = {}
        for item in self._scan(self._names.versions):
            name = item["name"]["S"]
            if name not in newest or int(item["version"]["N"]) > int(newest[name]["version"]["N"]):
                newest[name] = item
        return sum(self._put_latest(item) for item in newest.values())

    def _put_latest(self, item: dict[str, Any]) -> bool:
        try:
            self._client.put_item(
                TableName=self._names.latest,
                Item=item,
                ConditionExpression="attribute_not_exists(#n) OR #v < :v",
                ExpressionAttributeNames={"#n": "name", "#v": "version"},
                ExpressionAttributeValues={":v": item["version"]},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _scan(self, table: str, **request: Any) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator("scan").paginate(
            TableName=table, ConsistentRead=True, **request
        ):
            yield from page["Items"]

    def _describe(self, table: str) -> dict[str, Any] | None:
        try:
            described: dict[str, Any] = self._client.describe_table(TableName=table)["Table"]
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return described

    def _expires(self, table: str) -> bool:
        described = self._client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        return described.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")

    def _wait(self, table: str, seconds: float, is_done: Callable[[dict[str, Any]], bool]) -> None:
        deadline = time.monotonic() + seconds
        pause = _FIRST_PAUSE
        while not is_done(self._describe(table) or {}):
            if time.monotonic() > deadline:
                raise Unavailable(f"DynamoDB: the table {table} is not active after {seconds:.0f} seconds")
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"DynamoDB: {error}") from error


def _key_schema(key: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(key, ("HASH", "RANGE"), strict=False)
    ]


def _key_of(schema: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in sorted(schema, key=lambda part: part["KeyType"]))


def _index(name: str, key: tuple[str, str]) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": _key_schema(key), "Projection": {"ProjectionType": "ALL"}}


def _for_billing(index: dict[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """A new index of a table with provisioned throughput needs one too; it gets the table's."""
    mode = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    if mode != "PROVISIONED":
        return index
    throughput = table["ProvisionedThroughput"]
    units = {name: max(1, throughput[name]) for name in ("ReadCapacityUnits", "WriteCapacityUnits")}
    return {**index, "ProvisionedThroughput": units}


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    return {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes") or []}


def _is_active(table: Mapping[str, Any]) -> bool:
    return table.get("TableStatus") == "ACTIVE" and all(
        index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in _indexes(table).values()
    )
