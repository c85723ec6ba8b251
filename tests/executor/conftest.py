"""An executor on every Step Functions and every store that it may have.

Quick ones first: the fake and the engine in this process.  `wfm serve` far away, with records in memory
and in DynamoDB, is for the slow run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.dynamodb import CREDENTIALS, empty, fresh_tables, moto_server
from tests.executor.stages import Stage, in_process, on_the_fake, over_a_socket
from tests.processes import Served, served
from tests.script import Script
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.ids import SystemChance
from workflow_manager.store.dynamodb import DynamoDBStore
from workflow_manager.store.dynamodb.tables import Tables
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.port import Store
from workflow_manager.store.sqlite import SqliteStore

SETTINGS = [
    pytest.param(("fake", "memory"), id="fake, memory"),
    pytest.param(("fake", "sqlite"), id="fake, sqlite"),
    pytest.param(("engine", "sqlite"), id="engine, sqlite"),
    pytest.param(("wfm serve", "memory"), id="wfm serve, memory", marks=pytest.mark.slow),
    pytest.param(("wfm serve", "dynamodb"), id="wfm serve, dynamodb", marks=pytest.mark.slow),
]


@pytest.fixture(params=SETTINGS)
def setting(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Which Step Functions, and which store."""
    chosen: tuple[str, str] = request.param
    return chosen


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 5, 10, tzinfo=UTC))


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A process that plays Step Functions."""
    folder = tmp_path_factory.mktemp("step-functions")
    with served(folder, "--sync", "normal", "--log-level", "error", log=folder / "log") as process:
        yield process


@pytest.fixture(scope="package")
def tables() -> Iterator[Tables]:
    with pytest.MonkeyPatch.context() as patch, moto_server() as url:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield fresh_tables(url)


@pytest.fixture
def stage(request: pytest.FixtureRequest, setting: tuple[str, str], clock: ManualClock) -> Iterator[Stage]:
    match setting[0]:
        case "fake":
            opened = on_the_fake(clock)
        case "engine":
            opened = in_process(clock)
        case _:
            opened = over_a_socket(request.getfixturevalue("server"))
    with opened as stage:
        yield stage


@pytest.fixture
def store(
    request: pytest.FixtureRequest, setting: tuple[str, str], clock: ManualClock, tmp_path: Path
) -> Iterator[Store]:
    with ExitStack() as stack:
        made: Store
        match setting[1]:
            case "memory":
                made = MemoryStore(clock=clock)
            case "sqlite":
                made = SqliteStore(tmp_path / "records.sqlite", clock=clock, synchronous="OFF")
            case _:
                tables = request.getfixturevalue("tables")
                stack.callback(empty, tables)
                made = DynamoDBStore(tables, clock=clock)
        stack.callback(made.close)
        yield made


@pytest.fixture
def script(stage: Stage) -> Script:
    return stage.script


@pytest.fixture
def executor(stage: Stage, store: Store, clock: ManualClock) -> Executor:
    return Executor(stage.client, store, clock=clock, chance=SystemChance())
