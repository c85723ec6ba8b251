"""A program that is killed in the middle of a workflow, and started again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import os, sys
from workflow_manager import WorkflowManager

DEFINITION = '''
name: wf
stateMachine:
  StartAt: First
  States:
    First: {Type: Task, Resource: first, Next: Pause}
    Pause: {Type: Wait, Seconds: 1, Next: Second}
    Second: {Type: Task, Resource: second, End: true}
'''
tell = lambda text: os.write(1, f"{text}\\n".encode())  # whole, whoever else tells something
functions = {"first": lambda: tell("first"), "second": lambda: "done"}
with WorkflowManager(DEFINITION, functions, data=sys.argv[1]) as manager:
    if len(sys.argv) == 3:
        tell(manager.result(sys.argv[2], timeout=120))
    else:
        tell(manager.start_workflow("wf").id)
        input()
"""


@pytest.mark.slow
def test_a_workflow_goes_on_where_its_program_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as program:
        assert program.stdout is not None
        told = {program.stdout.readline().strip(), program.stdout.readline().strip()}
        program.kill()
    (workflow_id,) = told - {"first"}
    again = subprocess.run([*command, workflow_id], capture_output=True, text=True, env=environment)
    assert again.stdout.splitlines()[-1] == "done", again.stderr
