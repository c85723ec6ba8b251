"""A copy of both databases as they were at one moment, and the way back from it.

The moment is one at which neither is being written: the copy is what a server that was killed just
then would have left, and a server that starts on it goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from workflow_manager.assembly.files import JOURNAL, RECORDS
from workflow_manager.engine.journal.schema import CURRENT as JOURNAL_VERSION
from workflow_manager.kernel.errors import Conflict, InvalidRequest, Unavailable
from workflow_manager.kernel.sqlite import code_of, reason
from workflow_manager.store.sqlite.schema import SCHEMA_VERSION as RECORDS_VERSION

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
KNOWN_VERSIONS: Final = {JOURNAL: JOURNAL_VERSION, RECORDS: RECORDS_VERSION}
WRITERS_WAIT_SECONDS: Final = 30.0
CHUNK: Final = 2**20


def back_up(data: Path, target: Path, now: datetime) -> int:
    """Write a backup of `data` to the file `target`; its size in bytes.

    The server may go on meanwhile.  Raises `Conflict` when the file is there, `InvalidRequest` when
    there is nothing to back up, `Unavailable`.
    """
    if target.exists():
        raise Conflict(f"{target} is there already")
    sources = [data / name for name in (JOURNAL, RECORDS) if (data / name).exists()]
    if not sources:
        raise InvalidRequest(f"there is nothing to back up in {data}")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".wfm-backup-") as folder:
            copies = _copy(sources, Path(folder))
            whole = Path(folder) / "whole"
            _pack(copies, whole, now)
            os.link(whole, target)  # and never over a file that came there meanwhile
            _sync_folder(target.parent)
    except FileExistsError:
        raise Conflict(f"{target} is there already") from None
    except OSError as error:
        raise Unavailable(f"cannot back up {data} to {target}: {error.strerror}") from error
    except sqlite3.Error as error:
        raise Unavailable(f"cannot back up {data} to {target}: {_whose(error, sources, target)}") from error
    return target.stat().st_size


def _whose(error: sqlite3.Error, sources: Sequence[Path], target: Path) -> str:
    """Of the disk where the backup goes, when that is full; else of the data's."""
    is_full = code_of(error) == sqlite3.SQLITE_FULL
    return reason(error, target if is_full else sources[0])


def _copy(sources: Sequence[Path], folder: Path) -> list[Path]:
    with _at_one_moment(sources) as connections:
        copies = []
        for source, connection in zip(sources, connections, strict=True):
            copy = folder / source.name
            with closing(sqlite3.connect(copy)) as target:
                connection.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
                _check_whole(target, source)
            copies.append(copy)
        return copies


@contextmanager
def _at_one_moment(sources: Sequence[Path]) -> Iterator[list[sqlite3.Connection]]:
    """Connections that all see their file as it was at the same moment, for as long as they like."""
    with ExitStack() as stack:

        def connect(path: Path) -> sqlite3.Connection:
            connection = sqlite3.connect(path, isolation_level=None, timeout=WRITERS_WAIT_SECONDS)
            return stack.enter_context(closing(connection))

        writers = [connect(path) for path in sources]
        readers = [connect(path) for path in sources]
        # While we could write, nobody else does.
        for writer in writers:
            writer.execute("BEGIN IMMEDIATE")
        for reader in readers:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        for writer in writers:
            writer.execute("ROLLBACK")
        yield readers


def _check_whole(copy: sqlite3.Connection, source: Path) -> None:
    found = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        raise Unavailable(f"{source} is damaged, and no backup was made: {'; '.join(found)}")


def _pack(copies: Sequence[Path], target: Path, now: datetime) -> None:
    files = {
        copy.name: {"sha256": _digest(copy), "bytes": copy.stat().st_size, "version": _version(copy)}
        for copy in copies
    }
    manifest = target.with_name(MANIFEST)
    manifest.write_text(json.dumps({"format": FORMAT, "made_at": now.isoformat(), "files": files}, indent=2))
    with target.open("xb") as stream:
        with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as archive:
            for path in (manifest, *copies):
                archive.add(path, path.name)
        stream.flush()
        os.fsync(stream.fileno())


def restore(source: Path, data: Path) -> list[str]:
    """Make the directory `data` from a backup; the names of its files.

    All or nothing.  Raises `Conflict` when there is something in the directory, `InvalidRequest`
    when the file is no backup or a damaged one, or one that a newer release has made; `Unavailable`.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise Conflict(f"{data} is not empty: move it away, or name another directory with --data")
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data.parent, prefix=".wfm-restore-") as folder:
            whole = Path(folder) / "data"
            whole.mkdir()
            files = _unpack(source, whole)
            _sync_folder(whole)
            os.replace(whole, data)
            _sync_folder(data.parent)
    except (tarfile.TarError, EOFError) as error:
        raise InvalidRequest(f"{source} is no backup, or a damaged one: {error}") from error
    except OSError as error:
        raise Unavailable(f"cannot restore {source} to {data}: {error}") from error
    return files


def _unpack(source: Path, folder: Path) -> list[str]:
    with tarfile.open(source, "r:gz") as archive:
        manifest = _manifest(archive, source)
        for name, about in manifest.items():
            member = archive.extractfile(name)
            if member is None:
                raise InvalidRequest(f"{source} is no backup: it lacks {name}")
            with (folder / name).open("xb") as stream:
                while chunk := member.read(CHUNK):
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            if _digest(folder / name) != about["sha256"]:
                raise InvalidRequest(f"{source} is damaged: {name} is not what was backed up")
            if about["version"] > KNOWN_VERSIONS[name]:
                raise InvalidRequest(f"{source} was made by a newer release: use that release to restore it")
    return list(manifest)


def _manifest(archive: tarfile.TarFile, source: Path) -> dict[str, Any]:
    """Only names that we know come from here: what else an archive may hold is not looked at."""
    first = archive.next()
    member = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
    if member is None:
        raise InvalidRequest(f"{source} is no backup: it does not begin with {MANIFEST}")
    try:
        manifest = json.loads(member.read(CHUNK))
        known = manifest["format"] <= FORMAT
        files: dict[str, Any] = manifest["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(f"{source} is no backup: {MANIFEST} cannot be read: {error}") from None
    if not known:
        raise InvalidRequest(f"{source} was made by a newer release: use that release to restore it")
    if not files or not files.keys() <= KNOWN_VERSIONS.keys():
        raise InvalidRequest(f"{source} is no backup: it holds {', '.join(files) or 'nothing'}")
    return files


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """So that the name of a new file outlives a power cut, where directories can be synced."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no directories
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
