"""The pages that are generated are as their sources are now."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_the_command_is_its_help() -> None:
    generated = runpy.run_path(str(DOCS / "generate.py"))["page"]()
    assert (DOCS / "reference" / "cli.md").read_text() == generated, "run `make docs`"
