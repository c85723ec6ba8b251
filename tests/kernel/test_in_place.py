"""A database whose files went away takes no writes that would go with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from workflow_manager.kernel.errors import ServiceUnavailable
from workflow_manager.kernel.sqlite import InPlace


@pytest.mark.parametrize("name", ["a.db", "a.db-wal"])
def test_a_file_that_is_deleted_replaced_or_moved_is_missed_until_it_is_back(
    tmp_path: Path, name: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        in_place = InPlace(tmp_path / "a.db")
        in_place.check()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
        in_place.check()
        file, away = tmp_path / name, tmp_path / "away"
        file.rename(away)
        with pytest.raises(ServiceUnavailable, match=f"{name} was deleted, moved or replaced"):
            in_place.check()
        file.touch()
        with pytest.raises(ServiceUnavailable):
            in_place.check()
        away.replace(file)
        in_place.check()
