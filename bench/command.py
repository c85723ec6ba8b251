"""How long a user waits for the command itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench.figures import Figure
from bench.server import ROOT, Server


def command(server: Server, repeat: int) -> list[Figure]:
    environment = {**os.environ, "WFM_SERVER": server.url}

    def timed(*arguments: str) -> float:
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "workflow_manager", *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return (time.perf_counter() - begun) * 1000

    timed("--help")
    helped = [timed("--help") for _ in range(3 * repeat)]
    return [
        Figure(name="wfm --help", unit="ms", samples=helped, better="lower", target=150),
        Figure(name="Server ready", unit="s", samples=[server.ready_after], better="lower", target=2),
    ]
