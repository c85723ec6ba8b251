"""What only the store on SQLite promises: files, plans and shared commits."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import AlreadyExists, Unavailable
from workflow_manager.models.workflow import Job, Workflow, WorkflowDefinition, WorkflowStatus
from workflow_manager.store.paging import Cursor
from workflow_manager.store.port import WorkflowChange, WorkflowQuery
from workflow_manager.store.sqlite import SqliteStore
from workflow_manager.store.sqlite.schema import MIGRATIONS, SCHEMA_VERSION, open_file
from workflow_manager.store.sqlite.store import listing_statement
from workflow_manager.store.sqlite.writer import Writer

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
DEFINITION = WorkflowDefinition(
    id="d", name="wf", version=0, state_machine={"StartAt": "s", "States": {"s": {"Type": "Succeed"}}}
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deeper" / "records.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(open_store(path)) as opened:
        yield opened


def open_store(path: Path) -> SqliteStore:
    return SqliteStore(path, clock=ManualClock(), synchronous="OFF")


def workflow(id: str) -> Workflow:
    return Workflow(id=id, workflow_definition=DEFINITION)


def test_everything_is_there_after_a_restart(path: Path) -> None:
    with closing(open_store(path)) as first:
        definition = first.create_definition(DEFINITION)
        stored = first.create_workflow(workflow("w"))
    with closing(open_store(path)) as second:
        assert second.latest_definition("wf") == definition
        assert second.get_workflow("w") == stored


def test_two_stores_on_one_file_see_each_other(path: Path, store: SqliteStore) -> None:
    with closing(open_store(path)) as other:
        store.create_workflow(workflow("w"))
        other.update_workflow("w", WorkflowChange(output="1"))
        assert store.get_workflow("w").output == "1"
        with pytest.raises(AlreadyExists):
            other.create_workflow(workflow("w"))


def test_a_file_of_a_newer_release_is_refused(path: Path) -> None:
    open_store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(Unavailable, match=f"newer release.*schema {SCHEMA_VERSION + 1}"):
        open_store(path)


def test_records_of_the_release_before_are_read(path: Path) -> None:
    open_file(path, synchronous="OFF", migrations=MIGRATIONS[:1]).close()
    with closing(open_store(path)) as store:
        store.create_workflow(replace(workflow("w"), request_digest="d"))
        assert store.get_workflow("w").request_digest == "d"


def test_a_file_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE workflow (x)")
    with pytest.raises(Unavailable, match="not one of workflow records"):
        open_store(path)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_corrupt_file_is_named(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(Unavailable, match=str(path)):
        open_store(path)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot open the records in"):
        open_store(tmp_path / "file" / "records.sqlite")


def test_a_page_broken_while_open_is_unavailable_not_a_crash(path: Path) -> None:
    with closing(open_store(path)) as first:
        for n in range(50):
            first.create_workflow(replace(workflow(f"w{n}"), input="x" * 3000))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with closing(open_store(path)) as broken:
        with pytest.raises(Unavailable):
            broken.get_workflow("w7")
        with pytest.raises(Unavailable):
            broken.create_workflow(workflow("new"))


def test_a_closed_store_says_so(store: SqliteStore) -> None:
    store.close()
    for call in (store.check, lambda: store.create_workflow(workflow("w"))):
        with pytest.raises(Unavailable, match="closed"):
            call()


FILTERS = {
    "definition_name": "wf",
    "namespace": "ns",
    "status": WorkflowStatus.FAILED,
    "resolved_by_user": False,
    "tags": (("team", "infra"), ("a", "b")),
    "created_after": MOMENT,
    "created_before": MOMENT,
}


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("cursor", [None, Cursor(1, "w")])
def test_no_listing_reads_the_whole_table_or_sorts(
    path: Path, store: SqliteStore, cursor: Cursor | None, oldest_first: bool
) -> None:
    with closing(sqlite3.connect(path)) as db:
        for size in range(len(FILTERS) + 1):
            for names in itertools.combinations(FILTERS, size):
                for summary_only in (False, True):
                    query = WorkflowQuery(
                        oldest_first=oldest_first,
                        summary_only=summary_only,
                        **{name: FILTERS[name] for name in names},  # type: ignore[arg-type]
                    )
                    sql, values = listing_statement(query, cursor)
                    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
                    assert not [step for step in plan if "TEMP B-TREE" in step], (names, plan)
                    scans = [step for step in plan if step.startswith("SCAN") and step != "SCAN page"]
                    assert not scans, (names, plan)


def test_a_definition_is_kept_once_however_often_it_ran(path: Path, store: SqliteStore) -> None:
    stored = store.create_definition(DEFINITION)
    for n in range(20):
        store.create_workflow(replace(workflow(f"w{n}"), workflow_definition=stored))
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM definition_copy").fetchone() == (1,)


def test_records_of_the_first_schema_stay_readable(path: Path, store: SqliteStore) -> None:
    """These texts are on disk somewhere: a renamed field must not lose them."""
    store.create_workflow(replace(workflow("w"), jobs=()))
    job = (
        '{"id":"17","state":"s","state_type":"Task","status":"failed","status_reason":"why",'
        '"created_at":"2026-01-01T00:00:00Z","started_at":"2026-01-01T00:00:00Z",'
        '"stopped_at":"2026-01-01T00:00:00Z","input":"{}","output":"[]","container":"c",'
        '"state_resource":{"name":"n","namespace":"ns","uri":"u","last_updated":"2026-01-01T00:00:00Z",'
        '"type":"ActivityARN"},"attempts":[{"created_at":"2026-01-01T00:00:00Z",'
        '"started_at":null,"stopped_at":null,"reason":"r","task_arn":"t"}],"nested":true}'
    )
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE workflow SET last_job = ?", (job.encode(),))
        db.execute("UPDATE workflow_jobs SET body = ?", (f"[{job}]".encode(),))
    read = store.get_workflow("w")
    assert read.jobs == (read.last_job,)
    assert isinstance(read.last_job, Job)
    assert read.last_job.state_resource is not None
    assert read.last_job.state_resource.namespace == "ns"
    assert read.last_job.attempts[0].task_arn == "t"


# The writer


def a_writer(path: Path, *statements: str) -> tuple[Writer, sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("CREATE TABLE t (x)")
    for statement in statements:
        connection.execute(statement)
    return Writer(connection, path), connection


def test_changes_that_wait_together_share_a_commit(tmp_path: Path) -> None:
    writer, connection = a_writer(tmp_path / "db")
    commits: list[str] = []
    connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    entered, release = threading.Event(), threading.Event()

    def hold(db: sqlite3.Connection) -> None:
        entered.set()
        release.wait(120)

    with closing(writer), ThreadPoolExecutor(9) as threads:
        first = threads.submit(writer.run, hold)
        assert entered.wait(120)
        rest = [threads.submit(writer.run, lambda db: insert(db, 1)) for _ in range(8)]
        while writer._queue.qsize() < 8:
            threading.Event().wait(0.001)
        release.set()
        for change in (first, *rest):
            change.result(120)
        assert len(commits) == 2


def insert(db: sqlite3.Connection, value: object) -> None:
    db.execute("INSERT INTO t VALUES (?)", (value,))


def test_a_refused_change_undoes_itself_alone(tmp_path: Path) -> None:
    writer, connection = a_writer(tmp_path / "db")

    def refuse(db: sqlite3.Connection) -> None:
        insert(db, "half")
        raise KeyError("no")

    with closing(writer):
        writer.run(lambda db: insert(db, "before"))
        with pytest.raises(KeyError):
            writer.run(refuse)
        writer.run(lambda db: insert(db, "after"))
        assert connection.execute("SELECT x FROM t").fetchall() == [("before",), ("after",)]


def test_a_full_disk_fails_the_change_and_not_the_writer(tmp_path: Path) -> None:
    writer, connection = a_writer(tmp_path / "db", "PRAGMA max_page_count = 4")
    with closing(writer):
        with pytest.raises((Unavailable, sqlite3.Error), match="full"):
            writer.run(lambda db: insert(db, "x" * 100_000))
        writer.run(lambda db: insert(db, "small"))
        assert connection.execute("SELECT x FROM t").fetchall() == [("small",)]
