"""A worker as a process of its own: the activity, the loop, the signals and the metric together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from workflow_manager.worker.activity import register
from workflow_manager.worker.client import ActivityClient
from workflow_manager.worker.loop import Worker
from workflow_manager.worker.metric import ActiveMeter, Gauge, report
from workflow_manager.worker.pace import Pace
from workflow_manager.worker.signals import run_with_signals
from workflow_manager.worker.tasks import Handler


def serve_activity(
    client: ActivityClient,
    activity: str,
    handler: Handler,
    *,
    worker_name: str,
    tags: Mapping[str, str],
    limit: int,
    pace: Pace,
    gauges: Callable[[str], Sequence[Gauge]],
) -> None:
    """Work until a signal ends it.  Only from the main thread.

    `gauges` gives, for the activity's ARN, where to show how busy the worker was.  Raises
    `Unavailable` or `InvalidRequest` when the activity cannot be created.
    """
    meter = ActiveMeter(limit, time.monotonic)
    done = threading.Event()
    is_reporting = threading.Event()

    def registered() -> str:
        arn = register(client, activity, tags)
        if not is_reporting.is_set():
            is_reporting.set()
            arguments = (meter, gauges(arn), done)
            threading.Thread(target=report, args=arguments, name="metric", daemon=True).start()
        return arn

    worker = Worker(client, registered, worker_name, handler, limit=limit, pace=pace, meter=meter)
    try:
        run_with_signals(worker)
    finally:
        done.set()
