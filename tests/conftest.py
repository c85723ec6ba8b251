"""What holds for all tests, and what keeps a run of the quick ones short."""

from __future__ import annotations

import gc
import os
import re
import signal
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes tells how busy the machine is, not whether the code is right.
settings.register_profile("whenever", deadline=None)
settings.load_profile("whenever")

# Who starts the tests in the background, or with nohup, hands ignored signals down to all commands,
# and a shell cannot trap what was ignored when it began.
for number, usual in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three processes for two cores: what is tested waits for sockets and disks now and then."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2


WHOLLY_SLOW = re.compile(r"^pytestmark = (\[\s*)?pytest\.mark\.slow\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A module that is slow as a whole is not even imported for the quick tests: that alone takes seconds."""
    if collection_path.suffix != ".py" or "not slow" not in config.option.markexpr:
        return None
    return True if WHOLLY_SLOW.search(collection_path.read_text()) else None


# As the tests' parameters call them.
DYNAMODBS = re.compile(r"\[.*\b(?:on_)?(moto|dynalite|dynamodb_local)\b.*\]$")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which of the DynamoDBs that there are have been asked, and what was skipped for which reason."""
    stats = terminalreporter.stats
    ran = [report.nodeid for kind in ("passed", "failed") for report in stats.get(kind, ())]
    asked = Counter(found[1] for found in map(DYNAMODBS.search, ran) if found)
    for name, count in sorted(asked.items()):
        terminalreporter.write_line(f"{count} on {name}")
    reasons = Counter(str(report.longrepr[2]) for report in stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} {reason[:1].lower()}{reason[1:]}")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and collected tests stay until the end: the collector need not look at them time and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
