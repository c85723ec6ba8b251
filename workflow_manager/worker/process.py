"""A child process in a group of its own, watched until its end and no longer than its grace.

Decides when a group that was told to end is killed, and when to stop reading from pipes that a
grandchild keeps open.
"""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import BinaryIO, Final

# How long after the kill the pipes may take to run dry; only a process that left the group holds them.
_LAST_WORDS: Final = timedelta(seconds=1)
_CHUNK: Final = 65536


class Tail:
    """The last `limit` bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self.total = 0

    def append(self, data: bytes) -> None:
        self.total += len(data)
        self._kept += data
        # Trimmed in strides: moving a quarter of a megabyte for every small write would be quadratic.
        if len(self._kept) > 2 * self._limit:
            del self._kept[: -self._limit]

    @property
    def data(self) -> bytes:
        return bytes(self._kept[-self._limit :])


class ChildProcess:
    """Starts at once.  Raises what starting raises: `OSError`, or `ValueError` for a NUL byte."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        stdout: tuple[Tail, BinaryIO],
        stderr: tuple[Tail, BinaryIO],
        linger: timedelta,
    ) -> None:
        """Each stream is kept in its tail and passed on; `linger` is how long after a normal end to
        wait for others that hold the pipes."""
        self._linger = linger.total_seconds()
        self._kill_at: float | None = None
        self._ended = False
        self._lock = threading.Lock()
        self._popen = subprocess.Popen(
            arguments,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            # A session, and thus a group, of its own: a signal can reach grandchildren too, and the
            # terminal's Ctrl-C arrives once, through the worker.
            start_new_session=True,
        )
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self._streams = ((self._popen.stdout, *stdout), (self._popen.stderr, *stderr))
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)

    def signal(self, number: int) -> None:
        """Send a signal to the whole group, unless it is gone."""
        with self._lock:
            if not self._ended:
                # Gone already, or (on some systems) nothing but zombies.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._popen.pid, number)

    def limit(self, limits: Mapping[int, int]) -> None:
        """Bound what the process, and those that it starts from now on, may use; by `resource`'s
        numbers."""
        with self._lock:
            for number, most in limits.items():
                # Gone already; or stricter than our own bound, which stands.
                with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):
                    resource.prlimit(self._popen.pid, number, (most, most))

    def end_within(self, grace: timedelta) -> None:
        """Kill the group after `grace`, or earlier if that was asked before."""
        at = time.monotonic() + grace.total_seconds()
        with self._lock:
            if self._ended:
                return
            self._kill_at = at if self._kill_at is None else min(at, self._kill_at)
            self._wake()

    def wait(self) -> int:
        """The exit code, or the negative number of the signal that killed it."""
        reaper = threading.Thread(target=self._reap, name=f"reap-{self._popen.pid}", daemon=True)
        reaper.start()
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_reader, selectors.EVENT_READ)
            for stream in self._streams:
                selector.register(stream[0], selectors.EVENT_READ, stream)
            self._pump(selector)
        with self._lock:
            self._ended = True
            os.close(self._wake_reader)
            os.close(self._wake_writer)
        for pipe, _, _ in self._streams:
            pipe.close()
        reaper.join()
        return self._popen.returncode

    def _reap(self) -> None:
        self._popen.wait()
        with self._lock:
            # Who reads may have seen the end first; by now the pipe's number can be another file's.
            if not self._ended:
                self._wake()

    def _wake(self) -> None:
        # A full pipe wakes just as well.
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_writer, b".")

    def _pump(self, selector: selectors.BaseSelector) -> None:
        """Copy until the process has ended and its pipes are dry, or time is up."""
        killed = False
        exited_at: float | None = None
        while True:
            now = time.monotonic()
            if exited_at is None and self._popen.returncode is not None:
                exited_at = now
            if exited_at is not None and len(selector.get_map()) == 1:
                return
            kill_at = self._kill_at
            if kill_at is not None and now >= kill_at and not killed:
                killed = True
                self.signal(signal.SIGKILL)
            deadline = self._deadline(kill_at, exited_at, killed)
            if exited_at is not None and deadline is not None and now >= deadline:
                return
            timeout = None if deadline is None else max(0.0, deadline - now)
            for key, _ in selector.select(timeout):
                if key.data is None:
                    os.read(self._wake_reader, _CHUNK)
                else:
                    _copy(selector, *key.data)

    def _deadline(self, kill_at: float | None, exited_at: float | None, killed: bool) -> float | None:
        """When there is next something to decide without news from outside."""
        if kill_at is not None and not killed:
            return kill_at
        if exited_at is None:
            return None
        if kill_at is not None:
            return max(kill_at, exited_at) + _LAST_WORDS.total_seconds()
        return exited_at + self._linger


def _copy(selector: selectors.BaseSelector, pipe: BinaryIO, tail: Tail, onward: BinaryIO) -> None:
    data = os.read(pipe.fileno(), _CHUNK)
    if not data:
        selector.unregister(pipe)
        return
    tail.append(data)
    # Whoever read the worker's own output may be gone; the task must not fail for that.
    with contextlib.suppress(OSError, ValueError):
        onward.write(data)
        onward.flush()
