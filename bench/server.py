"""A server process to measure: started, watched and ended here."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parent.parent


class Server:
    """`wfm serve` on a free port and a data directory of its own."""

    def __init__(self, data: Path | None = None) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="wfm-bench-") if data is None else None
        self.data = data or Path(self._own.name if self._own else ".")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.ready_after = 0.0

    def start(self, ready: str = "/_health") -> Server:
        """Returns when it answers there; raises when it ends instead."""
        begun = time.perf_counter()
        with (self.data / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "workflow_manager", "serve"),
                    *("--port", str(self.port), "--data", str(self.data / "state")),
                ],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        while True:
            try:
                urllib.request.urlopen(f"{self.url}{ready}", timeout=60).close()
                break
            except OSError:
                if self._process.poll() is not None:
                    said = (self.data / "server.log").read_text().strip().splitlines()
                    raise RuntimeError(f"the server ended: {said[-1] if said else 'silently'}") from None
                time.sleep(0.01)
        self.ready_after = time.perf_counter() - begun
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(how)
        self._process.wait(timeout=120)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.stop()
        if self._own:
            self._own.cleanup()

    @property
    def memory(self) -> int:
        """Resident bytes."""
        text = Path(f"/proc/{self._process.pid}/statm").read_text()
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu_seconds(self) -> float:
        """User and system time used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
