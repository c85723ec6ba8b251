"""Services as an engine calls them, with clients of their own for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.model import ServiceModel
from botocore.session import Session

from workflow_manager.engine.blocking import Threads
from workflow_manager.engine.execution import Identity
from workflow_manager.engine.resources import parse_resource
from workflow_manager.engine.services import ServiceCall
from workflow_manager.integrations.clients import BotoClients
from workflow_manager.integrations.invocations import Function
from workflow_manager.integrations.services import ConnectedServices
from workflow_manager.kernel.json import Json, dumps, loads

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
STATES = "arn:aws:states:::"
CALLER = Identity(
    arn="arn:aws:states:us-east-1:123456789012:execution:m:e",
    name="e",
    machine_arn="arn:aws:states:us-east-1:123456789012:stateMachine:m",
    machine_name="m",
    role_arn="arn:aws:iam::123456789012:role/r",
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    input="{}",
    secret="s",
)


@cache
def clients(url: str) -> BotoClients:
    """Clients of a substitute for AWS, signed with keys that open nothing."""
    return BotoClients({}, url, _session)


def _session() -> Session:
    session = Session()
    session.set_credentials("test", "test")
    return session


@cache
def service_model(client: str) -> ServiceModel:
    """What botocore knows of a service, by the name of its client."""
    return _models().get_service_model(client)


@cache
def _models() -> Session:
    return Session()


@dataclass
class Caller:
    """Calls of tasks, each to its end.  `pauses` are the seconds between looks at a job."""

    url: str
    functions: Mapping[str, Function] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)

    def call(self, resource: str, arguments: Json, *, role: str | None = None) -> Any:
        """What the task gets.  Raises `ServiceFailed`."""
        return asyncio.run(self._call(call_of(resource, arguments, role)))

    async def _call(self, call: ServiceCall) -> Any:
        services = self.services()
        assert services.serves(call.resource)
        answer = await services.call(call)
        if call.resource.pattern.value.startswith(".sync"):
            answer = await services.finish(call, answer)
        return loads(answer)

    def services(self) -> ConnectedServices:
        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)

        return ConnectedServices(
            clients=clients(self.url),
            threads=Threads(4, "service-call"),
            region="us-east-1",
            functions=self.functions,
            pause=pause,
        )


def call_of(resource: str, arguments: Json, role: str | None = None) -> ServiceCall:
    return ServiceCall(
        resource=parse_resource(resource),
        arguments=dumps(arguments),
        token="token-1",
        caller=CALLER,
        credentials=None if role is None else dumps({"RoleArn": role}),
    )
