"""Programs on a pseudo-terminal, and what a person would see on it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyte

PATIENCE = 180.0


class Terminal:
    """One command, from its start to its end, on a screen of its own."""

    def __init__(
        self,
        command: str,
        folder: Path,
        environment: Mapping[str, str],
        *,
        columns: int = 100,
        rows: int = 50,
    ) -> None:
        self._command = command
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._unread = b""
        self._mine, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=folder,
            env={**environment, "TERM": "xterm-256color"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)

    def shown(self) -> str:
        """Everything on the screen, without what is blank at the ends."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def until(self, *texts: str) -> str:
        """The screen at the moment when one of these comes to be on it."""
        deadline = time.monotonic() + PATIENCE
        while not any(text in self.shown() for text in texts):
            assert time.monotonic() < deadline, f"{self._command} never showed {texts}, but\n{self.shown()}"
            assert self._read(), f"{self._command} ended without {texts}:\n{self.shown()}"
        return self.shown()

    def settled(self, text: str, normal: Callable[[str], str]) -> str:
        """The screen with this on it, once it changes no more but in what `normal` takes away."""
        before = self.until(text)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            quiet_until = time.monotonic() + 1.0
            while time.monotonic() < quiet_until:
                assert self._read(), f"{self._command} ended:\n{self.shown()}"
            now = self.shown()
            if text in now and normal(now) == normal(before):
                return now
            before = now
        raise AssertionError(f"{self._command} never came to rest:\n{self.shown()}")

    def type(self, text: str) -> None:
        os.write(self._mine, text.encode())

    def interrupt(self) -> None:
        os.killpg(self._process.pid, signal.SIGINT)

    def end(self) -> tuple[str, int]:
        """The last screen, and the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, f"{self._command} does not end, but shows\n{self.shown()}"
        os.close(self._mine)
        return self.shown(), self._process.wait(timeout=PATIENCE)

    def _read(self) -> bool:
        """Paint the next piece of what came, or wait a moment for more; False once there will be none."""
        if self._unread:
            # Up to where a line is painted anew: what is seen only for a moment is seen.
            piece, again, self._unread = self._unread.partition(b"\r")
            self._stream.feed(piece + again)
            return True
        if not select.select([self._mine], [], [], 0.1)[0]:
            return True
        try:
            self._unread = os.read(self._mine, 65536)
        except OSError:  # Linux says so when the last writer is gone
            return False
        return bool(self._unread)
