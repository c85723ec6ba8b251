"""What `Store` promises, in conditional writes and transactions on DynamoDB."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.constants import NULL
from pynamodb.exceptions import (
    DeleteError,
    DoesNotExist,
    PutError,
    PynamoDBException,
    TransactWriteError,
    UpdateError,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import Action, SetAction
from pynamodb.transactions import TransactWrite

from workflow_manager.kernel.clock import Clock, SystemClock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    AlreadyFinished,
    Conflict,
    InvalidRequest,
    NotFound,
    Throttled,
    Unavailable,
)
from workflow_manager.models.workflow import StateResource, Workflow, WorkflowDefinition, WorkflowStatus
from workflow_manager.store.dynamodb import codec
from workflow_manager.store.dynamodb.listing import Listing
from workflow_manager.store.dynamodb.shrinking import shrinkings
from workflow_manager.store.dynamodb.tables import DynamoDBSettings, Raw, RawList, Tables
from workflow_manager.store.port import UNCHANGED, Store, WorkflowChange, WorkflowPage, WorkflowQuery

VERSION_RACES: Final = 20
OPEN = tuple(status.value for status in WorkflowStatus if not status.is_terminal)
THROTTLED: Final = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}


@contextmanager
def translated() -> Iterator[None]:
    """Throttling and outages of DynamoDB as errors of ours; what the caller understands passes."""
    try:
        yield
    except DoesNotExist:
        raise
    except PynamoDBException as error:
        if _is_answer(error):
            raise
        if error.cause_response_code in THROTTLED:
            raise Throttled(f"DynamoDB is throttling: {error.cause_response_message}") from error
        raise Unavailable(f"DynamoDB: {error.cause_response_message or error.msg}") from error
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"DynamoDB: {error}") from error


def _is_answer(error: PynamoDBException) -> bool:
    return _condition_failed(error) or _too_large(error)


def _condition_failed(error: PynamoDBException) -> bool:
    if isinstance(error, TransactWriteError):
        codes = {reason.code for reason in error.cancellation_reasons if reason is not None}
        return bool(codes & {"ConditionalCheckFailed", "TransactionConflict"})
    return error.cause_response_code == "ConditionalCheckFailedException"


def _too_large(error: PynamoDBException) -> bool:
    return "item size" in str(error.cause_response_message or error).lower()


class DynamoDBStore(Store):
    """Reads of single records are strongly consistent; listings come from indexes and may lag."""

    def __init__(self, settings: DynamoDBSettings, clock: Clock | None = None) -> None:
        self.tables = Tables(settings)
        self._settings = settings
        self._clock = clock or SystemClock()
        self._listing = Listing(self.tables)

    # definitions

    def create_definition(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        stored = replace(definition, version=0, created_at=self._clock.now())
        if not self._write_version(stored):
            raise AlreadyExists("definition", definition.name)
        return stored

    def add_version(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        for _ in range(VERSION_RACES):
            latest = self.latest_definition(definition.name)
            stored = replace(
                definition, version=latest.version + 1, id=str(uuid.uuid4()), created_at=self._clock.now()
            )
            if self._write_version(stored):
                return stored
        raise Conflict(f"{definition.name} is being updated by others; try again")

    def _write_version(self, definition: WorkflowDefinition) -> bool:
        """Version and latest in one transaction; False when somebody else wrote this version."""
        item = codec.definition_item(definition)
        row: dict[str, Any] = {"name": definition.name, "version": definition.version, "definition": item}
        with translated():
            try:
                with TransactWrite(connection=self.tables.connection) as transaction:
                    transaction.save(self.tables.versions(**row), condition=Path("name").does_not_exist())
                    transaction.save(
                        self.tables.latest(**row),
                        condition=Path("name").does_not_exist() | (Path("version") < definition.version),
                    )
            except TransactWriteError as error:
                if not _condition_failed(error):
                    raise
                return False
        return True

    def latest_definitions(self) -> Sequence[WorkflowDefinition]:
        with translated():
            rows = [
                codec.definition_of(row.definition) for row in self.tables.latest.scan(consistent_read=True)
            ]
        return sorted(rows, key=lambda definition: definition.name)

    def definition_versions(self, name: str) -> Sequence[WorkflowDefinition]:
        if not name:
            raise NotFound("definition", name)
        with translated():
            rows = list(self.tables.versions.query(name, consistent_read=True))
        if not rows:
            raise NotFound("definition", name)
        return [codec.definition_of(row.definition) for row in rows]

    def get_definition(self, name: str, version: int) -> WorkflowDefinition:
        with translated():
            try:
                if not name or version < 0:
                    raise DoesNotExist
                row = self.tables.versions.get(name, version, consistent_read=True)
            except DoesNotExist:
                raise NotFound("definition", f"{name}@{version}") from None
        return codec.definition_of(row.definition)

    def latest_definition(self, name: str) -> WorkflowDefinition:
        # From the versions, not from the table of latest ones: an original that died between its
        # two writes left the latter behind, and every update would lose the race against itself.
        if not name:
            raise NotFound("definition", name)
        with translated():
            newest = next(
                iter(
                    self.tables.versions.query(name, consistent_read=True, scan_index_forward=False, limit=1)
                ),
                None,
            )
        if newest is None:
            raise NotFound("definition", name)
        return codec.definition_of(newest.definition)

    # state resources

    def save_state_resource(self, resource: StateResource) -> StateResource:
        stored = replace(resource, last_updated=self._clock.now())
        with translated():
            self.tables.resources(
                name=resource.name, namespace=resource.namespace, resource=codec.resource_item(stored)
            ).save()
        return stored

    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        with translated():
            try:
                if not (name and namespace):
                    raise DoesNotExist
                row = self.tables.resources.get(name, namespace, consistent_read=True)
            except DoesNotExist:
                raise NotFound("state resource", f"{namespace}--{name}") from None
        return codec.resource_of(row.resource)

    def delete_state_resource(self, namespace: str, name: str) -> None:
        with translated():
            try:
                if not (name and namespace):
                    raise DoesNotExist
                self.tables.resources(name=name, namespace=namespace).delete(condition=Path("name").exists())
            except (DeleteError, DoesNotExist) as error:
                if isinstance(error, DeleteError) and not _condition_failed(error):
                    raise
                raise NotFound("state resource", f"{namespace}--{name}") from None

    # workflows

    def create_workflow(self, workflow: Workflow) -> Workflow:
        stored = self._as_new(workflow)
        for smaller in shrinkings(stored):
            with translated():
                try:
                    self._row(smaller).save(condition=Path("id").does_not_exist())
                except PutError as error:
                    if _condition_failed(error):
                        raise AlreadyExists("workflow", workflow.id) from None
                    if not _too_large(error):
                        raise
                else:
                    return stored
        raise _does_not_fit(workflow)

    def create_retry(self, retry: Workflow, seen_retries: Sequence[str]) -> Workflow:
        stored = self._as_new(retry)
        retries = Path("Workflow.retries")
        unchanged: Condition = retries == list(seen_retries)
        if not seen_retries:
            unchanged = retries.does_not_exist() | retries.is_type(NULL) | (retries == [])
        appended = [{"S": known} for known in (*seen_retries, retry.id)]
        for smaller in shrinkings(stored):
            with translated():
                try:
                    with TransactWrite(connection=self.tables.connection) as transaction:
                        transaction.save(self._row(smaller), condition=Path("id").does_not_exist())
                        transaction.update(
                            self.tables.workflows(id=retry.retry_for),
                            actions=[
                                SetAction(retries, Value(appended, RawList())),
                                Path("Workflow.lastUpdated").set(codec.date_text(self._clock.now())),
                            ],
                            condition=Path("id").exists() & unchanged,
                        )
                except TransactWriteError as error:
                    if _too_large(error):
                        continue
                    if not _condition_failed(error):
                        raise
                    self.get_workflow(retry.retry_for)
                    raise Conflict(f"{retry.retry_for} was resumed by somebody else") from None
            return stored
        raise _does_not_fit(retry)

    def discard_retry(self, retry_id: str) -> None:
        parent_id = self.get_workflow(retry_id).retry_for
        for _ in range(VERSION_RACES):
            known = self.get_workflow(parent_id).retries
            remaining = [{"S": other} for other in known if other != retry_id]
            with translated():
                try:
                    with TransactWrite(connection=self.tables.connection) as transaction:
                        transaction.delete(self.tables.workflows(id=retry_id))
                        transaction.update(
                            self.tables.workflows(id=parent_id),
                            actions=[SetAction(Path("Workflow.retries"), Value(remaining, RawList()))],
                            condition=Path("Workflow.retries") == list(known),
                        )
                except TransactWriteError as error:
                    if not _condition_failed(error):
                        raise
                else:
                    return
        raise Conflict(f"{parent_id} is being changed by others; try again")

    def update_workflow(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        for smaller in shrinkings(change):
            with translated():
                try:
                    row = self.tables.workflows(id=workflow_id)
                    row.update(actions=self._actions(smaller), condition=_may_become(smaller))
                except UpdateError as error:
                    if _condition_failed(error):
                        status = self.get_workflow(workflow_id).status.value
                        raise AlreadyFinished(f"Workflow {workflow_id} is {status}") from None
                    if not _too_large(error):
                        raise
                else:
                    return codec.workflow_of(row.workflow)
        raise _does_not_fit(self.get_workflow(workflow_id))

    def _actions(self, change: WorkflowChange) -> list[Action]:
        set_to: dict[str, Value] = {"lastUpdated": Value(codec.date_text(self._clock.now()))}
        if isinstance(change.status, WorkflowStatus):
            set_to["status"] = Value(change.status.value)
        for name, text in (("statusReason", change.status_reason), ("output", change.output)):
            if text is not UNCHANGED:
                set_to[name] = Value(text)
        if change.stopped_at is not UNCHANGED:
            set_to["stoppedAt"] = Value(codec.date_text(change.stopped_at))
        if change.resolved_by_user is not UNCHANGED:
            set_to["resolvedByUser"] = Value(change.resolved_by_user)
        if change.last_job is not UNCHANGED:
            set_to["lastJob"] = Value(codec.job_item(change.last_job), Raw())
        if change.jobs is not UNCHANGED:
            set_to["jobs"] = Value(codec.jobs_value(change.jobs), RawList())
        actions: list[Action] = [SetAction(Path(["Workflow", name]), held) for name, held in set_to.items()]
        if isinstance(change.status, WorkflowStatus):
            actions.append(Path("_gsi-st").set(change.status.value))
        return actions

    def delete_workflow(self, workflow_id: str) -> None:
        with translated():
            try:
                self.tables.workflows(id=_key(workflow_id)).delete(condition=Path("id").exists())
            except DeleteError as error:
                if not _condition_failed(error):
                    raise
                raise NotFound("workflow", workflow_id) from None

    def get_workflow(self, workflow_id: str) -> Workflow:
        with translated():
            try:
                row = self.tables.workflows.get(_key(workflow_id), consistent_read=True)
            except DoesNotExist:
                raise NotFound("workflow", workflow_id) from None
        return codec.workflow_of(row.workflow)

    def find_workflows(self, query: WorkflowQuery) -> WorkflowPage:
        with translated():
            return self._listing.page(query)

    def check(self) -> None:
        with translated():
            self.tables.workflows.describe_table()

    def close(self) -> None:
        """Connections close with the process; DynamoDB keeps nothing of ours open."""

    def _as_new(self, workflow: Workflow) -> Workflow:
        now = self._clock.now()
        return replace(workflow, created_at=now, last_updated=now)

    def _row(self, workflow: Workflow) -> Any:
        assert workflow.created_at is not None
        expires = workflow.created_at + timedelta(days=self._settings.keep_days)
        return self.tables.workflows(
            id=workflow.id,
            name=workflow.workflow_definition.name,
            created_at=codec.date_text(workflow.created_at),
            status=workflow.status.value,
            expires=expires,
            workflow=codec.workflow_item(workflow),
        )


def _key(workflow_id: str) -> str:
    # DynamoDB refuses an empty key; nobody has it.
    if not workflow_id:
        raise NotFound("workflow", workflow_id)
    return workflow_id


def _may_become(change: WorkflowChange) -> Condition:
    """The record exists and, if its status is to change, has not ended with another one."""
    exists: Condition = Path("id").exists()
    if not isinstance(change.status, WorkflowStatus):
        return exists
    may: Condition = exists & Path("Workflow.status").is_in(*{*OPEN, change.status.value})
    return may


def _does_not_fit(workflow: Workflow) -> InvalidRequest:
    return InvalidRequest(
        f"workflow {workflow.id} is larger than DynamoDB's 400 KB for one record: "
        "make its definition or its input smaller"
    )
