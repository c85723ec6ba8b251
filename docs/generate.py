"""Writes the pages of docs/reference/ that are told by the code itself; run by `make docs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.writing import command, errors, metrics, operations, rest, settings

REFERENCE = Path(__file__).parent / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": command.page,
    "rest.md": rest.page,
    "settings.md": settings.page,
    "step-functions.md": operations.page,
    "errors.md": errors.page,
    "metrics.md": metrics.page,
}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page())
