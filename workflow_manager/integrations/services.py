"""Decides who does the work of a Task state's resource: a function on this machine, AWS, or the web.

Calls of AWS block, and are made on threads; what a `.sync` waits for is asked for again and again,
at growing intervals.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

from workflow_manager.asl.failure import RUNTIME, TASK_FAILED, Failure
from workflow_manager.engine.blocking import Threads
from workflow_manager.engine.resources import Kind, Pattern, Resource
from workflow_manager.engine.services import HttpExchange, ServiceCall, ServiceFailed, not_served
from workflow_manager.integrations import web
from workflow_manager.integrations.calls import Requests, unusable
from workflow_manager.integrations.clients import Clients
from workflow_manager.integrations.connections import (
    Connection,
    Connections,
    described_connection,
    unreadable,
)
from workflow_manager.integrations.invocations import (
    Function,
    Invocation,
    invoke_on_aws,
    output_of,
    request_id_of,
    result_of,
    sdk_result_of,
)
from workflow_manager.integrations.jobs import JOBS
from workflow_manager.integrations.members import find
from workflow_manager.integrations.naming import OPTIMIZED, SDK, Dialect, is_sdk, sdk_dialect
from workflow_manager.integrations.shapes import Unfit
from workflow_manager.integrations.translated import TRANSLATED
from workflow_manager.kernel.json import Json, dumps, loads

FIRST_PAUSE: Final = 1.0  # seconds between two looks at a job
LONGEST_PAUSE: Final = 30.0
PAUSE_GROWTH: Final = 1.5
MAX_BLIND_LOOKS: Final = 10  # in a row

_INVOKE: Final = ("lambda", "invoke")
_SDK_INVOKE: Final = (f"{SDK}lambda", "invoke")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedServices:
    """The engine's port to services.  `functions` run here, by name; all others on AWS."""

    clients: Clients
    threads: Threads
    region: str
    functions: Mapping[str, Function]
    connections: Connections = field(default_factory=Connections)
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    def serves(self, resource: Resource) -> bool:
        if resource.kind is Kind.LAMBDA:
            return True
        action = (resource.service, resource.operation)
        match resource.pattern:
            case Pattern.REQUEST_RESPONSE if action == web.HTTP:
                return True
            case Pattern.REQUEST_RESPONSE | Pattern.CALLBACK:
                return is_sdk(resource) or resource.service in OPTIMIZED or action == web.API_GATEWAY
            case Pattern.SYNC:
                return action in JOBS
            case Pattern.SYNC_2:  # only Step Functions itself has it
                return False

    async def call(self, call: ServiceCall) -> str:
        resource = call.resource
        if resource.kind is Kind.LAMBDA:
            # The function gets the text as it is; nothing has to look inside.
            asked: dict[str, Json] = {"FunctionName": resource.arn, "Payload": call.arguments}
            return output_of(await self._invoke(call, asked))
        arguments = loads(call.arguments)
        if not isinstance(arguments, dict):
            raise ServiceFailed(Failure(RUNTIME, "The arguments of a task must be an object."))
        if (resource.service, resource.operation) == _INVOKE:
            return dumps(result_of(await self._invoke(call, arguments)))
        if (resource.service, resource.operation) == _SDK_INVOKE and self._local(arguments):
            return dumps(sdk_result_of(await self._invoke(call, arguments)))
        if (resource.service, resource.operation) == web.HTTP:
            return dumps(await self._http(call, arguments))
        if (resource.service, resource.operation) == web.API_GATEWAY:
            request = await self._gateway_request(call, arguments)
            response = await self.threads.run(lambda: web.exchange(request))
            return dumps(web.result_of(request, response))
        answer = await self._act(call, _prepared(call, arguments))
        _check(resource, answer)
        return dumps(answer)

    async def finish(self, call: ServiceCall, answer: str) -> str:
        job = JOBS[call.resource.service, call.resource.operation]
        answered = loads(answer)
        ask = job.describe.request(answered, loads(call.arguments))
        seconds, blind = FIRST_PAUSE, 0
        while True:
            try:
                found = job.read(await self._send(call, job.describe.operation, ask))
                blind = 0
            except ServiceFailed as failed:
                if job.gone and failed.failure.error == job.gone:
                    return answer
                # The job goes on, whether or not we can see it for a while.
                blind += 1
                if blind == MAX_BLIND_LOOKS:
                    raise
                found = None
            outcome = None if found is None else job.outcome(found)
            if found is not None and outcome:
                return dumps(job.result(found, answered))
            if found is not None and outcome is False:
                raise ServiceFailed(Failure(TASK_FAILED, dumps(found)))
            await self.pause(seconds)
            seconds = min(seconds * PAUSE_GROWTH, LONGEST_PAUSE)

    async def abandon(self, call: ServiceCall, answer: str) -> None:
        job = JOBS.get((call.resource.service, call.resource.operation))
        if job is None or job.stop is None:
            return
        try:
            request = job.stop.request(loads(answer), loads(call.arguments))
            await self._send(call, job.stop.operation, request)
        except ServiceFailed as failed:  # it may have ended by itself meanwhile
            _log.warning("%s was not stopped: %s", call.resource.arn, failed)

    async def _http(self, call: ServiceCall, arguments: dict[str, Json]) -> dict[str, Json]:
        """A request through its connection, if it has one; once more where its token is refused."""
        connection = await self._connection(call, arguments)
        if connection is None:
            return web.result_of(*await self._exchange(call, arguments, web.Authorization()))
        used = await self.threads.run(lambda: self.connections.authorization(connection))
        request, response = await self._exchange(call, arguments, used)
        if response.status == HTTPStatus.UNAUTHORIZED and connection.token is not None:
            fresh = await self.threads.run(lambda: self.connections.authorization(connection, used))
            request, response = await self._exchange(call, arguments, fresh)
        return web.result_of(request, response)

    async def _exchange(
        self, call: ServiceCall, arguments: dict[str, Json], added: web.Authorization
    ) -> tuple[web.WebRequest, web.WebResponse]:
        request = web.to_http_request(arguments, added, self.region)
        bare = web.to_http_request(arguments, web.Authorization(), self.region)
        seen = HttpExchange(request=web.shown_request(bare), revealed=web.shown_request(request))
        try:
            response = await self.threads.run(lambda: web.exchange(request))
            seen = replace(seen, response=web.shown_response(request, response))
        finally:
            if call.watch is not None:
                call.watch(seen)
        return request, response

    async def _gateway_request(self, call: ServiceCall, arguments: dict[str, Json]) -> web.WebRequest:
        request = web.to_gateway_request(arguments)
        if arguments.get("AuthType") not in web.SIGNED:
            return request
        return await self.threads.run(lambda: self._signed(request, _role(call)))

    def _signed(self, request: web.WebRequest, role: str | None) -> web.WebRequest:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self.clients.signed(request, self.region, role)
        except (BotoCoreError, ClientError) as error:
            raise ServiceFailed(Failure("ApiGateway.SdkClientException", str(error))) from None

    async def _connection(self, call: ServiceCall, arguments: dict[str, Json]) -> Connection | None:
        """The connection that a request names: one of this machine, or EventBridge's."""
        arn = find(arguments, "Authentication.ConnectionArn") or find(
            arguments, "InvocationConfig.ConnectionArn"
        )
        if not isinstance(arn, str):
            return None
        name = arn.partition(":connection/")[2].partition("/")[0] or arn
        if name in self.connections.local:
            return self.connections.local[name]
        events = self._requests_to("events", sdk_dialect("EventBridge"), call)
        secrets = self._requests_to("secretsmanager", sdk_dialect("Secrets Manager"), call)
        try:
            told = await self._ask(events, "DescribeConnection", {"Name": name})
            secret = await self._ask(secrets, "GetSecretValue", {"SecretId": told.get("SecretArn")})
        except ServiceFailed as failed:
            raise ServiceFailed(unreadable(failed.failure)) from None
        return described_connection(name, told, str(secret.get("SecretString")))

    async def _invoke(self, call: ServiceCall, arguments: dict[str, Json]) -> Invocation:
        function = self._local(arguments)
        if function is None:
            requests = await self._requests(call)
            return await self.threads.run(lambda: invoke_on_aws(requests, arguments))
        payload = find(arguments, "Payload")
        event = payload if isinstance(payload, str) else dumps({} if payload is None else payload)
        named = str(find(arguments, "FunctionName"))
        return await function.invoke(event, request_id=request_id_of(call), arn=named)

    def _local(self, arguments: Json) -> Function | None:
        """The function of this machine that is named."""
        named = find(arguments, "FunctionName")
        return find_function(self.functions, named) if isinstance(named, str) else None

    async def _act(self, call: ServiceCall, arguments: dict[str, Json]) -> dict[str, Json]:
        """The answer to what the resource names; an action may be another operation's."""
        translated = TRANSLATED.get((call.resource.service, call.resource.operation))
        if translated is None:
            return await self._send(call, call.resource.operation, arguments)
        try:
            request = translated.request(arguments)
        except Unfit as unfit:
            raise unusable(arguments, unfit) from None
        return translated.shown(await self._send(call, translated.operation, request))

    async def _send(self, call: ServiceCall, operation: str, arguments: Json) -> dict[str, Json]:
        return await self._ask(await self._requests(call), operation, arguments)

    async def _ask(self, requests: Requests, operation: str, arguments: Json) -> dict[str, Json]:
        return await self.threads.run(lambda: requests.send(operation, arguments).shown(requests.dialect))

    async def _requests(self, call: ServiceCall) -> Requests:
        return self._requests_to(*await self._whom(call.resource), call)

    def _requests_to(self, client: str, dialect: Dialect, call: ServiceCall) -> Requests:
        return Requests(
            clients=self.clients,
            client=client,
            dialect=dialect,
            region=self._region(call.resource),
            role=_role(call),
            token=call.token,
        )

    async def _whom(self, resource: Resource) -> tuple[str, Dialect]:
        """boto3's name of the service, and the words for it."""
        if not is_sdk(resource):
            service = OPTIMIZED["lambda" if resource.kind is Kind.LAMBDA else resource.service]
            return service.client, service.dialect
        return await self.threads.run(lambda: self._sdk(resource))

    def _sdk(self, resource: Resource) -> tuple[str, Dialect]:
        client = self.clients.named(resource.service.removeprefix(SDK))
        if client is None:
            raise ServiceFailed(not_served(resource))
        model = self.clients.get(client, self.region).meta.service_model
        return client, sdk_dialect(model.service_id)

    def _region(self, resource: Resource) -> str:
        """The function's own, otherwise ours."""
        return resource.arn.split(":")[3] or self.region if resource.kind is Kind.LAMBDA else self.region


