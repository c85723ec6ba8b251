"""Lambda functions that are commands: the event on standard input, the result on standard output."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Final

from workflow_manager.engine.blocking import Threads
from workflow_manager.integrations.invocations import Invocation, local_invocation
from workflow_manager.integrations.python_functions import DEFAULT_SECONDS, describe, timed_out
from workflow_manager.kernel.json import NotJson, dumps, loads

MAX_RESULT: Final = 6 * 2**20  # bytes, as with Lambda
KEPT_ERRORS: Final = 8192  # bytes of standard error that a failure shows
END_SECONDS: Final = 1.0  # for the rest of standard error, after the process has ended


@dataclass(frozen=True, slots=True)
class CommandFunction:
    """A process for every event, killed after `seconds`, or when nobody waits for its result.

    Its code tells success from failure.  A command that fails may describe its error as Lambda
    does (`{"errorType": …, "errorMessage": …}`) on standard output.
    """

    name: str
    arguments: Sequence[str]
    threads: Threads
    environment: Mapping[str, str]
    seconds: float = DEFAULT_SECONDS

    async def invoke(self, event: str, *, request_id: str, arn: str) -> Invocation:
        told = {
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "WFM_FUNCTION_ARN": arn,
            "WFM_REQUEST_ID": request_id,
        }
        run = _Run(self.arguments, {**self.environment, **told}, request_id)
        try:
            payload, is_error = await self.threads.run(lambda: run.perform(event), self.seconds)
        except TimeoutError:
            payload, is_error = timed_out(request_id, self.seconds), True
        finally:
            run.kill()
        return local_invocation(payload, request_id, is_error=is_error)


class _Run:
    """One process.  It is performed on a thread of its own and killed from any other."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], request_id: str) -> None:
        self._arguments = arguments
        self._environment = environment
        self._request_id = request_id
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_killed = False

    def perform(self, event: str) -> tuple[str, bool]:
        """The payload, and whether it describes a failure."""
        with tempfile.TemporaryFile() as given:
            given.write(event.encode())
            given.seek(0)
            try:
                process = self._start(given)
            except (OSError, ValueError) as error:
                return describe("Runtime.InvalidEntrypoint", str(error), self._request_id), True
        assert process.stdout is not None
        assert process.stderr is not None
        errors = _End(process.stderr)
        with process.stdout:
            output = _read(process.stdout)
            if len(output) > MAX_RESULT:
                self.kill()
                process.wait()
                text = f"The result exceeds the maximum of {MAX_RESULT} bytes."
                return describe("Function.ResponseSizeTooLarge", text, self._request_id), True
            code = process.wait()
            if code:
                return _failure(code, _text(output), errors.text(), self._request_id), True
            return _result(_text(output)), False

    def kill(self) -> None:
        """End the process and its children, if it runs; it never starts after this."""
        with self._lock:
            self._is_killed = True
            if self._process is None or self._process.poll() is not None:
                return
            with contextlib.suppress(ProcessLookupError):
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _start(self, given: IO[bytes]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_killed:
                raise OSError("nobody waits for it any more")
            self._process = subprocess.Popen(
                self._arguments,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
            )
            return self._process


class _End:
    """Reads a stream on a thread to its end, and keeps the last of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join(END_SECONDS)
        return _text(self._kept)

    def _read(self) -> None:
        with self._stream:
            while part := os.read(self._stream.fileno(), 65536):
                self._kept = (self._kept + part)[-KEPT_ERRORS:]


def _read(stream: IO[bytes]) -> bytes:
    """All of it, or somewhat more than MAX_RESULT."""
    data = bytearray()
    while len(data) <= MAX_RESULT and (part := os.read(stream.fileno(), 65536)):
        data += part
    return bytes(data)


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _result(output: str) -> str:
    """JSON as it is, other text as a JSON string, nothing as null."""
    text = output.strip()
    if not text:
        return "null"
    try:
        loads(text)
    except NotJson:
        return dumps(text)
    return text


def _failure(code: int, output: str, errors: str, request_id: str) -> str:
    try:
        told = loads(output.strip() or "null")
    except NotJson:
        told = None
    if isinstance(told, dict) and isinstance(told.get("errorType"), str):
        return dumps(told)
    end = f"exit status {code}" if code > 0 else f"signal {-code}"
    message = f"RequestId: {request_id} Error: Runtime exited with error: {end}"
    return describe("Runtime.ExitError", message, request_id, errors.splitlines(keepends=True))
