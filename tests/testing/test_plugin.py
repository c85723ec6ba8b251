"""The fixtures, in a pytest of their own, and the examples that use them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_example_for_pytest_passes_as_its_reader_runs_it() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "workflow_manager.testing.plugin",
        "-q",
        "-o",
        "addopts=",
    ]
    folder = ROOT / "examples" / "library"
    paths = f"pythonpath={ROOT} {folder}"
    finished = subprocess.run(
        [*command, "-o", paths, "-p", "no:cacheprovider", str(folder)], capture_output=True, text=True
    )
    assert "3 passed" in finished.stdout, finished.stdout + finished.stderr


def test_the_plugin_costs_nothing_until_a_fixture_is_asked_for() -> None:
    program = (
        "import sys, pytest, workflow_manager.testing.plugin\n"
        "print([name for name in sys.modules if name.startswith(('boto', 'structlog', 'msgspec'))])"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout == "[]\n"
