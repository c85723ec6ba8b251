"""What a started `WorkflowManager` holds: everything connected, and its workers at work."""

from __future__ import annotations

import threading

from workflow_manager.executor.executor import Executor
from workflow_manager.library.catalogue import Catalogue
from workflow_manager.library.connection import Connection
from workflow_manager.library.outreach import Outreach
from workflow_manager.worker.application import FunctionWorkers


class Running:
    """Workers serve from its making on until `stop_working`."""

    def __init__(
        self,
        executor: Executor,
        catalogue: Catalogue,
        connection: Connection,
        outreach: Outreach,
        workers: FunctionWorkers | None,
    ) -> None:
        self.executor = executor
        self.catalogue = catalogue
        self.connection = connection
        self.outreach = outreach
        self._workers = workers
        self._error: Exception | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="workers", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until the work is over.  Raises what stood in the way of a worker's start."""
        self._is_over.wait()
        if self._error is not None:
            raise self._error

    def stop_working(self) -> None:
        """Let what runs end within its grace; each task is reported."""
        # First nobody is given a task any more, then those who have one are asked to end.
        self.connection.end_polls()
        if self._workers is not None:
            self._workers.stop()
            self._thread.join()
        self._is_over.set()

    def _work(self) -> None:
        if self._workers is None:
            return
        try:
            self._workers.run()
        except Exception as error:  # for the thread that waits
            self._error = error
            self._is_over.set()
