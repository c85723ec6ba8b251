"""The API as a client meets it: over a socket, on a server of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from starlette.types import Receive, Scope, Send

from tests.api.memory_executor import MemoryExecutor
from tests.api.wire import Server
from workflow_manager.api.app import build_rest
from workflow_manager.api.keys import Keys
from workflow_manager.api.observation import Metrics
from workflow_manager.api.operations import Limits
from workflow_manager.api.streams import Streams
from workflow_manager.assembly.listening import Listener, bind
from workflow_manager.assembly.logs import configure_logs
from workflow_manager.assembly.web import build_web
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import SystemClock
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.schedules.service import Schedules
from workflow_manager.settings import LogFormat, LogLevel
from workflow_manager.store.memory import MemoryStore
from workflow_manager.webhooks.addresses import AddressPolicy
from workflow_manager.webhooks.service import Webhooks

THREADS = 8  # of a server under test, for its handlers


async def no_protocol(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"the protocol"})


@contextmanager
def running(
    executor: Executor,
    *,
    limits: Limits | None = None,
    keys: tuple[str, ...] = (),
    check: Callable[[], None] = lambda: None,
) -> Iterator[Server]:
    """A server on a free port, gone at the end."""

    threads = ThreadPoolExecutor(THREADS)
    store = MemoryStore(clock=SystemClock())
    rest = build_rest(
        executor,
        threads,
        limits,
        schedules=Schedules(store, executor, clock=SystemClock(), chance=SystemChance()),
        webhooks=Webhooks(store, clock=SystemClock(), chance=SystemChance(), policy=AddressPolicy()),
    )
    app = build_web(
        rest,
        protocol=no_protocol,
        keys=Keys(keys),
        metrics=Metrics(),
        check=check,
        streams=Streams(executor, threads, run_id="test"),
    )
    listening = bind("127.0.0.1", 0)
    listener = Listener(app, drain_seconds=5)
    thread = threading.Thread(target=lambda: asyncio.run(listener.serve([listening])))
    thread.start()
    try:
        yield Server(listening.getsockname()[1])
    finally:
        listener.should_exit = True
        thread.join()
        threads.shutdown()


@pytest.fixture(scope="session")
def everything() -> Iterator[tuple[Server, MemoryExecutor]]:
    executor = MemoryExecutor()
    with running(executor) as server:
        yield server, executor


@pytest.fixture
def server(everything: tuple[Server, MemoryExecutor]) -> Server:
    """With nothing in it."""
    server, executor = everything
    executor.clear()
    return server


@pytest.fixture
def executor(everything: tuple[Server, MemoryExecutor]) -> MemoryExecutor:
    """The one behind `server`."""
    return everything[1]


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> None:
    configure_logs(LogFormat.JSON, LogLevel.ERROR)
