"""What was measured last, of every row: a file beside the page, so that single rows can be renewed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from bench.figures import Row, row_from


def read(path: Path) -> dict[str, Row]:
    """By name; nothing if there is no such file yet."""
    if not path.exists():
        return {}
    return {name: row_from(held) for name, held in json.loads(path.read_text()).items()}


def keep(path: Path, rows: Iterable[Row]) -> None:
    """The rows in place of those of the same names."""
    held = {**read(path), **{row.name: row for row in rows}}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name: asdict(row) for name, row in held.items()}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n")
