"""The executor's door on a dictionary: enough of it to put the API in front of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from workflow_manager.executor.activities import MAX_ACTIVITIES, ActivityPage
from workflow_manager.executor.executor import Executor
from workflow_manager.executor.history import HistoryPage
from workflow_manager.kernel.errors import AlreadyExists, Conflict, InvalidInput, InvalidRequest, NotFound
from workflow_manager.kernel.json import Json, NotJson, loads
from workflow_manager.models.activity import Activity, ActivityLoad
from workflow_manager.models.schedule import Submission
from workflow_manager.models.workflow import (
    StateResource,
    StateResourceType,
    Workflow,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_manager.store.port import WorkflowPage, WorkflowQuery


def now() -> datetime:
    return datetime.now(UTC)


class MemoryExecutor(Executor):
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.versions: dict[str, list[WorkflowDefinition]] = {}
        self.runs: dict[str, Workflow] = {}
        self.resources: dict[tuple[str, str], StateResource] = {}
        self.queues: dict[str, ActivityLoad | None] = {}
        self._keyed: dict[str, Workflow] = {}

    def create_definition(
        self,
        name: str,
        state_machine: Mapping[str, Json] | None,
        *,
        manager: str = "",
        default_tags: Mapping[str, Json] | None = None,
    ) -> WorkflowDefinition:
        if not name:
            raise InvalidRequest("WorkflowDefinition `name` is required")
        if name in self.versions:
            raise AlreadyExists("definition", name)
        made = self._definition(name, 0, state_machine, manager, default_tags)
        self.versions[name] = [made]
        return made

    def update_definition(
        self,
        path_name: str,
        name: str,
        state_machine: Mapping[str, Json] | None,
        *,
        manager: str = "",
        default_tags: Mapping[str, Json] | None = None,
    ) -> WorkflowDefinition:
        if name != path_name:
            raise InvalidRequest("Name in path must match WorkflowDefinition object")
        versions = self._versions(name)
        made = self._definition(name, len(versions), state_machine, manager, default_tags)
        versions.append(made)
        return made

    def definitions(self) -> Sequence[WorkflowDefinition]:
        return [versions[-1] for _, versions in sorted(self.versions.items())]

    def definition_versions(self, name: str, *, latest: bool = True) -> Sequence[WorkflowDefinition]:
        versions = self._versions(name)
        return versions[-1:] if latest else versions

    def definition(self, name: str, version: int) -> WorkflowDefinition:
        for each in self.versions.get(name, []):
            if each.version == version:
                return each
        raise NotFound("definition", f"{name}@{version}")

    def start(
        self,
        name: str,
        version: int = 0,
        *,
        input: str = "",
        namespace: str = "",
        queue: str = "",
        tags: Mapping[str, Json] | None = None,
        idempotency_key: str = "",
    ) -> Workflow:
        if idempotency_key in self._keyed:
            return self._keyed[idempotency_key]
        definition = self._versions(name)[-1] if version < 0 else self.definition(name, version)
        try:
            if not isinstance(loads(input or "{}"), dict):
                raise InvalidInput("input is not a valid JSON object: not an object")
        except NotJson as error:
            raise InvalidInput(f"input is not a valid JSON object: {error}") from None
        _check_tags(tags)
        started = Workflow(
            id=str(uuid4()),
            workflow_definition=definition,
            namespace=namespace,
            queue=queue or "default",
            input=input or "{}",
            tags={**definition.default_tags, **(tags or {})},
            created_at=now(),
            last_updated=now(),
            jobs=(),
        )
        self.runs[started.id] = started
        if idempotency_key:
            self._keyed[idempotency_key] = started
        return started

    def workflows(self, query: WorkflowQuery) -> WorkflowPage:
        if query.page_token is not None and not query.page_token.isdigit():
            raise InvalidRequest(f"invalid page token: {query.page_token}")
        begin = int(query.page_token or 0)
        found = [
            run
            for run in self.runs.values()
            if run.workflow_definition.name == query.definition_name
            and query.status in (None, run.status)
            and query.namespace in (None, run.namespace)
            and query.resolved_by_user in (None, run.resolved_by_user)
            and all(run.tags.get(name) == value for name, value in query.tags)
        ]
        found = found if query.oldest_first else found[::-1]
        end = begin + query.limit
        return WorkflowPage(found[begin:end], str(end) if end < len(found) else None)

    def workflow(self, workflow_id: str, *, fetch_history: bool = False) -> Workflow:
        if workflow_id not in self.runs:
            raise NotFound("workflow", workflow_id)
        return self.runs[workflow_id]

    def history(
        self, workflow_id: str, *, limit: int, newest_first: bool = False, page_token: str | None = None
    ) -> HistoryPage:
        """Pages of as many events as asked for, until five have been seen; the token says how many."""
        self.workflow(workflow_id)
        if not (page_token or "0").isdecimal():
            raise InvalidRequest(f"Invalid Token: '{page_token}'")
        began = int(page_token or 0)
        events = [
            {"id": began + n, "timestamp": now(), "type": "PassStateEntered"} for n in range(1, limit + 1)
        ]
        return HistoryPage(events, str(began + limit) if began + limit < 5 else None)

    def activities(
        self, *, namespace: str = "", limit: int = MAX_ACTIVITIES, page_token: str | None = None
    ) -> ActivityPage:
        names = sorted(each for each in self.queues if each > (page_token or ""))
        shown = [
            Activity(name=each, arn=f"arn:{each}", created_at=now(), load=self.queues[each])
            for each in names
            if not namespace or each.startswith(f"{namespace}--")
        ]
        return ActivityPage(shown[:limit], shown[limit - 1].name if len(shown) > limit else None)

    def cancel(self, workflow_id: str, reason: str) -> None:
        run = self.workflow(workflow_id)
        if run.status in (WorkflowStatus.SUCCEEDED, WorkflowStatus.FAILED):
            raise InvalidRequest(f"Cancellation not allowed. Workflow {run.id} is {run.status.value}")
        self.runs[run.id] = replace(run, status_reason=reason, resolved_by_user=True)

    def resume(self, workflow_id: str, start_at: str) -> Workflow:
        run = self.workflow(workflow_id)
        if not run.status.is_terminal:
            raise InvalidRequest(f"Workflow {run.id} active: {run.status.value}")
        if start_at not in dict(run.workflow_definition.state_machine).get("States", {}):  # type: ignore[operator]
            raise InvalidRequest(f"Invalid StartAt state {start_at}")
        retry = replace(run, id=str(uuid4()), retry_for=run.id, status=WorkflowStatus.QUEUED)
        self.runs[retry.id] = retry
        return retry

    def resolve(self, workflow_id: str) -> None:
        run = self.workflow(workflow_id)
        if run.resolved_by_user:
            raise Conflict(f"workflow {run.id} already resolved")
        self.runs[run.id] = replace(run, resolved_by_user=True)

    def save_state_resource(self, name: str, namespace: str, uri: str) -> StateResource:
        if not name or not namespace:
            raise InvalidRequest("StateResource name and namespace are required")
        resource = StateResource(
            name=name, namespace=namespace, uri=uri, last_updated=now(), type=StateResourceType.ACTIVITY
        )
        self.resources[namespace, name] = resource
        return resource

    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        if (namespace, name) not in self.resources:
            raise NotFound("state resource", f"{namespace}--{name}")
        return self.resources[namespace, name]

    def delete_state_resource(self, namespace: str, name: str) -> None:
        self.get_state_resource(namespace, name)
        del self.resources[namespace, name]

    def check_submission(self, submission: Submission) -> None:
        _check_tags(submission.tags)
        self._versions(submission.definition)

    def finish(self, workflow_id: str, status: WorkflowStatus) -> None:
        self.runs[workflow_id] = replace(self.runs[workflow_id], status=status)

    def _versions(self, name: str) -> list[WorkflowDefinition]:
        if name not in self.versions:
            raise NotFound("definition", name)
        return self.versions[name]

    def _definition(
        self,
        name: str,
        version: int,
        state_machine: Mapping[str, Json] | None,
        manager: str,
        default_tags: Mapping[str, Json] | None,
    ) -> WorkflowDefinition:
        if not state_machine:
            raise InvalidRequest("stateMachine is required")
        _check_tags(default_tags)
        return WorkflowDefinition(
            id=str(uuid4()),
            name=name,
            version=version,
            created_at=now(),
            manager=manager,
            state_machine=state_machine,
            default_tags=default_tags or {},
        )


def _check_tags(tags: Mapping[str, Json] | None) -> None:
    for value in (tags or {}).values():
        if not isinstance(value, str):
            raise InvalidRequest(f"error converting tag value to string: {value}")
