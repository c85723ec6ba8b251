"""The store on memory: for tests, and for servers that need not remember.

Holds values of its own: whatever comes in or goes out is copied down to the last JSON container.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import AlreadyExists, AlreadyFinished, Conflict, InvalidRequest, NotFound
from workflow_manager.kernel.json import Json, NotJson, dumps
from workflow_manager.models.workflow import StateResource, Workflow, WorkflowDefinition, summary
from workflow_manager.store.codec import to_micros
from workflow_manager.store.entries import WEBHOOK, Entry, deliveries_of_end
from workflow_manager.store.paging import Cursor, decode_token, encode_token
from workflow_manager.store.port import UNCHANGED, Store, WorkflowChange, WorkflowPage, WorkflowQuery


class MemoryStore(Store):
    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._definitions: dict[str, list[WorkflowDefinition]] = {}
        self._resources: dict[tuple[str, str], StateResource] = {}
        self._workflows: dict[str, Workflow] = {}
        self._order: list[tuple[int, str]] = []
        self._entries: dict[str, dict[str, Entry]] = {}

    def create_definition(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        _check_text(definition.name, definition.state_machine, definition.default_tags)
        with self._lock:
            if definition.name in self._definitions:
                raise AlreadyExists("definition", definition.name)
            stored = replace(_own_definition(definition), version=0, created_at=self._clock.now())
            self._definitions[stored.name] = [stored]
            return _own_definition(stored)

    def add_version(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        _check_text(definition.state_machine, definition.default_tags)
        with self._lock:
            versions = self._versions(definition.name)
            stored = replace(_own_definition(definition), version=len(versions), created_at=self._clock.now())
            versions.append(stored)
            return _own_definition(stored)

    def latest_definitions(self) -> Sequence[WorkflowDefinition]:
        with self._lock:
            return [_own_definition(self._definitions[name][-1]) for name in sorted(self._definitions)]

    def definition_versions(self, name: str) -> Sequence[WorkflowDefinition]:
        with self._lock:
            return [_own_definition(version) for version in self._versions(name)]

    def get_definition(self, name: str, version: int) -> WorkflowDefinition:
        with self._lock:
            versions = self._definitions.get(name, [])
            if not 0 <= version < len(versions):
                raise NotFound("definition", f"{name}@{version}")
            return _own_definition(versions[version])

    def latest_definition(self, name: str) -> WorkflowDefinition:
        with self._lock:
            return _own_definition(self._versions(name)[-1])

    def _versions(self, name: str) -> list[WorkflowDefinition]:
        if name not in self._definitions:
            raise NotFound("definition", name)
        return self._definitions[name]

    def save_state_resource(self, resource: StateResource) -> StateResource:
        _check_text(resource.namespace, resource.name, resource.uri)
        with self._lock:
            stored = replace(resource, last_updated=self._clock.now())
            self._resources[resource.namespace, resource.name] = stored
            return stored

    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        with self._lock:
            if (namespace, name) not in self._resources:
                raise NotFound("state resource", f"{namespace}--{name}")
            return self._resources[namespace, name]

    def delete_state_resource(self, namespace: str, name: str) -> None:
        with self._lock:
            self.get_state_resource(namespace, name)
            del self._resources[namespace, name]

    def create_workflow(self, workflow: Workflow) -> Workflow:
        _check_text(workflow.id, workflow.namespace, workflow.queue, workflow.input, workflow.tags)
        with self._lock:
            if workflow.id in self._workflows:
                raise AlreadyExists("workflow", workflow.id)
            now = self._clock.now()
            stored = replace(_own_workflow(workflow), created_at=now, last_updated=now)
            self._workflows[stored.id] = stored
            insort(self._order, (to_micros(now), stored.id))
            return _own_workflow(stored)

    def create_retry(self, retry: Workflow, seen_retries: Sequence[str]) -> Workflow:
        with self._lock:
            parent = self._workflow(retry.retry_for)
            if parent.retries != tuple(seen_retries):
                raise Conflict(f"workflow {parent.id} was resumed by someone else")
            stored = self.create_workflow(retry)
            self._keep(replace(parent, retries=(*parent.retries, retry.id)))
            return stored

    def discard_retry(self, retry_id: str) -> None:
        with self._lock:
            retry = self._workflow(retry_id)
            self.delete_workflow(retry_id)
            parent = self._workflows.get(retry.retry_for)
            if parent is not None:
                left = tuple(other for other in parent.retries if other != retry_id)
                self._keep(replace(parent, retries=left))

    def update_workflow(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        _check_text(change.status_reason, change.first_status_reason, change.output)
        with self._lock:
            stored = self._workflow(workflow_id)
            if change.status not in (UNCHANGED, stored.status) and stored.status.is_terminal:
                raise AlreadyFinished(f"workflow {workflow_id} is {stored.status.value}")
            kept = self._keep(change.applied_to(stored))
            if kept.status.is_terminal and not stored.status.is_terminal:
                webhooks = self._entries.get(WEBHOOK, {}).values()
                for delivery in deliveries_of_end(webhooks, kept, self._clock.now()):
                    self.add_entry(delivery)
            return _own_workflow(kept)

    def resolve_workflow(self, workflow_id: str) -> Workflow:
        with self._lock:
            stored = self._workflow(workflow_id)
            if stored.resolved_by_user:
                raise Conflict(f"workflow {workflow_id} already resolved")
            return _own_workflow(self._keep(replace(stored, resolved_by_user=True)))

    def delete_workflow(self, workflow_id: str) -> None:
        with self._lock:
            workflow = self._workflow(workflow_id)
            del self._workflows[workflow_id]
            place = _place(workflow)
            del self._order[bisect_left(self._order, place)]

    def get_workflow(self, workflow_id: str) -> Workflow:
        with self._lock:
            return _own_workflow(self._workflow(workflow_id))

    def _workflow(self, workflow_id: str) -> Workflow:
        if workflow_id not in self._workflows:
            raise NotFound("workflow", workflow_id)
        return self._workflows[workflow_id]

    def _keep(self, workflow: Workflow) -> Workflow:
        stored = replace(workflow, last_updated=self._clock.now())
        self._workflows[stored.id] = stored
        return stored

    def find_workflows(self, query: WorkflowQuery) -> WorkflowPage:
        cursor = None
        if query.page_token is not None:
            cursor = decode_token(query.page_token, oldest_first=query.oldest_first)
        found: list[Workflow] = []
        with self._lock:
            for _, workflow_id in self._beyond(cursor, oldest_first=query.oldest_first):
                workflow = self._workflows[workflow_id]
                if not _matches(query, workflow):
                    continue
                if len(found) == query.limit:
                    token = encode_token(Cursor(*_place(found[-1])), oldest_first=query.oldest_first)
                    return WorkflowPage(found, token)
                found.append(_own_workflow(summary(workflow) if query.summary_only else workflow))
        return WorkflowPage(found, None)

    def _beyond(self, cursor: Cursor | None, *, oldest_first: bool) -> Iterable[tuple[int, str]]:
        if oldest_first:
            start = bisect_right(self._order, (cursor.created_at, cursor.id)) if cursor else 0
            return (self._order[index] for index in range(start, len(self._order)))
        end = bisect_left(self._order, (cursor.created_at, cursor.id)) if cursor else len(self._order)
        return (self._order[index] for index in range(end - 1, -1, -1))

    def add_entry(self, entry: Entry) -> Entry:
        _check_text(entry.kind, entry.id, entry.body)
        with self._lock:
            if entry.id in self._entries.setdefault(entry.kind, {}):
                raise AlreadyExists(entry.kind, entry.id)
            return self._keep_entry(replace(entry, revision=1))

    def replace_entry(self, entry: Entry) -> Entry:
        _check_text(entry.body)
        with self._lock:
            self._unchanged(entry)
            return self._keep_entry(replace(entry, revision=entry.revision + 1))

    def delete_entry(self, entry: Entry) -> None:
        with self._lock:
            self._unchanged(entry)
            del self._entries[entry.kind][entry.id]

    def _unchanged(self, entry: Entry) -> None:
        if self.get_entry(entry.kind, entry.id).revision != entry.revision:
            raise Conflict(f"{entry.kind} {entry.id} was changed by someone else")

    def _keep_entry(self, entry: Entry) -> Entry:
        self._entries[entry.kind][entry.id] = entry
        return entry

    def get_entry(self, kind: str, id: str) -> Entry:
        with self._lock:
            try:
                return self._entries[kind][id]
            except KeyError:
                raise NotFound(kind, id) from None

    def entries(
        self, kind: str, *, limit: int, beyond: str | None = None, backwards: bool = False
    ) -> Sequence[Entry]:
        with self._lock:
            ids = sorted(self._entries.get(kind, {}), reverse=backwards)
            if beyond is not None:
                ids = [each for each in ids if (each < beyond if backwards else each > beyond)]
            return [self._entries[kind][each] for each in ids[:limit]]

    def due_entries(self, kind: str, at: datetime, limit: int) -> Sequence[Entry]:
        with self._lock:
            found = [
                (entry.due_at, entry.id, entry)
                for entry in self._entries.get(kind, {}).values()
                if entry.due_at is not None and entry.due_at <= at
            ]
        return [entry for _, _, entry in sorted(found)[:limit]]

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass


def _check_text(*texts: object) -> None:
    """What the other stores cannot write must not be writable here."""
    try:
        for text in texts:
            if isinstance(text, str):
                text.encode()
            elif isinstance(text, Mapping):
                dumps(dict(text))
    except (UnicodeEncodeError, NotJson) as error:
        raise InvalidRequest(f"text that cannot be stored: {error}") from None


def _matches(query: WorkflowQuery, workflow: Workflow) -> bool:
    created_at = workflow.created_at
    assert created_at is not None
    return (
        query.definition_name in (None, workflow.workflow_definition.name)
        and query.status in (None, workflow.status)
        and query.resolved_by_user in (None, workflow.resolved_by_user)
        and query.namespace in (None, workflow.namespace)
        and all(workflow.tags.get(name) == value for name, value in query.tags)
        and (query.created_after is None or created_at > query.created_after)
        and (query.created_before is None or created_at < query.created_before)
    )


def _place(workflow: Workflow) -> tuple[int, str]:
    assert workflow.created_at is not None
    return to_micros(workflow.created_at), workflow.id


def _own(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _own(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_own(item) for item in value]
    return value


def _own_mapping(mapping: Mapping[str, Json]) -> Mapping[str, Json]:
    return {key: _own(value) for key, value in mapping.items()}


def _own_definition(definition: WorkflowDefinition) -> WorkflowDefinition:
    return replace(
        definition,
        state_machine=_own_mapping(definition.state_machine),
        default_tags=_own_mapping(definition.default_tags),
    )


def _own_workflow(workflow: Workflow) -> Workflow:
    return replace(
        workflow,
        workflow_definition=_own_definition(workflow.workflow_definition),
        tags=_own_mapping(workflow.tags),
    )
