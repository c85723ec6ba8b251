"""Reads the runnable blocks of a page, and runs them as a reader would: in order, in one shell.

```console blocks hold commands (`$ ` at the line's start, `> ` for a continued line) and what they
show; `…` stands for anything on a line, a line of `…` alone for any lines.  ```python blocks are
run as programs.  Other blocks are for reading only.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```(?P<language>\w+)[^\n]*\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One command and what the page says that it prints."""

    command: str
    shown: str
    line: int


def steps(page: Path) -> list[Step]:
    """What a reader of the page would run, top to bottom."""
    text = page.read_text()
    found: list[Step] = []
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 2
        if block["language"] == "console":
            found += _console(block["body"], line)
        elif block["language"] == "python":
            found.append(Step(f"python - <<'END_OF_PROGRAM'\n{block['body']}END_OF_PROGRAM", "…", line))
    return found


def _console(body: str, first: int) -> list[Step]:
    found: list[Step] = []
    for number, line in enumerate(body.splitlines(), first):
        if line.startswith("$ "):
            found.append(Step(line[2:], "", number))
        elif (line == ">" or line.startswith("> ")) and found and not found[-1].shown:
            last = found[-1]
            found[-1] = Step(f"{last.command}\n{line[2:]}", "", last.line)
        elif found:
            last = found[-1]
            found[-1] = Step(last.command, f"{last.shown}{line}\n", last.line)
    return found


def matches(shown: str, printed: str) -> bool:
    """Does the output fit what the page shows?"""
    pattern = ""
    for line in shown.splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            parts = [re.escape(part) for part in line.rstrip().split("…")]
            pattern += r"[^\n]*?".join(parts) + r"[ ]*\n"
    normal = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    return re.fullmatch(pattern, normal) is not None


class Shell:
    """One bash for a whole page, so that variables and background jobs live on between commands."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env={**environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, command: str) -> str:
        """What the command printed on both streams."""
        assert self._bash.stdin
        assert self._bash.stdout
        self._bash.stdin.write(f"{command}\necho; echo END_OF_STEP\n")
        self._bash.stdin.flush()
        printed = ""
        for line in self._bash.stdout:
            if line == "END_OF_STEP\n":
                return printed.removesuffix("\n")
            printed += line
        raise AssertionError(f"the shell ended in the middle of `{command}`:\n{printed}")

    def close(self) -> None:
        """End the shell and everything that it started."""
        os.killpg(self._bash.pid, signal.SIGTERM)
        self._bash.wait(timeout=180)
