"""The command against a real server, and what it printed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

from tests.serving import serving
from workflow_manager.cli.main import run
from workflow_manager.cli.main import wfm as wfm_group
from workflow_manager.kernel.json import loads

# Does what its input says: {"do": "wait"}, {"do": "fail"}, or ends well.
MACHINE = """\
  StartAt: Choose
  States:
    Choose:
      Type: Choice
      Choices:
        - {Variable: $.do, StringEquals: wait, Next: Waiting}
        - {Variable: $.do, StringEquals: fail, Next: Broken}
      Default: Done
    Waiting: {Type: Wait, Seconds: 600, Next: Done}
    Broken: {Type: Fail, Error: My.Error, Cause: it broke}
    Done: {Type: Succeed}
"""

_numbers = itertools.count(1)


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


Wfm: TypeAlias = Callable[..., Printed]


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture
def name() -> str:
    """Of a definition that no other test has."""
    return f"hello{next(_numbers)}"


@pytest.fixture
def text(name: str) -> str:
    """A file with that definition."""
    return f"name: {name}\ndefaultTags: {{team: infra}}\nstateMachine:\n{MACHINE}"


@pytest.fixture
def wfm(url: str, capfd: pytest.CaptureFixture[str]) -> Wfm:
    """Runs a command that talks to the server."""

    def called(*arguments: str, server: str = url) -> Printed:
        inner = getattr(wfm_group.commands[arguments[0]], "commands", {})
        at = 2 if arguments[1:2] and arguments[1] in inner else 1
        code = run([*arguments[:at], "--server", server, *arguments[at:]])
        captured = capfd.readouterr()
        return Printed(code, captured.out, captured.err)

    return called
