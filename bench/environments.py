"""Environments of their own for what is compared with us: made on demand, kept for the next run.

Nothing of them is a dependency of the project.  What cannot be had is skipped, with the reason.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from functools import cache
from pathlib import Path
from typing import Final

from bench.server import ROOT

FOLDER: Final = ROOT / ".venv" / "bench"
SECONDS: Final = 240  # for fetching one of them

PACKAGES: Final = {
    "moto": ["moto[stepfunctions]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"],
    "ministack": ["ministack==1.5.33"],
    "dbos": ["dbos==3.4.0"],
    "huey": ["huey==3.5.4"],
    "plots": ["matplotlib==3.11.2"],
}


class NotToBeHad(Exception):
    """The environment could not be made; the text says why."""


def python_of(name: str) -> Path:
    """The interpreter of the environment, which is made if need be.  Raises `NotToBeHad`."""
    found = _made(name)
    if isinstance(found, NotToBeHad):
        raise found
    return found


@cache
def _made(name: str) -> Path | NotToBeHad:
    """What could not be had once is not asked for again in the same run."""
    folder = FOLDER / name
    python = folder / "bin" / "python"
    done = folder / "installed"
    wanted = "\n".join(PACKAGES[name])
    if done.exists() and done.read_text() == wanted:
        return python
    print(f"fetching {', '.join(PACKAGES[name])} …", file=sys.stderr, flush=True)
    try:
        venv.create(folder, with_pip=True, clear=True)
        install = [*(str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check")]
        subprocess.run(
            [*install, *PACKAGES[name]], check=True, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.CalledProcessError as error:
        said = str(error.stderr or error.stdout or error).strip().splitlines()
        return NotToBeHad(f"pip could not install {wanted.splitlines()[0]}: {said[-1]}")
    except (OSError, subprocess.TimeoutExpired) as error:
        return NotToBeHad(f"{wanted.splitlines()[0]} could not be fetched: {error}")
    done.write_text(wanted)
    return python
