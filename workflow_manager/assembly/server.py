"""Runs the server: from settings to a process that listens, and quietly to its end."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

import structlog

from workflow_manager.assembly.application import application
from workflow_manager.assembly.listening import Listener, bind, possible_connections, url_of
from workflow_manager.assembly.logs import configure_logs
from workflow_manager.kernel.clock import Clock
from workflow_manager.settings import Settings

# New containers before the youngest are looked through; requests under way at once hold some thousand.
GARBAGE_THRESHOLD: Final = 5_000

_log = structlog.get_logger("server")


def serve(settings: Settings, clock: Clock | None = None) -> None:
    """Serve until SIGTERM or SIGINT; then let running requests end and write what was accepted.

    Says on stdout where it listens, once it answers.  Raises `Unavailable` when the address or the
    data directory is taken.
    """
    configure_logs(settings.log_format, settings.log_level)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings, clock))


async def _serve(settings: Settings, clock: Clock | None) -> None:
    # The address comes first: whoever is told "in use" has not waited for a recovery.
    with bind(settings.host, settings.port) as listening:
        async with application(settings, clock) as served:
            listener = Listener(
                served.web,
                drain_seconds=settings.drain_timeout,
                on_ready=lambda: _announce(listening),
                max_connections=possible_connections(settings.max_connections),
            )
            _stop_on_signals(listener, served.drain)
            await listener.serve([listening])
        _log.info("stopped")


def _announce(listening: socket.socket) -> None:
    _spare_the_collector()
    _log.info("listening", url=url_of(listening))
    print(f"workflow-manager listens on {url_of(listening)}", flush=True)


def _spare_the_collector() -> None:
    """Let the cyclic garbage collector pass over all that was loaded to start, for good.

    It looked through every module and table about once in a thousand requests: 100 ms in which
    nobody was answered.
    """
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 10, 10)


def _stop_on_signals(listener: Listener, drain: Callable[[], None]) -> None:
    """The first signal asks, the second insists."""

    def stop(name: str) -> None:
        _log.info("stopping", signal=name)
        drain()
        listener.force_exit = listener.should_exit
        listener.should_exit = True

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(
                each, lambda number, _: loop.call_soon_threadsafe(stop, signal.Signals(number).name)
            )
        else:
            loop.add_signal_handler(each, stop, each.name)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
