"""Group commit: one thread that writes, and takes whatever has queued into one transaction.

An fsync costs the same for one change as for a hundred, so callers that come at the same time share
one.  Each waits for the commit that holds its own change.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from workflow_manager.kernel.beside import is_beside, stand_by
from workflow_manager.kernel.errors import ServiceUnavailable
from workflow_manager.kernel.sqlite import InPlace, begin, reason, roll_back

# Bounds what a caller waits for others in the same transaction.
MAX_BATCH: Final = 256

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


@dataclass(slots=True, eq=False)
class _Change:
    work: Work[Any]
    done: Future[Any]
    result: Any = None
    error: Exception | None = None


class Writer:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._in_place = InPlace(path)
        self._queue: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="records-writer", daemon=True)
        self._thread.start()

    def run(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return its result once that is committed.

        What `work` raises is raised here, and nothing of it was written.  Raises `ServiceUnavailable` when
        the transaction failed.
        """
        change = _Change(work, Future())
        with self._gate:
            if self._closed:
                raise ServiceUnavailable("the records are closed")
            self._queue.put(change)
        result: T = stand_by(asyncio.wrap_future(change.done)) if is_beside() else change.done.result()
        return result

    def close(self) -> None:
        """Commit what has queued, then stop."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = self._gather(first)
            self._commit(batch)
            if last:
                break
        self._connection.close()

    def _gather(self, first: _Change) -> tuple[Sequence[_Change], bool]:
        """What has queued by now, and whether the end was among it."""
        batch = [first]
        while len(batch) < MAX_BATCH:
            try:
                change = self._queue.get_nowait()
            except queue.Empty:
                break
            if change is None:
                return batch, True
            batch.append(change)
        return batch, False

    def _commit(self, batch: Sequence[_Change]) -> None:
        try:
            self._in_place.check_now_and_then()
            begin(self._connection)
            for change in batch:
                self._apply(change)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, ServiceUnavailable) as error:
            roll_back(self._connection)
            why = reason(error) if isinstance(error, sqlite3.Error) else str(error)
            for change in batch:
                change.done.set_exception(ServiceUnavailable(f"the records cannot be written: {why}"))
            return
        for change in batch:
            if change.error is None:
                change.done.set_result(change.result)
            else:
                change.done.set_exception(change.error)

    def _apply(self, change: _Change) -> None:
        """One change in a savepoint of its own, so that a refused one does not undo its neighbours."""
        self._connection.execute("SAVEPOINT change")
        try:
            change.result = change.work(self._connection)
        except Exception as error:  # the caller's, who gets it; the thread must outlive it
            if not self._connection.in_transaction:
                raise  # SQLite gave the whole of it up, as on a full disk
            self._connection.execute("ROLLBACK TO change")
            change.error = error
        self._connection.execute("RELEASE change")
