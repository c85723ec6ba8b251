"""Chooses and connects: which store, which Step Functions, in front of them the executor and the apps."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from starlette.types import ASGIApp

from workflow_manager.api.app import build_rest
from workflow_manager.api.keys import Keys
from workflow_manager.api.observation import Metrics, Source
from workflow_manager.api.operations import Limits
from workflow_manager.api.streams import Streams
from workflow_manager.assembly.aws import dynamodb_store, execution_log, step_functions_client
from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.assembly.gate import Gate, refusals
from workflow_manager.assembly.outreach import outreach
from workflow_manager.assembly.retention import pruning
from workflow_manager.assembly.watching import (
    data_source,
    engine_source,
    outreach_source,
    traffic_source,
)
from workflow_manager.assembly.web import build_web
from workflow_manager.engine.arns import Realm
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.thread import LoopBridge
from workflow_manager.executor.activities import Loads
from workflow_manager.executor.catching_up import CatchingUp
from workflow_manager.executor.client import StepFunctions, call
from workflow_manager.executor.endings import Endings
from workflow_manager.executor.executor import Executor
from workflow_manager.integrations.connections import read_connections
from workflow_manager.integrations.functions import parse_entry, read_entries
from workflow_manager.integrations.outside import Outside, connect_outside
from workflow_manager.kernel.beside import Beside
from workflow_manager.kernel.clock import Clock, SystemClock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.kernel.tally import Tally
from workflow_manager.models.activity import ActivityLoad, WorkerSeen
from workflow_manager.models.names import Naming, may_be_workflow
from workflow_manager.protocol.app import ProtocolApp
from workflow_manager.protocol.client import LocalClient
from workflow_manager.protocol.integrations import connect
from workflow_manager.protocol.operations import Operations
from workflow_manager.settings import EngineKind, Settings, StoreKind
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.port import Store
from workflow_manager.store.sqlite import SqliteStore

_log = structlog.get_logger("server")


@dataclass(frozen=True, slots=True)
class Application:
    """What is served.  `drain` makes long polls end, so that the server can."""

    web: ASGIApp
    executor: Executor
    client: StepFunctions
    drain: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _StepFunctions:
    """A client, the protocol where it is spoken here, what ends its long polls, what can tell of
    activities, what forgets some of that which nothing names, and the engine where it is here."""

    client: StepFunctions
    protocol: ProtocolApp | None = None
    end_polls: Callable[[], None] = lambda: None
    loads: Loads | None = None
    forget: Callable[[], bool] = lambda: False
    engine: Engine | None = None


@asynccontextmanager
async def application(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Application]:
    """Everything connected and running on this event loop; on the way out, written and closed.

    Raises `Unavailable` when the data cannot be used.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="rest")
        journal = None
        if settings.engine is EngineKind.EMBEDDED:
            # First: who has the journal is the only server on the directory, and may bring the records
            # to a newer format.
            journal = SqliteJournal(journal_of(_data(settings)), synchronous=settings.sync.name)
            stack.callback(journal.close)
        store = open_store(settings, clock)
        stack.callback(store.close)
        endings = Endings()
        with ExitStack() as unless_noted:
            unless_noted.callback(endings.close)
            step_functions = await stack.enter_async_context(
                _step_functions(settings, journal, clock, endings.ended)
            )
            executor = connect_executor(settings, step_functions.client, store, clock, step_functions.loads)
            endings.noted_by(executor.execution_ended)
            unless_noted.pop_all()
        if journal is not None:
            # In another store somebody else's workflow may be about to start.
            alone_since = clock.now() if settings.store is StoreKind.SQLITE else None
            catching_up = CatchingUp(executor, clock, alone_since=alone_since)
            catching_up.start()
            # It may be asking the engine, which answers on this loop.
            stack.push_async_callback(asyncio.to_thread, catching_up.stop)
        # DynamoDB forgets by itself, and by a setting of its own.
        kept = None if settings.store is StoreKind.DYNAMODB else store
        await stack.enter_async_context(
            pruning(
                kept,
                None if journal is None else journal_of(settings.data),
                clock,
                settings.keep_days,
                step_functions.forget,
            )
        )
        reaching_out = await stack.enter_async_context(outreach(settings, store, executor, clock))
        stack.push_async_callback(_end_threads, threads, settings.drain_timeout)
        beside = Beside() if _waits_by_itself(settings) else None
        if beside is not None:
            stack.push_async_callback(_end_calls, beside, settings.drain_timeout)

        def check() -> None:
            store.check()
            if journal is not None:
                journal.check()
            call(step_functions.client.list_state_machines, maxResults=1)

        limits = Limits(
            body_bytes=settings.body_limit,
            seconds=settings.request_timeout,
            history_seconds=settings.history_timeout,
        )
        streams = Streams(executor, threads, run_id=SystemChance().uuid()[:8])
        refused = refusals()
        sources = _sources(settings, step_functions, streams, refused)
        sources.append(outreach_source(store, reaching_out.firer, reaching_out.outbox, clock))
        web = build_web(
            build_rest(
                executor,
                threads,
                limits,
                beside=beside,
                schedules=reaching_out.schedules,
                webhooks=reaching_out.webhooks,
            ),
            protocol=step_functions.protocol,
            keys=Keys(settings.api_keys),
            metrics=Metrics(*sources),
            check=check,
            streams=streams,
        )
        gate = Gate(web, settings.max_requests, refused=refused)

        def drain() -> None:
            streams.close()
            step_functions.end_polls()

        yield Application(gate, executor, step_functions.client, drain)


