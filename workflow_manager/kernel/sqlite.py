"""What our SQLite files have in common: transactions on a failing disk, and space that is given back."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Final

AUTO_VACUUM: Final = "PRAGMA auto_vacuum = INCREMENTAL"  # counts for a file that has no tables yet
PAGES_A_TURN: Final = 512
SLACK: Final = 8  # one page in so many may stay free, for what comes next


def begin(connection: sqlite3.Connection) -> None:
    """Begin to write, after whatever could not be undone before."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    connection.execute("BEGIN IMMEDIATE")


def roll_back(connection: sqlite3.Connection) -> None:
    """Undo what SQLite has not undone by itself; if the disk does not let us, `begin` tries again."""
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def give_back_pages(connection: sqlite3.Connection) -> None:
    """Make the file smaller when much of it is free, in steps that let others write in between.

    For a connection that is in no transaction.
    """
    while True:
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        spare = free - pages // SLACK
        if spare <= 0:
            return
        # As a script, because `execute` runs a statement without results for its first step only.
        connection.executescript(f"PRAGMA incremental_vacuum({min(spare, PAGES_A_TURN)})")
        if connection.execute("PRAGMA freelist_count").fetchone() == (free,):
            return  # a file from before the mode was set
