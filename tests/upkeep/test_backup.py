"""A backup is everything as it was at one moment, and comes back whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.upkeep.world import OLD
from workflow_manager.assembly.backup import back_up, restore
from workflow_manager.assembly.doctor import examine
from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import Conflict, InvalidRequest
from workflow_manager.store.port import WorkflowQuery
from workflow_manager.store.sqlite import SqliteStore


def make(data: Path, name: str = "backup.wfm") -> Path:
    target = data.parent / name
    back_up(data, target, ManualClock().now())
    return target


def test_what_was_backed_up_comes_back(data: Path) -> None:
    journal = SqliteJournal(journal_of(data))  # as of a server that goes on
    backup = make(data)
    journal.close()
    restored = data.parent / "restored"
    assert restore(backup, restored) == ["engine.db", "records.db"]
    assert [each for each in examine(restored) if each.remedy] == []
    journal = SqliteJournal(journal_of(restored))
    assert journal.last_key() == OLD + 2
    assert [each.key for each in journal.open_executions()] == [1]
    journal.close()
    store = SqliteStore(records_of(restored), clock=ManualClock())
    assert len(store.find_workflows(WorkflowQuery(limit=1000)).workflows) == OLD + 4
    store.close()


def test_both_files_are_of_one_moment(data: Path) -> None:
    """While a backup is being made, two counters go up in turns; the copies are never further apart."""
    import threading

    connections = []
    for path in (records_of(data), journal_of(data)):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute("CREATE TABLE IF NOT EXISTS counter (n INTEGER)")
        connection.execute("INSERT INTO counter VALUES (0)")
        connections.append(connection)
    stop = threading.Event()

    def count() -> None:
        while not stop.is_set():
            for connection in connections:
                connection.execute("UPDATE counter SET n = n + 1")

    thread = threading.Thread(target=count)
    thread.start()
    try:
        backups = [make(data, f"backup-{number}.wfm") for number in range(5)]
    finally:
        stop.set()
        thread.join()
    for backup in backups:
        restored = data.parent / f"{backup.name}-restored"
        restore(backup, restored)
        first, second = (
            sqlite3.connect(path(restored)).execute("SELECT n FROM counter").fetchone()[0]
            for path in (records_of, journal_of)
        )
        assert first - 1 <= second <= first


def test_a_backup_is_not_written_over_anything(data: Path) -> None:
    backup = make(data)
    with pytest.raises(Conflict, match="there already"):
        make(data)
    with pytest.raises(Conflict, match="not empty"):
        restore(backup, data)
    with pytest.raises(InvalidRequest, match="nothing to back up"):
        back_up(data / "none", data.parent / "other.wfm", ManualClock().now())
    assert sorted(path.name for path in data.parent.iterdir()) == ["backup.wfm", "data"]


def altered(backup: Path, **changes: bytes) -> bytes:
    """The backup with some of its files replaced, by their stems."""
    out = io.BytesIO()
    with tarfile.open(backup) as old, tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            content = changes.get(Path(member.name).stem, stream.read())
            info = tarfile.TarInfo(member.name)
            info.size = len(content)
            new.addfile(info, io.BytesIO(content))
    return out.getvalue()


MANIFEST = {"format": 1, "files": {"../evil": {"sha256": "", "version": 1}}}
NOT_WHOLE: dict[str, Callable[[Path], bytes]] = {
    "cut": lambda backup: backup.read_bytes()[: backup.stat().st_size // 2],
    "text": lambda backup: b"not a backup",
    "empty": lambda backup: b"",
    "gzip": lambda backup: gzip.compress(b"not a backup either" * 100),
    "content": lambda backup: altered(backup, records=b"something else"),
    "format": lambda backup: altered(backup, manifest=json.dumps({"format": 99, "files": {}}).encode()),
    "escape": lambda backup: altered(backup, manifest=json.dumps(MANIFEST).encode()),
}


@pytest.fixture(scope="module")
def backup(filled: tuple[Path, datetime], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("backup") / "backup.wfm"
    back_up(filled[0], target, ManualClock().now())
    return target


@pytest.mark.parametrize("case", NOT_WHOLE)
def test_what_is_no_whole_backup_is_refused_and_leaves_nothing(
    backup: Path, tmp_path: Path, case: str
) -> None:
    (tmp_path / "bad").write_bytes(NOT_WHOLE[case](backup))
    with pytest.raises(InvalidRequest):
        restore(tmp_path / "bad", tmp_path / "restored")
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


def test_a_damaged_database_is_not_backed_up(data: Path) -> None:
    path = records_of(data)
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    path.write_bytes(content)
    with pytest.raises(Exception, match=r"damaged|malformed"):
        make(data)
    assert not (data.parent / "backup.wfm").exists()
