"""Every command and program in the docs, run as written against a server of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import Shell, matches, steps
from tests.processes import Served, served

ROOT = Path(__file__).parents[2]
PAGES = [page for page in sorted(ROOT.glob("docs/**/*.md")) if steps(page)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "data") as process:
        yield process


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_does_what_it_says(page: Path, server: Served, tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(ROOT / "examples", folder / "examples")
    # Where workflow-manager is installed, pytest finds its fixtures by itself.
    plugins = {"PYTEST_PLUGINS": "workflow_manager.testing.plugin"}
    shell = Shell(folder, {**server.environment, **plugins, "COLUMNS": "120"})
    try:
        for step in steps(page):
            printed = shell.run(step.command)
            assert matches(step.shown, printed), (
                f"{page.name}:{step.line}: `{step.command}` printed\n{printed}\n"
                f"where the page shows\n{step.shown}"
            )
    finally:
        shell.close()