@asynccontextmanager
async def _step_functions(
    settings: Settings, journal: Journal | None, clock: Clock, on_end: Callable[[str], None]
) -> AsyncIterator[_StepFunctions]:
    """An engine on the journal; AWS where there is none."""
    if journal is None:
        yield _StepFunctions(step_functions_client(settings))
        return
    realm = Realm(settings.region, settings.account)
    outside = _outside(settings)
    engine = Engine(
        journal,
        realm=realm,
        clock=clock,
        services=connect(outside.services),
        objects=outside.objects,
        listeners=[on_end],
        concern=may_be_workflow,
        announce_beside=_waits_by_itself(settings),
        max_open=settings.max_open,
    )
    operations = Operations(engine)
    bridge = LoopBridge(asyncio.get_running_loop())
    client = LocalClient(operations, bridge)
    await engine.open()
    try:
        yield _StepFunctions(
            client,
            ProtocolApp(operations),
            engine.end_polls,
            partial(_loads, engine, bridge),
            lambda: bridge.run(engine.forget_unnamed()),
            engine,
        )
    finally:
        await engine.close()


def _sources(
    settings: Settings, step_functions: _StepFunctions, streams: Streams, refused: Tally
) -> list[Source]:
    """The meters of what runs here."""
    protocol = step_functions.protocol
    sources = [traffic_source(None if protocol is None else protocol.requests, refused, lambda: streams.open)]
    if step_functions.engine is not None:
        sources.append(engine_source(step_functions.engine))
    if settings.engine is EngineKind.EMBEDDED or settings.store is StoreKind.SQLITE:
        sources.append(data_source(settings.data))
    return sources


def _loads(engine: Engine, bridge: LoopBridge, arns: Sequence[str]) -> dict[str, ActivityLoad]:
    """The engine's own account of its activities, in the words of our records."""
    return {
        arn: ActivityLoad(
            waiting=load.waiting,
            waiting_since=load.oldest_at,
            running=load.running,
            pollers=load.polling,
            workers=tuple(
                WorkerSeen(name=each.name, last_seen=each.seen_at, tasks=each.tasks) for each in load.workers
            ),
        )
        for arn, load in bridge.run(engine.activity_loads(arns)).items()
    }


def connect_executor(
    settings: Settings,
    client: StepFunctions,
    store: Store,
    clock: Clock | None = None,
    loads: Loads | None = None,
) -> Executor:
    naming = Naming(region=settings.region, account=settings.account)
    return Executor(
        client,
        store,
        clock=clock or SystemClock(),
        chance=SystemChance(),
        naming=naming,
        role_arn=settings.role,
        log=execution_log(settings, naming),
        loads=loads,
    )


def _outside(settings: Settings) -> Outside:
    """Raises `InvalidRequest` for a function or a connection that cannot be one."""
    entries = [parse_entry(text) for text in settings.function]
    if settings.functions is not None:
        entries += read_entries(settings.functions)
    file = settings.connections
    return connect_outside(
        region=settings.region,
        environment=os.environ,
        endpoint_url=settings.services_endpoint_url or None,
        calls=settings.service_calls,
        functions=entries,
        connections=None if file is None else read_connections(file, os.environ),
    )


def open_store(settings: Settings, clock: Clock | None = None) -> Store:
    clock = clock or SystemClock()
    match settings.store:
        case StoreKind.SQLITE:
            path = records_of(_data(settings))
            return SqliteStore(path, clock=clock, synchronous=settings.sync.name)
        case StoreKind.MEMORY:
            return MemoryStore(clock=clock)
        case StoreKind.DYNAMODB:
            return dynamodb_store(settings, clock)


def _data(settings: Settings) -> Path:
    """The data directory, made when there is none."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror
        raise Unavailable(f"cannot use the data directory {settings.data}: {reason}") from None
    return settings.data


def _waits_by_itself(settings: Settings) -> bool:
    """Whether workflows are started and brought up to date by this process and its disk alone."""
    return settings.engine is EngineKind.EMBEDDED and settings.store is not StoreKind.DYNAMODB


async def _end_calls(beside: Beside, seconds: float) -> None:
    """Let calls that outlived their requests end, as long as the engine is still there for them."""
    try:
        async with asyncio.timeout(seconds):
            await beside.finish()
    except TimeoutError:
        _log.warning("calls-still-running", seconds=seconds)


async def _end_threads(threads: ThreadPoolExecutor, seconds: float) -> None:
    """Let handlers that outlived their requests end, as long as the engine is still there for them."""
    threads.shutdown(wait=False, cancel_futures=True)
    try:
        async with asyncio.timeout(seconds):
            await asyncio.to_thread(threads.shutdown)
    except TimeoutError:
        _log.warning("handlers-still-running", seconds=seconds)
