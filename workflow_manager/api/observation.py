"""What operators see of every request: a line in the log, and metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Protocol

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workflow_manager.api.exchange import exchange_of

_log = structlog.get_logger("request")

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Source(Protocol):
    """Meters that are read when somebody looks: `look`, and then `collect`."""

    async def look(self) -> None: ...

    def collect(self) -> Iterable[Metric]: ...


class Metrics:
    """The meters of one server; those of `sources` are shown beside its own."""

    def __init__(self, *sources: Source) -> None:
        self._sources = sources
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "wfm_requests", "Requests answered", ("operation", "status"), registry=self.registry
        )
        self.durations = Histogram(
            "wfm_request_duration_seconds",
            "Time from a request's head to the end of its answer",
            ("operation",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.in_flight = Gauge("wfm_requests_in_flight", "Requests being worked on", registry=self.registry)
        for source in sources:
            self.registry.register(source)

    async def text(self) -> bytes:
        """In Prometheus' text format."""
        await asyncio.gather(*(source.look() for source in self._sources))
        return generate_latest(self.registry)


class Observation:
    """Logs and counts each request when it is over."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = exchange_of(scope)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
            await send(message)

        begun = time.perf_counter()
        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, watched)
        finally:
            self._metrics.in_flight.dec()
            self._note(scope, time.perf_counter() - begun)

    def _note(self, scope: Scope, duration: float) -> None:
        exchange = exchange_of(scope)
        # One name for all that is no operation: a path of the caller's must not become a label.
        operation = exchange.operation or "none"
        self._metrics.requests.labels(operation, str(exchange.status)).inc()
        self._metrics.durations.labels(operation).observe(duration)
        fields = {
            "op": exchange.operation or f"{scope['method']} {scope['path']}",
            "status": exchange.status,
            "duration": round(duration, 6),
        }
        if exchange.workflow_id:
            fields["workflow-id"] = exchange.workflow_id
        if exchange.error:
            fields["error"] = exchange.error
        log = _log.error if exchange.status >= 500 else _log.info
        log("request-finished", **fields)
