"""Fixtures for pytest: an engine that forgets everything after each test, and clients for it.

Nothing heavy is imported before a test asks for it: pytest loads this in every project that has
workflow-manager installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from workflow_manager.engine.thread import EngineThread
    from workflow_manager.library.manager import WorkflowManager


@pytest.fixture
def step_functions_engine() -> Iterator[EngineThread]:
    """A started engine, in memory, on a thread of its own."""
    from workflow_manager.engine.journal.memory import MemoryJournal
    from workflow_manager.engine.runtime import Engine
    from workflow_manager.engine.thread import EngineThread
    from workflow_manager.protocol.integrations import connect

    engine = EngineThread(Engine(MemoryJournal(), services=connect())).start()
    yield engine
    engine.stop()


@pytest.fixture
def step_functions(step_functions_engine: EngineThread) -> Any:
    """boto3's client of Step Functions on that engine; it needs neither network nor credentials."""
    from workflow_manager.protocol.operations import Operations
    from workflow_manager.testing.boto3_client import boto3_client

    return boto3_client(Operations(step_functions_engine.engine), step_functions_engine.bridge)


@pytest.fixture
def start_workflow_manager() -> Iterator[Callable[..., WorkflowManager]]:
    """Makes and starts a `WorkflowManager`, and closes it after the test."""
    from workflow_manager.library.manager import WorkflowManager

    with ExitStack() as stack:

        def start(*arguments: Any, **settings: Any) -> WorkflowManager:
            return stack.enter_context(WorkflowManager(*arguments, **settings))

        yield start
