"""Peers that are libraries: a script in their own environment measures them and prints JSON."""

from __future__ import annotations

import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from bench.environments import NotToBeHad, python_of

SECONDS = 120


Printed = dict[str, list[float]]


def run_in(environment: str, script: str, *arguments: str) -> Printed:
    """What the script printed; it gets a folder of its own first.

    It is run once, however often its numbers are asked for.  Raises `NotToBeHad` and what subprocess
    raises.
    """
    found = _outcome(environment, script, arguments)
    if isinstance(found, Exception):
        raise found
    return found


@cache
def _outcome(environment: str, script: str, arguments: tuple[str, ...]) -> Printed | Exception:
    try:
        return _run(python_of(environment), script, arguments)
    except (NotToBeHad, OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
        return error


def _run(python: Path, script: str, arguments: tuple[str, ...]) -> Printed:
    with tempfile.TemporaryDirectory(prefix="wfm-bench-") as folder:
        done = subprocess.run(
            [str(python), str(Path(__file__).with_name(script)), folder, *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=folder,
        )
    found: Printed = json.loads(done.stdout.strip().splitlines()[-1])
    return found
