"""Profiles, and what wins over them; completion in shells."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Wfm
from tests.cli.test_command_line import COMMAND, called


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_a_profile_says_where_the_server_is(home: dict[str, str], url: str) -> None:
    called("profile", "set", "here", "--server", url, "--namespace", "dev", "--api-key", "k1", **home)
    assert called("definitions", "list", **home).returncode == 0
    assert called("profile", "list", **home).stdout.splitlines()[1].split() == [
        "*",
        "here",
        url,
        "dev",
        "set",
    ]
    called("profile", "set", "away", "--server", "http://127.0.0.1:9", **home)
    assert called("definitions", "list", **home).returncode == 0, "the first one stays in use"
    assert called("definitions", "list", WFM_PROFILE="away", **home).returncode == 5
    called("profile", "use", "away", **home)
    assert called("definitions", "list", **home).returncode == 5
    assert called("definitions", "list", WFM_SERVER=url, **home).returncode == 0
    assert called("definitions", "list", "--server", url, **home).returncode == 0


def test_a_key_is_read_from_a_pipe_and_never_shown(home: dict[str, str], tmp_path: Path) -> None:
    called("profile", "set", "p", "--api-key", "-", stdin="secret\n", **home)
    file = tmp_path / "wfm" / "profiles.json"
    assert "secret" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    shown = [
        called("profile", *arguments, **home).stdout
        for arguments in (("list",), ("show",), ("show", "--json"))
    ]
    assert not any("secret" in each for each in shown)


def test_profiles_go(home: dict[str, str]) -> None:
    called("profile", "set", "p", "--server", "http://x", **home)
    assert called("profile", "remove", "p", **home).returncode == 0
    assert called("profile", "use", "p", **home).returncode == 2
    assert called("profile", "show", **home).stderr.startswith("Error: no profile is in use")


def test_a_broken_file_is_told(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "wfm").mkdir()
    (tmp_path / "wfm" / "profiles.json").write_text("[]")
    printed = called("definitions", "list", **home)
    assert printed.returncode == 2
    assert "profiles.json is not a file of profiles" in printed.stderr
    assert "Traceback" not in printed.stderr


def test_a_server_without_an_address_makes_no_profile(home: dict[str, str]) -> None:
    printed = called("profile", "set", "p", "--server", "ftp://x", **home)
    assert (printed.returncode, "ftp://x is not an address of a server" in printed.stderr) == (2, True)
    assert called("profile", "list", "-q", **home).stdout == ""


def completed(line: str, **environment: str) -> list[str]:
    """What bash is told at the end of that line: kinds and values."""
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_WFM_COMPLETE": "bash_complete"}
    return called(**asked, **environment).stdout.split()


@pytest.fixture
def applied(wfm: Wfm, name: str, text: str, tmp_path: Path) -> str:
    """The name of a definition that is stored."""
    (tmp_path / "hello.yml").write_text(text)
    wfm("definitions", "apply", str(tmp_path / "hello.yml"))
    return name


def test_names_on_the_server_are_completed(url: str, wfm: Wfm, applied: str) -> None:
    for line in (
        "submit ",
        "definitions show ",
        "workflows ",
        "diff ",
        "graph ",
        "push ",
        "events --definition ",
    ):
        assert f"plain,{applied}" in completed(f"wfm {line}{applied[:-1]}", WFM_SERVER=url), line
    workflow_id = wfm("submit", applied, '{"do":"wait"}', "-q").out.strip()
    for line in (
        "logs ",
        "history ",
        "cancel ",
        "workflows show ",
        "workflows cancel ",
        "graph --workflow-id ",
    ):
        assert completed(f"wfm {line}{workflow_id[:9]}", WFM_SERVER=url) == [f"plain,{workflow_id}"], line


def test_after_workflows_come_its_commands_and_what_its_list_takes(url: str, applied: str) -> None:
    after = completed("wfm workflows ", WFM_SERVER=url)
    assert {"plain,cancel", "plain,show", f"plain,{applied}"} <= set(after)
    assert completed("wfm workflows --resol", WFM_SERVER=url) == ["plain,--resolved"]
    assert completed("wfm workflows --status fa", WFM_SERVER=url) == ["plain,failed"]


def test_files_profiles_and_topics_are_completed(home: dict[str, str]) -> None:
    for line in ("definitions apply ", "definitions validate ", "worker --config ", "schedules apply "):
        assert completed(f"wfm {line}hel") == ["file,hel"], line
    called("profile", "set", "staging", "--server", "http://x", **home)
    assert completed("wfm profile use s", **home) == ["plain,staging"]
    assert completed("wfm help workflows ca") == ["plain,cancel"]
    assert completed("wfm help exit") == ["plain,exit-codes"]


def test_a_server_that_is_not_there_completes_nothing(home: dict[str, str]) -> None:
    assert completed("wfm submit h", WFM_SERVER="http://127.0.0.1:1", **home) == []
    assert completed("wfm submit h", WFM_PROFILE="nope", **home) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell: str) -> None:
    assert "_WFM_COMPLETE" in called("completion", shell).stdout
    asked = {
        "COMP_WORDS": "wfm de",
        "COMP_CWORD": "de" if shell == "fish" else "1",
        "_WFM_COMPLETE": f"{shell}_complete",
    }
    printed = subprocess.run(
        COMMAND, capture_output=True, text=True, timeout=180, env={**os.environ, **asked}
    )
    assert "definitions" in printed.stdout
