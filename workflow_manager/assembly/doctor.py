"""What is wrong with a data directory, and what can be done about it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.engine.journal import schema as journal_schema
from workflow_manager.engine.journal import upkeep
from workflow_manager.engine.journal.upkeep import Damage
from workflow_manager.kernel.clock import Clock, SystemClock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.sqlite import is_damage, obstacle, remedy
from workflow_manager.store.sqlite import schema as records_schema
from workflow_manager.store.sqlite import upkeep as records_upkeep

CLOCKS_DIFFER: Final = timedelta(minutes=5)
LITTLE_SPACE: Final = 200 * 2**20  # bytes

_RESTORE: Final = (
    "stop the server, keep a copy of the directory, and restore the newest backup (wfm restore);"
    " without one, `sqlite3 {0} .recover | sqlite3 new.db` saves what can be read"
)
_STOP: Final = (
    "the others go on; stop this one (StopExecution: aws stepfunctions stop-execution --execution-arn {0})"
    " and start it anew, or restore a backup"
)
_LOCK: Final = "clear away what stands in its way; the lock itself holds nothing"
_OWNER: Final = "run wfm as the user that owns the directory, or change its permissions"
_SPACE: Final = "make room; where a little is left, `wfm prune` can take away what ended long ago"


class Finding(NamedTuple):
    """`remedy` is empty where nothing is wrong."""

    subject: str
    text: str
    remedy: str = ""


def examine(data: Path, clock: Clock | None = None) -> Iterator[Finding]:
    """Everything that can be seen from outside, whether or not a server runs on the directory."""
    if not data.is_dir():
        text = f"{data} is a file" if data.exists() else f"there is no directory {data}"
        yield Finding("directory", text, "name another one with --data")
        return
    yield _permissions(data)
    yield _space(data)
    yield _time(data, (clock or SystemClock()).now())
    yield from _database(
        "journal", journal_of(data), journal_schema.CURRENT, upkeep.damages, application_id=None
    )
    yield from _database(
        "records",
        records_of(data),
        records_schema.SCHEMA_VERSION,
        lambda path: map(Damage, records_upkeep.damages(path)),
        application_id=records_schema.APPLICATION_ID,
    )
    if journal_of(data).exists():
        yield _server(data)


def _permissions(data: Path) -> Finding:
    paths = [data, *data.glob("*.db*")]
    closed = [path.name for path in paths if not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        advice = obstacle(journal_of(data)) or obstacle(records_of(data)) or _OWNER
        return Finding("directory", f"{', '.join(closed)} cannot be written", advice)
    return Finding("directory", f"{data.resolve()} can be written")


def _space(data: Path) -> Finding:
    free = shutil.disk_usage(data).free
    text = f"{free / 2**30:.1f} GiB are free on the disk"
    return Finding("space", text, _SPACE if free < LITTLE_SPACE else "")


def _time(data: Path, now: datetime) -> Finding:
    """A clock that is behind: what waits for a time waits until it has caught up."""
    seen = (
        look(path)
        for look, path in ((upkeep.newest, journal_of(data)), (records_upkeep.newest, records_of(data)))
        if path.is_file()
    )
    newest = max((at for at in seen if at is not None), default=now)
    if newest - now > CLOCKS_DIFFER:
        text = f"it says {now:%F %T}, and the newest of the data is from {newest:%F %T} (UTC)"
        return Finding("clock", text, "set the clock of this machine; until then nothing that is timed moves")
    return Finding("clock", f"it says {now:%F %T} (UTC)")


def _server(data: Path) -> Finding:
    try:
        journal_schema.lock(journal_of(data)).close()
    except journal_schema.InUse:
        return Finding("server", "one is running on the directory")
    except Unavailable as error:
        return Finding("server", f"none can start: {error}", _LOCK)
    return Finding("server", "none is running on the directory")


def _database(
    subject: str,
    path: Path,
    newest: int,
    damages: Callable[[Path], Iterator[Damage]],
    *,
    application_id: int | None,
) -> Iterator[Finding]:
    if not path.exists():
        yield Finding(subject, f"there is no {path.name} yet; a server makes it")
        return
    try:
        version = _version(path, application_id)
    except (sqlite3.Error, Unavailable) as error:
        advice = _RESTORE.format(path.name)
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            advice = remedy(error, path)
        yield Finding(subject, f"{path.name} cannot be opened: {error}", advice)
        return
    if version > newest:
        text = f"{path.name} has format {version}, this release knows {newest}"
        yield Finding(subject, text, "use the release that has written it, or a newer one")
        return
    if version < newest:
        yield Finding(
            subject, f"{path.name} has format {version}; the next start of a server makes it {newest}"
        )
        return
    try:
        found = list(damages(path))
    except (sqlite3.Error, Unavailable) as error:
        found = [Damage(str(error))]
    for text, execution in found:
        advice = _STOP.format(execution) if execution else _RESTORE.format(path.name)
        yield Finding(subject, f"{path.name}: {text}", advice)
    if not found:
        yield Finding(subject, f"{path.name} is whole ({path.stat().st_size / 2**20:.1f} MiB)")


def _version(path: Path, application_id: int | None) -> int:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        (found,) = connection.execute("PRAGMA application_id").fetchone()
        if application_id is not None and found != application_id:
            raise Unavailable("it is a database, but not one of ours")
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
