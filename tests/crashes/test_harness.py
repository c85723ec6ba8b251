"""A short run of the harness; `python -m tests.crashes.harness` makes long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crashes.harness import run


@pytest.mark.slow
def test_a_mixed_load_outlives_a_server_that_is_killed_at_random(tmp_path: Path) -> None:
    verdict = run(tmp_path, kills=8, seed=8)
    assert verdict.problems == []
    assert verdict.counts["reports acknowledged"] > 20
    assert verdict.counts["submitted and acknowledged"] > 5
