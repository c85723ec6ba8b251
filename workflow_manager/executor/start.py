"""Starting an execution for a workflow: the record first, so that no execution is ever untracked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import msgspec
import structlog

from workflow_manager.executor.client import StepFunctions, call
from workflow_manager.executor.expand import EXECUTION_NAME
from workflow_manager.executor.feed import Feed
from workflow_manager.executor.machines import Machines
from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    InvalidInput,
    NotFound,
    Throttled,
    Unavailable,
    WorkflowManagerError,
)
from workflow_manager.kernel.json import NotJson, dumps, loads
from workflow_manager.models.names import Naming
from workflow_manager.models.workflow import Workflow, WorkflowStatus
from workflow_manager.store.port import Store, WorkflowChange

# Of an execution's input, in bytes of UTF-8.
MAX_INPUT: Final = 262_144

_log = structlog.get_logger()

_fields_of = msgspec.json.Decoder(dict[str, msgspec.Raw])


def check_input(text: str, *, must_be_object: bool = True) -> str:
    """The text of an object, or of any JSON; `{}` for none.  Raises `InvalidInput`."""
    text = text or "{}"
    try:
        value = loads(text)
        # The name of the execution is still to be added.
        size = len(text.encode()) + len(EXECUTION_NAME) + 50
    except (NotJson, UnicodeEncodeError) as error:
        kind = "a valid JSON object" if must_be_object else "valid JSON"
        raise InvalidInput(f"input is not {kind}: {error}") from None
    if must_be_object and not isinstance(value, dict):
        raise InvalidInput(f"input is not a valid JSON object: it is {_KINDS[type(value)]}")
    if size > MAX_INPUT:
        raise InvalidInput(f"input is too large: at most {MAX_INPUT} bytes are allowed")
    return text


_KINDS: Final = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
}


def with_execution_name(text: str, name: str) -> str:
    """The object with the execution's name in it; every other value keeps the text it was given in.

    What is no object, as the input of a state inside a workflow may be, cannot hold the name.
    """
    fields = _fields(text)
    return text if fields is None else _object(fields | {EXECUTION_NAME: dumps(name)})


def without_execution_name(text: str) -> str:
    """The object without the execution's name; the text itself where it has none, or is no object."""
    fields = _fields(text)
    if fields is None or EXECUTION_NAME not in fields:
        return text
    return _object({key: value for key, value in fields.items() if key != EXECUTION_NAME})


def _fields(text: str) -> dict[str, str] | None:
    """The texts of the object's values by key."""
    try:
        return {key: bytes(raw).decode() for key, raw in _fields_of.decode(text).items()}
    except msgspec.DecodeError:
        return None


def _object(fields: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{dumps(key)}:{value}" for key, value in fields.items()) + "}"


class Launcher:
    def __init__(
        self,
        client: StepFunctions,
        store: Store,
        machines: Machines,
        *,
        clock: Clock,
        naming: Naming,
        feed: Feed,
    ) -> None:
        self._feed = feed
        self._client = client
        self._store = store
        self._machines = machines
        self._clock = clock
        self._naming = naming

    def launch(
        self, workflow: Workflow, save: Callable[[Workflow], Workflow], undo: Callable[[], None]
    ) -> Workflow:
        """Save the workflow and start its execution; the workflow as it was saved.

        What is saved may be a part of a large input; the execution gets all of it.

        When the start fails nothing is left behind, and the error is raised.  Only what came under an
        idempotency key stays when nobody knows whether it started: the same key tries it again.
        """
        name = self._machines.ensure(workflow.workflow_definition, workflow.namespace)
        arn = self._naming.execution_arn(name, workflow.id)
        stored = save(replace(workflow, execution_arn=arn))
        # Before its start: what it starts may end at once, and that comes second.
        self._feed.publish(stored)
        try:
            self._start(replace(stored, input=workflow.input), name)
        except WorkflowManagerError as error:
            if _can_be_repeated(stored, error):
                raise
            self._take_back(stored, undo, error)
            if isinstance(error, NotFound):
                raise Unavailable(f"the state machine {name} does not exist") from error
            raise
        self._stop_if_cancelled(stored)
        return stored

    def launch_again(self, workflow: Workflow) -> None:
        """For a workflow whose start may have been cut short after it was saved; twice is once."""
        self._start(workflow, self._machines.ensure(workflow.workflow_definition, workflow.namespace))

    def _start(self, workflow: Workflow, machine_name: str) -> None:
        try:
            self._start_once(workflow, machine_name)
        except NotFound:
            # Deleted behind our back: what is remembered of it is wrong.
            definition, namespace = workflow.workflow_definition, workflow.namespace
            self._machines.forget(definition, namespace)
            if self._machines.ensure(definition, namespace) != machine_name:
                raise
            self._start_once(workflow, machine_name)

    def _start_once(self, workflow: Workflow, machine_name: str) -> None:
        try:
            call(
                self._client.start_execution,
                stateMachineArn=self._naming.state_machine_arn(machine_name),
                name=workflow.id,
                input=self._input(workflow),
            )
        except AlreadyExists:
            pass  # the name is ours alone: an earlier attempt of the same call came through
        except Unavailable as error:
            # A name that was used once is used up: what the key shall start again must not be stopped.
            if not _can_be_repeated(workflow, error):
                self._stop_quietly(workflow, "the start was not acknowledged")
            raise

    def _input(self, workflow: Workflow) -> str:
        if self._naming.tells_execution_name:
            return with_execution_name(workflow.input, workflow.id)
        return workflow.input

    def _stop_quietly(self, workflow: Workflow, cause: str) -> None:
        """In case it runs after all; that it does not is the usual case."""
        try:
            call(self._client.stop_execution, executionArn=workflow.execution_arn, cause=cause)
        except (NotFound, Throttled, Unavailable) as error:
            _log.info("stop-failed", workflow_id=workflow.id, error=str(error))

    def _take_back(self, workflow: Workflow, undo: Callable[[], None], error: WorkflowManagerError) -> None:
        try:
            undo()
        except WorkflowManagerError as failed:
            _log.error("undo-failed", workflow_id=workflow.id, error=str(failed))
            self._mark_failed(workflow, error)

    def _mark_failed(self, workflow: Workflow, error: WorkflowManagerError) -> None:
        change = WorkflowChange(
            status=WorkflowStatus.FAILED, status_reason=f"not started: {error}", stopped_at=self._clock.now()
        )
        try:
            self._store.update_workflow(workflow.id, change)
        except WorkflowManagerError as failed:
            _log.error("mark-failed-failed", workflow_id=workflow.id, error=str(failed))

    def _stop_if_cancelled(self, workflow: Workflow) -> None:
        """A cancel that came before the execution existed found nothing to stop."""
        try:
            now = self._store.get_workflow(workflow.id)
        except NotFound:
            return
        if now.status is WorkflowStatus.CANCELLED:
            self._stop_quietly(workflow, now.status_reason)


def _can_be_repeated(workflow: Workflow, error: WorkflowManagerError) -> bool:
    return bool(workflow.request_digest) and isinstance(error, Unavailable)
