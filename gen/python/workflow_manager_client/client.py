"""The operations of the REST API as methods.  `aio.py` is written from this file."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, Unpack
from urllib.parse import quote

import httpx

from workflow_manager_client.answers import (
    ActivityQuery,
    DeliveryQuery,
    HistoryQuery,
    M,
    PageQuery,
    WorkflowQuery,
    base_url,
    body,
    many,
    next_page,
    one,
    query,
    reading,
    segment,
    sendable,
)
from workflow_manager_client.errors import WorkflowManagerError, sending
from workflow_manager_client.generated.api.activities import get_activities
from workflow_manager_client.generated.api.health import get_metrics, health_check, readiness_check
from workflow_manager_client.generated.api.schedules import (
    apply_schedule,
    backfill_schedule,
    delete_schedule,
    get_schedule,
    get_schedule_times,
    get_schedules,
    new_schedule,
    pause_schedule,
    resume_schedule,
)
from workflow_manager_client.generated.api.state_resources import (
    delete_state_resource,
    get_state_resource,
    post_state_resource,
    put_state_resource,
)
from workflow_manager_client.generated.api.webhooks import (
    delete_webhook,
    disable_webhook,
    enable_webhook,
    get_webhook,
    get_webhook_deliveries,
    get_webhooks,
    new_webhook,
    redeliver_webhook_delivery,
    update_webhook,
)
from workflow_manager_client.generated.api.workflow_definitions import (
    get_workflow_definition_by_name_and_version,
    get_workflow_definition_versions_by_name,
    get_workflow_definitions,
    new_workflow_definition,
    update_workflow_definition,
)
from workflow_manager_client.generated.api.workflows import (
    cancel_workflow,
    get_workflow_by_id,
    get_workflow_history,
    get_workflows,
    resolve_workflow_by_id,
    resume_workflow_by_id,
    start_workflow,
)
from workflow_manager_client.generated.client import Client
from workflow_manager_client.generated.models import (
    Activity,
    Backfill,
    BackfillRequest,
    CancelReason,
    HistoryEvent,
    NewStateResource,
    NewWorkflowDefinitionRequest,
    Overlap,
    ReasonRequest,
    Schedule,
    ScheduleRequest,
    ScheduleTimes,
    StartWorkflowRequest,
    StateResource,
    Webhook,
    WebhookDelivery,
    WebhookRequest,
    Workflow,
    WorkflowDefinition,
    WorkflowDefinitionOverrides,
)
from workflow_manager_client.generated.types import Response
from workflow_manager_client.retries import SINGLE, RetryPolicy
from workflow_manager_client.streaming import EventReader, StreamEvent
from workflow_manager_client.version import VERSION
from workflow_manager_client.wire import Wire


class WorkflowManager:
    """A server of workflow-manager, and what it can be asked to do.

    `address` is where it listens, such as `http://127.0.0.1:8080`; `api_key` one of its keys, when it
    has any.  `timeout` is in seconds, for connecting and for every wait for the next byte.  Keeps
    connections open: close it, or use it in a `with`.  Every method raises WorkflowManagerError.
    """

    def __init__(
        self,
        address: str,
        *,
        api_key: str | None = None,
        timeout: float = 5.0,
        retry: RetryPolicy = SINGLE,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"X-Client-Version": VERSION}
        if api_key:
            headers["Authorization"] = f"Bearer {api_key}"
        self._client = Client(
            base_url=base_url(address),
            headers=headers,
            timeout=httpx.Timeout(timeout),
            httpx_args={"transport": Wire(transport or httpx.HTTPTransport(), retry)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.get_httpx_client().close()

    def health_check(self) -> None:
        """Returns when the server is alive."""
        health_check.sync_detailed(client=self._client)

    def readiness_check(self) -> None:
        """Returns when the server can do its work; UnexpectedResponse with status 503 when it cannot."""
        readiness_check.sync_detailed(client=self._client)

    def get_metrics(self) -> str:
        """The server's meters, in Prometheus' text format."""
        with reading():
            return one(str, get_metrics.sync(client=self._client))

    def get_workflow_definitions(self) -> list[WorkflowDefinition]:
        """The latest version of every definition, sorted by name."""
        with reading():
            return many(WorkflowDefinition, get_workflow_definitions.sync(client=self._client))

    def new_workflow_definition(
        self, definition: NewWorkflowDefinitionRequest | Mapping[str, Any]
    ) -> WorkflowDefinition:
        """Version 0 of a new name; Conflict when there is one of that name."""
        request = body(NewWorkflowDefinitionRequest, definition)
        with reading():
            return one(WorkflowDefinition, new_workflow_definition.sync(client=self._client, body=request))

    def get_workflow_definition_versions_by_name(
        self, name: str, *, latest: bool = True
    ) -> list[WorkflowDefinition]:
        """The newest version, as a list of one; all of them, oldest first, unless `latest`."""
        segment(name, "name")
        with reading():
            return many(
                WorkflowDefinition,
                get_workflow_definition_versions_by_name.sync(name, client=self._client, latest=latest),
            )

    def update_workflow_definition(
        self, name: str, definition: NewWorkflowDefinitionRequest | Mapping[str, Any]
    ) -> WorkflowDefinition:
        """The next version of a definition; its name has to be `name`."""
        segment(name, "name")
        request = body(NewWorkflowDefinitionRequest, definition)
        with reading():
            return one(
                WorkflowDefinition, update_workflow_definition.sync(name, client=self._client, body=request)
            )

    def get_workflow_definition_by_name_and_version(self, name: str, version: int) -> WorkflowDefinition:
        segment(name, "name")
        with reading():
            return one(
                WorkflowDefinition,
                get_workflow_definition_by_name_and_version.sync(name, str(version), client=self._client),
            )

    def start_workflow(
        self, request: StartWorkflowRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Workflow:
        """Starts a new workflow.  Version -1 is the latest; **no version is version 0**.

        The same request with the same `idempotency_key` again gives the workflow that it started the
        first time; another request with that key is a BadRequest.
        """
        start, key = body(StartWorkflowRequest, request), sendable(idempotency_key)
        with reading():
            return one(Workflow, start_workflow.sync(client=self._client, body=start, idempotency_key=key))

    def get_workflows(self, **wanted: Unpack[WorkflowQuery]) -> list[Workflow]:
        """One page of the workflows of a definition, newest first, unless `oldest_first`."""
        filters = query(wanted)
        with reading():
            return many(Workflow, get_workflows.sync(client=self._client, **filters))

    def get_workflows_iter(self, **wanted: Unpack[WorkflowQuery]) -> Iterator[Workflow]:
        """All workflows of a definition, asked for page by page as they are taken."""
        filters = query(wanted)
        with reading():
            first = get_workflows.sync_detailed(client=self._client, **filters)
        for workflow in self._walk(Workflow, first):  # noqa: UP028 - the async twin cannot `yield from`
            yield workflow

    def get_workflow_by_id(self, workflow_id: str, *, fetch_history: bool = False) -> Workflow:
        """The workflow, brought up to date; with all its jobs when `fetch_history`."""
        segment(workflow_id, "workflow_id")
        with reading():
            return one(
                Workflow,
                get_workflow_by_id.sync(workflow_id, client=self._client, fetch_history=fetch_history),
            )

    def get_workflow_history(self, workflow_id: str, **wanted: Unpack[HistoryQuery]) -> list[HistoryEvent]:
        """One page of the events of the workflow's execution, oldest first, unless `newest_first`.

        What is special to an event's type is found by name: `event["taskFailedEventDetails"]`.
        """
        segment(workflow_id, "workflow_id")
        with reading():
            return many(HistoryEvent, get_workflow_history.sync(workflow_id, client=self._client, **wanted))

    def get_workflow_history_iter(
        self, workflow_id: str, **wanted: Unpack[HistoryQuery]
    ) -> Iterator[HistoryEvent]:
        """All events of the workflow's execution, asked for page by page as they are taken."""
        segment(workflow_id, "workflow_id")
        with reading():
            first = get_workflow_history.sync_detailed(workflow_id, client=self._client, **wanted)
        for event in self._walk(HistoryEvent, first):  # noqa: UP028 - as above
            yield event

    def stream_workflow_events(
        self, workflow_id: str, *, last_event_id: str | None = None
    ) -> Iterator[StreamEvent]:
        """The workflow's history as it grows, and at last an event named `end`.

        Begins after `last_event_id`, or at the beginning.  A stream that breaks off is taken up where it was.
        """
        segment(workflow_id, "workflow_id")
        path = f"/workflows/{quote(workflow_id, safe='')}/events"
        for event in self._follow(EventReader(path, {}, last_event_id)):  # noqa: UP028 - as above
            yield event

    def stream_events(
        self,
        *,
        namespace: str | None = None,
        workflow_definition_name: str | None = None,
        last_event_id: str | None = None,
    ) -> Iterator[StreamEvent]:
        """Each change of a workflow's status, from now on or after `last_event_id`; has no end.

        A stream that breaks off is taken up where it was; an event named `gap` says that this was too late.
        """
        wanted = {"namespace": namespace, "workflowDefinitionName": workflow_definition_name}
        for event in self._follow(EventReader("/events", wanted, last_event_id)):  # noqa: UP028 - as above
            yield event

    def resume_workflow_by_id(self, workflow_id: str, start_at: str) -> Workflow:
        """A new workflow that goes on at a state of an ended one, with the input which that state had."""
        segment(workflow_id, "workflow_id")
        overrides = WorkflowDefinitionOverrides(start_at=start_at)
        with reading():
            return one(Workflow, resume_workflow_by_id.sync(workflow_id, client=self._client, body=overrides))

    def cancel_workflow(self, workflow_id: str, reason: str) -> None:
        """Stops the workflow; BadRequest when it has succeeded or failed."""
        segment(workflow_id, "workflow_id")
        cancel_workflow.sync_detailed(workflow_id, client=self._client, body=CancelReason(reason=reason))

    def resolve_workflow_by_id(self, workflow_id: str) -> None:
        """Marks the workflow as dealt with; Conflict when it is already."""
        segment(workflow_id, "workflow_id")
        resolve_workflow_by_id.sync_detailed(workflow_id, client=self._client)

    def get_activities(self, **wanted: Unpack[ActivityQuery]) -> list[Activity]:
        """One page of the activities, sorted by name, with their queues and workers where known."""
        with reading():
            return many(Activity, get_activities.sync(client=self._client, **wanted))

    def get_activities_iter(self, **wanted: Unpack[ActivityQuery]) -> Iterator[Activity]:
        """All activities, asked for page by page as they are taken."""
        with reading():
            first = get_activities.sync_detailed(client=self._client, **wanted)
        for activity in self._walk(Activity, first):  # noqa: UP028 - as above
            yield activity

    def post_state_resource(self, resource: NewStateResource | Mapping[str, Any]) -> StateResource:
        """The resource as stored, in place of one of the same name and namespace."""
        request = body(NewStateResource, resource)
        with reading():
            return one(StateResource, post_state_resource.sync(client=self._client, body=request))

    def get_state_resource(self, namespace: str, name: str) -> StateResource:
        segment(namespace, "namespace")
        segment(name, "name")
        with reading():
            return one(StateResource, get_state_resource.sync(namespace, name, client=self._client))

    def put_state_resource(
        self, namespace: str, name: str, resource: NewStateResource | Mapping[str, Any]
    ) -> StateResource:
        """The resource as stored; its name and namespace have to be these."""
        segment(namespace, "namespace")
        segment(name, "name")
        request = body(NewStateResource, resource)
        with reading():
            return one(
                StateResource, put_state_resource.sync(namespace, name, client=self._client, body=request)
            )

    def delete_state_resource(self, namespace: str, name: str) -> None:
        segment(namespace, "namespace")
        segment(name, "name")
        delete_state_resource.sync_detailed(namespace, name, client=self._client)

    def get_schedules(self, **wanted: Unpack[PageQuery]) -> list[Schedule]:
        """One page of the schedules, by name."""
        with reading():
            return many(Schedule, get_schedules.sync(client=self._client, **wanted))

    def get_schedules_iter(self, **wanted: Unpack[PageQuery]) -> Iterator[Schedule]:
        """All schedules, asked for page by page as they are taken."""
        with reading():
            first = get_schedules.sync_detailed(client=self._client, **wanted)
        for schedule in self._walk(Schedule, first):  # noqa: UP028 - as above
            yield schedule

    def new_schedule(self, schedule: ScheduleRequest | Mapping[str, Any]) -> Schedule:
        """The schedule as stored; Conflict when there is one of that name."""
        request = body(ScheduleRequest, schedule)
        with reading():
            return one(Schedule, new_schedule.sync(client=self._client, body=request))

    def get_schedule(self, name: str) -> Schedule:
        segment(name, "name")
        with reading():
            return one(Schedule, get_schedule.sync(name, client=self._client))

    def apply_schedule(self, name: str, schedule: ScheduleRequest | Mapping[str, Any]) -> Schedule:
        """The schedule of that name, created or changed to be as given."""
        segment(name, "name")
        request = body(ScheduleRequest, schedule)
        with reading():
            return one(Schedule, apply_schedule.sync(name, client=self._client, body=request))

    def delete_schedule(self, name: str) -> None:
        """What it has started goes on."""
        segment(name, "name")
        delete_schedule.sync_detailed(name, client=self._client)

    def pause_schedule(self, name: str, reason: str = "") -> Schedule:
        """It fires no more until it is resumed."""
        segment(name, "name")
        request = ReasonRequest(reason=reason)
        with reading():
            return one(Schedule, pause_schedule.sync(name, client=self._client, body=request))

    def resume_schedule(self, name: str) -> Schedule:
        """It goes on with its next time."""
        segment(name, "name")
        with reading():
            return one(Schedule, resume_schedule.sync(name, client=self._client))

    def backfill_schedule(
        self,
        name: str,
        start_at: datetime.datetime,
        end_at: datetime.datetime,
        *,
        overlap: Overlap = "queue",
    ) -> int:
        """How many of the schedule's times in that range, both ends in it, will be submitted."""
        segment(name, "name")
        request = BackfillRequest(start_at=start_at, end_at=end_at, overlap=overlap)
        with reading():
            return one(Backfill, backfill_schedule.sync(name, client=self._client, body=request)).times

    def get_schedule_times(self, name: str, *, limit: int = 10) -> list[datetime.datetime]:
        """When it fires next, were it not paused."""
        segment(name, "name")
        with reading():
            return one(ScheduleTimes, get_schedule_times.sync(name, client=self._client, limit=limit)).times

    def get_webhooks(self) -> list[Webhook]:
        """All of them, the oldest first."""
        with reading():
            return many(Webhook, get_webhooks.sync(client=self._client))

    def new_webhook(self, webhook: WebhookRequest | Mapping[str, Any]) -> Webhook:
        """The webhook as stored, with its `secret`, which is shown only here."""
        request = body(WebhookRequest, webhook)
        with reading():
            return one(Webhook, new_webhook.sync(client=self._client, body=request))

    def get_webhook(self, webhook_id: str) -> Webhook:
        segment(webhook_id, "webhook_id")
        with reading():
            return one(Webhook, get_webhook.sync(webhook_id, client=self._client))

    def update_webhook(self, webhook_id: str, webhook: WebhookRequest | Mapping[str, Any]) -> Webhook:
        """The webhook as stored; without a secret it keeps the one it has."""
        segment(webhook_id, "webhook_id")
        request = body(WebhookRequest, webhook)
        with reading():
            return one(Webhook, update_webhook.sync(webhook_id, client=self._client, body=request))

    def delete_webhook(self, webhook_id: str) -> None:
        """Its deliveries go with it."""
        segment(webhook_id, "webhook_id")
        delete_webhook.sync_detailed(webhook_id, client=self._client)

    def enable_webhook(self, webhook_id: str) -> Webhook:
        segment(webhook_id, "webhook_id")
        with reading():
            return one(Webhook, enable_webhook.sync(webhook_id, client=self._client))

    def disable_webhook(self, webhook_id: str, reason: str = "") -> Webhook:
        """Nothing is sent to it until it is enabled."""
        segment(webhook_id, "webhook_id")
        request = ReasonRequest(reason=reason)
        with reading():
            return one(Webhook, disable_webhook.sync(webhook_id, client=self._client, body=request))

    def get_webhook_deliveries(
        self, webhook_id: str, **wanted: Unpack[DeliveryQuery]
    ) -> list[WebhookDelivery]:
        """One page of what was delivered, waits or was given up, the latest first."""
        segment(webhook_id, "webhook_id")
        with reading():
            return many(
                WebhookDelivery, get_webhook_deliveries.sync(webhook_id, client=self._client, **wanted)
            )

    def get_webhook_deliveries_iter(
        self, webhook_id: str, **wanted: Unpack[DeliveryQuery]
    ) -> Iterator[WebhookDelivery]:
        """All deliveries, asked for page by page as they are taken."""
        segment(webhook_id, "webhook_id")
        with reading():
            first = get_webhook_deliveries.sync_detailed(webhook_id, client=self._client, **wanted)
        for delivery in self._walk(WebhookDelivery, first):  # noqa: UP028 - as above
            yield delivery

    def redeliver_webhook_delivery(self, webhook_id: str, delivery_id: str) -> WebhookDelivery:
        """Delivers it once more, with the same message id; Conflict while its webhook is disabled."""
        segment(webhook_id, "webhook_id")
        segment(delivery_id, "delivery_id")
        with reading():
            return one(
                WebhookDelivery,
                redeliver_webhook_delivery.sync(webhook_id, delivery_id, client=self._client),
            )

    def _walk(self, kind: type[M], first: Response[Any]) -> Iterator[M]:
        """What the first page holds, and all the pages that follow it."""
        with reading():
            page, path = many(kind, first.parsed), next_page(first.headers)
        while True:
            for item in page:  # noqa: UP028 - as above
                yield item
            if path is None:
                return
            with reading():
                response = self._client.get_httpx_client().get(path)
                page = [kind.from_dict(item) for item in one(list, response.json())]
                path = next_page(response.headers)

    def _follow(self, reader: EventReader) -> Iterator[StreamEvent]:
        """What the stream holds, over as many connections as it takes."""
        while not reader.is_through:
            try:
                with sending(), reading():
                    for event in self._stream(reader):  # noqa: UP028 - as above
                        yield event
            except WorkflowManagerError as error:
                reader.failed(error)
            if not reader.is_through:
                time.sleep(reader.pause())

    def _stream(self, reader: EventReader) -> Iterator[StreamEvent]:
        """What one connection brings."""
        client = self._client.get_httpx_client()
        with client.stream("GET", **reader.request(client.timeout)) as response:
            reader.opened(response)
            for line in response.iter_lines():
                if (event := reader.take(line)) is not None:
                    yield event
