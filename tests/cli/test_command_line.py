"""The command as a process: its start, its exit codes, its output on a terminal and in a pipe."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Wfm
from tests.ports import held_port
from workflow_manager.cli.main import run
from workflow_manager.cli.main import wfm as wfm_group

COMMAND = [sys.executable, "-m", "workflow_manager"]


def called(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, **environment},
    )


def on_a_terminal(*arguments: str, term: str = "xterm-256color") -> str:
    """What a person would see."""
    terminal, inner = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env={**os.environ, "TERM": term, "PYTHONIOENCODING": "utf-8"},
    )
    os.close(inner)
    seen = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last writer is gone
            break
        if not data:
            break
        seen += data
    os.close(terminal)
    process.wait(timeout=180)
    return seen.decode()


def test_help_imports_nothing_that_takes_long() -> None:
    script = (
        "import sys; from workflow_manager.cli.main import run; run(['--help']);"
        "slow = {'boto3', 'msgspec', 'yaml', 'structlog', 'http.client', 'connexion', 'rich'};"
        "print(sorted(slow & set(sys.modules)), file=sys.stderr)"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=180)
    assert printed.stderr == "[]\n"
    assert "submit" in printed.stdout


@pytest.mark.parametrize("name", sorted(wfm_group.commands))
def test_every_command_explains_itself(name: str) -> None:
    command = wfm_group.commands[name]
    assert command.get_short_help_str()
    for inner in getattr(command, "commands", {}).values():
        assert inner.get_short_help_str()


def test_nobody_at_the_address_is_one_line_and_exit_5() -> None:
    with held_port() as port:
        printed = called("workflows", "hello", WFM_SERVER=f"http://127.0.0.1:{port}")
    assert printed.returncode == 5
    assert printed.stderr.splitlines() == [
        f"Error: nobody listens at http://127.0.0.1:{port}.",
        "Start a server there with `wfm serve`, or name another one with --server or $WFM_SERVER.",
    ]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("ftp://x", "ftp://x is not an address of a server: it should look like http://host:8080"),
        ("http://x:port", "http://x:port is not an address of a server"),
        ("http://no-such-host.invalid", "has a host name that nobody knows"),
    ],
)
def test_an_address_that_cannot_be_is_explained(address: str, message: str) -> None:
    printed = called("definitions", "list", "--server", address)
    assert printed.returncode in (2, 5)
    assert message in printed.stderr
    assert "Traceback" not in printed.stderr


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "no JSON"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello", "404 Not Found"),
        (b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 2\r\n\r\n{}", "501 Not Implemented"),
        (b"SSH-2.0-OpenSSH_9\r\n", "no HTTP"),
    ],
)
@pytest.mark.parametrize("command", ["definitions list", "workflows --workflow-id x --follow", "events"])
def test_another_server_at_the_address_is_explained(
    command: str, answer: bytes, seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        answering = threading.Thread(target=serve)
        answering.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        code = run([*command.split(), "--server", url])
        answering.join()
    told = "no events" if command == "events" and seen == "no JSON" else seen
    assert code == 5
    assert capsys.readouterr().err.splitlines() == [
        f"Error: {url} answers, but not as a workflow-manager does ({told}).",
        "Something else may listen there: name the right address with --server or $WFM_SERVER.",
    ]


def test_an_option_before_the_command_is_sent_to_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--server", "http://x", "status"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "It belongs after the command: wfm COMMAND --server …"
    assert run(["--nonsense", "status"]) == 2
    assert "belongs" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("redirection", "code", "message"),
    [
        (">&-", 0, ""),
        ("> /dev/full", 5, "Error: cannot write the output: No space left on device\n"),
    ],
)
def test_an_output_that_cannot_be_written_is_no_traceback(redirection: str, code: int, message: str) -> None:
    printed = subprocess.run(
        ["sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, "help", "exit-codes"],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert (printed.returncode, printed.stderr) == (code, message)


def test_what_a_locale_cannot_write_is_shown_by_its_escape(url: str, text: str, name: str) -> None:
    definition = text.replace(name, "日本語")
    called("definitions", "apply", "-", stdin=definition, WFM_SERVER=url, PYTHONUTF8="1")
    printed = called("definitions", "list", "-o", "name", WFM_SERVER=url, PYTHONIOENCODING="latin-1")
    assert r"\u65e5\u672c\u8a9e" in printed.stdout


def test_the_server_is_found_in_the_variable_of_old(url: str) -> None:
    assert called("workflows", "--workflow-id", "zz", WORKFLOWMANAGER_URL=url).returncode == 2


def test_definitions_and_inputs_come_through_a_pipe(url: str, wfm: Wfm, name: str, text: str) -> None:
    assert called("definitions", "apply", "-", stdin=text, WFM_SERVER=url).stdout == f"{name}  created\n"
    given = '{"do": "well", "u": "ü"}'
    workflow_id = called("submit", name, "-", "-q", stdin=given, WFM_SERVER=url).stdout.strip()
    assert wfm("workflows", "--workflow-id", workflow_id, "--json").json["input"] == given


@pytest.fixture
def waiting(wfm: Wfm, name: str, text: str, tmp_path: Path) -> str:
    """A workflow that is running."""
    (tmp_path / "hello.yml").write_text(text)
    wfm("definitions", "apply", str(tmp_path / "hello.yml"))
    workflow_id = wfm("submit", name, "-q", '{"do":"wait"}').out.strip()
    assert wfm("workflows", "--workflow-id", workflow_id, "--json").json["status"] == "running"
    return workflow_id


@pytest.mark.parametrize(("answer", "status"), [("y\n", "cancelled"), ("n\n", "running"), ("", "running")])
def test_only_y_lets_a_bulk_command_go_on(
    url: str, wfm: Wfm, name: str, waiting: str, answer: str, status: str
) -> None:
    arguments = ("workflows", "cancel", "--where", f"definition={name}", "--reason", "r")
    printed = called(*arguments, stdin=answer, WFM_SERVER=url)
    assert wfm("workflows", "--workflow-id", waiting, "--json").json["status"] == status
    assert (printed.returncode == 0) is (status == "cancelled")
    assert "Traceback" not in printed.stderr


@pytest.fixture
def failed(wfm: Wfm, name: str, waiting: str) -> list[str]:
    """Workflows that have failed."""
    ids = [wfm("submit", name, "-q", '{"do":"fail"}').out.strip() for _ in range(3)]
    for each in ids:
        wfm("workflows", "--workflow-id", each, "--follow")
    return ids


def test_lines_stand_above_the_bar_of_a_bulk_command(url: str, name: str, failed: list[str]) -> None:
    arguments = ("workflows", "resume", "--where", f"definition={name}", "--yes", "--server", url)
    seen = on_a_terminal(*arguments)
    for each in failed:
        assert re.search(f"\r\x1b\\[K{each}  [-0-9a-f]{{36}}\r\n", seen), seen
    assert "\r\x1b[K3 done, 0 failed, 0 in the queue\r\n" in seen


def test_an_interrupted_bulk_command_says_how_far_it_came(url: str, name: str, failed: list[str]) -> None:
    where = ("--where", f"definition={name}", "--rate-limit", "0.001", "--yes")
    process = subprocess.Popen(
        [*COMMAND, "workflows", "resume", *where, "--server", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(failed[0])
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=180)
    assert process.returncode == 130
    assert said.splitlines()[-3:] == ["1 done, 0 failed, 2 left alone", "", "interrupted"]


def test_colours_are_for_terminals_alone(url: str, waiting: str) -> None:
    arguments = ("cancel", waiting, "--server", url)
    assert on_a_terminal(*arguments) == f"{waiting}  \x1b[33mcancelled\x1b[0m\r\n"
    assert called(*arguments).stdout == f"{waiting}  cancelled\n"


@pytest.mark.parametrize(("term", "sign"), [("xterm-256color", "✗ "), ("dumb", "failed  ")])
def test_a_terminal_shows_a_tree_and_a_dumb_one_lines(
    url: str, wfm: Wfm, name: str, waiting: str, term: str, sign: str
) -> None:
    seen = on_a_terminal("submit", name, '{"do":"fail"}', "--follow", "--server", url, term=term)
    plain = re.sub("\x1b\\[[0-9;?]*[a-zA-Z]", "", seen)
    assert f"{sign}" in plain
    assert "it broke" in plain
    assert ("\x1b[?25l" in seen) is (term != "dumb")
    assert seen.count("\x1b[?25h") == seen.count("\x1b[?25l"), "the cursor is back"


def test_a_reader_that_leaves_early_is_no_error(url: str, wfm: Wfm, waiting: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "workflows", "--workflow-id", waiting, "--full", "--server", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=180) == 0


def test_an_interrupt_while_following_says_what_to_do_and_exits_130(url: str, waiting: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "workflows", "--workflow-id", waiting, "--follow", "--server", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=180)
    assert process.returncode == 130
    assert f"wfm workflows --workflow-id {waiting} --follow" in printed
    assert "Traceback" not in printed


def test_config_shows_each_setting_and_where_it_comes_from() -> None:
    printed = called("config", "--host", "localhost", WFM_PORT="9999", WFM_API_KEYS="secret")
    rows = {line.split()[0]: line.split()[1:] for line in printed.stdout.splitlines()}
    assert rows["WFM_HOST"] == ["localhost", "--host"]
    assert rows["WFM_PORT"] == ["9999", "WFM_PORT"]
    assert rows["WFM_STORE"][-1] == "default"
    assert "secret" not in printed.stdout


def test_a_setting_that_cannot_be_is_one_line() -> None:
    printed = called("serve", "--port", "http")
    assert printed.returncode == 2
    assert printed.stderr == "Error: --port: 'http' is not a whole number from 0 to 65535\n"
