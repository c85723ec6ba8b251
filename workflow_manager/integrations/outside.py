"""All that states can reach outside of the engine, connected in one way for server and library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from workflow_manager.engine.blocking import Threads
from workflow_manager.integrations.clients import BotoClients
from workflow_manager.integrations.connections import Connection, Connections
from workflow_manager.integrations.functions import FunctionEntry, make_functions
from workflow_manager.integrations.s3 import S3Objects
from workflow_manager.integrations.services import ConnectedServices

CALLS: Final = 64  # of services and functions, at the same time


@dataclass(frozen=True, slots=True)
class Outside:
    services: ConnectedServices
    objects: S3Objects


def connect_outside(
    *,
    region: str,
    environment: Mapping[str, str],
    endpoint_url: str | None = None,
    calls: int = CALLS,
    functions: Iterable[FunctionEntry] = (),
    connections: Mapping[str, Connection] | None = None,
) -> Outside:
    """Nothing is loaded or asked before a state needs it.

    `functions` and `connections` are those of this machine; modules are looked for in the working
    directory too.  Raises `InvalidRequest` for a function that cannot be one.
    """
    clients = BotoClients(environment, endpoint_url)
    threads = Threads(calls, "service-call")
    return Outside(
        ConnectedServices(
            clients=clients,
            threads=threads,
            region=region,
            functions=make_functions(
                functions, threads=threads, environment=environment, directory=Path.cwd()
            ),
            connections=Connections(connections),
        ),
        S3Objects(partial(clients.get, "s3", region)),
    )
