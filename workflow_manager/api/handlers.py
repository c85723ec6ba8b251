"""One handler for each operation of `swagger.yml`, and the table that finds it.

A handler gets checked arguments, calls the executor, and shows what came back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from connexion.resolver import Resolver

from workflow_manager.api.answer import Answer, json_answer
from workflow_manager.api.codec import (
    write_activity,
    write_definition,
    write_event,
    write_state_resource,
    write_summary,
    write_workflow,
)
from workflow_manager.api.parameters import read_integer
from workflow_manager.api.schedule_handlers import ScheduleHandlers
from workflow_manager.api.webhook_handlers import WebhookHandlers
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.workflow import WorkflowStatus
from workflow_manager.schedules.service import Schedules
from workflow_manager.store.port import WorkflowQuery
from workflow_manager.webhooks.service import Webhooks

Body: TypeAlias = Mapping[str, Any]

DEFAULT_LIMIT = 10
DEFAULT_EVENTS = 100
DEFAULT_ACTIVITIES = 100


async def health_check() -> Answer:
    """Asynchronous, so that it answers while every thread is busy."""
    return Answer(200)


class Definitions:
    """Handlers for workflow definitions."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def list(self) -> Answer:
        return json_answer([write_definition(each) for each in self._executor.definitions()])

    def create(self, body: Body) -> Answer:
        made = self._executor.create_definition(body.get("name", ""), **_content(body))
        return json_answer(write_definition(made), 201)

    def update(self, name: str, body: Body) -> Answer:
        made = self._executor.update_definition(name, body.get("name", ""), **_content(body))
        return json_answer(write_definition(made), 201)

    def versions(self, name: str, latest: bool) -> Answer:
        found = self._executor.definition_versions(name, latest=latest)
        return json_answer([write_definition(each) for each in found])

    def get(self, name: str, version: str) -> Answer:
        return json_answer(write_definition(self._executor.definition(name, _version(version))))


class Workflows:
    """Handlers for workflows."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def start(self, body: Body, idempotency_key: str | None) -> Answer:
        wanted = body["workflowDefinition"]
        workflow = self._executor.start(
            wanted["name"],
            wanted.get("version", 0),
            input=body.get("input", ""),
            namespace=body.get("namespace", ""),
            queue=body.get("queue", ""),
            tags=body.get("tags"),
            idempotency_key=idempotency_key or "",
        )
        return json_answer(write_workflow(workflow), workflow_id=workflow.id)

    def find(
        self,
        workflow_definition_name: str,
        limit: int,
        oldest_first: bool | None,
        page_token: str | None,
        status: str | None,
        resolved_by_user: bool | None,
        summary_only: bool,
        namespace: str | None,
        tag: Sequence[str] | None,
        created_after: datetime | None,
        created_before: datetime | None,
    ) -> Answer:
        query = WorkflowQuery(
            definition_name=workflow_definition_name,
            status=WorkflowStatus(status) if status else None,
            resolved_by_user=resolved_by_user,
            namespace=namespace,
            tags=tuple(_tag(each) for each in tag or ()),
            created_after=created_after,
            created_before=created_before,
            oldest_first=bool(oldest_first),
            limit=limit or DEFAULT_LIMIT,
            page_token=page_token or None,
        )
        page = self._executor.workflows(query)
        shown = [write_summary(each) if summary_only else write_workflow(each) for each in page.workflows]
        headers = {}
        if page.next_token is not None and shown:
            given = {"status": status, "oldestFirst": oldest_first, "resolvedByUser": resolved_by_user}
            headers["X-Next-Page-Path"] = next_page_path(query, page.next_token, summary_only, given)
        return json_answer(shown, headers=headers)

    def get(self, workflow_id: str, fetch_history: bool) -> Answer:
        return json_answer(write_workflow(self._executor.workflow(workflow_id, fetch_history=fetch_history)))

    def history(
        self, workflow_id: str, limit: int, newest_first: bool | None, page_token: str | None
    ) -> Answer:
        limit = limit or DEFAULT_EVENTS
        page = self._executor.history(
            workflow_id, limit=limit, newest_first=bool(newest_first), page_token=page_token or None
        )
        headers = {}
        if page.next_token is not None:
            query = {
                "limit": limit,
                "newestFirst": str(bool(newest_first)).lower(),
                "pageToken": page.next_token,
            }
            where = f"/workflows/{quote(workflow_id, safe='')}/history"
            headers["X-Next-Page-Path"] = f"{where}?{urlencode(query)}"
        return json_answer([write_event(each) for each in page.events], headers=headers)

    def resume(self, workflow_id: str, body: Body) -> Answer:
        return json_answer(write_workflow(self._executor.resume(workflow_id, body.get("StartAt", ""))))

    def cancel(self, workflow_id: str, body: Body) -> Answer:
        self._executor.cancel(workflow_id, body.get("reason", ""))
        return Answer(200)

    def resolve(self, workflow_id: str) -> Answer:
        self._executor.resolve(workflow_id)
        return Answer(201)


class Activities:
    """Handlers for activities."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def list(self, namespace: str | None, limit: int, page_token: str | None) -> Answer:
        limit = limit or DEFAULT_ACTIVITIES
        page = self._executor.activities(
            namespace=namespace or "", limit=limit, page_token=page_token or None
        )
        headers = {}
        if page.next_token is not None:
            query = {"limit": limit, "namespace": namespace or None, "pageToken": page.next_token}
            given = {name: value for name, value in query.items() if value is not None}
            headers["X-Next-Page-Path"] = f"/activities?{urlencode(given)}"
        return json_answer([write_activity(each) for each in page.activities], headers=headers)


