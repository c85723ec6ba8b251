"""Plays recorded cases of AWS against `wfm serve`, and holds the result to a floor.

    python -m tests.recorded.over_the_wire RUNNER [--tier core] [--floor 100,100,100]

RUNNER is the `run.py` that comes with the recordings; it takes an endpoint and writes what each case
reached: level 1 (result), 2 (cause), 3 (every event).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.processes import served

LEVELS = ("L1", "L2", "L3")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runner", type=Path)
    parser.add_argument("--tier", default="core")
    parser.add_argument("--floor", default="100,100,100", help="percent of the cases at each level")
    options = parser.parse_args()
    floors = [float(share) for share in options.floor.split(",")]

    with tempfile.TemporaryDirectory(prefix="wfm-recorded-") as folder:
        results = Path(folder) / "results.json"
        with served(Path(folder) / "data") as server:
            subprocess.run(
                [
                    *(sys.executable, str(options.runner), "--endpoint-url", server.url),
                    *("--tier", options.tier, "--jobs", "4", "--json", str(results)),
                ],
                check=True,
            )
        cases = json.loads(results.read_text())
    missed = []
    for level, floor in zip(LEVELS, floors, strict=True):
        share = 100 * sum(case[level] for case in cases) / len(cases)
        if share < floor:
            names = ", ".join(case["id"] for case in cases if not case[level])
            missed.append(f"{level}: {share:.1f} % of {len(cases)} cases, the floor is {floor} %: {names}")
    if missed:
        raise SystemExit("\n".join(missed))


if __name__ == "__main__":
    main()
