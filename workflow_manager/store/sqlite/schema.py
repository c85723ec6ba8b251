"""What the file looks like, and which files are refused.

A record of a definition is kept once per content, however many workflows ran it.  Jobs are kept
apart from their workflow, so that listing does not read past them, and the large columns of a
workflow stand last in its row for the same reason.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.sqlite import AUTO_VACUUM, reason

# "wfmr": marks the file as ours, for us and for file(1).
APPLICATION_ID: Final = 0x77666D72

# How long a statement waits for another process that writes to the same file.
BUSY_SECONDS: Final = 10.0

# A group of changes touches a few random pages each; less than this is written twice.
CACHE_KIB: Final = 16_384

# Each of the four listings is an index that ends in the order of pages.  Status and resolved stand
# before the time because they have few values: a listing that does not filter by them merges one
# range for each (`listing`).
_FIRST: Final = """
CREATE TABLE definition_copy (
    seq INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE definition (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    copy INTEGER NOT NULL REFERENCES definition_copy (seq),
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE state_resource (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    uri TEXT NOT NULL,
    type TEXT,
    last_updated INTEGER NOT NULL,
    PRIMARY KEY (namespace, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    definition_name TEXT NOT NULL,
    definition_version INTEGER NOT NULL,
    definition INTEGER NOT NULL REFERENCES definition_copy (seq),
    namespace TEXT NOT NULL,
    status INTEGER NOT NULL,
    resolved_by_user INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_updated INTEGER NOT NULL,
    stopped_at INTEGER,
    queue TEXT NOT NULL,
    retry_for TEXT NOT NULL,
    retries TEXT NOT NULL,
    execution_arn TEXT NOT NULL,
    status_reason TEXT NOT NULL,
    tags TEXT NOT NULL,
    input TEXT NOT NULL,
    last_job BLOB,
    output TEXT NOT NULL
) STRICT;

CREATE INDEX workflow_of_definition
    ON workflow (definition_name, status, resolved_by_user, created_at, id);
CREATE INDEX workflow_of_namespace
    ON workflow (namespace, status, resolved_by_user, created_at, id);
CREATE INDEX workflow_of_definition_and_namespace
    ON workflow (definition_name, namespace, status, resolved_by_user, created_at, id);
CREATE INDEX workflow_of_any
    ON workflow (status, resolved_by_user, created_at, id);

CREATE TABLE workflow_tag (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (name, value, created_at, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX workflow_tag_of_workflow ON workflow_tag (seq);

CREATE TABLE workflow_jobs (
    seq INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
"""

# Of the requests that came with an idempotency key.
_REQUESTS: Final = "ALTER TABLE workflow ADD COLUMN request_digest TEXT NOT NULL DEFAULT ''"

# What is kept beside the workflows, and when it wants attention.
_AGENDA: Final = """
CREATE TABLE agenda (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    due_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX agenda_by_time ON agenda (kind, due_at, id) WHERE due_at IS NOT NULL;
"""

# One script leads from each version to the next; what was released is never edited.
MIGRATIONS: Final[Sequence[str]] = (_FIRST, _REQUESTS, _AGENDA)
SCHEMA_VERSION: Final = len(MIGRATIONS)


def connect(path: Path, *, synchronous: str) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time; transactions are begun by hand."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    connection.execute(AUTO_VACUUM)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


def open_file(path: Path, *, synchronous: str, migrations: Sequence[str] = MIGRATIONS) -> sqlite3.Connection:
    """A connection to the file, which is made if it is missing, and brought to the newest version.

    Raises `Unavailable` if it is not ours, or a newer release has written it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(path, synchronous=synchronous)
    except OSError as error:
        raise Unavailable(f"cannot open the records in {path}: {error}") from error
    except sqlite3.Error as error:
        raise Unavailable(f"cannot open the records in {path}: {reason(error, path)}") from error
    try:
        _prepare(connection, path, migrations)
    except sqlite3.Error as error:
        connection.close()
        raise Unavailable(f"cannot read the records in {path}: {reason(error, path)}") from error
    except Unavailable:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    # One transaction, so that of two processes that open a new file only one makes the tables, and a
    # migration that is cut short has not happened.
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = 0
        if _is_empty(connection):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        else:
            version = _version(connection, path, len(migrations))
        for script in migrations[version:]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def _version(connection: sqlite3.Connection, path: Path, known: int) -> int:
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise Unavailable(f"{path} is a SQLite file, but not one of workflow records")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > known:
        raise Unavailable(
            f"the records in {path} were written by a newer release (schema {version}, "
            f"this release knows {known}): use that release, or another directory"
        )
    return int(version)
