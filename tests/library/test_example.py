"""The example as its reader runs it: as a program, twice on the same data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_example_runs_and_runs_again_on_its_data(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(2):
        command = [sys.executable, str(ROOT / "examples/library/orders.py"), str(tmp_path / "data")]
        finished = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert finished.stderr == ""
        assert finished.stdout.splitlines() == [
            "{'label': 'pencil for 20', 'attempt': 1}",
            "{'label': 'piano for 900, approved by boss', 'attempt': 1}",
        ]
