"""Files of earlier releases, kept as SQL beside this test: they are brought up to date, and go on."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.engine.worlds import World
from workflow_manager.assembly.doctor import examine
from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.schema import CURRENT
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.models.workflow import WorkflowStatus
from workflow_manager.store.port import WorkflowQuery
from workflow_manager.store.sqlite import SqliteStore
from workflow_manager.store.sqlite.schema import MIGRATIONS, open_file

OLDER = Path(__file__).parent / "data"


def lay_down(dump: Path, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(dump.read_text())


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.parametrize("dump", sorted(OLDER.glob("journal-*.sql")), ids=lambda path: path.stem)
def test_an_older_journal_goes_on(tmp_path: Path, dump: Path) -> None:
    path, clock = journal_of(tmp_path), ManualClock()
    lay_down(dump, path)
    token = dump.with_suffix(".token").read_text().strip()

    async def play() -> None:
        journal = SqliteJournal(path)
        world = World(journal, clock)
        await world.engine.open()
        realm = world.engine.realm
        failed = world.engine.execution(realm.execution("failing", "failed"))
        assert (failed.status, failed.redrives) == (Status.FAILED, 0)
        await world.engine.task_succeeded(token, "1")
        assert (await world.ended(realm.execution("working", "taken"))).status is Status.SUCCEEDED
        await world.pass_time(60)
        task = await world.take(realm.activity("a"))
        await world.engine.task_succeeded(task.token, "2")
        assert (await world.ended(realm.execution("waiting", "waits"))).status is Status.SUCCEEDED
        await world.engine.close()
        journal.close()

    asyncio.run(play())
    assert version(path) == CURRENT
    assert [each for each in examine(tmp_path) if each.remedy] == []


@pytest.mark.parametrize("dump", sorted(OLDER.glob("records-*.sql")), ids=lambda path: path.stem)
def test_older_records_are_read(tmp_path: Path, dump: Path) -> None:
    lay_down(dump, records_of(tmp_path))
    with closing(SqliteStore(records_of(tmp_path), clock=ManualClock())) as store:
        done = store.get_workflow("w1")
        assert (done.status, done.input, done.output) == (WorkflowStatus.SUCCEEDED, '{"a": 1.10}', '"x"')
        assert [job.state for job in done.jobs or ()] == ["A"]
        assert store.get_state_resource("n", "r").uri == "u"
        page = store.find_workflows(WorkflowQuery(namespace="n", status=WorkflowStatus.QUEUED))
        assert [each.id for each in page.workflows] == ["w2"]
    assert version(records_of(tmp_path)) == len(MIGRATIONS)


def test_a_migration_of_records_happens_once_and_whole_or_not_at_all(tmp_path: Path) -> None:
    path = records_of(tmp_path)
    open_file(path, synchronous="FULL").close()
    more = [*MIGRATIONS, "ALTER TABLE workflow ADD COLUMN colour TEXT;\nCREATE TABLE paint (n INTEGER)"]
    for _ in range(2):
        open_file(path, synchronous="FULL", migrations=more).close()
        assert version(path) == len(more)
    broken = [*more, "CREATE TABLE half (n INTEGER);\nCREATE TABLE paint (n INTEGER)"]
    with pytest.raises(Exception, match="already exists"):
        open_file(path, synchronous="FULL", migrations=broken)
    assert version(path) == len(more)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchone() is None


def test_a_migration_of_the_journal_that_is_cut_short_has_not_happened(tmp_path: Path) -> None:
    path = journal_of(tmp_path)
    lay_down(OLDER / "journal-1.sql", path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE map_run (in_the_way INTEGER)")
    with pytest.raises(Exception, match="already exists"):
        SqliteJournal(path)
    with closing(sqlite3.connect(path)) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(execution)")}
        assert "map_run" not in columns
        connection.execute("DROP TABLE map_run")
    SqliteJournal(path).close()
    assert version(path) == CURRENT
