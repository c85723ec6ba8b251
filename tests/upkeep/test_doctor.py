"""The doctor finds what is wrong, names it, and says what to do."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from workflow_manager.assembly.application import application
from workflow_manager.assembly.doctor import examine
from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.cli.main import wfm
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.settings import Settings
from workflow_manager.store.port import WorkflowQuery
from workflow_manager.store.sqlite import SqliteStore


def sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def overwrite(path: Path, start: int, end: int) -> None:
    content = bytearray(path.read_bytes())
    content[start:end] = b"\xff" * (min(end, len(content)) - start)
    path.write_bytes(content)


DAMAGES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "no database": (lambda data: records_of(data).write_text("hello" * 100), "records", "not a database"),
    "damaged journal": (lambda data: overwrite(journal_of(data), 8192, 400_000), "journal", "engine.db: "),
    "damaged records": (lambda data: overwrite(records_of(data), 8192, 60_000), "records", "records.db: "),
    "newer journal": (lambda data: sql(journal_of(data), "PRAGMA user_version = 99"), "journal", "format 99"),
    "newer records": (lambda data: sql(records_of(data), "PRAGMA user_version = 99"), "records", "format 99"),
    "not ours": (
        lambda data: sql(records_of(data), "PRAGMA application_id = 7"),
        "records",
        "not one of ours",
    ),
    "broken frame": (
        lambda data: sql(journal_of(data), "UPDATE frame SET body = x'00'"),
        "journal",
        "a frame of",
    ),
    "lost history": (
        lambda data: sql(journal_of(data), "DELETE FROM history WHERE id >> 24 = 1"),
        "journal",
        "ends at event 0",
    ),
    "lost record": (
        lambda data: sql(journal_of(data), "DELETE FROM execution WHERE key = 1"),
        "journal",
        "have no record",
    ),
    "definition": (
        lambda data: sql(journal_of(data), "UPDATE definition SET text = '{}'"),
        "journal",
        "the definition",
    ),
    "schedule": (
        lambda data: sql(
            records_of(data), "INSERT INTO agenda VALUES ('schedule', 'nightly', 1, NULL, '{\"name\": 1}')"
        ),
        "records",
        "schedule nightly cannot be read",
    ),
    "workflow": (
        lambda data: sql(records_of(data), "UPDATE workflow SET status = 9 WHERE id = 'runs'"),
        "records",
        "workflow runs",
    ),
}


def test_nothing_is_wrong_with_what_is_whole_and_a_server_on_it_is_seen(data: Path) -> None:
    findings = list(examine(data))
    assert [each for each in findings if each.remedy] == []
    assert "none is running" in findings[-1].text
    journal = SqliteJournal(journal_of(data))
    assert "one is running" in list(examine(data))[-1].text
    journal.close()


@pytest.mark.parametrize("case", DAMAGES)
def test_what_is_wrong_is_named_with_a_remedy(data: Path, case: str) -> None:
    damage, subject, text = DAMAGES[case]
    damage(data)
    bad = [each for each in examine(data) if each.remedy]
    assert {each.subject for each in bad} == {subject}
    assert any(text in each.text for each in bad), bad
    answer = CliRunner().invoke(wfm, ["doctor", "--data", str(data), "--json"], standalone_mode=False)
    assert answer.return_value == 1
    assert any(each["remedy"] for each in json.loads(answer.stdout))


def replace_by_directory(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


# What is not the fault of the data: nobody is sent for a backup.
OBSTACLES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "journal": (lambda data: replace_by_directory(journal_of(data)), "journal", "is a directory"),
    "records": (lambda data: replace_by_directory(records_of(data)), "records", "is a directory"),
    "log": (lambda data: (data / "engine.db-wal").mkdir(), "journal", "engine.db-wal is a directory"),
    "lock": (lambda data: replace_by_directory(data / "engine.db.lock"), "server", "clear away"),
    "no lock": (lambda data: overwrite_whole(data / "engine.db.lock"), "server", "clear away"),
}


def overwrite_whole(path: Path) -> None:
    path.write_bytes(b"x" * 5000)


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_stands_in_the_way_of_a_file_is_named_and_the_server_says_it_too(data: Path, case: str) -> None:
    hinder, subject, remedy = OBSTACLES[case]
    hinder(data)
    bad = [each for each in examine(data) if each.remedy]
    assert {each.subject for each in bad} == {subject}
    assert any(remedy in each.remedy for each in bad), bad

    def open_all() -> None:
        SqliteJournal(journal_of(data)).close()
        SqliteStore(records_of(data), clock=ManualClock()).close()

    with pytest.raises(Unavailable, match=r"is a directory; move it away|It holds nothing; delete it"):
        open_all()


def test_a_clock_that_is_behind_the_data_is_named(data: Path, clock: ManualClock) -> None:
    assert [each for each in examine(data, clock) if each.remedy] == []
    clock.advance(timedelta(days=-1))
    (bad,) = [each for each in examine(data, clock) if each.remedy]
    assert (bad.subject, "set the clock" in bad.remedy) == ("clock", True)


def test_a_second_server_is_told_before_it_touches_the_records(data: Path) -> None:
    records_of(data).unlink()

    async def start() -> None:
        async with application(Settings(data=data)):
            pass

    with (
        closing(SqliteJournal(journal_of(data))),
        pytest.raises(Unavailable, match="another server: stop that"),
    ):
        asyncio.run(start())
    assert not records_of(data).exists()


def test_an_execution_that_alone_is_damaged_is_named_with_the_way_to_stop_it(data: Path) -> None:
    sql(journal_of(data), "UPDATE frame SET body = x'00'")
    remedies = [finding.remedy for finding in examine(data) if finding.remedy]
    assert remedies
    assert all("stop-execution --execution-arn arn:aws:states:" in remedy for remedy in remedies)


def test_a_directory_that_is_not_there_or_empty_is_no_crash(tmp_path: Path) -> None:
    assert [each.subject for each in examine(tmp_path / "none") if each.remedy] == ["directory"]
    assert [each for each in examine(tmp_path) if each.remedy] == []


def read_all(data: Path) -> None:
    with closing(SqliteJournal(journal_of(data))) as journal:
        for key in range(1, 200):
            journal.record(key)
            journal.history(key, limit=10)
            journal.snapshot(key)


def test_an_engine_and_a_store_on_damaged_files_answer_with_the_reason(data: Path) -> None:
    overwrite(journal_of(data), 8192, 10**9)
    overwrite(records_of(data), 8192, 10**9)
    with pytest.raises(Unavailable, match=r"journal cannot be read|wfm doctor"):
        read_all(data)
    with closing(SqliteStore(records_of(data), clock=ManualClock())) as store, pytest.raises(Unavailable):
        store.find_workflows(WorkflowQuery(limit=1000))
