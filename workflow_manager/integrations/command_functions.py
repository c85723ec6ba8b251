"""Lambda functions that are commands: the event on standard input, the result on standard output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workflow_manager.integrations.invocations import Invocation, local_invocation
from workflow_manager.integrations.python_functions import DEFAULT_SECONDS, describe, timed_out
from workflow_manager.kernel.json import NotJson, dumps, loads

MAX_RESULT: Final = 6 * 2**20  # bytes, as with Lambda
KEPT_ERRORS: Final = 8192  # bytes of standard error that a failure shows


class _TooLarge(Exception):
    """The command writes more than a function may return."""


@dataclass(frozen=True, slots=True)
class CommandFunction:
    """A process for every event, killed after `seconds`, or when nobody waits for its result.

    Its code tells success from failure.  A command that fails may describe its error as Lambda
    does (`{"errorType": …, "errorMessage": …}`) on standard output.  `places` bounds how many run.
    """

    name: str
    arguments: Sequence[str]
    places: asyncio.Semaphore
    environment: Mapping[str, str]
    seconds: float = DEFAULT_SECONDS

    async def invoke(self, event: str, *, request_id: str, arn: str) -> Invocation:
        async with self.places:
            payload, is_error = await self._run(event, request_id, arn)
        return local_invocation(payload, request_id, is_error=is_error)

    async def _run(self, event: str, request_id: str, arn: str) -> tuple[str, bool]:
        environment = {
            **self.environment,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "WFM_FUNCTION_ARN": arn,
            "WFM_REQUEST_ID": request_id,
        }
        try:
            process = await asyncio.create_subprocess_exec(
                *self.arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
            )
        except (OSError, ValueError) as error:
            return describe("Runtime.InvalidEntrypoint", str(error), request_id), True
        try:
            async with asyncio.timeout(self.seconds):
                output, errors = await _converse(process, event.encode())
        except TimeoutError:
            return timed_out(request_id, self.seconds), True
        except _TooLarge as error:
            return describe("Function.ResponseSizeTooLarge", str(error), request_id), True
        finally:
            await _end(process)
        if process.returncode:
            return _failure(process.returncode, output, errors, request_id), True
        return _result(output), False


async def _converse(process: Process, event: bytes) -> tuple[str, str]:
    """What the process wrote on standard output, and the end of what it wrote on standard error."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    _, output, errors, _ = await asyncio.gather(
        _feed(process.stdin, event), _read(process.stdout), _read_end(process.stderr), process.wait()
    )
    return output.decode(errors="replace"), errors.decode(errors="replace")


async def _feed(stdin: asyncio.StreamWriter, event: bytes) -> None:
    # A command need not read its event.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(event)
        await stdin.drain()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.close()
        await stdin.wait_closed()


async def _read(stdout: asyncio.StreamReader) -> bytes:
    data = bytearray()
    while part := await stdout.read(65536):
        data += part
        if len(data) > MAX_RESULT:
            raise _TooLarge(f"The result exceeds the maximum of {MAX_RESULT} bytes.")
    return bytes(data)


async def _read_end(stderr: asyncio.StreamReader) -> bytes:
    data = b""
    while part := await stderr.read(65536):
        data = (data + part)[-KEPT_ERRORS:]
    return data


async def _end(process: Process) -> None:
    """Kill the process and its children, if it still runs."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


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
