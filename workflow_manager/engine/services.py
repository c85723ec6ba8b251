"""The port to whoever does the work of a Task state that is not an activity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.execution import Identity
from workflow_manager.engine.frames import AtWork
from workflow_manager.engine.journal.records import Abandoned
from workflow_manager.engine.resources import Resource, parse_resource


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpExchange:
    """One request of an HTTP task and its answer, in the members that TestState shows.

    `request` is without what a connection adds to it, `revealed` with that.
    """

    request: Mapping[str, str]
    revealed: Mapping[str, str]
    response: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCall:
    """One task, with the texts of its arguments and of its credentials.

    `token` names the task: a call that is repeated after a crash carries the same one.  `watch` is told
    of the requests of an HTTP task, where somebody wants to see them.
    """

    resource: Resource
    arguments: str
    token: str
    caller: Identity
    credentials: str | None = None
    watch: Callable[[HttpExchange], None] | None = None


def service_call(
    work: AtWork | Abandoned, caller: Identity, watch: Callable[[HttpExchange], None] | None = None
) -> ServiceCall:
    """What a service is or was asked for by that work of an execution."""
    return ServiceCall(
        resource=parse_resource(work.resource),
        arguments=work.arguments,
        token=work.token,
        caller=caller,
        credentials=work.credentials,
        watch=watch,
    )


class ServiceFailed(Exception):
    """The service refused or failed; a failure of the workflow, not of the engine."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.error}: {failure.cause}")
        self.failure = failure


class Services(Protocol):
    """May be called again for the same token when the engine was killed meanwhile."""

    def serves(self, resource: Resource) -> bool: ...

    async def call(self, call: ServiceCall) -> str:
        """The text of what the service answered to the request.

        With a `.sync` or a callback pattern that is the answer to the request alone.  Raises
        `ServiceFailed`.
        """
        ...

    async def finish(self, call: ServiceCall, answer: str) -> str:
        """The text of what came of a `.sync` request that was answered with `answer`.

        Raises `ServiceFailed`.
        """
        ...

    async def abandon(self, call: ServiceCall, answer: str) -> None:
        """Nobody waits any more for what comes of such a request: end it, if that can be done."""
        ...


class NoServices:
    """Serves nothing."""

    def serves(self, resource: Resource) -> bool:
        return False

    async def call(self, call: ServiceCall) -> str:
        raise ServiceFailed(not_served(call.resource))

    async def finish(self, call: ServiceCall, answer: str) -> str:
        raise ServiceFailed(not_served(call.resource))

    async def abandon(self, call: ServiceCall, answer: str) -> None:
        """Nothing was ever begun."""


def not_served(resource: Resource) -> Failure:
    return Failure("States.TaskFailed", f"No service is connected that serves the resource '{resource.arn}'.")
