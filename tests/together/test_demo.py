from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_the_demo_goes_on_to_the_right_result(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "examples/sales-report/demo.py", "--kill", "--data", str(tmp_path / "demo")],
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=1500,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "the server was killed" in shown.stdout
    assert "The result is right" in shown.stdout


@pytest.mark.slow
def test_on_aws_played_here_the_result_is_the_same_and_its_end_comes_through_the_queue(
    tmp_path: Path,
) -> None:
    shown = subprocess.run(
        [sys.executable, "examples/sales-report/demo.py", "--aws-local", "--data", str(tmp_path / "demo")],
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=1500,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "The result is right: 415 orders in 29 jobs" in shown.stdout
    assert "The end was heard of" in shown.stdout
