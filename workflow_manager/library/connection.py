"""What a library's workflows run on: an engine on a thread of this process, or AWS.

Decides where data lies: in a folder, laid out as the server lays out its own, or in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow_manager.engine.arns import Realm
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.journal.port import Journal
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.engine.thread import EngineThread
from workflow_manager.integrations.outside import Outside
from workflow_manager.kernel.clock import SystemClock
from workflow_manager.kernel.errors import Unavailable
from workflow_manager.models.names import may_be_workflow
from workflow_manager.protocol.client import LocalClient
from workflow_manager.protocol.integrations import connect
from workflow_manager.protocol.operations import Operations
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.port import Store
from workflow_manager.store.sqlite import SqliteStore


@dataclass(frozen=True, slots=True)
class Connection:
    """`end_polls` lets everybody go who waits for a task; `close` writes and closes everything."""

    client: Any
    store: Store
    end_polls: Callable[[], None]
    close: Callable[[], None]


def connect_embedded(
    data: Path | None, realm: Realm, outside: Outside, on_end: Callable[[str], None]
) -> Connection:
    """An engine of our own, that reaches `outside`.  Raises `Unavailable` when the folder cannot be used."""
    with ExitStack() as stack:
        journal = _open_journal(data)  # first: who has it is the only one on the folder
        stack.callback(journal.close)
        store = open_store(data)
        stack.callback(store.close)
        engine = EngineThread(
            Engine(
                journal,
                realm=realm,
                services=connect(outside.services),
                objects=outside.objects,
                listeners=[on_end],
                concern=may_be_workflow,
            )
        )
        engine.start()
        stack.callback(engine.stop)
        operations = Operations(engine.engine)

        def end_polls() -> None:
            engine.bridge.run(_call(engine.engine.end_polls))

        return Connection(LocalClient(operations, engine.bridge), store, end_polls, stack.pop_all().close)


def connect_client(client: Any, data: Path | None) -> Connection:
    """State machines where `client` says; only the records are here."""
    store = open_store(data)
    return Connection(client, store, lambda: None, store.close)


def open_store(data: Path | None) -> Store:
    clock = SystemClock()
    return MemoryStore(clock=clock) if data is None else SqliteStore(_made(data) / "records.db", clock=clock)


def _open_journal(data: Path | None) -> Journal:
    return MemoryJournal() if data is None else SqliteJournal(_made(data) / "engine.db")


def _made(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror
        raise Unavailable(f"cannot use the data directory {data}: {reason}") from None
    return data


async def _call(function: Callable[[], None]) -> None:
    function()
    await asyncio.sleep(0)  # so that those who were let go have left
