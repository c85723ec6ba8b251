"""An event loop of its own for an engine, so that threads can use it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from workflow_manager.engine.runtime import Engine
from workflow_manager.kernel.beside import is_beside, stand_by

T = TypeVar("T")


class LoopBridge:
    """Lets other threads run coroutines on an event loop and wait for them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result.  Raises `RuntimeError` on the loop's own thread, which would wait for itself,
        but for a call that runs beside the loop.
        """
        try:
            own = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            own = False
        if own and is_beside():
            return stand_by(coroutine)
        if own:
            coroutine.close()
            raise RuntimeError("The event loop of the engine cannot wait for the engine; call from a thread.")
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


class EngineThread:
    """Runs `engine` on a thread, from `start` to `stop`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)
        self.bridge = LoopBridge(self._loop)

    def start(self) -> EngineThread:
        self._thread.start()
        self.bridge.run(self.engine.open())
        return self

    def stop(self) -> None:
        """Write what was accepted, and end the thread."""
        self.bridge.run(self.engine.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
