"""What `Store` promises, in conditional writes and transactions on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

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

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import AlreadyExists, AlreadyFinished, Conflict, InvalidRequest, NotFound
from workflow_manager.kernel.json import Absent
from workflow_manager.models.workflow import StateResource, Workflow, WorkflowDefinition, WorkflowStatus
from workflow_manager.store.dynamodb import codec
from workflow_manager.store.dynamodb.agenda import Agenda
from workflow_manager.store.dynamodb.answers import (
    HASH_KEY_BYTES,
    check_text,
    condition_failed,
    in_the_way,
    may_be_key,
    races,
    refused,
    too_large,
    translated,
)
from workflow_manager.store.dynamodb.definitions import Definitions, StateResources
from workflow_manager.store.dynamodb.listing import Listing
from workflow_manager.store.dynamodb.shrinking import shrinkings
from workflow_manager.store.dynamodb.tables import Raw, RawList, Tables
from workflow_manager.store.entries import Entry, deliveries_of_end
from workflow_manager.store.port import UNCHANGED, Store, WorkflowChange, WorkflowPage, WorkflowQuery

_OPEN: Final = tuple(status.value for status in WorkflowStatus if not status.is_terminal)

_RETRIES: Final = "Workflow.retries"


class DynamoDBStore(Store):
    """Reads of single records are strongly consistent; listings come from indexes and may lag."""

    def __init__(self, tables: Tables, *, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock
        self._definitions = Definitions(self._tables, self._clock)
        self._resources = StateResources(self._tables, self._clock)
        self._listing = Listing(self._tables)
        self._agenda = Agenda(self._tables)

    def create_definition(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        return self._definitions.create(definition)

    def add_version(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        return self._definitions.add_version(definition)

    def latest_definitions(self) -> Sequence[WorkflowDefinition]:
        return self._definitions.all_latest()

    def definition_versions(self, name: str) -> Sequence[WorkflowDefinition]:
        return self._definitions.versions(name)

    def get_definition(self, name: str, version: int) -> WorkflowDefinition:
        return self._definitions.get(name, version)

    def latest_definition(self, name: str) -> WorkflowDefinition:
        return self._definitions.latest(name)

    def save_state_resource(self, resource: StateResource) -> StateResource:
        return self._resources.save(resource)

    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        return self._resources.get(namespace, name)

    def delete_state_resource(self, namespace: str, name: str) -> None:
        self._resources.delete(namespace, name)

    def create_workflow(self, workflow: Workflow) -> Workflow:
        def put(row: Any) -> None:
            try:
                row.save(condition=Path("id").does_not_exist())
            except PutError as error:
                if not condition_failed(error):
                    raise
                if not self._is_there(row):
                    raise AlreadyExists("workflow", workflow.id) from None

        return self._put(self._as_new(workflow), put)

    def create_retry(self, retry: Workflow, seen_retries: Sequence[str]) -> Workflow:
        parent_id = retry.retry_for
        known = self.get_workflow(parent_id).retries

        def put(row: Any) -> None:
            try:
                with TransactWrite(connection=self._tables.connection) as transaction:
                    transaction.save(row, condition=Path("id").does_not_exist())
                    transaction.update(
                        self._tables.workflows(id=parent_id),
                        actions=self._set_retries((*seen_retries, retry.id)),
                        condition=Path("id").exists() & _retries_are(seen_retries),
                    )
            except TransactWriteError as error:
                if not condition_failed(error):
                    raise
                if self._is_there(row):
                    return
                if refused(error, 0):
                    raise AlreadyExists("workflow", retry.id) from None
                self.get_workflow(parent_id)
                raise _resumed_by_others(parent_id) from None

        if known != tuple(seen_retries):
            raise _resumed_by_others(parent_id)
        return self._put(self._as_new(retry), put)

    def _is_there(self, row: Any) -> bool:
        """Whether a record that could not be made is there as it is: the answer to an earlier attempt
        of the same call was lost."""
        try:
            there = self.get_workflow(row.id)
        except NotFound:
            return False
        return there == codec.workflow_of(row.workflow)

    def discard_retry(self, retry_id: str) -> None:
        for _ in races():
            parent_id = self.get_workflow(retry_id).retry_for
            try:
                known = self.get_workflow(parent_id).retries
            except NotFound:
                return self.delete_workflow(retry_id)
            with translated():
                try:
                    with TransactWrite(connection=self._tables.connection) as transaction:
                        transaction.delete(self._tables.workflows(id=retry_id), condition=Path("id").exists())
                        transaction.update(
                            self._tables.workflows(id=parent_id),
                            actions=self._set_retries([other for other in known if other != retry_id]),
                            condition=Path("id").exists() & _retries_are(known),
                        )
                except TransactWriteError as error:
                    if not condition_failed(error) and not in_the_way(error):
                        raise
                else:
                    return None
        raise _busy(retry_id)

    def _set_retries(self, retries: Sequence[str]) -> list[Action]:
        held = [{"S": retry} for retry in retries]
        return [
            SetAction(Path(_RETRIES), Value(held, RawList())),
            Path("Workflow.lastUpdated").set(codec.date_text(self._clock.now())),
        ]

    def update_workflow(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        if not isinstance(change.status, Absent) and change.status.is_terminal:
            ended = self._end(workflow_id, change)
            if ended is not None:
                return ended
        return self._change(workflow_id, change)

    def _end(self, workflow_id: str, change: WorkflowChange) -> Workflow | None:
        """Its end together with the deliveries that it makes; None when it makes none."""
        webhooks = self._agenda.webhooks()
        if not webhooks:
            return None
        for _ in races():
            seen = self.get_workflow(workflow_id)
            deliveries = deliveries_of_end(webhooks, change.applied_to(seen), self._clock.now())
            if seen.status.is_terminal or not deliveries:
                return None
            with translated():
                try:
                    with TransactWrite(connection=self._tables.connection) as transaction:
                        transaction.update(
                            self._tables.workflows(id=workflow_id),
                            actions=self._actions(change),
                            condition=Path("id").exists() & Path("Workflow.status").is_in(*_OPEN),
                        )
                        for delivery in deliveries:
                            self._agenda.add_in(transaction, delivery)
                except TransactWriteError as error:
                    if too_large(error):
                        return self._end_of_large(workflow_id, change, deliveries)
                    if not condition_failed(error) and not in_the_way(error):
                        raise
                else:
                    return self.get_workflow(workflow_id)
        raise _busy(workflow_id)

    def _end_of_large(
        self, workflow_id: str, change: WorkflowChange, deliveries: Sequence[Entry]
    ) -> Workflow:
        """Where the change makes the record too large, it is made smaller first, and ended then."""
        self._rewrite(workflow_id, replace(change, status=UNCHANGED))
        status = WorkflowChange(status=change.status)
        with translated(), TransactWrite(connection=self._tables.connection) as transaction:
            transaction.update(
                self._tables.workflows(id=workflow_id),
                actions=self._actions(status),
                condition=Path("id").exists() & Path("Workflow.status").is_in(*_OPEN),
            )
            for delivery in deliveries:
                self._agenda.add_in(transaction, delivery)
        return self.get_workflow(workflow_id)

    def _change(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        for _ in races():
            with translated():
                try:
                    return self._update(workflow_id, self._actions(change), _may_become(change))
                except UpdateError as error:
                    if condition_failed(error):
                        raise _finished(self.get_workflow(workflow_id)) from None
                    if too_large(error):
                        return self._rewrite(workflow_id, change)
                    if not in_the_way(error):
                        raise
        raise _busy(workflow_id)

    def resolve_workflow(self, workflow_id: str) -> Workflow:
        flag = Path("Workflow.resolvedByUser")
        unresolved = Path("id").exists() & (flag.does_not_exist() | (flag == False))  # noqa: E712
        for _ in races():
            with translated():
                try:
                    return self._update(
                        workflow_id, self._actions(WorkflowChange(resolved_by_user=True)), unresolved
                    )
                except UpdateError as error:
                    if condition_failed(error):
                        self.get_workflow(workflow_id)
                        raise Conflict(f"workflow {workflow_id} already resolved") from None
                    if not in_the_way(error):
                        raise
        raise _busy(workflow_id)

    def _update(self, workflow_id: str, actions: list[Action], condition: Condition) -> Workflow:
        row = self._tables.workflows(id=_key(workflow_id))
        row.update(actions=actions, condition=condition)
        return codec.workflow_of(row.workflow)

    def _actions(self, change: WorkflowChange) -> list[Action]:
        set_to: dict[str, Value] = {"lastUpdated": Value(codec.date_text(self._clock.now()))}
        removed: list[str] = []
        if not isinstance(change.status, Absent):
            set_to["status"] = Value(change.status.value)
        for name, text in (("statusReason", change.status_reason), ("output", change.output)):
            if isinstance(text, Absent):
                continue
            check_text(text)
            if text:
                set_to[name] = Value(text)
            else:
                removed.append(name)
        if not isinstance(change.output, Absent):
            removed.append(codec.packed_name("output"))
        if not isinstance(change.stopped_at, Absent):
            set_to["stoppedAt"] = Value(codec.date_text(change.stopped_at))
        if not isinstance(change.resolved_by_user, Absent):
            set_to["resolvedByUser"] = Value(change.resolved_by_user)
        if not isinstance(change.last_job, Absent):
            set_to["lastJob"] = Value(_checked(codec.job_item(change.last_job)), Raw())
        if not isinstance(change.jobs, Absent):
            set_to["jobs"] = Value(_checked(codec.jobs_value(change.jobs)), RawList())
            removed.append(codec.packed_name("jobs"))
        actions: list[Action] = [SetAction(Path(["Workflow", name]), held) for name, held in set_to.items()]
        actions += [Path(["Workflow", name]).remove() for name in removed]
        if not isinstance(change.first_status_reason, Absent) and change.first_status_reason:
            check_text(change.first_status_reason)
            reason = Path("Workflow.statusReason")
            actions.append(reason.set(reason | change.first_status_reason))
        if not isinstance(change.status, Absent):
            actions.append(Path("_gsi-st").set(change.status.value))
        return actions

    def _rewrite(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        """The change on a record that it makes too large: the whole of it, compressed or cut."""
        for _ in races():
            item = self._item(workflow_id)
            seen = codec.workflow_of(item)
            if change.status not in (seen.status, *_NO_STATUS) and seen.status.is_terminal:
                raise _finished(seen)
            # As it is written: the original's times are finer than ours, or have fewer digits.
            unseen = Path("Workflow.lastUpdated") == item["lastUpdated"]["S"]

            def put(row: Any, condition: Condition = unseen) -> None:
                row.save(condition=condition)

            changed = replace(change.applied_to(seen), last_updated=self._clock.now())
            try:
                return self._put(changed, put)
            except PutError as error:
                if not condition_failed(error):
                    raise
        raise _busy(workflow_id)

    def _put(self, workflow: Workflow, put: Callable[[Any], None]) -> Workflow:
        """Write the record as large as it may be, and return it as it is stored."""
        _key_of_new(workflow)
        for smaller, packing in shrinkings(workflow):
            row = self._row(smaller, packing=packing)
            if self._fits(row, put):
                return codec.workflow_of(row.workflow)
        raise InvalidRequest(
            f"workflow {workflow.id} is larger than the 400 KB that DynamoDB has for one record: "
            "make its definition or its input smaller"
        )

    def _fits(self, row: Any, put: Callable[[Any], None]) -> bool:
        for _ in races():
            with translated():
                try:
                    put(row)
                except PynamoDBException as error:
                    if too_large(error):
                        return False
                    if not in_the_way(error):
                        raise
                else:
                    return True
        raise _busy(row.id)

    def delete_workflow(self, workflow_id: str) -> None:
        with translated():
            try:
                self._tables.workflows(id=_key(workflow_id)).delete(condition=Path("id").exists())
            except DeleteError as error:
                if not condition_failed(error):
                    raise
                raise NotFound("workflow", workflow_id) from None

    def get_workflow(self, workflow_id: str) -> Workflow:
        return codec.workflow_of(self._item(workflow_id))

    def _item(self, workflow_id: str) -> Mapping[str, Any]:
        """The workflow as it is written."""
        with translated():
            try:
                row = self._tables.workflows.get(_key(workflow_id), consistent_read=True)
            except DoesNotExist:
                raise NotFound("workflow", workflow_id) from None
        item: Mapping[str, Any] = row.workflow
        return item

    def find_workflows(self, query: WorkflowQuery) -> WorkflowPage:
        with translated():
            return self._listing.page(query)

    def add_entry(self, entry: Entry) -> Entry:
        return self._agenda.add(entry)

    def replace_entry(self, entry: Entry) -> Entry:
        return self._agenda.replace(entry)

    def delete_entry(self, entry: Entry) -> None:
        self._agenda.delete(entry)

    def get_entry(self, kind: str, id: str) -> Entry:
        return self._agenda.get(kind, id)

    def entries(
        self, kind: str, *, limit: int, beyond: str | None = None, backwards: bool = False
    ) -> Sequence[Entry]:
        return self._agenda.list(kind, limit=limit, beyond=beyond, backwards=backwards)

    def due_entries(self, kind: str, at: datetime, limit: int) -> Sequence[Entry]:
        return self._agenda.due(kind, at, limit)

    def check(self) -> None:
        with translated():
            self._tables.workflows.describe_table()

    def close(self) -> None:
        """Connections close with the process; DynamoDB keeps nothing of ours open."""

    def _as_new(self, workflow: Workflow) -> Workflow:
        now = self._clock.now()
        return replace(workflow, created_at=now, last_updated=now)

    def _row(self, workflow: Workflow, *, packing: bool) -> Any:
        assert workflow.created_at is not None
        return self._tables.workflows(
            id=workflow.id,
            name=workflow.workflow_definition.name,
            created_at=codec.date_text(workflow.created_at),
            status=workflow.status.value,
            expires=self._expiry(workflow.created_at),
            workflow=_checked(codec.workflow_item(workflow, packing=packing)),
        )

    def _expiry(self, created_at: datetime) -> datetime | None:
        days = self._tables.settings.keep_days
        return created_at + timedelta(days=days) if days else None


_NO_STATUS: Final = tuple(Absent)


def _checked(item: Any) -> Any:
    check_text(item)
    return item


def _key(workflow_id: str) -> str:
    if not may_be_key(workflow_id):
        raise NotFound("workflow", workflow_id)
    return workflow_id


def _key_of_new(workflow: Workflow) -> None:
    for what, key in (("id", workflow.id), ("name of the definition", workflow.workflow_definition.name)):
        if not may_be_key(key):
            raise InvalidRequest(f"the {what} must have 1 to {HASH_KEY_BYTES} bytes of UTF-8")


def _may_become(change: WorkflowChange) -> Condition:
    """The record exists and, if its status is to change, has not ended with another one."""
    exists: Condition = Path("id").exists()
    if isinstance(change.status, Absent):
        return exists
    may: Condition = exists & Path("Workflow.status").is_in(*{*_OPEN, change.status.value})
    return may


def _retries_are(retries: Sequence[str]) -> Condition:
    """As last seen; the three ways of having none are one."""
    path = Path(_RETRIES)
    if retries:
        same: Condition = path == list(retries)
        return same
    none: Condition = path.does_not_exist() | path.is_type(NULL) | (path == [])
    return none


def _finished(workflow: Workflow) -> AlreadyFinished:
    return AlreadyFinished(f"workflow {workflow.id} is {workflow.status.value}")


def _resumed_by_others(parent_id: str) -> Conflict:
    return Conflict(f"workflow {parent_id} was resumed by someone else")


def _busy(workflow_id: str) -> Conflict:
    return Conflict(f"workflow {workflow_id} is being changed by others; try again")