def _role(call: ServiceCall) -> str | None:
    credentials = loads(call.credentials) if call.credentials is not None else None
    role = credentials.get("RoleArn") if isinstance(credentials, dict) else None
    return None if role is None else str(role)


def find_function(functions: Mapping[str, Function], name: str) -> Function | None:
    """By a name, an ARN, or either with a qualifier.

    The names of a namespace (`prod--resize`) find a function that is there for all (`resize`).
    """
    name = name.rpartition("function:")[2].partition(":")[0]
    return functions.get(name) or functions.get(name.partition("--")[2])


def _prepared(call: ServiceCall, arguments: dict[str, Json]) -> dict[str, Json]:
    """As AWS completes them: every event that is put tells which execution it came from."""
    if call.resource.service != "events":
        return arguments
    origin: list[Json] = [call.caller.machine_arn, call.caller.arn]
    return {
        name: [_with_resources(entry, origin) for entry in value]
        if name.lower() == "entries" and isinstance(value, list)
        else value
        for name, value in arguments.items()
    }


def _with_resources(entry: Json, origin: list[Json]) -> Json:
    if not isinstance(entry, dict):
        return entry
    name = next((name for name in entry if name.lower() == "resources"), "Resources")
    given = entry.get(name)
    if given is not None and not isinstance(given, list):
        return entry  # to be refused as it is
    return {**entry, name: [*(given or ()), *origin]}


def _check(resource: Resource, answer: dict[str, Json]) -> None:
    """Raises `ServiceFailed` for an answer that AWS takes for a failure, although the request succeeded."""
    if resource.service == "events" and answer.get("FailedEntryCount"):
        raise ServiceFailed(Failure("EventBridge.FailedEntry", dumps(answer)))
    if resource.service == "ecs" and answer.get("Failures") and not answer.get("Tasks"):
        raise ServiceFailed(Failure(TASK_FAILED, dumps(answer)))
