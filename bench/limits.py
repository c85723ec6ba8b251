"""What the machine itself can do: the ceilings the engine is compared with, in the same run."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path


def durable_rows(seconds: float = 1.0, batch: int = 1) -> float:
    """Rows of 400 bytes per second into SQLite, WAL and synchronous=FULL, `batch` to a commit."""
    with tempfile.TemporaryDirectory(prefix="wfm-bench-") as folder:
        db = sqlite3.connect(Path(folder) / "limit.db", isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, held BLOB)")
        held, rows = b"x" * 400, 0
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO row (held) VALUES (?)", [(held,)] * batch)
            db.execute("COMMIT")
            rows += batch
        rate = rows / (time.perf_counter() - begun)
        db.close()
    return rate


def bare_transitions(seconds: float = 1.0, states: int = 10, *, commit_each: bool = False) -> float:
    """Transitions per second of a loop that only counts states and keeps what it has counted.

    The floor of what any durable engine in Python has to do.  Batches of 32 executions: either one
    transaction for each batch, with a start row and an end row each, or with `commit_each` one
    transaction for each state that all 32 have reached.
    """
    with tempfile.TemporaryDirectory(prefix="wfm-bench-") as folder:
        db = sqlite3.connect(Path(folder) / "limit.db", isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, held TEXT)")
        done = 0
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            if commit_each:
                for state in range(states):
                    _commit(db, [f"{execution} reached {state}" for execution in range(32)])
                done += 32 * states
            else:
                rows = []
                for _ in range(32):
                    state = 0
                    rows.append(f"started {done}")
                    while state < states:
                        state += 1
                    done += states
                    rows.append(f"ended {done}")
                _commit(db, rows)
        rate = done / (time.perf_counter() - begun)
        db.close()
    return rate


def _commit(db: sqlite3.Connection, rows: list[str]) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT INTO event (held) VALUES (?)", [(row,) for row in rows])
    db.execute("COMMIT")
