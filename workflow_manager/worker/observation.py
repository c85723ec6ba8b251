"""What a worker tells of itself while it works: to nobody, or to Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, Protocol

from workflow_manager.kernel.errors import InvalidRequest

# Seconds; tasks take from moments to hours.
_BUCKETS: Final = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14400)


class Observer(Protocol):
    """Told by many threads."""

    def polled(self, result: str) -> None:
        """A poll has ended: `task`, `nothing` or `error`."""

    def began(self) -> None:
        """A task is being worked on."""

    def ended(self, error: str | None, seconds: float) -> None:
        """It is over; `error` is the name it failed with."""


class Silent:
    def polled(self, result: str) -> None: ...

    def began(self) -> None: ...

    def ended(self, error: str | None, seconds: float) -> None: ...


class Tally:
    """Counts what became of tasks, and passes everything on."""

    def __init__(self, onward: Observer) -> None:
        self._onward = onward
        self._lock = threading.Lock()
        self.failed = 0

    def polled(self, result: str) -> None:
        self._onward.polled(result)

    def began(self) -> None:
        self._onward.began()

    def ended(self, error: str | None, seconds: float) -> None:
        with self._lock:
            self.failed += error is not None
        self._onward.ended(error, seconds)


class Exposition:
    """Metrics of all activities of a process, shown to Prometheus on 127.0.0.1.

    Raises `InvalidRequest` when the port is taken.
    """

    def __init__(self, port: int) -> None:
        import prometheus_client  # most workers never need it

        self._registry = prometheus_client.CollectorRegistry()

        def make(kind: Callable[..., Any], name: str, text: str, *labels: str, **more: Any) -> Any:
            return kind(f"wfm_worker_{name}", text, ["activity", *labels], registry=self._registry, **more)

        self.active = make(
            prometheus_client.Gauge, "active_percent", "Share of its time that the worker was busy"
        )
        self._running = make(prometheus_client.Gauge, "tasks_running", "Tasks being worked on")
        self._tasks = make(prometheus_client.Counter, "tasks", "Tasks that are over, by outcome", "outcome")
        self._polls = make(prometheus_client.Counter, "polls", "Polls, by result", "result")
        self._seconds = make(
            prometheus_client.Histogram, "task_seconds", "How long tasks took", buckets=_BUCKETS
        )
        try:
            server, _ = prometheus_client.start_http_server(port, addr="127.0.0.1", registry=self._registry)
        except OSError as error:
            raise InvalidRequest(f"metrics cannot be shown on port {port}: {error.strerror}") from error
        self.port: int = server.server_port

    def observer(self, activity: str) -> Observer:
        """What becomes of one activity's tasks; all of its figures are there from the beginning."""
        for outcome in ("succeeded", "failed"):
            self._tasks.labels(activity, outcome)
        for result in ("task", "nothing", "error"):
            self._polls.labels(activity, result)
        return _Exposed(
            self._running.labels(activity),
            self._seconds.labels(activity),
            lambda outcome: self._tasks.labels(activity, outcome),
            lambda result: self._polls.labels(activity, result),
        )


class _Exposed:
    def __init__(
        self, running: Any, seconds: Any, tasks: Callable[[str], Any], polls: Callable[[str], Any]
    ) -> None:
        self._running = running
        self._seconds = seconds
        self._tasks = tasks
        self._polls = polls

    def polled(self, result: str) -> None:
        self._polls(result).inc()

    def began(self) -> None:
        self._running.inc()

    def ended(self, error: str | None, seconds: float) -> None:
        self._running.dec()
        self._seconds.observe(seconds)
        self._tasks("succeeded" if error is None else "failed").inc()
