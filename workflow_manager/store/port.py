"""The contract of every store.  `tests/conformance/test_store.py` is its other half."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final

from workflow_manager.kernel.json import ABSENT, Absent
from workflow_manager.models.workflow import (
    Job,
    StateResource,
    Workflow,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_manager.store.entries import Entry

UNCHANGED: Final = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowChange:
    """A partial update; what is UNCHANGED stays as it is.

    `first_status_reason` is written only where no reason is stored yet.
    """

    status: WorkflowStatus | Absent = UNCHANGED
    status_reason: str | Absent = UNCHANGED
    first_status_reason: str | Absent = UNCHANGED
    stopped_at: datetime | Absent = UNCHANGED
    resolved_by_user: bool | Absent = UNCHANGED
    output: str | Absent = UNCHANGED
    last_job: Job | Absent = UNCHANGED
    jobs: tuple[Job, ...] | Absent = UNCHANGED

    def applied_to(self, stored: Workflow) -> Workflow:
        """The workflow with the change in it; whether it may be made is the store's to judge."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        first_reason = given.pop("first_status_reason")
        changed = replace(stored, **{name: value for name, value in given.items() if value is not UNCHANGED})
        if first_reason is UNCHANGED or stored.status_reason:
            return changed
        return replace(changed, status_reason=first_reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowQuery:
    """Which workflows to list.  None means: do not filter by it; all filters must hold.

    The two times are exclusive.  With `summary_only` the workflows come as `models.workflow.summary`
    makes them, otherwise whole, their jobs included.
    """

    definition_name: str | None = None
    status: WorkflowStatus | None = None
    resolved_by_user: bool | None = None
    namespace: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    created_after: datetime | None = None
    created_before: datetime | None = None
    oldest_first: bool = False
    limit: int = 10
    page_token: str | None = None
    summary_only: bool = False


@dataclass(frozen=True, slots=True)
class WorkflowPage:
    """`next_token` is None on the last page, and only there."""

    workflows: Sequence[Workflow]
    next_token: str | None


def each_workflow(find: Callable[[WorkflowQuery], WorkflowPage], query: WorkflowQuery) -> Iterator[Workflow]:
    """All that `find` gives page by page; `query.limit` is how many are read at once."""
    while True:
        page = find(query)
        yield from page.workflows
        if page.next_token is None:
            return
        query = replace(query, page_token=page.next_token)


def ended_before(workflow: Workflow, at: datetime) -> bool:
    ended_at = workflow.stopped_at or workflow.last_updated
    return workflow.status.is_terminal and ended_at is not None and ended_at < at


class Store(ABC):
    """Safe for use by many threads.  Returns values that share nothing with the store.

    Text that cannot be written as UTF-8 raises `InvalidRequest`; a backend that does not answer,
    or that lost its data, `Unavailable`.
    Every acknowledged write is durable where the backend is.  All reads see all acknowledged
    writes.  Unknown keys raise `NotFound(kind, key)` with the keys of the REST messages: a
    definition's name, `name@version`, a workflow's id, `namespace--name`.
    """

    @abstractmethod
    def create_definition(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        """Store version 0 of a new name and return it as stored, with `created_at` now.

        Raises `AlreadyExists("definition", name)`.
        """

    @abstractmethod
    def add_version(self, definition: WorkflowDefinition) -> WorkflowDefinition:
        """Store the next version of a known name: latest + 1, `created_at` now; the id is the caller's.

        Concurrent calls each get a version of their own; versions are dense.
        Raises `NotFound`; `Conflict` when the race was lost too often.
        """

    @abstractmethod
    def latest_definitions(self) -> Sequence[WorkflowDefinition]:
        """The newest version of every name, sorted by name; complete."""

    @abstractmethod
    def definition_versions(self, name: str) -> Sequence[WorkflowDefinition]:
        """All versions, ascending.  Raises `NotFound`."""

    @abstractmethod
    def get_definition(self, name: str, version: int) -> WorkflowDefinition:
        """That version.  Raises `NotFound("definition", "name@version")`, negative versions included."""

    @abstractmethod
    def latest_definition(self, name: str) -> WorkflowDefinition:
        """The newest version.  Raises `NotFound`."""

    @abstractmethod
    def save_state_resource(self, resource: StateResource) -> StateResource:
        """Insert or replace; returns it with `last_updated` now."""

    @abstractmethod
    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        """Raises `NotFound("state resource", "namespace--name")`."""

    @abstractmethod
    def delete_state_resource(self, namespace: str, name: str) -> None:
        """Raises `NotFound`."""

    @abstractmethod
    def create_workflow(self, workflow: Workflow) -> Workflow:
        """Insert, with `created_at` and `last_updated` now, and return it as stored.

        Raises `AlreadyExists("workflow", id)`.
        """

    @abstractmethod
    def create_retry(self, retry: Workflow, seen_retries: Sequence[str]) -> Workflow:
        """Insert `retry` and append its id to the retries of `retry.retry_for`, in one transaction.

        Only if the parent's retries are still `seen_retries`; else raises `Conflict`, and nothing
        was written.  Raises `NotFound` for an unknown parent.
        """

    @abstractmethod
    def discard_retry(self, retry_id: str) -> None:
        """Undo `create_retry`: the record and the parent's mention of it, in one transaction.

        Raises `NotFound`.
        """

    @abstractmethod
    def update_workflow(self, workflow_id: str, change: WorkflowChange) -> Workflow:
        """Apply a change, set `last_updated` now, and return the workflow as stored.

        A terminal status never moves: if the stored status is terminal and `change.status` is
        another one, nothing is written and `AlreadyFinished` is raised.  The same terminal status
        again is no conflict.  A change that ends the workflow adds, in the same transaction, a delivery
        for every webhook that wants it (`entries.deliveries_of_end`).  Raises `NotFound`.
        """

    @abstractmethod
    def resolve_workflow(self, workflow_id: str) -> Workflow:
        """Set `resolved_by_user`, and `last_updated` now; the workflow as stored.

        Raises `Conflict("workflow <id> already resolved")` when it was set, `NotFound`.
        """

    @abstractmethod
    def delete_workflow(self, workflow_id: str) -> None:
        """Raises `NotFound`."""

    @abstractmethod
    def get_workflow(self, workflow_id: str) -> Workflow:
        """Raises `NotFound("workflow", id)`."""

    @abstractmethod
    def find_workflows(self, query: WorkflowQuery) -> WorkflowPage:
        """A page in the total order (created_at, id), newest first unless asked otherwise.

        Tokens are opaque and stable: while others add workflows, none is lost or repeated.  A
        token of digits alone is a time in unix milliseconds, strictly beyond which to go on.
        Raises `InvalidRequest("invalid page token: …")`.
        """

    def prune(self, before: datetime, limit: int) -> int:
        """Delete workflows that have a terminal status since before then; how many it were.

        At most `limit`; fewer means that there are no more.
        """
        pruned = 0
        for status in (each for each in WorkflowStatus if each.is_terminal):
            query = WorkflowQuery(status=status, created_before=before, oldest_first=True, summary_only=True)
            for workflow in each_workflow(self.find_workflows, query):
                if pruned == limit:
                    return pruned
                if ended_before(workflow, before):
                    self.delete_workflow(workflow.id)
                    pruned += 1
        return pruned

    @abstractmethod
    def add_entry(self, entry: Entry) -> Entry:
        """Insert it as revision 1.  Raises `AlreadyExists(kind, id)`."""

    @abstractmethod
    def replace_entry(self, entry: Entry) -> Entry:
        """Write it as the next revision, if the stored one is still of `entry.revision`.

        Else nothing is written, and `Conflict` is raised.  Raises `NotFound(kind, id)`.
        """

    @abstractmethod
    def delete_entry(self, entry: Entry) -> None:
        """Delete it, if the stored one is still of that revision.  Raises `Conflict`, `NotFound`."""

    @abstractmethod
    def get_entry(self, kind: str, id: str) -> Entry:
        """Raises `NotFound(kind, id)`."""

    @abstractmethod
    def entries(
        self, kind: str, *, limit: int, beyond: str | None = None, backwards: bool = False
    ) -> Sequence[Entry]:
        """Those of a kind in the order of their ids, or against it; at most so many.

        With `beyond` only those that come after that id in this order.
        """

    @abstractmethod
    def due_entries(self, kind: str, at: datetime, limit: int) -> Sequence[Entry]:
        """Those of a kind that are due by then, the longest due first; at most so many.

        May miss what was written a moment ago, which the next call then finds.
        """

    @abstractmethod
    def check(self) -> None:
        """Answer at once, or raise `Unavailable`."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything.  Safe to call twice."""
