"""Other servers to measure: started on a free port, waited for, and ended here."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

READY_SECONDS = 60


@contextmanager
def listening(
    command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[str]:
    """The URL of a server, once it answers; `{port}` in its command and environment becomes its port.

    It works in `folder`, or in one that goes away with it.  Raises `RuntimeError` when it does not
    get ready.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {name: value.format(port=port) for name, value in (environment or {}).items()}
    with tempfile.TemporaryDirectory(prefix="wfm-bench-") as own, (Path(own) / "log").open("w+b") as log:
        process = subprocess.Popen(
            [each.format(port=port) for each in command],
            cwd=folder or own,
            env={**os.environ, "TMPDIR": own, **given},
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process, Path(own) / "log")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # it answers, if only to complain
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    said = log.read_text(errors="replace").strip().splitlines()
    raise RuntimeError(f"the server did not get ready: {said[-1] if said else 'it said nothing'}")
