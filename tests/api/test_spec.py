"""swagger.yml is valid, complete, and what the server does."""

from __future__ import annotations

from typing import Any

import openapi_spec_validator
import yaml

from tests.api.memory_executor import MemoryExecutor
from tests.api.wire import Server
from workflow_manager.api.handlers import handlers
from workflow_manager.api.problems import STATUS
from workflow_manager.api.spec import load_spec, rest_spec, spec_text
from workflow_manager.kernel import errors
from workflow_manager.kernel.clock import SystemClock
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.schedules.service import Schedules
from workflow_manager.store.memory import MemoryStore
from workflow_manager.webhooks.addresses import AddressPolicy
from workflow_manager.webhooks.service import Webhooks

CLOCK = SystemClock()
SPEC = load_spec()
OPERATIONS: dict[str, tuple[str, str, Any]] = {
    operation["operationId"]: (method, path, operation)
    for path, item in SPEC["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}

# What generated clients of old expect: method, path, success, errors they can name.
KNOWN = {
    "healthCheck": ("get", "/_health", 200, {400, 500}),
    "getWorkflowDefinitions": ("get", "/workflow-definitions", 200, {400, 500}),
    "newWorkflowDefinition": ("post", "/workflow-definitions", 201, {400, 409, 500}),
    "getWorkflowDefinitionVersionsByName": ("get", "/workflow-definitions/{name}", 200, {400, 404, 500}),
    "updateWorkflowDefinition": ("put", "/workflow-definitions/{name}", 201, {400, 404, 409, 500}),
    "getWorkflowDefinitionByNameAndVersion": (
        *("get", "/workflow-definitions/{name}/{version}", 200),
        {400, 404, 500},
    ),
    "startWorkflow": ("post", "/workflows", 200, {400, 404, 500}),
    "getWorkflows": ("get", "/workflows", 200, {400, 404, 500}),
    "getWorkflowByID": ("get", "/workflows/{workflowID}", 200, {400, 404, 500}),
    "CancelWorkflow": ("delete", "/workflows/{workflowID}", 200, {400, 404, 500}),
    "resumeWorkflowByID": ("post", "/workflows/{workflowID}", 200, {400, 404, 500}),
    "resolveWorkflowByID": ("post", "/workflows/{workflowID}/resolved", 201, {400, 404, 409, 500}),
    "postStateResource": ("post", "/state-resources", 201, {400, 500}),
    "getStateResource": ("get", "/state-resources/{namespace}/{name}", 200, {400, 404, 500}),
    "putStateResource": ("put", "/state-resources/{namespace}/{name}", 201, {400, 500}),
    "deleteStateResource": ("delete", "/state-resources/{namespace}/{name}", 200, {400, 404, 500}),
}


def test_it_is_valid_openapi() -> None:
    openapi_spec_validator.validate(SPEC)


def test_the_operations_of_old_are_as_their_clients_know_them() -> None:
    shown = {}
    for name, (method, path, operation) in OPERATIONS.items():
        statuses = {int(status) for status in operation["responses"] if status != "default"}
        success = min(statuses)
        shown[name] = (method, path, success, statuses - {success})
    assert {name: shown[name] for name in KNOWN} == KNOWN


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    executor, store, clock, chance = MemoryExecutor(), MemoryStore(clock=CLOCK), CLOCK, SystemChance()
    schedules = Schedules(store, executor, clock=clock, chance=chance)
    webhooks = Webhooks(store, clock=clock, chance=chance, policy=AddressPolicy())
    served = [operation for item in rest_spec()["paths"].values() for operation in item.values()]
    handled = {operation["operationId"] for operation in served if isinstance(operation, dict)}
    assert set(handlers(executor, schedules, webhooks)) == handled


def test_what_is_served_in_front_answers_as_declared(server: Server) -> None:
    in_front = {
        path: operation["responses"]
        for _, path, operation in OPERATIONS.values()
        if operation.get("x-served-in-front")
    }
    assert in_front.keys() == {"/_ready", "/metrics", "/events", "/workflows/{workflowID}/events"}
    for path in ("/_ready", "/metrics"):
        answer = server.request("GET", path)
        declared = next(iter(in_front[path]["200"].get("content", {"": None})))
        assert (answer.status, answer.headers.get("content-type", "").split(";")[0]) == (200, declared)
    assert server.request("GET", "/workflows/nope/events").status == 404
    for path in in_front:
        refused = server.request("POST", path.replace("{workflowID}", "any"), {})
        assert (refused.status, set(refused.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert b'operation="readinessCheck"' in server.request("GET", "/metrics").body


def test_every_operation_is_described() -> None:
    for name, (_, _, operation) in OPERATIONS.items():
        assert operation["summary"], name
        assert operation["tags"], name


def test_every_error_has_a_status() -> None:
    for each in vars(errors).values():
        if isinstance(each, type) and issubclass(each, errors.WorkflowManagerError):
            assert each is errors.WorkflowManagerError or any(kind in STATUS for kind in each.__mro__)


def test_the_server_shows_it_as_it_is_written(server: Server) -> None:
    assert server.request("GET", "/swagger.yml").body.decode() == spec_text()
    assert server.request("GET", "/swagger.json").json == yaml.safe_load(spec_text())
    assert b"/docs/assets/swagger-ui-bundle.js" in server.request("GET", "/docs").body
    assert server.request("GET", "/docs/assets/swagger-ui-bundle.js").status == 200
