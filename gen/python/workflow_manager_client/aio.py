"""`client.py` for asyncio.  Written from it by `make generate`; change that one."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Mapping
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
from workflow_manager_client.wire import AsyncWire


class AsyncWorkflowManager:
    """A server of workflow-manager, and what it can be asked to do.

    `address` is where it listens, such as `http://127.0.0.1:8080`; `api_key` one of its keys, when it
    has any.  `timeout` is in seconds, for connecting and for every wait for the next byte.  Keeps
    connections open: close it, or use it in an `async with`.  Every method raises WorkflowManagerError.
    """

    def __init__(
        self,
        address: str,
        *,
        api_key: str | None = None,
        timeout: float = 5.0,
        retry: RetryPolicy = SINGLE,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        headers = {"X-Client-Version": VERSION}
        if api_key:
            headers["Authorization"] = f"Bearer {api_key}"
        self._client = Client(
            base_url=base_url(address),
            headers=headers,
            timeout=httpx.Timeout(timeout),
            httpx_args={"transport": AsyncWire(transport or httpx.AsyncHTTPTransport(), retry)},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.get_async_httpx_client().aclose()

    async def health_check(self) -> None:
        """Returns when the server is alive."""
        await health_check.asyncio_detailed(client=self._client)

    async def readiness_check(self) -> None:
        """Returns when the server can do its work; UnexpectedResponse with status 503 when it cannot."""
        await readiness_check.asyncio_detailed(client=self._client)

    async def get_metrics(self) -> str:
        """The server's meters, in Prometheus' text format."""
        with reading():
            return one(str, await get_metrics.asyncio(client=self._client))

    async def get_workflow_definitions(self) -> list[WorkflowDefinition]:
        """The latest version of every definition, sorted by name."""
        with reading():
            return many(WorkflowDefinition, await get_workflow_definitions.asyncio(client=self._client))

    async def new_workflow_definition(
        self, definition: NewWorkflowDefinitionRequest | Mapping[str, Any]
    ) -> WorkflowDefinition:
        """Version 0 of a new name; Conflict when there is one of that name."""
        request = body(NewWorkflowDefinitionRequest, definition)
        with reading():
            return one(
                WorkflowDefinition, await new_workflow_definition.asyncio(client=self._client, body=request)
            )

    async def get_workflow_definition_versions_by_name(
        self, name: str, *, latest: bool = True
    ) -> list[WorkflowDefinition]:
        """The newest version, as a list of one; all of them, oldest first, unless `latest`."""
        segment(name, "name")
        with reading():
            return many(
                WorkflowDefinition,
                await get_workflow_definition_versions_by_name.asyncio(
                    name, client=self._client, latest=latest
                ),
            )

    async def update_workflow_definition(
        self, name: str, definition: NewWorkflowDefinitionRequest | Mapping[str, Any]
    ) -> WorkflowDefinition:
        """The next version of a definition; its name has to be `name`."""
        segment(name, "name")
        request = body(NewWorkflowDefinitionRequest, definition)
        with reading():
            return one(
                WorkflowDefinition,
                await update_workflow_definition.asyncio(name, client=self._client, body=request),
            )

    async def get_workflow_definition_by_name_and_version(
        self, name: str, version: int
    ) -> WorkflowDefinition:
        segment(name, "name")
        with reading():
            return one(
                WorkflowDefinition,
                await get_workflow_definition_by_name_and_version.asyncio(
                    name, str(version), client=self._client
                ),
            )

    async def start_workflow(
        self, request: StartWorkflowRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Workflow:
        """Starts a new workflow.  Version -1 is the latest; **no version is version 0**.

        The same request with the same `idempotency_key` again gives the workflow that it started the
        first time; another request with that key is a BadRequest.
        """
        start, key = body(StartWorkflowRequest, request), sendable(idempotency_key)
        with reading():
            return one(
                Workflow, await start_workflow.asyncio(client=self._client, body=start, idempotency_key=key)
            )

    async def get_workflows(self, **wanted: Unpack[WorkflowQuery]) -> list[Workflow]:
        """One page of the workflows of a definition, newest first, unless `oldest_first`."""
        filters = query(wanted)
        with reading():
            return many(Workflow, await get_workflows.asyncio(client=self._client, **filters))

    async def get_workflows_iter(self, **wanted: Unpack[WorkflowQuery]) -> AsyncIterator[Workflow]:
        """All workflows of a definition, asked for page by page as they are taken."""
        filters = query(wanted)
        with reading():
            first = await get_workflows.asyncio_detailed(client=self._client, **filters)
        async for workflow in self._walk(Workflow, first):
            yield workflow

    async def get_workflow_by_id(self, workflow_id: str, *, fetch_history: bool = False) -> Workflow:
        """The workflow, brought up to date; with all its jobs when `fetch_history`."""
        segment(workflow_id, "workflow_id")
        with reading():
            return one(
                Workflow,
                await get_workflow_by_id.asyncio(
                    workflow_id, client=self._client, fetch_history=fetch_history
                ),
            )

    async def get_workflow_history(
        self, workflow_id: str, **wanted: Unpack[HistoryQuery]
    ) -> list[HistoryEvent]:
        """One page of the events of the workflow's execution, oldest first, unless `newest_first`.

        What is special to an event's type is found by name: `event["taskFailedEventDetails"]`.
        """
        segment(workflow_id, "workflow_id")
        with reading():
            return many(
                HistoryEvent, await get_workflow_history.asyncio(workflow_id, client=self._client, **wanted)
            )

    async def get_workflow_history_iter(
        self, workflow_id: str, **wanted: Unpack[HistoryQuery]
    ) -> AsyncIterator[HistoryEvent]:
        """All events of the workflow's execution, asked for page by page as they are taken."""
        segment(workflow_id, "workflow_id")
        with reading():
            first = await get_workflow_history.asyncio_detailed(workflow_id, client=self._client, **wanted)
        async for event in self._walk(HistoryEvent, first):
            yield event

    async def stream_workflow_events(
        self, workflow_id: str, *, last_event_id: str | None = None
    ) -> AsyncIterator[StreamEvent]:
        """The workflow's history as it grows, and at last an event named `end`.

        Begins after `last_event_id`, or at the beginning.  A stream that breaks off is taken up where it was.
        """
        segment(workflow_id, "workflow_id")
        path = f"/workflows/{quote(workflow_id, safe='')}/events"
        async for event in self._follow(EventReader(path, {}, last_event_id)):
            yield event

    async def stream_events(
        self,
        *,
        namespace: str | None = None,
        workflow_definition_name: str | None = None,
        last_event_id: str | None = None,
    ) -> AsyncIterator[StreamEvent]:
        """Each change of a workflow's status, from now on or after `last_event_id`; has no end.

        A stream that breaks off is taken up where it was; an event named `gap` says that this was too late.
        """
        wanted = {"namespace": namespace, "workflowDefinitionName": workflow_definition_name}
        async for event in self._follow(EventReader("/events", wanted, last_event_id)):
            yield event

    async def resume_workflow_by_id(self, workflow_id: str, start_at: str) -> Workflow:
        """A new workflow that goes on at a state of an ended one, with the input which that state had."""
        segment(workflow_id, "workflow_id")
        overrides = WorkflowDefinitionOverrides(start_at=start_at)
        with reading():
            return one(
                Workflow,
                await resume_workflow_by_id.asyncio(workflow_id, client=self._client, body=overrides),
            )

    async def cancel_workflow(self, workflow_id: str, reason: str) -> None:
        """Stops the workflow; BadRequest when it has succeeded or failed."""
        segment(workflow_id, "workflow_id")
        await cancel_workflow.asyncio_detailed(
            workflow_id, client=self._client, body=CancelReason(reason=reason)
        )

    async def resolve_workflow_by_id(self, workflow_id: str) -> None:
        """Marks the workflow as dealt with; Conflict when it is already."""
        segment(workflow_id, "workflow_id")
        await resolve_workflow_by_id.asyncio_detailed(workflow_id, client=self._client)

    async def get_activities(self, **wanted: Unpack[ActivityQuery]) -> list[Activity]:
        """One page of the activities, sorted by name, with their queues and workers where known."""
        with reading():
            return many(Activity, await get_activities.asyncio(client=self._client, **wanted))

    async def get_activities_iter(self, **wanted: Unpack[ActivityQuery]) -> AsyncIterator[Activity]:
        """All activities, asked for page by page as they are taken."""
        with reading():
            first = await get_activities.asyncio_detailed(client=self._client, **wanted)
        async for activity in self._walk(Activity, first):
            yield activity

    async def post_state_resource(self, resource: NewStateResource | Mapping[str, Any]) -> StateResource:
        """The resource as stored, in place of one of the same name and namespace."""
        request = body(NewStateResource, resource)
        with reading():
            return one(StateResource, await post_state_resource.asyncio(client=self._client, body=request))

    async def get_state_resource(self, namespace: str, name: str) -> StateResource:
        segment(namespace, "namespace")
        segment(name, "name")
        with reading():
            return one(StateResource, await get_state_resource.asyncio(namespace, name, client=self._client))

    async def put_state_resource(
        self, namespace: str, name: str, resource: NewStateResource | Mapping[str, Any]
    ) -> StateResource:
        """The resource as stored; its name and namespace have to be these."""
        segment(namespace, "namespace")
        segment(name, "name")
        request = body(NewStateResource, resource)
        with reading():
            return one(
                StateResource,
                await put_state_resource.asyncio(namespace, name, client=self._client, body=request),
            )

    async def delete_state_resource(self, namespace: str, name: str) -> None:
        segment(namespace, "namespace")
        segment(name, "name")
        await delete_state_resource.asyncio_detailed(namespace, name, client=self._client)

    async def get_schedules(self, **wanted: Unpack[PageQuery]) -> list[Schedule]:
        """One page of the schedules, by name."""
        with reading():
            return many(Schedule, await get_schedules.asyncio(client=self._client, **wanted))

    async def get_schedules_iter(self, **wanted: Unpack[PageQuery]) -> AsyncIterator[Schedule]:
        """All schedules, asked for page by page as they are taken."""
        with reading():
            first = await get_schedules.asyncio_detailed(client=self._client, **wanted)
        async for schedule in self._walk(Schedule, first):
            yield schedule

    async def new_schedule(self, schedule: ScheduleRequest | Mapping[str, Any]) -> Schedule:
        """The schedule as stored; Conflict when there is one of that name."""
        request = body(ScheduleRequest, schedule)
        with reading():
            return one(Schedule, await new_schedule.asyncio(client=self._client, body=request))

    async def get_schedule(self, name: str) -> Schedule:
        segment(name, "name")
        with reading():
            return one(Schedule, await get_schedule.asyncio(name, client=self._client))

    async def apply_schedule(self, name: str, schedule: ScheduleRequest | Mapping[str, Any]) -> Schedule:
        """The schedule of that name, created or changed to be as given."""
        segment(name, "name")
        request = body(ScheduleRequest, schedule)
        with reading():
            return one(Schedule, await apply_schedule.asyncio(name, client=self._client, body=request))

    async def delete_schedule(self, name: str) -> None:
        """What it has started goes on."""
        segment(name, "name")
        await delete_schedule.asyncio_detailed(name, client=self._client)

    async def pause_schedule(self, name: str, reason: str = "") -> Schedule:
        """It fires no more until it is resumed."""
        segment(name, "name")
        request = ReasonRequest(reason=reason)
        with reading():
            return one(Schedule, await pause_schedule.asyncio(name, client=self._client, body=request))

    async def resume_schedule(self, name: str) -> Schedule:
        """It goes on with its next time."""
        segment(name, "name")
        with reading():
            return one(Schedule, await resume_schedule.asyncio(name, client=self._client))

    async def backfill_schedule(
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
            return one(
                Backfill, await backfill_schedule.asyncio(name, client=self._client, body=request)
            ).times

    async def get_schedule_times(self, name: str, *, limit: int = 10) -> list[datetime.datetime]:
        """When it fires next, were it not paused."""
        segment(name, "name")
        with reading():
            return one(
                ScheduleTimes, await get_schedule_times.asyncio(name, client=self._client, limit=limit)
            ).times

    async def get_webhooks(self) -> list[Webhook]:
        """All of them, the oldest first."""
        with reading():
            return many(Webhook, await get_webhooks.asyncio(client=self._client))

    async def new_webhook(self, webhook: WebhookRequest | Mapping[str, Any]) -> Webhook:
        """The webhook as stored, with its `secret`, which is shown only here."""
        request = body(WebhookRequest, webhook)
        with reading():
            return one(Webhook, await new_webhook.asyncio(client=self._client, body=request))

    async def get_webhook(self, webhook_id: str) -> Webhook:
        segment(webhook_id, "webhook_id")
        with reading():
            return one(Webhook, await get_webhook.asyncio(webhook_id, client=self._client))

    async def update_webhook(self, webhook_id: str, webhook: WebhookRequest | Mapping[str, Any]) -> Webhook:
        """The webhook as stored; without a secret it keeps the one it has."""
        segment(webhook_id, "webhook_id")
        request = body(WebhookRequest, webhook)
        with reading():
            return one(Webhook, await update_webhook.asyncio(webhook_id, client=self._client, body=request))

    async def delete_webhook(self, webhook_id: str) -> None:
        """Its deliveries go with it."""
        segment(webhook_id, "webhook_id")
        await delete_webhook.asyncio_detailed(webhook_id, client=self._client)

    async def enable_webhook(self, webhook_id: str) -> Webhook:
        segment(webhook_id, "webhook_id")
        with reading():
            return one(Webhook, await enable_webhook.asyncio(webhook_id, client=self._client))

    async def disable_webhook(self, webhook_id: str, reason: str = "") -> Webhook:
        """Nothing is sent to it until it is enabled."""
        segment(webhook_id, "webhook_id")
        request = ReasonRequest(reason=reason)
        with reading():
            return one(Webhook, await disable_webhook.asyncio(webhook_id, client=self._client, body=request))

    async def get_webhook_deliveries(
        self, webhook_id: str, **wanted: Unpack[DeliveryQuery]
    ) -> list[WebhookDelivery]:
        """One page of what was delivered, waits or was given up, the latest first."""
        segment(webhook_id, "webhook_id")
        with reading():
            return many(
                WebhookDelivery,
                await get_webhook_deliveries.asyncio(webhook_id, client=self._client, **wanted),
            )

    async def get_webhook_deliveries_iter(
        self, webhook_id: str, **wanted: Unpack[DeliveryQuery]
    ) -> AsyncIterator[WebhookDelivery]:
        """All deliveries, asked for page by page as they are taken."""
        segment(webhook_id, "webhook_id")
        with reading():
            first = await get_webhook_deliveries.asyncio_detailed(webhook_id, client=self._client, **wanted)
        async for delivery in self._walk(WebhookDelivery, first):
            yield delivery

    async def redeliver_webhook_delivery(self, webhook_id: str, delivery_id: str) -> WebhookDelivery:
        """Delivers it once more, with the same message id; Conflict while its webhook is disabled."""
        segment(webhook_id, "webhook_id")
        segment(delivery_id, "delivery_id")
        with reading():
            return one(
                WebhookDelivery,
                await redeliver_webhook_delivery.asyncio(webhook_id, delivery_id, client=self._client),
            )

    async def _walk(self, kind: type[M], first: Response[Any]) -> AsyncIterator[M]:
        """What the first page holds, and all the pages that follow it."""
        with reading():
            page, path = many(kind, first.parsed), next_page(first.headers)
        while True:
            for item in page:
                yield item
            if path is None:
                return
            with reading():
                response = await self._client.get_async_httpx_client().get(path)
                page = [kind.from_dict(item) for item in one(list, response.json())]
                path = next_page(response.headers)

    async def _follow(self, reader: EventReader) -> AsyncIterator[StreamEvent]:
        """What the stream holds, over as many connections as it takes."""
        while not reader.is_through:
            try:
                with sending(), reading():
                    async for event in self._stream(reader):
                        yield event
            except WorkflowManagerError as error:
                reader.failed(error)
            if not reader.is_through:
                await asyncio.sleep(reader.pause())

    async def _stream(self, reader: EventReader) -> AsyncIterator[StreamEvent]:
        """What one connection brings."""
        client = self._client.get_async_httpx_client()
        async with client.stream("GET", **reader.request(client.timeout)) as response:
            reader.opened(response)
            async for line in response.aiter_lines():
                if (event := reader.take(line)) is not None:
                    yield event
