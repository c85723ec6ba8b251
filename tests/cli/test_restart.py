"""Server, worker and follower as processes of their own, and a server that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import held_port

DEFINITION = """\
name: hello
stateMachine:
  StartAt: Greet
  States:
    Greet: {Type: Task, Resource: greet, HeartbeatSeconds: 60, End: true}
"""


@contextmanager
def process(*arguments: str, **options: int) -> Iterator[subprocess.Popen[str]]:
    """A `wfm` of its own, ended with its block."""
    command = [sys.executable, "-m", "workflow_manager", *arguments]
    started = subprocess.Popen(command, text=True, **options)  # type: ignore[call-overload]
    try:
        yield started
    finally:
        if started.poll() is None:
            started.terminate()
        started.wait(timeout=180)


@contextmanager
def server(port: int, data: Path) -> Iterator[subprocess.Popen[str]]:
    with process("serve", "--port", str(port), "--data", str(data)) as started:
        until = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_health", timeout=60).close()
                break
            except OSError:
                assert started.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
        yield started


@pytest.mark.slow
def test_worker_and_follower_outlive_a_killed_server(tmp_path: Path) -> None:
    with held_port() as port:
        check(port, tmp_path)


def check(port: int, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{port}"
    (tmp_path / "hello.yml").write_text(DEFINITION)
    script = f"touch {tmp_path}/began; sleep 1.5; echo '{{\"done\":1}}'"
    worker = (
        "worker",
        "--server",
        url,
        "--namespace",
        "dev",
        "--activity",
        "greet",
        "--",
        "sh",
        "-c",
        script,
    )
    with server(port, tmp_path / "data") as first, process(*worker, stderr=subprocess.PIPE) as working:
        assert working.stderr is not None
        while "worker-started" not in working.stderr.readline():
            assert working.poll() is None
        subprocess.run(
            [sys.executable, "-m", "workflow_manager", "definitions", "apply", str(tmp_path / "hello.yml")],
            env={**os.environ, "WFM_SERVER": url},
            check=True,
        )
        submit = ("submit", "hello", "--namespace", "dev", "--server", url, "--follow")
        with process(*submit, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as following:
            assert following.stdout is not None
            assert "hello@0" in following.stdout.readline()
            while not (tmp_path / "began").exists():
                assert following.poll() is None
                time.sleep(0.02)
            first.send_signal(signal.SIGKILL)
            first.wait()
            time.sleep(2)
            with server(port, tmp_path / "data") as second:
                printed, told = following.communicate(timeout=180)
                assert following.returncode == 0, told
                assert '"done":1' in printed
                assert told.count("Trying again") == 1
                assert "The server answers again." in told
                # It goes down while the worker polls, and does not wait for that.
                second.send_signal(signal.SIGTERM)
                assert second.wait(timeout=40) == 0
                working.send_signal(signal.SIGTERM)
                assert working.wait(timeout=180) == 0
