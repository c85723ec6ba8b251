"""Which files the data directory holds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

JOURNAL: Final = "engine.db"
RECORDS: Final = "records.db"


def journal_of(data: Path) -> Path:
    return data / JOURNAL


def records_of(data: Path) -> Path:
    return data / RECORDS
