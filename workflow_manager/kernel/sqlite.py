"""What our SQLite files have in common: readers, transactions on a failing disk, space that is given back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from workflow_manager.kernel.errors import ServiceUnavailable

AUTO_VACUUM: Final = "PRAGMA auto_vacuum = INCREMENTAL"  # counts for a file that has no tables yet
PAGES_A_TURN: Final = 512
SLACK: Final = 8  # one page in so many may stay free, for what comes next

# By SQLite's primary result codes.
_ADVICE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: "another process holds the file; wait until it is done",
    sqlite3.SQLITE_CANTOPEN: "see that its directory is there, and that this user may write into it",
    sqlite3.SQLITE_CORRUPT: "`wfm doctor` says more",
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_IOERR: "see whether the disk is full, or failing",
    sqlite3.SQLITE_NOTADB: "`wfm doctor` says more",
    sqlite3.SQLITE_PERM: "run as the user that owns the file, or change its permissions",
    sqlite3.SQLITE_READONLY: "make the file, its directory and its disk writable again",
}


def reason(error: sqlite3.Error) -> str:
    """What SQLite says went wrong, and what can be done about it."""
    # Errors of the Python module itself have no code.
    advice = _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return f"{error}: {advice}" if advice else str(error)


def begin(connection: sqlite3.Connection) -> None:
    """Begin to write, after whatever could not be undone before."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    connection.execute("BEGIN IMMEDIATE")


def roll_back(connection: sqlite3.Connection) -> None:
    """Undo what SQLite has not undone by itself; if the disk does not let us, `begin` tries again."""
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def give_back_pages(connection: sqlite3.Connection) -> None:
    """Make the file smaller when much of it is free, in steps that let others write in between.

    For a connection that is in no transaction.
    """
    while True:
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        spare = free - pages // SLACK
        if spare <= 0:
            return
        # As a script, because `execute` runs a statement without results for its first step only.
        connection.executescript(f"PRAGMA incremental_vacuum({min(spare, PAGES_A_TURN)})")
        if connection.execute("PRAGMA freelist_count").fetchone() == (free,):
            return  # a file from before the mode was set


class Readers:
    """Connections for reading: as many as there are readers at one time, kept for the next.

    They may be closed while somebody reads: SQLite does not bear that, so the connections in use are
    closed by whoever gives them back.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: list[sqlite3.Connection] = []
        self._gate = threading.Lock()
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Raises `ServiceUnavailable` once they are closed, and whatever `connect` raises."""
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._gate:
            if self._closed:
                raise ServiceUnavailable("The file is closed.")
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._gate:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        with self._gate:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
