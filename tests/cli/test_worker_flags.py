"""`wfm worker`'s flags, and sfncli's in their place."""

from __future__ import annotations

from typing import Any

import click
import pytest

from workflow_manager.cli.main import run, wfm
from workflow_manager.cli.worker import worker


def parsed(*arguments: str) -> dict[str, Any]:
    context = worker.make_context("worker", list(arguments), **wfm.context_settings)
    return {name: context.params[name] for name in ("chosen", "worker_name", "cmd", "region", "command")}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--activity", "a", "--name", "w", "--region", "r", "--", "prog", "-x", "--name", "y"),
        ("--activity", "a", "--name", "w", "--region=r", "prog", "-x", "--name", "y"),
        ("-activityname", "a", "-workername", "w", "-region", "r", "prog", "-x", "--name", "y"),
        ("--activityname=a", "-workername=w", "--region", "r", "--aws", "--", "prog", "-x", "--name", "y"),
    ],
)
def test_what_follows_the_flags_is_the_command(arguments: tuple[str, ...]) -> None:
    assert parsed(*arguments) == {
        "chosen": ("a",),
        "worker_name": "w",
        "cmd": None,
        "region": "r",
        "command": ("prog", "-x", "--name", "y"),
    }


def test_sfnclis_program_and_arguments_are_taken() -> None:
    got = parsed("-activityname", "a", "-workername", "-", "-cmd", "/bin/prog", "one", "-two")
    assert got["cmd"] == "/bin/prog"
    assert got["worker_name"] == "-"
    assert got["command"] == ("one", "-two")


@pytest.mark.parametrize(
    "arguments", [("-version",), ("--version",), ("-activityname", "a", "-version", "prog")]
)
def test_sfnclis_version_is_ours(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["worker", *arguments]) == 0
    assert capsys.readouterr().out.startswith("wfm")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--", "prog"), "--activity is required"),
        (("--activity", "a"), "COMMAND or --function is required: wfm worker"),
        (
            ("--activity", "a", "--aws", "--region", "", "--", "prog"),
            "--region or $AWS_REGION is required with --aws",
        ),
        (("--activity", "a", "--concurrency", "0", "--", "prog"), "0 is not in the range"),
        (("--activity", "a", "--activity", "b", "--once", "prog"), "--once is for one activity"),
        (("--config", "no-such.yml"), "no-such.yml: No such file or directory"),
        (("--config", "w.yml", "prog"), "with --config, commands and functions stand in the file"),
        (("--activity",), "requires an argument"),
        (("--activity", "a", "--function", "m:f", "prog"), "COMMAND or --function is required"),
        (("--activity", "a", "--function", "json"), "'json' is not of the form MODULE:NAME"),
        (("--activity", "a", "--function", "json:missing"), "module 'json' has no attribute 'missing'"),
        (("--activity", "a", "--function", "no.such:f"), "No module named 'no'"),
        (
            ("--activity", "a", "--work-directory", "/dev/null/x", "prog"),
            "work directory /dev/null/x cannot be used",
        ),
    ],
)
def test_what_is_missing_is_said(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["worker", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_flags_of_both_are_documented_once() -> None:
    names = [name for option in worker.params if isinstance(option, click.Option) for name in option.opts]
    assert len(names) == len(set(names))
