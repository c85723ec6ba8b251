"""The tables of the SQLite journal, their version, and who may open them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.sqlite import AUTO_VACUUM, code_of, is_damage, reason

EVENT_BITS: Final = 24  # of a history row's id: the number of its first event, below the execution's key
LAST_EVENT: Final = (1 << EVENT_BITS) - 1

# The digests of the definitions of all machines and versions.
NAMED_BY_CATALOGUE: Final = (
    "SELECT coalesce(json_extract(body, '$.definition'), json_extract(body, '$.machine.definition')) AS named"
    " FROM (SELECT CAST(body AS TEXT) AS body FROM resource) WHERE named IS NOT NULL"
)

# One script leads from each version to the next; what was released is never edited.
MIGRATIONS: Final = (
    """
    CREATE TABLE definition (digest TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
    CREATE TABLE resource (arn TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
    CREATE TABLE tag (arn TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
    CREATE TABLE machine (id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE);
    CREATE TABLE execution (
        key INTEGER PRIMARY KEY,
        machine INTEGER NOT NULL,
        name TEXT NOT NULL,
        status INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        stopped_at INTEGER,
        version_arn TEXT,
        alias_arn TEXT,
        definition TEXT NOT NULL,
        ending BLOB,
        identity BLOB NOT NULL
    );
    -- An index ends in the row's key, so these two also give the order of a listing.
    CREATE INDEX execution_by_machine ON execution (machine);
    CREATE INDEX execution_by_status ON execution (machine, status);
    CREATE UNIQUE INDEX execution_by_name ON execution (machine, name);
    CREATE TABLE open_execution (
        key INTEGER PRIMARY KEY,
        version INTEGER NOT NULL,
        last_event INTEGER NOT NULL,
        due_at INTEGER
    );
    CREATE TABLE frame (
        execution INTEGER NOT NULL,
        id TEXT NOT NULL,
        waiting TEXT NOT NULL,
        visit INTEGER NOT NULL,
        due_at INTEGER,
        resource TEXT,
        owed INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (execution, id)
    ) WITHOUT ROWID;
    CREATE TABLE history (id INTEGER PRIMARY KEY, events BLOB NOT NULL);
    CREATE TABLE unannounced (key INTEGER PRIMARY KEY);
    CREATE TABLE undelivered (
        execution INTEGER NOT NULL,
        frame TEXT NOT NULL,
        PRIMARY KEY (execution, frame)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE execution ADD COLUMN redrives INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE execution ADD COLUMN redriven_at INTEGER;
    ALTER TABLE execution ADD COLUMN redrive_token TEXT;
    """,
    """
    ALTER TABLE execution ADD COLUMN map_run INTEGER;
    ALTER TABLE execution ADD COLUMN number INTEGER;
    ALTER TABLE execution ADD COLUMN items INTEGER;
    CREATE UNIQUE INDEX execution_by_map_run ON execution (map_run, number) WHERE map_run IS NOT NULL;
    CREATE INDEX execution_of_map_run ON execution (map_run) WHERE map_run IS NOT NULL;
    CREATE TABLE map_run (
        key INTEGER PRIMARY KEY,
        arn TEXT NOT NULL UNIQUE,
        execution INTEGER NOT NULL,
        settled INTEGER NOT NULL,
        body BLOB NOT NULL
    );
    CREATE INDEX map_run_by_execution ON map_run (execution);
    CREATE INDEX map_run_open ON map_run (key) WHERE NOT settled;
    CREATE TABLE map_items (
        map_run INTEGER NOT NULL,
        page INTEGER NOT NULL,
        items TEXT NOT NULL,
        PRIMARY KEY (map_run, page)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE abandoned (
        execution INTEGER NOT NULL,
        token TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (execution, token)
    ) WITHOUT ROWID;
    """,
)
CURRENT: Final = len(MIGRATIONS)


class InUse(Unavailable):
    """Another process has the journal."""


def lock(path: Path) -> sqlite3.Connection:
    """Hold the journal at `path` until the connection is closed or the process is gone.

    Raises `InUse` when somebody else holds it, and `Unavailable`.  A lock inside a database file needs no
    operating system's own calls, and is never left behind by a killed process.
    """
    file = path.with_name(path.name + ".lock")
    holder = None
    try:
        holder = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if holder is not None:
            holder.close()
        if code_of(error) == sqlite3.SQLITE_BUSY:
            raise InUse(
                f"The journal {path} is in use by another server: stop that one, or name another data"
                " directory with --data."
            ) from error
        if is_damage(error):
            raise Unavailable(f"{file} is no lock: {error}.  It holds nothing; delete it.") from error
        raise Unavailable(f"The lock {file} cannot be opened: {reason(error, file)}.") from error
    return holder


def open_for_writing(path: Path, synchronous: str) -> sqlite3.Connection:
    """The writing connection, with all tables at the current version."""
    connection = None
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=1024
        )
        connection.execute(AUTO_VACUUM)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA cache_size = -32768")
        _migrate(connection, path)
    except sqlite3.DatabaseError as error:
        if connection is not None:
            connection.close()
        raise _unusable(path, error) from error
    return connection


def machines(connection: sqlite3.Connection, path: Path) -> dict[str, int]:
    """The numbers of the state machines by ARN."""
    try:
        return dict(connection.execute("SELECT arn, id FROM machine"))
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _unusable(path, error) from error


def _unusable(path: Path, error: sqlite3.DatabaseError) -> Unavailable:
    return Unavailable(f"The journal {path} cannot be opened: {reason(error, path)}.")


def open_for_reading(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA query_only = ON")
    return connection


def open_beside(path: Path) -> sqlite3.Connection:
    """A second writing connection to a journal that exists and has the current version.

    What it commits may be lost with the power: it is for work that can be done again.
    """
    if not path.exists():
        raise Unavailable(f"There is no journal {path}.")
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute("PRAGMA synchronous = NORMAL")
        _check_version(connection, path)
    except sqlite3.DatabaseError as error:
        raise _unusable(path, error) from error
    return connection


def version_of(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = version_of(connection)
    if version != CURRENT:
        connection.close()
        raise Unavailable(
            f"The journal {path} has format {version}, this release writes {CURRENT}:"
            " start the server of this release on it once, or use the other release."
        )


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = version_of(connection)
    if version > CURRENT:
        connection.close()
        raise Unavailable(
            f"The journal {path} was written by a newer release (its format is {version}, this release"
            f" reads up to {CURRENT})."
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")
