from __future__ import annotations

from collections.abc import Iterator

import pytest

from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.thread import EngineThread
from workflow_manager.protocol.integrations import connect
from workflow_manager.protocol.operations import Operations

from .callers import Caller


@pytest.fixture(scope="module")
def call() -> Iterator[Caller]:
    thread = EngineThread(Engine(MemoryJournal(), services=connect())).start()
    yield Caller(Operations(thread.engine), thread.bridge)
    thread.stop()
