"""A served `wfm` for all tests of clients, and both Python clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.callers import Caller
from tests.processes import Served, served
from workflow_manager_client import AsyncWorkflowManager, WorkflowManager


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("clients") / "data") as server:
        yield server


@pytest.fixture(params=[WorkflowManager, AsyncWorkflowManager], ids=["sync", "async"])
def client(request: pytest.FixtureRequest, server: Served) -> Iterator[Caller]:
    with asyncio.Runner() as runner:
        caller = Caller(request.param(server.url), runner)
        yield caller
        caller.close()


@pytest.fixture(params=["jsonpath", "jsonata"])
def kitchen_sink(request: pytest.FixtureRequest) -> Any:
    return json.loads((Path(__file__).parent / "kitchen-sink.json").read_text())[request.param]
