"""Connections that are shared by whoever reads."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow_manager.kernel.errors import Unavailable
from workflow_manager.kernel.sqlite import Readers

COUNT = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n"


@pytest.fixture
def opened() -> list[sqlite3.Connection]:
    return []


@pytest.fixture
def readers(tmp_path: Path, opened: list[sqlite3.Connection]) -> Readers:
    def connect() -> sqlite3.Connection:
        opened.append(sqlite3.connect(tmp_path / "file.db", check_same_thread=False))
        return opened[-1]

    return Readers(connect)


def in_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def read(readers: Readers) -> None:
    with readers.connection() as connection:
        connection.execute("SELECT 1").fetchall()


def test_threads_that_come_and_go_share_a_connection(
    readers: Readers, opened: list[sqlite3.Connection]
) -> None:
    for _ in range(20):
        in_thread(lambda: read(readers))
    assert len(opened) == 1


def test_those_who_read_at_the_same_time_have_one_each(
    readers: Readers, opened: list[sqlite3.Connection]
) -> None:
    with readers.connection() as one, readers.connection() as other:
        assert one is not other
    with readers.connection(), readers.connection():
        assert len(opened) == 2


def test_nothing_is_read_once_they_are_closed(readers: Readers, opened: list[sqlite3.Connection]) -> None:
    read(readers)
    readers.close()
    with pytest.raises(Unavailable):
        read(readers)
    assert [is_closed(connection) for connection in opened] == [True]


def test_who_reads_when_they_are_closed_reads_on(readers: Readers, opened: list[sqlite3.Connection]) -> None:
    begun = threading.Event()
    found = []

    def count() -> None:
        with readers.connection() as connection:
            rows = connection.execute(COUNT)
            found.append(next(rows))
            begun.set()
            found.extend(rows)

    thread = threading.Thread(target=count)
    thread.start()
    begun.wait()
    readers.close()
    thread.join()
    assert len(found) == 200_000
    assert [is_closed(connection) for connection in opened] == [True]
