"""What our SQLite files have in common: readers, transactions on a failing disk, space that is given back.

And what is said of a file that cannot be used: SQLite's own words, and what to do about it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from workflow_manager.kernel.errors import ServiceUnavailable

AUTO_VACUUM: Final = "PRAGMA auto_vacuum = INCREMENTAL"  # counts for a file that has no tables yet
CHECK_SECONDS: Final = 1.0
PAGES_A_TURN: Final = 512
SLACK: Final = 8  # one page in so many may stay free, for what comes next

# By SQLite's primary result codes.
_ADVICE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: "another process holds the file; wait until it is done",
    sqlite3.SQLITE_CANTOPEN: "see that it can be opened, and its directory be written, by this user",
    sqlite3.SQLITE_CORRUPT: "`wfm doctor` says more",
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_IOERR: "see whether the disk is full, or failing",
    sqlite3.SQLITE_NOTADB: "`wfm doctor` says more",
    sqlite3.SQLITE_PERM: "run as the user that owns the file, or change its permissions",
    sqlite3.SQLITE_READONLY: "make the file, its directory and its disk writable again",
}


def reason(error: sqlite3.Error, path: Path | None = None) -> str:
    """What SQLite says went wrong, and what can be done about it; of the file `path` if that is given."""
    advice = remedy(error, path)
    return f"{error}: {advice}" if advice else str(error)


def remedy(error: sqlite3.Error, path: Path | None = None) -> str:
    """What can be done about it; empty where nobody knows."""
    code = code_of(error)
    seen = obstacle(path) if path is not None and code in _OF_THE_MEDIUM else ""
    return seen or _ADVICE.get(code, "")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether it is the content that is wrong, and not what it lies on."""
    return code_of(error) not in _OF_THE_MEDIUM


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 for errors of the Python module itself."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def obstacle(path: Path) -> str:
    """What keeps a file from being used that can be seen from outside, and what to do about it."""
    for each in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        if each.is_dir():
            return f"{each.name} is a directory; move it away"
    folder = path.parent
    try:
        free = shutil.disk_usage(folder).free
        # Windows has no such flag.
        is_read_only = hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError as error:
        return f"its directory cannot be used: {error.strerror}"
    if is_read_only:
        return "its disk is mounted read-only; mount it for writing, or use another directory"
    if free == 0:
        return "its disk is full; make room"
    if not all(os.access(each, os.R_OK | os.W_OK) for each in (folder, path) if each.exists()):
        return "this user may not write it; run as the user that owns it, or change its permissions"
    return ""


_OF_THE_MEDIUM: Final = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    )
)


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


class InPlace:
    """Watches over the files of an open database: SQLite goes on with files that were deleted or replaced,
    and all that it writes is gone with the process.
    """

    def __init__(self, path: Path) -> None:
        self._paths = (path, path.with_name(f"{path.name}-wal"))
        self._opened: dict[Path, tuple[int, int]] = {}
        self._next = 0.0

    def check_now_and_then(self) -> None:
        """As `check`, but once a second at most."""
        now = time.monotonic()
        if now >= self._next:
            self.check()
            self._next = now + CHECK_SECONDS

    def check(self) -> None:
        """Raises `ServiceUnavailable` when a file is not the one that was there at first."""
        for path in self._paths:
            found = _identity(path)
            if found is not None:
                self._opened.setdefault(path, found)
            if self._opened.get(path) != found:
                raise ServiceUnavailable(
                    f"{path} was deleted, moved or replaced while it was in use: put it back, or stop the"
                    " server and restore a backup"
                )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


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
