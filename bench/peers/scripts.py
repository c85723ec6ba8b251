"""Peers that are libraries: a script in their own environment measures them and prints JSON."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from bench.environments import python_of

SECONDS = 180
STEPS = 9.0  # seconds for the chains of steps
TASKS = 1000


def run_in(environment: str, script: str, *arguments: str) -> dict[str, list[float]]:
    """What the script printed; it gets a folder of its own first.  Raises what subprocess raises."""
    python = python_of(environment)
    with tempfile.TemporaryDirectory(prefix="wfm-bench-") as folder:
        done = subprocess.run(
            [str(python), str(Path(__file__).with_name(script)), folder, *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=folder,
        )
    found: dict[str, list[float]] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
