"""The whole application on a free port of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api.wire import Server
from tests.dynamodb import CREDENTIALS, fresh_tables, moto_server
from tests.far_away import Distance, far_away
from workflow_manager.assembly import application
from workflow_manager.assembly.listening import Listener, bind
from workflow_manager.settings import Backend, EngineKind, Settings, StoreKind, SyncMode


@contextmanager
def served(settings: Settings) -> Iterator[Server]:
    listening = bind("127.0.0.1", 0)
    stop = threading.Event()
    ready = threading.Event()
    failure: list[BaseException] = []

    async def run() -> None:
        async with application(settings) as app:
            listener = Listener(app.web, drain_seconds=5, on_ready=ready.set)

            async def watch() -> None:
                await asyncio.to_thread(stop.wait)
                app.drain()
                listener.should_exit = True

            watching = asyncio.create_task(watch())
            await listener.serve([listening])
            await watching

    def thread() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            failure.append(error)
            ready.set()

    running = threading.Thread(target=thread)
    running.start()
    try:
        assert ready.wait(120)
        assert not failure, failure
        yield Server(listening.getsockname()[1])
    finally:
        stop.set()
        running.join(120)
        listening.close()
    assert not running.is_alive()
    assert not failure, failure


@contextmanager
def aws_played_here(
    folder: Path, distance: Distance, to_tables: Distance | None = None, **chosen: Any
) -> Iterator[tuple[Settings, str]]:
    """Settings with WFM_BACKEND=aws, and where workers poll: an engine of ours far away for Step
    Functions, moto far away for DynamoDB."""
    elsewhere = Settings(data=folder / "aws", store=StoreKind.MEMORY, sync=SyncMode.NORMAL)
    with (
        pytest.MonkeyPatch.context() as patch,
        served(elsewhere) as aws,
        far_away(aws.port, distance) as step_functions,
        moto_server() as moto,
        far_away(port_of(moto), to_tables or Distance(seconds=0)) as dynamodb,
    ):
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        tables = fresh_tables(moto).settings
        settings = Settings(
            data=folder / "server",
            backend=Backend.AWS,
            engine=EngineKind.AWS,
            store=StoreKind.DYNAMODB,
            sfn_endpoint=step_functions,
            dynamo_endpoint=dynamodb,
            definitions_prefix=tables.definitions_prefix,
            workflows_prefix=tables.workflows_prefix,
            resources_prefix=tables.resources_prefix,
            **chosen,
        )
        yield settings, aws.protocol_url


@contextmanager
def served_on_aws(
    folder: Path, distance: Distance, to_tables: Distance | None = None, **chosen: Any
) -> Iterator[Server]:
    with (
        aws_played_here(folder, distance, to_tables, **chosen) as (settings, protocol_url),
        served(settings) as server,
    ):
        yield Server(server.port, protocol_url)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])
