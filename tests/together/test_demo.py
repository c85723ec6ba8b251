from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT


def shown_by_demo(way: str, data: Path) -> str:
    """What it prints, once it has succeeded."""
    demo = subprocess.run(
        [sys.executable, "examples/sales-report/demo.py", way, "--data", str(data)],
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=1500,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    return demo.stdout


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_the_demo_goes_on_to_the_right_result(tmp_path: Path) -> None:
    shown = shown_by_demo("--kill", tmp_path / "demo")
    assert "the server was killed" in shown
    assert "The result is right" in shown


@pytest.mark.slow
def test_on_aws_played_here_the_result_is_the_same_and_its_end_comes_through_the_queue(
    tmp_path: Path,
) -> None:
    shown = shown_by_demo("--aws-local", tmp_path / "demo")
    assert "The result is right: 415 orders in 29 jobs" in shown
    assert "The end was heard of" in shown
