"""A process that serves an engine until it is killed: `python -m tests.crashes.server JOURNAL`.

Prints the port it listens on.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import uvicorn

from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.runtime import Engine
from workflow_manager.protocol.app import ProtocolApp
from workflow_manager.protocol.operations import Operations


async def serve(path: Path) -> None:
    engine = Engine(SqliteJournal(path))
    await engine.open()
    config = uvicorn.Config(ProtocolApp(Operations(engine)), lifespan="off", log_level="critical")
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
