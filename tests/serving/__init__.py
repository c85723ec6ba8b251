"""The whole server on a free port, on the embedded engine, in a thread of this process."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow_manager.assembly import application
from workflow_manager.assembly.listening import Listener, bind
from workflow_manager.assembly.logs import configure_logs
from workflow_manager.settings import LogFormat, LogLevel, load_settings


@contextmanager
def serving(data: Path, **flags: object) -> Iterator[str]:
    """Its address; the flags are settings."""
    configure_logs(LogFormat.JSON, LogLevel.ERROR, sys.__stderr__)
    ready = threading.Event()
    stop: list[Callable[[], None]] = []

    with bind("127.0.0.1", 0) as listening:

        async def serve() -> None:
            async with application(load_settings({}, {"data": str(data), **flags})) as served:
                listener = Listener(served.web, drain_seconds=5, on_ready=ready.set)

                def end() -> None:
                    served.drain()
                    listener.should_exit = True

                loop = asyncio.get_running_loop()
                stop.append(lambda: loop.call_soon_threadsafe(end) and None)
                await listener.serve([listening])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        assert ready.wait(120)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stop[0]()
            thread.join()
