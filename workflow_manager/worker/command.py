"""Runs a command for a task: its input becomes the last argument, its last line the output.

Decides what a command's end means: which output, or which error with which cause.  The names of
errors are sfncli's, because definitions catch and retry them.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import structlog

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, NotJson, dumps, loads
from workflow_manager.worker.process import ChildProcess, Tail
from workflow_manager.worker.tasks import (
    COMMAND_TERMINATED,
    EXECUTION_NAME,
    OUTPUT_LIMIT,
    Outcome,
    Task,
    failed,
    succeeded,
    too_large,
)

STOP_GRACE: Final = timedelta(seconds=25)
CANCEL_GRACE: Final = timedelta(seconds=5)

# What Step Functions itself calls it, so that definitions need not tell the two apart.
TIMED_OUT: Final = "States.Timeout"

_STDERR_KEPT: Final = 32768

_log = structlog.stdlib.get_logger()
_sorted_keys = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run of a command may use; None for as much as the worker itself."""

    time: timedelta | None = None
    memory_megabytes: int | None = None
    cpu_seconds: int | None = None
    open_files: int | None = None

    def by_number(self) -> Mapping[int, int]:
        """What the system enforces, by `resource`'s numbers."""
        given = {
            resource.RLIMIT_AS: None if self.memory_megabytes is None else self.memory_megabytes << 20,
            resource.RLIMIT_CPU: self.cpu_seconds,
            resource.RLIMIT_NOFILE: self.open_files,
        }
        return {number: most for number, most in given.items() if most is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run for every task, and where its output is passed on to.

    When the worker is going down, the command is told at once and killed after `stop_grace`; one that
    is `undisturbed` is told only after that, and killed after `cancel_grace` more.
    """

    arguments: Sequence[str]
    stdout: BinaryIO
    stderr: BinaryIO
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    work_directory: Path | None = None
    stop_grace: timedelta = STOP_GRACE
    cancel_grace: timedelta = CANCEL_GRACE
    undisturbed: bool = False
    limits: Limits = Limits()

    @property
    def longest_stop(self) -> timedelta:
        """How long a run may last once it was asked to stop."""
        return self.stop_grace + (self.cancel_grace if self.undisturbed else timedelta(0))

    def __call__(self, task: Task) -> CommandRun:
        return CommandRun(self, task)


def prepare_work_directory(path: Path) -> Path:
    """The directory, made (for its owner alone) if missing.  Raises `InvalidRequest` if it is of no use."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InvalidRequest(f"work directory {path} cannot be used: {error.strerror}") from error
    return path.resolve()


class CommandRun:
    """One run of the command, for one task."""

    def __init__(self, command: Command, task: Task) -> None:
        self._command = command
        self._task = task
        self._process: ChildProcess | None = None
        self._lock = threading.Lock()
        self._pending: list[tuple[int, timedelta | None]] = []
        self._stopping = False
        self._is_late = False

    def cancel(self) -> None:
        self._send(signal.SIGTERM, grace=self._command.cancel_grace)

    def stop(self, signal_number: int) -> None:
        if self._command.undisturbed:
            self._later(self._command.stop_grace, partial(self._tell_to_stop, signal_number))
        else:
            self._stopping = True
            self._send(signal_number, grace=self._command.stop_grace)

    def _tell_to_stop(self, signal_number: int) -> None:
        self._stopping = True
        self._send(signal_number, grace=self._command.cancel_grace)

    def _run_out_of_time(self) -> None:
        self._is_late = True
        self.cancel()

    def _later(self, span: timedelta, act: Callable[[], None]) -> threading.Timer:
        timer = threading.Timer(span.total_seconds(), act)
        timer.daemon = True
        timer.start()
        return timer

    def kill(self) -> None:
        self._stopping = True
        self._send(signal.SIGKILL)

    def forward(self, signal_number: int) -> None:
        self._send(signal_number)

    def _send(self, number: int, grace: timedelta | None = None) -> None:
        """What comes before the start is kept for it."""
        with self._lock:
            process = self._process
            if process is None:
                self._pending.append((number, grace))
                return
        _deliver(process, number, grace)

    def run(self) -> Outcome:
        if self._stopping:
            return failed(COMMAND_TERMINATED, "the worker was going down before the command started")
        text = self._task.input
        try:
            value = loads(text)
        except NotJson:
            value = None
        if not isinstance(value, dict):
            return failed("sfncli.TaskInputNotJSON", f"task input not valid JSON: '{text}'")
        name = value.get(EXECUTION_NAME)
        if not isinstance(name, str):
            cause = f"task input missing {EXECUTION_NAME} attribute: '{text}'"
            return failed("sfncli.TaskInputMissingExecutionName", cause)
        try:
            with _scratch(self._command.work_directory) as work_directory:
                return self._run(value, name, work_directory)
        except (FileNotFoundError, PermissionError) as error:
            program = self._command.arguments[0]
            if error.filename != program:
                return failed("sfncli.Unknown", str(error))
            return failed("sfncli.CommandNotFound", f"command not found: '{program}'")
        except (OSError, ValueError) as error:
            return failed("sfncli.Unknown", str(error))

    def _run(self, value: dict[str, Json], name: str, work_directory: Path | None) -> Outcome:
        environment = {**self._command.environment, EXECUTION_NAME: name}
        if work_directory is not None:
            environment["WORK_DIR"] = str(work_directory)
        stdout = Tail(OUTPUT_LIMIT)
        stderr = Tail(_STDERR_KEPT)
        process = ChildProcess(
            [*self._command.arguments, _sorted_keys.encode(value).decode()],
            environment,
            stdout=(stdout, self._command.stdout),
            stderr=(stderr, self._command.stderr),
            linger=self._command.stop_grace,
        )
        with self._lock:
            self._process = process
            pending, self._pending = self._pending, []
        for number, grace in pending:
            _deliver(process, number, grace)
        process.limit(self._command.limits.by_number())
        time = self._command.limits.time
        alarm = None if time is None else self._later(time, self._run_out_of_time)
        code = process.wait()
        if alarm is not None:
            alarm.cancel()
        return self._outcome(code, name, stdout, stderr)

    def _outcome(self, code: int, name: str, stdout: Tail, stderr: Tail) -> Outcome:
        kept = stdout.data
        _, newline, line = kept.rstrip().rpartition(b"\n")
        if code == 0 and not newline and stdout.total > len(kept):
            return too_large(f"more than {OUTPUT_LIMIT}")
        said = line.strip().decode(errors="replace")
        if code == 0:
            return _output(said, name)
        return _own_error(said) or self._failure(code, stderr.data.decode(errors="replace").strip())

    def _failure(self, code: int, said: str) -> Outcome:
        if self._is_late and self._command.limits.time is not None:
            seconds = self._command.limits.time.total_seconds()
            return failed(TIMED_OUT, f"the command took longer than its worker allows: {seconds:g} seconds")
        # The flag first: what the command made of the signal does not matter.
        if self._stopping or code == -signal.SIGTERM:
            return failed(COMMAND_TERMINATED, said)
        if code > 0:
            return failed("sfncli.CommandExitedNonzero", said)
        if code == -signal.SIGKILL:
            return failed("sfncli.CommandKilled", said)
        return failed("sfncli.Unknown", f"signal: {signal.strsignal(-code) or -code}")


def _deliver(process: ChildProcess, number: int, grace: timedelta | None) -> None:
    process.signal(number)
    if grace is not None:
        process.end_within(grace)


def _output(line: str, name: str) -> Outcome:
    if not line:
        return succeeded(dumps({EXECUTION_NAME: name}))
    try:
        value = loads(line)
    except NotJson:
        value = None
    if not isinstance(value, dict):
        return failed("sfncli.TaskOutputNotJSON", f"stdout not valid JSON: '{line}'")
    return succeeded(dumps({**value, EXECUTION_NAME: name}))


def _own_error(line: str) -> Outcome | None:
    """The error that the command itself names in its last line: `{"error": …, "cause": …}`."""
    try:
        value = loads(line)
    except NotJson:
        return None
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    cause = value.get("cause")
    if not isinstance(error, str) or not error or not (cause is None or isinstance(cause, str)):
        return None
    return failed(error, cause or "")


@contextlib.contextmanager
def _scratch(base: Path | None) -> Iterator[Path | None]:
    """A fresh directory below `base`, gone afterwards."""
    if base is None:
        yield None
        return
    path = Path(tempfile.mkdtemp(prefix="task-", dir=base))
    try:
        yield path
    finally:
        try:
            shutil.rmtree(path)
        except OSError as error:
            _log.warning("work-directory-not-removed", path=str(path), error=str(error))
