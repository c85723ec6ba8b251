"""A worker as a process of its own, with real signals."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import zip_longest

import pytest


def check(script: str, signals: Sequence[signal.Signals], heard: Sequence[str] = ()) -> list[str]:
    """Start a worker whose command says `ready`, send it the signals, and give the outcome it sent.

    What is `heard` of the command after a signal is waited for before the next is sent: the system
    keeps signals of one kind for nobody, nor their order.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.worker.worker_process", "sh", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    _hear(process, "ready")
    for number, word in zip_longest(signals, heard):
        process.send_signal(number)
        if word:
            _hear(process, word)
    printed, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    outcome = json.loads(printed)
    assert isinstance(outcome, list)
    return outcome


def _hear(process: subprocess.Popen[str], word: str) -> None:
    assert process.stderr is not None
    while word not in (line := process.stderr.readline()):
        assert line, "the worker has ended"


LOOP = "sleep 200 >/dev/null 2>&1 & sleep 0.05; echo ready >&2; wait"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_after_the_outcome_of_its_running_task_was_sent(number: signal.Signals) -> None:
    script = f"""trap 'echo "{{\\"swept\\": 1}}"; exit 0' {number.name[3:]}; {LOOP}"""
    assert check(script, [number]) == ["success", '{"swept":1,"_EXECUTION_NAME":"e"}']


def test_a_command_that_dies_of_the_signal_is_reported_as_terminated() -> None:
    assert check("echo ready >&2; exec sleep 200", [signal.SIGTERM])[:2] == [
        "failure",
        "sfncli.CommandTerminated",
    ]


def test_a_second_signal_ends_the_command_at_once() -> None:
    # It would go on for longer than `check` waits.
    script = f"trap 'echo told >&2' TERM; {LOOP}; sleep 200"
    outcome = check(script, [signal.SIGTERM, signal.SIGTERM], ["told"])
    assert outcome[:2] == ["failure", "sfncli.CommandTerminated"]


def test_other_signals_reach_the_command_and_the_worker_goes_on() -> None:
    traps = """trap 'echo hup >&2' HUP; trap 'trap "" TERM; echo usr1 >&2; echo "{}"; exit 0' USR1"""
    script = f"{traps}; {LOOP}; sleep 200 >/dev/null 2>&1 & wait"
    outcome = check(script, [signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM], ["hup", "usr1"])
    assert outcome == ["success", '{"_EXECUTION_NAME":"e"}']
