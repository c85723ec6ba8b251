"""Several workers as one: they begin together, and end together."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence

import structlog

from workflow_manager.worker.loop import Worker

_log = structlog.stdlib.get_logger()


class Group:
    """Of workers that have activities of their own."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = tuple(workers)

    def run(self) -> None:
        """Poll and work until `stop`, or until all have ended by themselves; returns when every task
        was reported.

        Raises what stood in the way of a worker's start; the others are stopped then.
        """
        errors: list[Exception] = []
        threads = [
            threading.Thread(target=self._run, args=(worker, errors), daemon=True) for worker in self._workers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def stop(self, signal_number: int) -> None:
        for worker in self._workers:
            worker.stop(signal_number)

    def kill(self) -> None:
        for worker in self._workers:
            worker.kill()

    def forward(self, signal_number: int) -> None:
        for worker in self._workers:
            worker.forward(signal_number)

    def _run(self, worker: Worker, errors: list[Exception]) -> None:
        try:
            worker.run()
        except Exception as error:  # carried over to the thread that waits for all of them
            _log.error("worker-not-started", error=str(error))
            errors.append(error)
            self.stop(signal.SIGTERM)
