"""What can be done with definitions and workflows; the door that `api` and the front-ends use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow_manager.kernel.json import Json
from workflow_manager.models.workflow import StateResource, Workflow, WorkflowDefinition
from workflow_manager.store.port import WorkflowPage, WorkflowQuery


class Executor:
    """Safe for use by many threads.  Raises the errors of `kernel.errors` and no others."""

    def create_definition(
        self,
        name: str,
        state_machine: Mapping[str, Json] | None,
        *,
        manager: str = "",
        default_tags: Mapping[str, Json] | None = None,
    ) -> WorkflowDefinition:
        """Version 0 of a new name.  Raises `InvalidDefinition`, `AlreadyExists`."""
        raise NotImplementedError

    def update_definition(
        self,
        path_name: str,
        name: str,
        state_machine: Mapping[str, Json] | None,
        *,
        manager: str = "",
        default_tags: Mapping[str, Json] | None = None,
    ) -> WorkflowDefinition:
        """The next version.  Raises `InvalidRequest`, `InvalidDefinition`, `NotFound`, `Conflict`."""
        raise NotImplementedError

    def definitions(self) -> Sequence[WorkflowDefinition]:
        raise NotImplementedError

    def definition_versions(self, name: str, *, latest: bool = True) -> Sequence[WorkflowDefinition]:
        raise NotImplementedError

    def definition(self, name: str, version: int) -> WorkflowDefinition:
        raise NotImplementedError

    def start(
        self,
        name: str,
        version: int = 0,
        *,
        input: str = "",
        namespace: str = "",
        queue: str = "",
        tags: Mapping[str, Json] | None = None,
    ) -> Workflow:
        """A new workflow; a negative version means the latest.  Spec 4.7.

        Raises `InvalidInput`, `InvalidRequest`, `NotFound`; `Throttled` and `Unavailable` with
        nothing left behind.
        """
        raise NotImplementedError

    def workflows(self, query: WorkflowQuery) -> WorkflowPage:
        """Served from the store alone."""
        raise NotImplementedError

    def workflow(self, workflow_id: str, *, fetch_history: bool = False) -> Workflow:
        """The workflow, refreshed from its execution unless it is done.  Spec 4.9."""
        raise NotImplementedError

    def cancel(self, workflow_id: str, reason: str) -> None:
        """Spec 4.10.  Raises `InvalidRequest` when it has succeeded or failed, `NotFound`."""
        raise NotImplementedError

    def resume(self, workflow_id: str, start_at: str) -> Workflow:
        """A new workflow that goes on at that state.  Spec 4.11.  Raises `InvalidRequest`, `NotFound`."""
        raise NotImplementedError

    def resolve(self, workflow_id: str) -> None:
        """Raises `Conflict` when it is resolved already, `NotFound`."""
        raise NotImplementedError

    def save_state_resource(self, name: str, namespace: str, uri: str) -> StateResource:
        raise NotImplementedError

    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        raise NotImplementedError

    def delete_state_resource(self, namespace: str, name: str) -> None:
        raise NotImplementedError

    def execution_ended(self, execution_arn: str) -> None:
        """Called at each end of an execution: brings the store up to date.

        Idempotent; ends of executions that are no workflow of ours are ignored.
        """
        raise NotImplementedError
