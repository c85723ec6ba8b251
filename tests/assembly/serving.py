"""The whole application on a free port of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.api.wire import Server
from workflow_manager.assembly import application
from workflow_manager.assembly.listening import Listener, bind
from workflow_manager.settings import Settings


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
