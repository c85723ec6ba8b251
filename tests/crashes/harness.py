"""Kills a server at random moments under a mixed load, and has a model judge what is left.

python -m tests.crashes.harness --kills 300 --seed 1
"""

from __future__ import annotations

import argparse
import math
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.crashes.load import Ledger, Load, prepare
from tests.crashes.model import Model, Verdict
from tests.crashes.shifted import Shift
from tests.crashes.wire import Wire
from tests.processes import ROOT, Served, served

SETTLING_SECONDS = 900  # in which everything ends, once nobody kills any more
STARTUP_KILLS = 0.15  # the share of kills that hit a server which is not ready yet
WORKER_KILLS = 0.1  # how often a worker process dies beside the server
CLOCK_CHANGES = 0.2  # how often the clock is set, forward or back, beside a kill
SHIFTS = (-4.0, 0.0, 4.0)  # seconds that the server's clock is ahead of the machine's


@dataclass
class Workers:
    """Processes that work for the server; one of them may be killed and replaced."""

    port: int
    folder: Path
    activities: list[str]
    seed: int = 0

    def __post_init__(self) -> None:
        moody, patient, work = self.activities
        self._moody = [moody] * 4 + [work] * 4
        self._processes = [
            self._spawn("moody", self._moody),
            self._spawn("moody", self._moody),
            self._spawn("patient", [patient] * 3),
        ]

    @property
    def logs(self) -> list[Path]:
        return sorted(self.folder.glob("worker-*.log"))

    def _spawn(self, temper: str, activities: list[str]) -> subprocess.Popen[bytes]:
        self.seed += 1
        log = self.folder / f"worker-{self.seed}.log"
        command = [sys.executable, "-m", "tests.crashes.hands", str(self.port), str(log), str(self.seed)]
        return subprocess.Popen([*command, temper, *activities], cwd=ROOT, stdin=subprocess.PIPE)

    def replace_one(self) -> None:
        _kill(self._processes[0])
        self._processes[0] = self._spawn("moody", self._moody)

    def end(self) -> None:
        for process in self._processes:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


@contextmanager
def _working(port: int, folder: Path, activities: list[str]) -> Iterator[Workers]:
    workers = Workers(port, folder, activities)
    try:
        yield workers
    finally:
        workers.end()


def run(folder: Path, *, kills: int, seed: int, minutes: float = math.inf) -> Verdict:
    """Kill a server with its data in `folder`, so often or for so long; what the model says in the end."""
    until = time.monotonic() + minutes * 60
    chance, killed = random.Random(seed), 0
    shift = Shift(folder / "shift")
    program = [sys.executable, "-m", "tests.crashes.shifted", str(folder / "shift")]
    with served(folder / "data", log=folder / "server.log", program=program) as server:
        wire = Wire(server.port)
        made, activities = prepare(wire)
        ledger = Ledger()
        with _working(server.port, folder, activities) as workers:
            load = Load(server.port, made, ledger, seed)
            load.start()
            try:
                while killed < kills and time.monotonic() < until:
                    killed += 1
                    _die(server, chance)
                    if chance.random() < WORKER_KILLS:
                        workers.replace_one()
                    if chance.random() < CLOCK_CHANGES:
                        shift.seconds = chance.choice(SHIFTS)
            finally:
                load.end()
            model = Model(wire, made, ledger, workers.logs, set_back=max(SHIFTS) - min(SHIFTS))
            _settle(model, ledger)
        verdict = model.judge()
    _judge_log(folder / "server.log", verdict)
    verdict.counts["kills"] = killed
    return verdict


def _die(server: Served, chance: random.Random) -> None:
    time.sleep(chance.choice([0.02, 0.2, 1.0, 2.0]) * chance.random())
    server.kill()
    if chance.random() < STARTUP_KILLS:
        server.spawn()
        time.sleep(chance.uniform(0.0, 3.0))
        server.kill()
    server.start()
    # Let some of the lives get somewhere.
    time.sleep(chance.choice([0.0, 0.5, 1.5]))


def _settle(model: Model, ledger: Ledger) -> None:
    """Wait until nothing runs any more."""
    deadline = time.monotonic() + SETTLING_SECONDS
    while running := model.running():
        if time.monotonic() > deadline:
            ledger.fault(f"stuck: {running}")
            return
        model.stop_the_unacknowledged()
        time.sleep(0.5)
    time.sleep(2.0)  # the executor hears of an end after its commit


def _judge_log(log: Path, verdict: Verdict) -> None:
    """A server that was killed has nothing to complain of."""
    text = log.read_text(errors="replace")
    for word in ("Traceback", '"title": "panic"'):
        verdict.check(word not in text, f"the server's log has a {word}: {log}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=math.inf, help="kill no longer than that")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep everything there")
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="wfm-crashes-"))
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    verdict = run(folder, kills=arguments.kills, seed=arguments.seed, minutes=arguments.minutes)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.platform()}, Python {platform.python_version()}")
    print(f"seed {arguments.seed}, {time.monotonic() - began:.0f} seconds")
    for what, count in verdict.counts.items():
        print(f"{count:>8}  {what}")
    for problem in verdict.problems[:50]:
        print(f"PROBLEM  {problem}")
    print(f"{len(verdict.problems)} problems")
    if not verdict.problems and arguments.folder is None:
        shutil.rmtree(folder)
    return 1 if verdict.problems else 0


if __name__ == "__main__":
    sys.exit(main())
