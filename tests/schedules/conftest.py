"""Schedules over an executor whose executions run when a test says so, on every quick store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.executor.fake_step_functions import FakeStepFunctions
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.port import Store
from workflow_manager.store.sqlite import SqliteStore


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 5, 10, tzinfo=UTC))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    fresh = {
        "memory": lambda: MemoryStore(clock=clock),
        "sqlite": lambda: SqliteStore(tmp_path / "records.sqlite", clock=clock, synchronous="OFF"),
    }
    with closing(fresh[request.param]()) as opened:
        yield opened


@pytest.fixture
def client(clock: ManualClock) -> FakeStepFunctions:
    return FakeStepFunctions(clock)


@pytest.fixture
def executor(client: FakeStepFunctions, store: Store, clock: ManualClock) -> Executor:
    return Executor(client, store, clock=clock, chance=SystemChance())
