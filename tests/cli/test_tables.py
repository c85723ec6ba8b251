"""`wfm tables` on a DynamoDB of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dynamodb import CREDENTIALS, moto_server
from workflow_manager.cli.main import run


@pytest.fixture
def flags() -> Iterator[list[str]]:
    with pytest.MonkeyPatch.context() as patch, moto_server() as url:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        prefixes = [f"--{kind}-prefix=by-command" for kind in ("definitions", "workflows", "resources")]
        yield [f"--dynamo-endpoint={url}", *prefixes]


def test_tables_are_missing_then_made_then_as_they_must_be(
    flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["tables", "check", *flags]) == 1
    assert "by-command-workflows: there is no such table\n" in capsys.readouterr().out
    assert run(["tables", "create", *flags]) == 0
    assert "made table by-command-workflows\n" in capsys.readouterr().out
    assert run(["tables", "check", *flags]) == 0
    assert run(["tables", "create", *flags]) == 0
    assert run(["tables", "migrate", *flags]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "the tables are as they must be",
        "nothing was missing",
        "nothing was missing",
        "0 workflows and 0 latest definitions brought up to date",
    ]


def test_no_dynamodb_is_one_line_and_exit_5(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tables", "check", "--dynamo-endpoint=http://127.0.0.1:1"]) == 5
    assert "127.0.0.1:1" in capsys.readouterr().err
