"""How much of its time a worker was busy: the ActivityActivePercent of its activity."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, Protocol

import structlog

REPORT_INTERVAL: Final = timedelta(seconds=60)

_log = structlog.stdlib.get_logger()


class ActiveMeter:
    """Adds up the time of busy places over an interval, leaving out the time that idle ones paused.

    A place pauses while the worker waits for its rate limiter: it is not idle for want of tasks.
    `monotonic` tells the time in seconds.
    """

    def __init__(self, places: int, monotonic: Callable[[], float]) -> None:
        self._places = places
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._active = 0
        self._is_paused = False
        self._began_at = self._seen_at = monotonic()
        self._active_time = 0.0
        self._paused_time = 0.0

    def began(self) -> None:
        with self._lock:
            self._count()
            self._active += 1

    def ended(self) -> None:
        with self._lock:
            self._count()
            self._active -= 1

    def pausing(self, paused: bool) -> None:
        with self._lock:
            self._count()
            self._is_paused = paused

    def take(self) -> float:
        """The percentage since it was last taken; 100 when all of that was spent pausing."""
        with self._lock:
            self._count()
            available = self._places * (self._seen_at - self._began_at) - self._paused_time
            percent = 100.0 * self._active_time / available if available > 0 else 100.0
            self._began_at = self._seen_at
            self._active_time = self._paused_time = 0.0
            return percent

    def _count(self) -> None:
        now = self._monotonic()
        passed = now - self._seen_at
        self._seen_at = now
        self._active_time += passed * self._active
        if self._is_paused:
            self._paused_time += passed * (self._places - self._active)


class Gauge(Protocol):
    """Where the figure is shown."""

    def set(self, value: float) -> None: ...


class CloudWatchGauge:
    """Puts each value as AWS's own workers do: namespace StatesCustom, dimension ActivityArn."""

    def __init__(self, client: Any, activity_arn: str) -> None:
        self._client = client
        self._dimensions = [{"Name": "ActivityArn", "Value": activity_arn}]

    def set(self, value: float) -> None:
        metric = {
            "MetricName": "ActivityActivePercent",
            "Unit": "Percent",
            "Value": value,
            "Dimensions": self._dimensions,
        }
        self._client.put_metric_data(Namespace="StatesCustom", MetricData=[metric])


def report(
    activity: str,
    meter: ActiveMeter,
    gauges: Sequence[Gauge],
    done: threading.Event,
    interval: timedelta = REPORT_INTERVAL,
) -> None:
    """Take the figure every `interval`, log it and show it, until `done`."""
    while not done.wait(interval.total_seconds()):
        percent = meter.take()
        _log.info("activity-active-percent", activity=activity, value=round(percent, 1))
        for gauge in gauges:
            try:
                gauge.set(percent)
            except Exception as error:  # a metric that cannot be shown must not end the worker
                _log.warning("metric-not-sent", error=str(error))