class StateResources:
    """Handlers for state resources."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def create(self, body: Body) -> Answer:
        return self._save(body)

    def replace(self, namespace: str, name: str, body: Body) -> Answer:
        if body.get("name", "") != name:
            raise InvalidRequest("StateResource.Name does not match name in path")
        if body.get("namespace", "") != namespace:
            raise InvalidRequest("StateResource.Namespace does not match namespace in path")
        return self._save(body)

    def get(self, namespace: str, name: str) -> Answer:
        return json_answer(write_state_resource(self._executor.get_state_resource(namespace, name)))

    def delete(self, namespace: str, name: str) -> Answer:
        self._executor.delete_state_resource(namespace, name)
        return Answer(200)

    def _save(self, body: Body) -> Answer:
        saved = self._executor.save_state_resource(
            body.get("name", ""), body.get("namespace", ""), body.get("uri", "")
        )
        return json_answer(write_state_resource(saved), 201)


def handlers(
    executor: Executor, schedules: Schedules, webhooks: Webhooks
) -> Mapping[str, Callable[..., Any]]:
    """The handler of every operationId."""
    definitions = Definitions(executor)
    workflows = Workflows(executor)
    activities = Activities(executor)
    resources = StateResources(executor)
    return {
        "healthCheck": health_check,
        "getWorkflowDefinitions": definitions.list,
        "newWorkflowDefinition": definitions.create,
        "getWorkflowDefinitionVersionsByName": definitions.versions,
        "updateWorkflowDefinition": definitions.update,
        "getWorkflowDefinitionByNameAndVersion": definitions.get,
        "startWorkflow": workflows.start,
        "getWorkflows": workflows.find,
        "getWorkflowByID": workflows.get,
        "getWorkflowHistory": workflows.history,
        "CancelWorkflow": workflows.cancel,
        "resumeWorkflowByID": workflows.resume,
        "resolveWorkflowByID": workflows.resolve,
        "getActivities": activities.list,
        "postStateResource": resources.create,
        "getStateResource": resources.get,
        "putStateResource": resources.replace,
        "deleteStateResource": resources.delete,
        **ScheduleHandlers(schedules).table(),
        **WebhookHandlers(webhooks).table(),
    }


class HandlerResolver(Resolver):  # type: ignore[misc]
    """Connexion's way from an operationId to our handler; one without a handler stops the start."""

    def __init__(self, executor: Executor, schedules: Schedules, webhooks: Webhooks) -> None:
        super().__init__(handlers(executor, schedules, webhooks).__getitem__)


def next_page_path(
    query: WorkflowQuery, token: str, summary_only: bool, given: Mapping[str, str | bool | None]
) -> str:
    """Path and query of the page after this one: every parameter in force, sorted by name.

    `given` are those that have no default, as they came; None for what did not.
    """
    parameters: dict[str, Any] = {
        "limit": query.limit,
        "pageToken": token,
        "summaryOnly": summary_only,
        "workflowDefinitionName": query.definition_name,
        "namespace": query.namespace,
        "tag": [f"{name}={value}" for name, value in query.tags] or None,
        "createdAfter": query.created_after and query.created_after.isoformat(),
        "createdBefore": query.created_before and query.created_before.isoformat(),
        **given,
    }
    shown = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in sorted(parameters.items())
        if value is not None
    }
    return f"/workflows?{urlencode(shown, doseq=True)}"


def _content(body: Body) -> dict[str, Any]:
    return {
        "state_machine": body.get("stateMachine"),
        "manager": body.get("manager", ""),
        "default_tags": body.get("defaultTags"),
    }


def _version(text: str) -> int:
    try:
        version = read_integer(text)
    except InvalidRequest as error:
        raise InvalidRequest(f"version in path: {error}") from None
    if not -(2**63) <= version < 2**63:
        raise InvalidRequest("version in path: value out of range")
    return version


def _tag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise InvalidRequest(f"tag in query should be key=value, not {text!r}")
    return name, value
