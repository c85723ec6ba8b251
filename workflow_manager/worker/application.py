"""An application's functions, each served as an activity by a worker in a thread of this process."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.worker.activity import activity_tags, default_worker_name, register
from workflow_manager.worker.client import ActivityClient
from workflow_manager.worker.functions import Function
from workflow_manager.worker.group import Group
from workflow_manager.worker.loop import Worker
from workflow_manager.worker.pace import Pace

_GRACE: Final = Pace().stop


class FunctionWorkers:
    """Serves `<environment>--<app>-<name>` for each named function.

    `limit` is how many tasks of one function run at once, `limits` the exceptions to it, and
    `poll_rate` how often a second each function asks for work.  `errors` are the error names of
    exceptions that shall not go by their types' names; `grace` is how long tasks may take to end once
    `stop` was called.  Raises `InvalidRequest` for what
    is missing and for a function of the wrong shape.
    """

    def __init__(
        self,
        client: ActivityClient | None,
        functions: Mapping[str, Callable[..., object] | None],
        *,
        environment: str,
        app: str,
        limit: int = 1,
        limits: Mapping[str, int] | None = None,
        poll_rate: float = 1.0,
        worker_name: str | None = None,
        errors: Mapping[type[BaseException], str] | None = None,
        grace: timedelta = _GRACE,
    ) -> None:
        if not environment:
            raise InvalidRequest("must configure Environment")
        if not app:
            raise InvalidRequest("must configure App")
        if client is None:
            raise InvalidRequest("must configure SFN client")
        if not functions:
            raise InvalidRequest("must configure resources")
        if not poll_rate > 0:
            raise InvalidRequest("the poll rate must be above 0")
        for resource in limits or {}:
            if resource not in functions:
                raise InvalidRequest(f"the limit of '{resource}' is for no function")
        if min([limit, *(limits or {}).values()]) < 1:
            raise InvalidRequest("a limit of tasks at once must be above 0")
        pace = Pace(
            heartbeat=timedelta(seconds=15), between_polls=timedelta(seconds=1 / poll_rate), stop=grace
        )
        name = worker_name or default_worker_name(os.environ)
        tags = activity_tags(os.environ)
        self._workers = Group(
            [
                Worker(
                    client,
                    _registering(client, f"{environment}--{app}-{resource}", tags),
                    name,
                    Function(resource, function, errors=errors),
                    limit=(limits or {}).get(resource, limit),
                    pace=pace,
                )
                for resource, function in functions.items()
            ]
        )

    def run(self) -> None:
        """Poll and work until `stop`; returns when every task was reported.

        Raises what stood in the way of a worker's start; the others are stopped then.
        """
        self._workers.run()

    def stop(self) -> None:
        self._workers.stop(signal.SIGTERM)


def _registering(client: ActivityClient, activity: str, tags: Mapping[str, str]) -> Callable[[], str]:
    return lambda: register(client, activity, tags)
