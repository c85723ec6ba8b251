"""A served `wfm` whose clock is not the machine's: `python -m tests.crashes.shifted SHIFT serve …`.

SHIFT is a file; `Shift` writes how far the clock is ahead into it, and the server reads it at every
look at the time.  So a clock is set forward and back under a server that runs.
"""

from __future__ import annotations

import argparse
import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workflow_manager.assembly import serve
from workflow_manager.settings import load_settings

_SECONDS = struct.Struct("d")


class Shift:
    """How many seconds a clock is ahead of the machine's; may be changed from another process."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _SECONDS.size)

    @property
    def seconds(self) -> float:
        return float(_SECONDS.unpack(self._shared[:])[0])

    @seconds.setter
    def seconds(self, value: float) -> None:
        self._shared[:] = _SECONDS.pack(value)


class ShiftedClock:
    def __init__(self, shift: Shift) -> None:
        self._shift = shift

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._shift.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shift", type=Path)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("--port", type=int)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    settings = load_settings({}, {"port": arguments.port, "data": arguments.data})
    serve(settings, ShiftedClock(Shift(arguments.shift)))


if __name__ == "__main__":
    main()
