"""Definitions and state resources: one immutable item for each version, and one for the latest.

A version and its mention as the latest are one transaction.  The latest is looked up among the
versions all the same: whoever writes them one after the other may die in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pynamodb.exceptions import DeleteError, DoesNotExist, TransactWriteError
from pynamodb.expressions.operand import Path
from pynamodb.transactions import TransactWrite

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    Conflict,
    InvalidDefinition,
    InvalidRequest,
    NotFound,
)
from workflow_manager.models.workflow import StateResource, WorkflowDefinition
from workflow_manager.store.dynamodb import codec
from workflow_manager.store.dynamodb.answers import (
    HASH_KEY_BYTES,
    RANGE_KEY_BYTES,
    check_text,
    condition_failed,
    in_the_way,
    may_be_key,
    races,
    too_large,
    translated,
)
from workflow_manager.store.dynamodb.tables import Tables

# No version has more digits than DynamoDB's numbers.
_HIGHEST: Final = 10**18


class Definitions:
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def create(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        stored = replace(definition, version=0, created_at=self._clock.now())
        if not self._write(stored):
            raise AlreadyExists("definition", definition.name)
        return stored

    def add_version(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        for _ in races():
            version = self.latest(definition.name).version + 1
            stored = replace(definition, version=version, created_at=self._clock.now())
            if self._write(stored):
                return stored
        raise Conflict(f"definition {definition.name} is being updated by others; try again")

    def _write(self, definition: WorkflowDefinition) -> bool:
        """False when another one is this version."""
        if not may_be_key(definition.name):
            raise InvalidRequest(f"name must have 1 to {HASH_KEY_BYTES} bytes of UTF-8")
        for packing in (False, True):
            for _ in races():
                with translated():
                    try:
                        self._write_once(definition, packing=packing)
                    except TransactWriteError as error:
                        if too_large(error):
                            break
                        if condition_failed(error):
                            return self._is_there(definition)
                        if not in_the_way(error):
                            raise
                    else:
                        return True
            else:
                raise Conflict(f"definition {definition.name} is being updated by others; try again")
        raise InvalidDefinition("stateMachine is larger than the 400 KB that DynamoDB has for one record")

    def _is_there(self, definition: WorkflowDefinition) -> bool:
        """Whether it is ours that is there: its answer was lost, and the call made again."""
        return self.get(definition.name, definition.version) == definition

    def _write_once(self, definition: WorkflowDefinition, *, packing: bool) -> None:
        item = codec.definition_item(definition, packing=packing)
        check_text(item)
        row: dict[str, Any] = {"name": definition.name, "version": definition.version, "definition": item}
        is_new = Path("name").does_not_exist()
        with TransactWrite(connection=self._tables.connection) as transaction:
            transaction.save(self._tables.versions(**row), condition=is_new)
            # An older latest is replaced, a newer one never.
            transaction.save(
                self._tables.latest(**row), condition=is_new | (Path("version") < definition.version)
            )

    def all_latest(self) -> Sequence[WorkflowDefinition]:
        with translated():
            rows = [
                codec.definition_of(row.definition) for row in self._tables.latest.scan(consistent_read=True)
            ]
        return sorted(rows, key=lambda definition: definition.name)

    def versions(self, name: str) -> Sequence[WorkflowDefinition]:
        rows = self._newest_first(name)
        return [codec.definition_of(row.definition) for row in reversed(rows)]

    def latest(self, name: str) -> WorkflowDefinition:
        return codec.definition_of(self._newest_first(name, limit=1)[0].definition)

    def _newest_first(self, name: str, *, limit: int | None = None) -> list[Any]:
        rows: list[Any] = []
        if may_be_key(name):
            with translated():
                query = self._tables.versions.query(
                    name, consistent_read=True, scan_index_forward=False, limit=limit
                )
                rows = list(query)
        if not rows:
            raise NotFound("definition", name)
        return rows

    def get(self, name: str, version: int) -> WorkflowDefinition:
        if not may_be_key(name) or not 0 <= version < _HIGHEST:
            raise NotFound("definition", f"{name}@{version}")
        with translated():
            try:
                row = self._tables.versions.get(name, version, consistent_read=True)
            except DoesNotExist:
                raise NotFound("definition", f"{name}@{version}") from None
        return codec.definition_of(row.definition)


class StateResources:
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def save(self, resource: StateResource) -> StateResource:
        if not _is_key(resource.namespace, resource.name):
            raise InvalidRequest(
                f"name must have 1 to {HASH_KEY_BYTES} bytes of UTF-8, namespace 1 to {RANGE_KEY_BYTES}"
            )
        stored = replace(resource, last_updated=self._clock.now())
        item = codec.resource_item(stored)
        check_text(item)
        with translated():
            self._tables.resources(name=resource.name, namespace=resource.namespace, resource=item).save()
        return stored

    def get(self, namespace: str, name: str) -> StateResource:
        with translated():
            try:
                if not _is_key(namespace, name):
                    raise DoesNotExist
                row = self._tables.resources.get(name, namespace, consistent_read=True)
            except DoesNotExist:
                raise NotFound("state resource", f"{namespace}--{name}") from None
        return codec.resource_of(row.resource)

    def delete(self, namespace: str, name: str) -> None:
        self.get(namespace, name)
        with translated():
            try:
                self._tables.resources(name=name, namespace=namespace).delete(condition=Path("name").exists())
            except DeleteError as error:
                if not condition_failed(error):
                    raise
                raise NotFound("state resource", f"{namespace}--{name}") from None


def _is_key(namespace: str, name: str) -> bool:
    return may_be_key(name) and may_be_key(namespace, RANGE_KEY_BYTES)
