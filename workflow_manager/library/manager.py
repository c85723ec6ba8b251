"""`WorkflowManager`: an application's workflows, run beside its own functions.

The interface is the REST client's.  Behind it are the server's own executor and store, so that a
folder written here can be served by `wfm serve --data`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from workflow_manager.engine.arns import Realm
from workflow_manager.executor.endings import Endings
from workflow_manager.executor.executor import DEFAULT_ROLE_ARN, Executor
from workflow_manager.integrations.connections import read_connections
from workflow_manager.integrations.functions import named_entries
from workflow_manager.integrations.outside import connect_outside
from workflow_manager.kernel.clock import SystemClock
from workflow_manager.kernel.errors import InvalidInput, InvalidRequest, NotSupported, WorkflowManagerError
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.kernel.json import Json, NotJson, loads
from workflow_manager.library.catalogue import Catalogue
from workflow_manager.library.connection import Connection, connect_client, connect_embedded
from workflow_manager.library.definitions import Definition, Source, read_source
from workflow_manager.library.logs import use_standard_logging
from workflow_manager.library.outreach import Outreach
from workflow_manager.library.running import Running
from workflow_manager.models.names import MachineKey, Naming, named_workflow_id
from workflow_manager.models.workflow import Workflow, WorkflowDefinition, WorkflowStatus
from workflow_manager.schedules.service import Schedules
from workflow_manager.store.port import WorkflowPage, WorkflowQuery, each_workflow
from workflow_manager.webhooks.addresses import AddressPolicy
from workflow_manager.webhooks.service import Webhooks
from workflow_manager.worker.application import FunctionWorkers
from workflow_manager.worker.functions import encode_value

# AWS charges for polls and throttles them; an engine in this process does neither.
_POLLS_ON_AWS: Final = 1.0
_POLLS_HERE: Final = 1000.0

# How often to look after a workflow whose end nobody announces.
_LOOK_SECONDS: Final = 1.0

_NO_CLIENT: Final[Any] = object()


class WorkflowFailed(WorkflowManagerError):
    """A workflow ended, but not with success; `workflow` is all of it."""

    def __init__(self, workflow: Workflow) -> None:
        reason = workflow.status_reason or _reason(workflow)
        told = f": {reason}" if reason else ""
        super().__init__(f"workflow {workflow.id} {workflow.status.value}{told}")
        self.workflow = workflow


class WorkflowManager:
    """Runs workflows and the functions behind their Task states, from `start` to `close`.

    `functions` are the plain functions that serve Task states, by resource name; `limit` is how many
    tasks of one function run at once, `limits` the exceptions to it.  `errors` gives exceptions the
    error names that definitions catch them by; otherwise that is the type's name.  Without `client`
    an engine runs on a thread of this process, with its data in the folder `data` or in memory; with
    boto3's client of Step Functions state machines run on AWS, and `role_arn` is the role they run
    under.

    With `fire_schedules` and `tell_webhooks` the schedules and webhooks of `data` are at work as long as
    the program is; with `private_webhooks` those in private networks too.

    The embedded engine calls AWS's services as the server does, or those at `services_endpoint_url`.
    `lambdas` are Lambda functions that run here instead, by name: callables with `(event, context)`,
    "module:callable" or "command:…".  `connections` is a YAML file of connections of HTTP tasks.

    All activities are named `<environment>--<app>-<resource>`.

    Safe for use by many threads.  Raises `InvalidRequest` for what cannot be.
    """

    def __init__(
        self,
        definitions: Source = (),
        functions: Mapping[str, Callable[..., object]] | None = None,
        *,
        environment: str = "local",
        app: str = "app",
        data: str | Path | None = None,
        client: Any = None,
        region: str = "us-east-1",
        account: str = "123456789012",
        role_arn: str = DEFAULT_ROLE_ARN,
        lambdas: Mapping[str, str | Callable[..., object]] | None = None,
        connections: str | Path | None = None,
        services_endpoint_url: str | None = None,
        fire_schedules: bool = False,
        tell_webhooks: bool = False,
        private_webhooks: bool = False,
        limit: int = 1,
        limits: Mapping[str, int] | None = None,
        poll_rate: float | None = None,
        errors: Mapping[type[BaseException], str] | None = None,
        worker_name: str | None = None,
        grace: timedelta = timedelta(seconds=10),
    ) -> None:
        if not environment:
            raise InvalidRequest("must configure Environment")
        if not app:
            raise InvalidRequest("must configure App")
        self._functions = dict(functions or {})
        self._given = read_source(definitions)
        self._check_names()
        self._environment = environment
        self._naming = Naming(region=region, account=account, application=app, tells_execution_name=False)
        self._data = None if data is None else Path(data)
        self._client = client
        self._role_arn = role_arn
        self._outside = connect_outside(
            region=region,
            environment=os.environ,
            endpoint_url=services_endpoint_url,
            functions=named_entries(lambdas or {}),
            connections=None if connections is None else read_connections(Path(connections), os.environ),
        )
        self._fire_schedules = fire_schedules
        self._tell_webhooks = tell_webhooks
        # The program could send requests to the other programs on its machine itself.
        self._webhook_policy = AddressPolicy(loopback=True, private=private_webhooks)
        self._worker_settings: dict[str, Any] = {
            "environment": environment,
            "app": app,
            "limit": limit,
            "limits": limits,
            "poll_rate": poll_rate or (_POLLS_HERE if client is None else _POLLS_ON_AWS),
            "errors": errors,
            "worker_name": worker_name,
            "grace": grace,
        }
        # Only to see at once whether the functions are of a shape that can be served.
        if self._functions:
            FunctionWorkers(_NO_CLIENT, self._functions, **self._worker_settings)
        self._endings = Endings()
        self._running: Running | None = None
        self._starting = threading.Lock()

    def _check_names(self) -> None:
        names = [definition.name for definition in self._given]
        for name in names:
            if names.count(name) > 1:
                raise InvalidRequest(f"duplicate workflow definition found: {name}")

    # Life

    def start(self) -> WorkflowManager:
        """Open the data, store the definitions, take up what was under way, and serve tasks.

        Raises `Unavailable`, `InvalidDefinition`, `Conflict`.
        """
        with self._starting:
            if self._running is None:
                use_standard_logging()
                self._running = self._start()
        return self

    def _start(self) -> Running:
        with ExitStack() as stack:
            self._endings = Endings()
            connection = self._connect()
            stack.callback(connection.close)
            # Whoever still tells of an ending must not wait for an executor that never comes.
            stack.callback(self._endings.close)
            executor = Executor(
                connection.client,
                connection.store,
                clock=SystemClock(),
                chance=SystemChance(),
                naming=self._naming,
                role_arn=self._role_arn,
            )
            self._endings.noted_by(executor.execution_ended)
            catalogue = Catalogue(executor, self._functions, self._naming)
            for definition in self._given:
                catalogue.add(definition)
            workers = None
            if self._functions:
                workers = FunctionWorkers(connection.client, self._functions, **self._worker_settings)
            outreach = Outreach(
                connection.store,
                executor,
                self._environment,
                clock=SystemClock(),
                chance=SystemChance(),
                fires=self._fire_schedules,
                tells=self._tell_webhooks,
                policy=self._webhook_policy,
                is_alone=self._client is None,
            )
            stack.pop_all()
            return Running(executor, catalogue, connection, outreach, workers)

    def _connect(self) -> Connection:
        if self._client is not None:
            return connect_client(self._client, self._data)
        realm = Realm(self._naming.region, self._naming.account)
        return connect_embedded(self._data, realm, self._outside, self._endings.ended)

    def close(self) -> None:
        """Take no more tasks, let those under way end within their grace, write and close everything.

        What is open goes on at the next start with the same data.
        """
        with self._starting:
            running, self._running = self._running, None
        if running is not None:
            running.outreach.stop()
            running.stop_working()
            running.connection.close()
            self._endings.close()

    def __enter__(self) -> WorkflowManager:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def poll_for_work(self) -> None:
        """Wait until `close`, while tasks are served.  Raises what stood in the way of serving them."""
        self._open().wait()

    # Definitions

    def health_check(self) -> None:
        """Raises `Unavailable` when the data cannot be used, `InvalidRequest` before the start."""
        self._open().connection.store.check()

    def get_workflow_definitions(self) -> Sequence[WorkflowDefinition]:
        """This application's, with the versions it gave them."""
        return self._open().catalogue.definitions()

    def get_workflow_definition_by_name_and_version(
        self, name: str, version: int | None = None
    ) -> WorkflowDefinition:
        """The one of that name, whatever the version.  Raises `NotFound`."""
        return self._open().catalogue.definition(name)

    def get_workflow_definition_versions_by_name(self, name: str) -> Sequence[WorkflowDefinition]:
        """All stored versions, which the store numbered, ascending.  Raises `NotFound`."""
        return self._open().executor.definition_versions(name, latest=False)

    def new_workflow_definition(self, definition: Source) -> WorkflowDefinition:
        """One more; it replaces one of the same name that has version -1.

        Raises `InvalidDefinition`, `Conflict`.
        """
        return self._open().catalogue.add(_only(definition))

    def update_workflow_definition(self, definition: Source) -> WorkflowDefinition:
        """In place of the one of that name.  Raises `NotFound`, `InvalidDefinition`, `Conflict`."""
        return self._open().catalogue.replace(_only(definition))

    # Workflows

    def start_workflow(
        self,
        name: str,
        input: object = None,
        *,
        namespace: str = "",
        queue: str = "",
        tags: Mapping[str, str] | None = None,
        id_suffix: str = "",
    ) -> Workflow:
        """A new workflow of the definition `name`, queued.

        `input` is a JSON text, or any other value that msgspec can write as JSON; None is `{}`.  With
        `id_suffix` the id is the state machine's name and that suffix: the same one again is
        refused.  Raises `InvalidInput`, `InvalidRequest`, `NotFound`, `AlreadyExists`.
        """
        running = self._open()
        if namespace and namespace != self._environment:
            raise InvalidRequest(f"namespace '{namespace}' must match environment '{self._environment}'")
        definition = running.catalogue.stored(name)
        return running.executor.start(
            name,
            definition.version,
            input=_input_text(input),
            namespace=self._environment,
            queue=queue,
            tags=dict(tags or {}),
            workflow_id=self._id(definition, id_suffix) if id_suffix else None,
        )

    def _id(self, definition: WorkflowDefinition, suffix: str) -> str:
        start_at = str(definition.state_machine["StartAt"])
        key = MachineKey(self._environment, definition.name, definition.version, start_at)
        return named_workflow_id(key, suffix)

    def get_workflows(self, query: WorkflowQuery) -> WorkflowPage:
        """A page of the workflows of this application's data, as their executions stand now."""
        running = self._open()
        page = running.executor.workflows(query)
        if self._client is None or query.summary_only:
            return page
        # Nobody announces ends on AWS.
        fresh = [each if each.is_done else running.executor.workflow(each.id) for each in page.workflows]
        return WorkflowPage(fresh, page.next_token)

    def get_workflows_iter(self, query: WorkflowQuery) -> Iterator[Workflow]:
        """All of them; `query.limit` is how many are read at once."""
        return each_workflow(self.get_workflows, query)

    def get_workflow_by_id(self, workflow_id: str, *, fetch_history: bool = False) -> Workflow:
        """As its execution stands now; `fetch_history` brings its jobs.  Raises `NotFound`."""
        return self._open().executor.workflow(workflow_id, fetch_history=fetch_history)

    def cancel_workflow(self, workflow_id: str, reason: str = "") -> None:
        """Raises `InvalidRequest` when it has ended otherwise, `NotFound`."""
        self._open().executor.cancel(workflow_id, reason)

    def resume_workflow_by_id(self, workflow_id: str, start_at: str) -> Workflow:
        """A new workflow that goes on at that state.  Raises `InvalidRequest`, `NotFound`."""
        return self._open().executor.resume(workflow_id, start_at)

    def resolve_workflow_by_id(self, workflow_id: str) -> None:
        """Raises `Conflict` when it is resolved already, `NotFound`."""
        self._open().executor.resolve(workflow_id)

    def wait(self, workflow_id: str, timeout: float | None = None) -> Workflow:
        """The workflow, once it has ended.  Raises `TimeoutError` after so many seconds, `NotFound`."""
        until = None if timeout is None else time.monotonic() + timeout
        with self._endings.watching(workflow_id) as ended:
            while True:
                workflow = self.get_workflow_by_id(workflow_id)
                if workflow.status.is_terminal:
                    return workflow
                left = _LOOK_SECONDS if until is None else until - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"workflow {workflow_id} is {workflow.status.value} after {timeout} s")
                ended.wait(min(left, _LOOK_SECONDS))
                ended.clear()

    def result(self, workflow_id: str, timeout: float | None = None) -> Json:
        """The value of its output, once it has succeeded.  Raises `WorkflowFailed`, `TimeoutError`."""
        workflow = self.wait(workflow_id, timeout)
        if workflow.status is not WorkflowStatus.SUCCEEDED:
            raise WorkflowFailed(self.get_workflow_by_id(workflow_id, fetch_history=True))
        return loads(workflow.output) if workflow.output else None

    def run(self, name: str, input: object = None, *, timeout: float | None = None) -> Json:
        """Start a workflow and give its output's value.  Raises what `start_workflow` and `result` do."""
        return self.result(self.start_workflow(name, input).id, timeout)

    # Schedules and webhooks

    @property
    def schedules(self) -> Schedules:
        """To create, list, pause and delete them; they fire with `fire_schedules`, or under a server."""
        return self._open().outreach.schedules

    @property
    def webhooks(self) -> Webhooks:
        """To create, list, disable and delete them; they are told with `tell_webhooks`, or by a server."""
        return self._open().outreach.webhooks

    # What only a server has

    def post_state_resource(self, *_: object, **__: object) -> None:
        """State resources are this application's functions.  Raises `NotSupported`."""
        raise NotSupported("postStateResource is not supported: functions are the resources")

    def put_state_resource(self, *_: object, **__: object) -> None:
        """Raises `NotSupported`."""
        raise NotSupported("putStateResource is not supported: functions are the resources")

    def get_state_resource(self, *_: object, **__: object) -> None:
        """Raises `NotSupported`."""
        raise NotSupported("getStateResource is not supported: functions are the resources")

    def delete_state_resource(self, *_: object, **__: object) -> None:
        """Raises `NotSupported`."""
        raise NotSupported("deleteStateResource is not supported: functions are the resources")

    def _open(self) -> Running:
        running = self._running
        if running is None:
            raise InvalidRequest("not started: use the manager in a `with` block, or call start()")
        return running


def _reason(workflow: Workflow) -> str:
    """What the last job says that went wrong."""
    jobs = [workflow.last_job] if workflow.last_job else list(workflow.jobs or ())
    return next((job.status_reason for job in reversed(jobs) if job.status_reason), "")


def _only(source: Source) -> Definition:
    definitions = read_source(source)
    if len(definitions) != 1:
        raise InvalidRequest(f"one definition is needed, and {len(definitions)} were given")
    return definitions[0]


def _input_text(value: object) -> str:
    if value is None:
        return "{}"
    if isinstance(value, str):
        if not value:
            raise InvalidInput("input is not valid JSON: it is empty")
        return value
    try:
        return encode_value(value)
    except NotJson as error:
        raise InvalidInput(f"input is not valid JSON: {error}") from None
