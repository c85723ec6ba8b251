"""Workers as a process of their own: the activities, the loops, the signals and the metrics together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workflow_manager.worker.activity import register
from workflow_manager.worker.client import ActivityClient
from workflow_manager.worker.group import Group
from workflow_manager.worker.loop import Worker
from workflow_manager.worker.metric import ActiveMeter, Gauge, report
from workflow_manager.worker.observation import Observer, Tally
from workflow_manager.worker.pace import Pace
from workflow_manager.worker.signals import run_with_signals
from workflow_manager.worker.tasks import Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One activity: its full name or its ARN, who does its tasks, and how many at once.

    `gauges` gives, for the activity's ARN, where to show how busy the worker was.
    """

    activity: str
    handler: Handler
    limit: int
    pace: Pace
    observer: Observer
    gauges: Callable[[str], Sequence[Gauge]]


def serve_activities(
    client: ActivityClient,
    services: Sequence[Service],
    *,
    worker_name: str,
    tags: Mapping[str, str],
    once: bool = False,
) -> int:
    """Work until a signal ends it, or with `once` until each has done a task; how many tasks failed.

    Only from the main thread.  Raises `Unavailable` or `InvalidRequest` when an activity cannot be
    created.
    """
    done = threading.Event()
    tallies = [Tally(service.observer) for service in services]
    workers = [
        _worker(client, service, tally, worker_name, tags, once, done)
        for service, tally in zip(services, tallies, strict=True)
    ]
    try:
        run_with_signals(Group(workers))
    finally:
        done.set()
    return sum(tally.failed for tally in tallies)


def _worker(
    client: ActivityClient,
    service: Service,
    observer: Observer,
    worker_name: str,
    tags: Mapping[str, str],
    once: bool,
    done: threading.Event,
) -> Worker:
    meter = ActiveMeter(service.limit, time.monotonic)
    is_reporting = threading.Event()

    def registered() -> str:
        arn = register(client, service.activity, tags)
        if not is_reporting.is_set():
            is_reporting.set()
            arguments = (service.activity, meter, service.gauges(arn), done)
            threading.Thread(target=report, args=arguments, name="metric", daemon=True).start()
        return arn

    return Worker(
        client,
        registered,
        worker_name,
        service.handler,
        limit=1 if once else service.limit,
        pace=service.pace,
        meter=meter,
        observer=observer,
        once=once,
    )
