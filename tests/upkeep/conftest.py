"""A data directory with something in it, made once and copied for each test."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from tests.upkeep.world import fill
from workflow_manager.kernel.clock import ManualClock


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The directory, and when it was full."""
    clock = ManualClock()
    folder = tmp_path_factory.mktemp("upkeep") / "data"
    fill(folder, clock)
    return folder, clock.now()


@pytest.fixture
def data(filled: tuple[Path, datetime], tmp_path: Path) -> Path:
    shutil.copytree(filled[0], tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def clock(filled: tuple[Path, datetime]) -> ManualClock:
    """At the time when `data` was full."""
    return ManualClock(filled[1])
