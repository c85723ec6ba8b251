"""The command against a real server, and what it printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from tests.api.conftest import running
from tests.api.memory_executor import MemoryExecutor
from workflow_manager.assembly.logs import configure_logs
from workflow_manager.cli.main import run
from workflow_manager.kernel.json import loads
from workflow_manager.settings import LogFormat, LogLevel


@dataclass(frozen=True)
class Printed:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Wfm(Protocol):
    def __call__(self, *arguments: str) -> Printed: ...


@pytest.fixture(scope="package")
def serving() -> Iterator[tuple[MemoryExecutor, str]]:
    configure_logs(LogFormat.JSON, LogLevel.ERROR, sys.__stderr__)
    executor = MemoryExecutor()
    with running(executor) as server:
        yield executor, f"http://127.0.0.1:{server.port}"


@pytest.fixture
def executor(serving: tuple[MemoryExecutor, str]) -> MemoryExecutor:
    serving[0].clear()
    return serving[0]


@pytest.fixture
def url(serving: tuple[MemoryExecutor, str], executor: MemoryExecutor) -> str:
    return serving[1]


@pytest.fixture
def wfm(url: str, capfd: pytest.CaptureFixture[str]) -> Wfm:
    """Runs a command that talks to the server."""

    def called(*arguments: str) -> Printed:
        at = 2 if arguments[0] in ("definitions", "bulk") else 1
        code = run([*arguments[:at], "--server", url, *arguments[at:]])
        captured = capfd.readouterr()
        return Printed(code, captured.out, captured.err)

    return called


HELLO = """\
name: hello
defaultTags: {team: infra}
stateMachine:
  StartAt: Greet
  States:
    Greet: {Type: Task, Resource: greet, Next: Done}
    Done: {Type: Succeed}
"""
