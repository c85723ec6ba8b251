"""Plays the session of docs/how-to/session.md on a pseudo-terminal, and writes it down.

`python -m tests.docs.session` writes the page anew; the test plays it again and compares.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.terminal import Terminal
from tests.processes import ROOT, WFM, served

PAGE = ROOT / "docs" / "how-to" / "session.md"

HEAD = """\
# A session

What the main commands look like on a terminal, as recorded; a test plays it again. Ids, times and
durations are others each time. The workflow is `examples/shop/shop.yml`: an order is checked, paid and
invoiced at once, and each of its items packed and sent. Its worker is `wfm worker --config
examples/shop/worker.yml`.
"""

INPUT = '{"items": ["book", "lamp", "pen"]}'

# A slow machine may go past the first of them between two looks.
HALFWAY = ("3/6, 0 failed", "4/6, 0 failed", "5/6, 0 failed")

_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_VARYING = (
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b"), "2026-01-31 12:00:00"),
    (re.compile(r"\b\d\d:\d\d:\d\d\.\d{3}\b"), "12:00:00.000"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b(?!\.)"), "12:00:00"),
    (re.compile(r" {0,6}\b(\d+ min )?\d+(\.\d)? s ago\b"), "       now"),
    (re.compile(r"\b(\d+ min )?\d+(\.\d)? s\b"), "0.1 s"),
    (re.compile(r"\+\d+\.\d{3}\b"), "+0.100"),
    (re.compile("|".join(HALFWAY)), HALFWAY[0]),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8080"),
)


class Session:
    """Commands one after the other; what they show is gathered as a page."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._ids: dict[str, str] = {}
        self.page = HEAD

    def say(self, text: str) -> None:
        self.page += f"\n{text}\n"

    def show(self, command: str, shown: str) -> None:
        self.page += f"\n```text\n$ {command}\n{shown}\n```\n"

    def start(self, command: str) -> Terminal:
        return Terminal(command, self._folder, self._environment)

    def run(self, command: str, code: int = 0) -> str:
        """From its start to its end."""
        shown, ended = self.start(command).end()
        assert ended == code, (command, ended, shown)
        self.show(command, shown)
        return shown

    def change(self, file: str, old: str, new: str) -> None:
        """Make changed.yml of it."""
        text = (self._folder / file).read_text()
        (self._folder / "changed.yml").write_text(text.replace(old, new))

    def hold(self, what: str) -> None:
        (self._folder / what).touch()

    def let_go(self, what: str) -> None:
        (self._folder / what).unlink()

    def written(self) -> str:
        return normal(self.page, self._ids)


def normal(text: str, ids: dict[str, str]) -> str:
    """With the same ids, times and durations in every recording."""
    for found in _ID.findall(text):
        ids.setdefault(found, f"00000000-0000-4000-8000-{len(ids) + 1:012}")
    text = _ID.sub(lambda found: ids[found[0]], text)
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text


def plain(text: str) -> str:
    """What stays the same on a screen that is painted again and again."""
    return "\n".join(without_widths(normal(text, {})))


def without_widths(text: str) -> list[str]:
    """The words of each line: columns are as wide as the longest duration in them."""
    return [" ".join(re.sub(r"[─━╺╸]+", " ", line).split()) for line in text.splitlines()]


def play(session: Session) -> None:
    session.say("## Define")
    session.run("wfm definitions apply examples/shop/shop.yml")
    session.run("wfm graph shop")

    session.say("## Submit and follow")
    session.say("On a terminal the tree changes in place. Here two of three items are through:")
    session.hold("hold-send-lamp")
    session.hold("broken-send")
    submit = f"wfm submit shop '{INPUT}' -n dev --follow"
    following = session.start(submit)
    session.show(submit, following.settled("2/3", plain))
    session.say(
        "One of them cannot be sent. The tree stays, what has succeeded is folded, and the cause is told in\n"
        "full:"
    )
    session.let_go("hold-send-lamp")
    shown, code = following.end()
    assert code == 1, shown
    session.show(submit, shown)

    session.say("## Find out, and go on")
    failed = _ID.search(shown)
    assert failed is not None
    session.run(f"wfm history {failed[0]} --failed")
    session.let_go("broken-send")
    session.run(f"wfm resume {failed[0]} --follow")

    session.say("## Change it")
    session.change("examples/shop/shop.yml", "ItemsPath", "MaxConcurrency: 2\n      ItemsPath")
    session.run("wfm diff changed.yml")

    session.say("## Many at once")
    session.hold("hold-send")
    for _ in range(6):
        session.start(f"wfm submit shop '{INPUT}' -n dev").end()
    while len(session.start("wfm workflows shop --status running -o name").end()[0].split()) < 6:
        pass  # they are recorded as running a moment later
    session.say("`wfm top` looks again every other second, until Ctrl-C:")
    top = session.start("wfm top")
    session.show("wfm top", top.settled("14 waiting, 4 running", plain))
    top.interrupt()
    assert top.end()[1] == 0
    cancel = 'wfm workflows cancel --where definition=shop --reason "the shop is closed" --rate-limit 2'
    session.say("What is to be done is shown first, and asked about:")
    cancelling = session.start(cancel)
    cancelling.until("Continue? (y/n)")
    cancelling.type("y\n")
    session.show(cancel, cancelling.until(*HALFWAY))
    shown, code = cancelling.end()
    assert code == 0, shown
    session.say("And at the end it is summed up:")
    session.show(cancel, shown)
    session.let_go("hold-send")


@contextmanager
def shop(folder: Path) -> Iterator[Session]:
    """A server with its worker, in a folder with the examples."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "bin").mkdir()
    wfm = folder / "bin" / "wfm"
    wfm.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m workflow_manager "$@"\n')
    wfm.chmod(0o755)
    with served(folder / "data") as server, (folder / "worker.log").open("wb") as log:
        environment = {**server.environment, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
        worker = subprocess.Popen(
            [*WFM, "worker", "--config", "examples/shop/worker.yml"],
            cwd=folder,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
        try:
            yield Session(folder, environment)
        finally:
            # Twice: what it holds is of no interest any more.
            worker.send_signal(signal.SIGTERM)
            worker.send_signal(signal.SIGINT)
            worker.wait(timeout=180)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made, shop(Path(made)) as session:
        play(session)
        PAGE.write_text(session.written())
