"""What can be done with definitions and workflows; the door that `api` and the front-ends use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from workflow_manager.executor.activities import MAX_ACTIVITIES, ActivityPage, Loads, list_activities
from workflow_manager.executor.cancel import Canceller
from workflow_manager.executor.client import StepFunctions
from workflow_manager.executor.definitions import check_manager, check_state_machine, check_tags
from workflow_manager.executor.execution_log import ExecutionLog
from workflow_manager.executor.feed import Feed
from workflow_manager.executor.history import HistoryPage, read_history
from workflow_manager.executor.machines import Machines
from workflow_manager.executor.refresh import Refresher
from workflow_manager.executor.resume import Resumer
from workflow_manager.executor.start import Launcher, check_input
from workflow_manager.executor.submission import (
    any_request_digest,
    keyed_workflow_id,
    request_digest,
    scheduled_workflow_id,
)
from workflow_manager.executor.viewing import Viewer
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import AlreadyExists, InvalidDefinition, InvalidRequest, NotFound
from workflow_manager.kernel.ids import Chance
from workflow_manager.kernel.json import Json
from workflow_manager.models.names import Naming, workflow_id_of
from workflow_manager.models.schedule import Submission
from workflow_manager.models.workflow import (
    StateResource,
    StateResourceType,
    Workflow,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_manager.store.port import Store, WorkflowChange, WorkflowPage, WorkflowQuery, each_workflow

DEFAULT_ROLE_ARN = "arn:aws:iam::123456789012:role/workflow-manager"

_log = structlog.get_logger()


class Executor:
    """Safe for use by many threads.  Raises the errors of `kernel.errors` and no others."""

    def __init__(
        self,
        client: StepFunctions,
        store: Store,
        *,
        clock: Clock,
        chance: Chance,
        naming: Naming | None = None,
        role_arn: str = DEFAULT_ROLE_ARN,
        log: ExecutionLog | None = None,
        loads: Loads | None = None,
    ) -> None:
        """`loads` tells of activities' queues and workers, where somebody can."""
        naming = naming or Naming()
        self._client = client
        self._loads = loads
        self.feed = Feed()
        self._store = store
        self._chance = chance
        self._naming = naming
        machines = Machines(client, naming, role_arn, log)
        self._refresher = Refresher(client, store, clock=clock, naming=naming, feed=self.feed)
        self._viewer = Viewer(client, store, clock=clock, naming=naming, feed=self.feed)
        self._launcher = Launcher(client, store, machines, clock=clock, naming=naming, feed=self.feed)
        self._canceller = Canceller(client, store, self._refresher, clock=clock, feed=self.feed)
        self._resumer = Resumer(store, self._refresher, self._launcher, chance=chance)

    def create_definition(
        self,
        name: str,
        state_machine: Mapping[str, Json] | None,
        *,
        manager: str = "",
        default_tags: Mapping[str, Json] | None = None,
        definition_id: str | None = None,
    ) -> WorkflowDefinition:
        """Version 0 of a new name; its id is drawn unless given.

        Raises `InvalidDefinition`, `AlreadyExists`.
        """
        if not name:
            raise InvalidDefinition("WorkflowDefinition `name` is required")
        definition = self._checked(name, 0, state_machine, manager, default_tags, definition_id)
        return self._store.create_definition(definition)

    def update_definition(
        self,
        path_name: str,
        name: str,
        state_machine: Mapping[str, Json] | None,
        *,
        manager: str = "",
        default_tags: Mapping[str, Json] | None = None,
        definition_id: str | None = None,
    ) -> WorkflowDefinition:
        """The next version; its id is drawn unless given.

        Raises `InvalidRequest`, `InvalidDefinition`, `NotFound`, `Conflict`.
        """
        if name != path_name:
            raise InvalidRequest("Name in path must match WorkflowDefinition object")
        version = self._store.latest_definition(name).version + 1
        definition = self._checked(name, version, state_machine, manager, default_tags, definition_id)
        return self._store.add_version(definition)

    def _checked(
        self,
        name: str,
        version: int,
        state_machine: Mapping[str, Json] | None,
        manager: str,
        default_tags: Mapping[str, Json] | None,
        definition_id: str | None,
    ) -> WorkflowDefinition:
        check_manager(manager)
        if state_machine is None:
            raise InvalidDefinition("stateMachine is required")
        if not isinstance(state_machine, Mapping):
            raise InvalidDefinition("stateMachine in body must be an object")
        check_state_machine(state_machine, name, version, self._naming)
        check_tags(default_tags or {})
        return WorkflowDefinition(
            id=definition_id or self._chance.uuid(),
            name=name,
            version=version,
            manager=manager,
            state_machine=state_machine,
            default_tags=default_tags or {},
        )

    def definitions(self) -> Sequence[WorkflowDefinition]:
        """The newest version of every name, sorted by name."""
        return self._store.latest_definitions()

    def definition_versions(self, name: str, *, latest: bool = True) -> Sequence[WorkflowDefinition]:
        """Only the newest version, or all of them ascending.  Raises `NotFound`."""
        if latest:
            return [self._store.latest_definition(name)]
        return self._store.definition_versions(name)

    def definition(self, name: str, version: int) -> WorkflowDefinition:
        """Raises `NotFound`, for a negative version too."""
        return self._store.get_definition(name, version)

    def start(
        self,
        name: str,
        version: int = 0,
        *,
        input: str = "",
        namespace: str = "",
        queue: str = "",
        tags: Mapping[str, Json] | None = None,
        workflow_id: str | None = None,
        idempotency_key: str = "",
    ) -> Workflow:
        """A new workflow; a negative version means the latest.

        Its id is drawn unless given.  A key that was given before leads to the workflow that was
        started then; with another request it is refused.  Raises `AlreadyExists` for an id that is
        taken, `InvalidInput`, `InvalidRequest`, `NotFound`; `Throttled` and `Unavailable` with nothing
        left behind.
        """
        tags = tags or {}
        text = self._check_submission(input, tags)
        digest = ""
        if idempotency_key:
            digest = request_digest(name, version, text, namespace, queue, tags)
            workflow_id = keyed_workflow_id(idempotency_key)
        workflow_id = workflow_id or self._chance.uuid()
        return self._start(workflow_id, digest, name, version, text, namespace, queue, tags)

    def start_scheduled(self, schedule_id: str, at: datetime, submission: Submission) -> Workflow:
        """The workflow of that schedule and time: the one that was started first, else a new one.

        Once it is started it stays the one, even if the submission has changed since.  Raises as
        `start` does.
        """
        text = self._check_submission(submission.input, submission.tags)
        workflow_id = scheduled_workflow_id(schedule_id, at)
        return self._start(
            workflow_id,
            any_request_digest(workflow_id),
            submission.definition,
            submission.version,
            text,
            submission.namespace,
            submission.queue,
            submission.tags,
        )

    def check_submission(self, submission: Submission) -> None:
        """Whether it could be submitted now.  Raises `InvalidInput`, `InvalidRequest`, `NotFound`."""
        self._check_submission(submission.input, submission.tags)
        self._definition_to_start(submission.definition, submission.version)

    def _check_submission(self, input: str, tags: Mapping[str, Json]) -> str:
        """The text of the input."""
        check_tags(tags)
        return check_input(input, must_be_object=self._naming.tells_execution_name)

    def _start(
        self,
        workflow_id: str,
        digest: str,
        name: str,
        version: int,
        text: str,
        namespace: str,
        queue: str,
        tags: Mapping[str, Json],
    ) -> Workflow:
        """With a digest the id may have been used before, by the same request."""
        if digest and (earlier := self._started_earlier(workflow_id, digest, text)):
            return earlier
        definition = self._definition_to_start(name, version)
        workflow = Workflow(
            id=workflow_id,
            workflow_definition=definition,
            namespace=namespace,
            queue=queue or "default",
            input=text,
            tags={**definition.default_tags, **tags},
            request_digest=digest,
        )
        try:
            return self._launcher.launch(
                workflow, self._store.create_workflow, lambda: self._store.delete_workflow(workflow.id)
            )
        except AlreadyExists:
            # The same request came twice at once, and the other was faster.
            earlier = self._started_earlier(workflow.id, digest, text) if digest else None
            if earlier is None:
                raise
            return earlier

    def _started_earlier(self, workflow_id: str, digest: str, text: str) -> Workflow | None:
        """The workflow of that key, made sure to have been started.

        Raises `InvalidRequest` when it was another request that used the key.
        """
        try:
            workflow = self._store.get_workflow(workflow_id)
        except NotFound:
            return None
        if workflow.request_digest != digest:
            raise InvalidRequest(f"Idempotency-Key was used for another request, which started {workflow_id}")
        if workflow.status is WorkflowStatus.QUEUED:
            # The server may have been killed between saving the workflow and starting it.
            # A record may hold a part of a large input; the same request has all of it.
            is_same = digest != any_request_digest(workflow_id)
            self._launcher.launch_again(replace(workflow, input=text) if is_same else workflow)
        return workflow

    def _definition_to_start(self, name: str, version: int) -> WorkflowDefinition:
        try:
            if version < 0:
                return self._store.latest_definition(name)
            return self._store.get_definition(name, version)
        except NotFound:
            _log.info("start-unknown-workflow", name=name, version=version)
            raise

    def workflows(self, query: WorkflowQuery) -> WorkflowPage:
        """Served from the store alone.  Raises `InvalidRequest` for a limit below 1 and a bad token."""
        if query.limit < 1:
            raise InvalidRequest("limit in query should be greater than or equal to 1")
        return self._store.find_workflows(query)

    def workflow(self, workflow_id: str, *, fetch_history: bool = False) -> Workflow:
        """The workflow, refreshed from its execution unless it is done.

        With `fetch_history` its jobs are folded anew, even when it is done.  Where the store takes no
        writes it is told as it is stored.
        """
        workflow = self._store.get_workflow(workflow_id)
        if fetch_history:
            return self._viewer.refresh_with_history(workflow)
        return self._viewer.refresh(workflow)

    def history(
        self, workflow_id: str, *, limit: int, newest_first: bool = False, page_token: str | None = None
    ) -> HistoryPage:
        """Events of its execution.  Raises `NotFound`, `InvalidRequest`."""
        arn = self._refresher.execution_arn(self._store.get_workflow(workflow_id))
        return read_history(self._client, arn, limit=limit, newest_first=newest_first, page_token=page_token)

    def activities(
        self, *, namespace: str = "", limit: int = MAX_ACTIVITIES, page_token: str | None = None
    ) -> ActivityPage:
        """By name, of one namespace or of all.  Raises `InvalidRequest` for a limit that cannot be."""
        return list_activities(
            self._client, self._loads, namespace=namespace, limit=limit, page_token=page_token
        )

    def cancel(self, workflow_id: str, reason: str) -> None:
        """Raises `InvalidRequest` when it has succeeded or failed, `NotFound`."""
        self._canceller.cancel(workflow_id, reason)

    def resume(self, workflow_id: str, start_at: str) -> Workflow:
        """A new workflow that goes on at that state.  Raises `InvalidRequest`, `NotFound`."""
        return self._resumer.resume(workflow_id, start_at)

    def resolve(self, workflow_id: str) -> None:
        """Raises `Conflict` when it is resolved already, `NotFound`."""
        self._store.resolve_workflow(workflow_id)

    def save_state_resource(self, name: str, namespace: str, uri: str) -> StateResource:
        """Insert or replace.  Raises `InvalidRequest` when a part of the key is empty."""
        for field, value in (("name", name), ("namespace", namespace)):
            if not value:
                raise InvalidRequest(f"{field} in body is required")
        resource = StateResource(name=name, namespace=namespace, uri=uri, type=StateResourceType.ACTIVITY)
        return self._store.save_state_resource(resource)

    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        """Raises `NotFound`."""
        return self._store.get_state_resource(namespace, name)

    def delete_state_resource(self, namespace: str, name: str) -> None:
        """Raises `NotFound`."""
        self._store.delete_state_resource(namespace, name)

    def execution_ended(self, execution_arn: str) -> None:
        """Called at each end of an execution: brings the store up to date.

        Idempotent; ends of executions that are no workflow of ours are ignored.
        """
        workflow = self._of_execution(execution_arn)
        if workflow is not None:
            self._refresher.refresh(workflow)

    def execution_changed(self, execution_arn: str, change: WorkflowChange) -> None:
        """Called with what an event told of an execution: writes it, and the job that failed.

        Idempotent, in any order; executions that are no workflow of ours are ignored.
        """
        workflow = self._of_execution(execution_arn)
        if workflow is not None:
            self._refresher.apply(workflow, change)

    def _of_execution(self, execution_arn: str) -> Workflow | None:
        try:
            workflow = self._store.get_workflow(workflow_id_of(execution_arn))
        except NotFound:
            return None
        return workflow if self._refresher.execution_arn(workflow) == execution_arn else None

    def catch_up(
        self, before: datetime, *, until: Callable[[], bool], cut_short_before: datetime | None = None
    ) -> None:
        """Bring those from before then up to date of which nothing but the start is known, `until` then.

        Those that have no execution and are from before `cut_short_before` fail, so that they wait for
        nothing: their submission was not acknowledged.
        """
        query = WorkflowQuery(status=WorkflowStatus.QUEUED, created_before=before, limit=100)
        for found in each_workflow(self._store.find_workflows, query):
            if until():
                return
            with suppress(NotFound):  # meanwhile it may have been taken back
                workflow = self._store.get_workflow(found.id)
                self._refresher.catch_up(workflow, was_cut_short=_is_from_before(workflow, cut_short_before))


def _is_from_before(workflow: Workflow, then: datetime | None) -> bool:
    # What came under a key is started when the key comes again.
    if then is None or workflow.created_at is None or workflow.request_digest:
        return False
    return workflow.created_at < then
