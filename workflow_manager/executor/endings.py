"""Ends of executions: noted in the store first, then told to whoever waits for one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from workflow_manager.kernel.beside import is_beside
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.models.names import workflow_id_of


class Endings:
    """Safe for use by many threads."""

    def __init__(self) -> None:
        self._note: Callable[[str], None] | None = None
        self._ready = threading.Event()
        self._watched: dict[str, list[threading.Event]] = {}
        self._lock = threading.Lock()

    def noted_by(self, note: Callable[[str], None]) -> None:
        """From now on endings are noted; those that came before were waiting for this."""
        self._note = note
        self._ready.set()

    def close(self) -> None:
        """What is not noted by now never is here: the engine tells it again after its next start."""
        self._note = None
        self._ready.set()

    def ended(self, execution_arn: str) -> None:
        """Raises `Unavailable` when there is nobody to note it."""
        # An engine that takes up its work tells of endings before there is anyone to note them.  Beside
        # its loop nothing may wait for that; it tells again.
        if not is_beside():
            self._ready.wait()
        note = self._note
        if note is None:
            raise Unavailable("nobody is there to note it")
        note(execution_arn)
        with self._lock:
            watchers = list(self._watched.get(workflow_id_of(execution_arn), ()))
        for watcher in watchers:
            watcher.set()

    @contextmanager
    def watching(self, workflow_id: str) -> Iterator[threading.Event]:
        """An event that is set at the end of that workflow."""
        event = threading.Event()
        with self._lock:
            self._watched.setdefault(workflow_id, []).append(event)
        try:
            yield event
        finally:
            with self._lock:
                self._watched[workflow_id].remove(event)
                if not self._watched[workflow_id]:
                    del self._watched[workflow_id]
