"""A worker as a process of its own, with real signals."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest


def check(script: str, signals: Sequence[signal.Signals]) -> list[str]:
    """Start a worker whose command says `ready`, send it the signals, and give the outcome it sent.

    Between two signals there is a moment, as between two key strokes.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.worker.worker_process", "sh", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "ready" not in process.stderr.readline():
        assert process.poll() is None
    for number in signals:
        process.send_signal(number)
        time.sleep(0.05)
    printed, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    outcome = json.loads(printed)
    assert isinstance(outcome, list)
    return outcome


LOOP = "sleep 200 >/dev/null 2>&1 & sleep 0.05; echo ready >&2; wait"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_after_the_outcome_of_its_running_task_was_sent(number: signal.Signals) -> None:
    script = f"""trap 'echo "{{\\"swept\\": 1}}"; exit 0' {number.name[3:]}; {LOOP}"""
    assert check(script, [number]) == ["success", '{"swept":1,"_EXECUTION_NAME":"e"}']


def test_a_command_that_dies_of_the_signal_is_reported_as_terminated() -> None:
    assert check("echo ready >&2; exec sleep 10", [signal.SIGTERM])[:2] == [
        "failure",
        "sfncli.CommandTerminated",
    ]


def test_a_second_signal_ends_the_command_at_once() -> None:
    # It would go on for longer than `check` waits.
    script = f"trap '' TERM; {LOOP}; sleep 200"
    assert check(script, [signal.SIGTERM, signal.SIGTERM])[:2] == ["failure", "sfncli.CommandTerminated"]


def test_other_signals_reach_the_command_and_the_worker_goes_on() -> None:
    traps = """trap 'echo hup >&2' HUP; trap 'echo "{}"; exit 0' USR1"""
    script = f"{traps}; {LOOP}; sleep 10 >/dev/null 2>&1 & wait"
    outcome = check(script, [signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM])
    assert outcome == ["success", '{"_EXECUTION_NAME":"e"}']
