"""The journal on SQLite: one writing connection, reading ones for whoever reads, WAL between them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from workflow_manager.engine.journal import schema
from workflow_manager.engine.journal.batch import collect
from workflow_manager.engine.journal.port import OutOfStep
from workflow_manager.engine.journal.records import Write
from workflow_manager.engine.journal.sqlite_reading import SqliteReading
from workflow_manager.engine.journal.sqlite_writing import Writing
from workflow_manager.kernel.errors import ServiceUnavailable
from workflow_manager.kernel.sqlite import InPlace, begin, reason, roll_back


class SqliteJournal(SqliteReading):
    """A journal in the file `path`, for this process alone.

    `synchronous` is SQLite's: with FULL what was written survives the loss of power, with NORMAL
    that of the process.  Raises `Unavailable` when another process holds the file, or when a newer
    release has written it.
    """

    def __init__(self, path: Path, *, synchronous: str = "FULL") -> None:
        self._lock = schema.lock(path)
        try:
            self._writer = schema.open_for_writing(path, synchronous)
            machines = schema.machines(self._writer, path)
        except BaseException:
            self._lock.close()
            raise
        super().__init__(path, machines)
        self._machine_numbers = machines
        self._in_place = InPlace(path)
        self._writing = Writing(self._writer, machines)

    def write(self, writes: Sequence[Write]) -> None:
        batch = collect(writes)
        self._in_place.check_now_and_then()
        try:
            begin(self._writer)
            machines = self._writing.write(batch)
            self._writer.execute("COMMIT")
        except BaseException as error:
            roll_back(self._writer)
            if isinstance(error, sqlite3.IntegrityError):
                raise OutOfStep(str(error)) from error
            if isinstance(error, sqlite3.DatabaseError):
                raise ServiceUnavailable(f"The journal cannot be written: {reason(error)}.") from error
            raise
        for arn, number in machines.items():
            if number is None:
                self._machine_numbers.pop(arn, None)
            else:
                self._machine_numbers[arn] = number

    def check(self) -> None:
        """Raises `ServiceUnavailable` when its files are not where it writes them."""
        self._in_place.check()

    def close(self) -> None:
        super().close()
        self._writer.close()
        self._lock.close()
