"""Real processes for tests: a served `wfm`, on a free port, ended with the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.ports import Port

ROOT = Path(__file__).parents[1]
WFM = [sys.executable, "-m", "workflow_manager"]


class Served:
    """`wfm serve` with its data in a folder of the test's; may be killed and started again.

    With `log` what it says goes to that file; `program` is what has the command `serve`.
    """

    def __init__(
        self, data: Path, *options: str, log: Path | None = None, program: Sequence[str] = WFM
    ) -> None:
        self._held = Port()
        self.port = self._held.number
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [*program, "serve", "--port", str(self.port), "--data", str(data), *options]
        self._log = log
        self.start()

    @property
    def environment(self) -> dict[str, str]:
        """For clients of it: the command, boto3 and the aws CLI."""
        return {
            **os.environ,
            "WFM_SERVER": self.url,
            "AWS_ENDPOINT_URL_SFN": self.url,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
        }

    def start(self) -> None:
        """Returns when it answers; raises when it ends instead, or takes far too long."""
        self.spawn()
        self.wait_until_ready()

    def spawn(self) -> None:
        if self._log is None:
            self.process = subprocess.Popen(self._command, cwd=ROOT)
        else:
            with self._log.open("ab") as log:
                self.process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/_health", timeout=60).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    raise RuntimeError("the server did not get ready") from None
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=180)
        self._held.release()


@contextmanager
def served(
    data: Path, *options: str, log: Path | None = None, program: Sequence[str] = WFM
) -> Iterator[Served]:
    server = Served(data, *options, log=log, program=program)
    try:
        yield server
    finally:
        server.stop()


def ended(processes: list[subprocess.Popen[str]]) -> None:
    """End them, kindly first."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=180)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def output_of(command: Sequence[str], folder: Path, **environment: str) -> str:
    """All that it printed; it has to succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
