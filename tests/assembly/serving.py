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
        assert ready.wait(20)
        assert not failure, failure
        yield Server(listening.getsockname()[1])
    finally:
        stop.set()
        running.join(20)
        listening.close()
    assert not running.is_alive()
    assert not failure, failure


@contextmanager
def served_on_aws(folder: Path, distance: Distance, **chosen: Any) -> Iterator[Server]:
    """One with WFM_BACKEND=aws: an engine of ours far away for Step Functions, moto for DynamoDB."""
    elsewhere = Settings(data=folder / "aws", store=StoreKind.MEMORY, sync=SyncMode.NORMAL)
    with (
        pytest.MonkeyPatch.context() as patch,
        served(elsewhere) as aws,
        far_away(aws.port, distance) as step_functions,
        moto_server() as dynamodb,
    ):
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        fresh_tables(dynamodb)
        settings = Settings(
            data=folder / "server",
            backend=Backend.AWS,
            engine=EngineKind.AWS,
            store=StoreKind.DYNAMODB,
            sfn_endpoint=step_functions,
            dynamo_endpoint=dynamodb,
            **chosen,
        )
        with served(settings) as server:
            yield Server(server.port, protocol_url=f"http://127.0.0.1:{aws.port}")
