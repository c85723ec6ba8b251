"""How long a user waits for the command itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Figure
from bench.server import ROOT, Server
from bench.workloads import COMMITTED, chain


def command(server: Server, repeat: int, scale: float) -> list[Figure]:
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

    times = max(3, int(5 * repeat * scale))
    timed("--help")
    helped = [timed("--help") for _ in range(times)]
    definition = server.data / "definition.json"
    _write(definition)
    timed("definitions", "apply", str(definition))
    submit = ("submit", "bench", "{}", "--namespace", "bench")
    timed(*submit)
    submitted = [timed(*submit) for _ in range(times)]
    return [
        Figure(key="help", name="wfm --help", unit="ms", samples=helped, better="lower", target=150),
        Figure(
            key="submit",
            name="wfm submit to an idle server, the whole command",
            unit="ms",
            samples=submitted,
            better="lower",
            target=250,
            durable=COMMITTED,
        ),
        Figure(
            key="ready",
            name="Server ready",
            unit="s",
            samples=[server.ready_after, *(_ready_again(server) for _ in range(repeat - 1))],
            better="lower",
            target=2,
        ),
    ]


def _write(path: Path) -> None:
    path.write_text(json.dumps({"name": "bench", "manager": "step-functions", "stateMachine": chain(1)}))


def _ready_again(server: Server) -> float:
    server.stop()
    server.start()
    return server.ready_after
