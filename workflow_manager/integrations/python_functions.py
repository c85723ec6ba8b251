"""Lambda functions in Python, run on this machine: called with an event and a context, as on AWS."""

from __future__ import annotations

import asyncio
import inspect
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from workflow_manager.engine.blocking import Threads
from workflow_manager.integrations.invocations import Invocation, local_invocation
from workflow_manager.kernel.json import Json, NotJson, dumps, loads

DEFAULT_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True)
class FunctionContext:
    """What AWS tells a function about its invocation, as far as it means something here."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    ends_at: float  # by time.monotonic()
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        return max(int((self.ends_at - time.monotonic()) * 1000), 0)


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """`handler(event, context)`, or `handler(event)`; a coroutine function gets a loop of its own.

    After `seconds` the task fails; the call itself cannot be ended, and keeps its thread meanwhile.
    """

    name: str
    handler: Callable[..., object]
    threads: Threads
    seconds: float = DEFAULT_SECONDS

    async def invoke(self, event: str, *, request_id: str, arn: str) -> Invocation:
        def call() -> tuple[str, bool]:
            context = FunctionContext(self.name, arn, request_id, time.monotonic() + self.seconds)
            return self._call(event, context)

        try:
            payload, is_error = await self.threads.run(call, self.seconds)
        except TimeoutError:
            payload, is_error = timed_out(request_id, self.seconds), True
        return local_invocation(payload, request_id, is_error=is_error)

    def _call(self, event: str, context: FunctionContext) -> tuple[str, bool]:
        """The payload, and whether it describes an exception."""
        try:
            value = loads(event)
        except NotJson as error:
            return describe("Runtime.UnmarshalError", str(error), context.aws_request_id), True
        try:
            arguments = (value, context) if takes_context(self.handler) else (value,)
            result = self.handler(*arguments)
            if inspect.iscoroutine(result):
                result = asyncio.run(result)
        except BaseException as error:  # a task is answered whatever its function does, SystemExit included
            trace = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
            return describe(type(error).__name__, str(error), context.aws_request_id, trace), True
        try:
            return dumps(result), False  # type: ignore[arg-type]
        except NotJson as error:
            text = f"Unable to marshal response: {error}"
            return describe("Runtime.MarshalError", text, context.aws_request_id), True


def takes_context(handler: Callable[..., object]) -> bool:
    try:
        inspect.signature(handler).bind(None, None)
    except TypeError:
        return False
    except ValueError:  # there is no signature to look at: it is called as AWS calls it
        return True
    return True


def describe(error: str, message: str, request_id: str, trace: list[str] | None = None) -> str:
    """An unhandled exception as Lambda tells of it."""
    told: dict[str, Json] = {"errorMessage": message, "errorType": error, "requestId": request_id}
    lines: list[Json] = list(trace or ())
    return dumps({**told, "stackTrace": lines})


def timed_out(request_id: str, seconds: float) -> str:
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return dumps({"errorType": "Sandbox.Timedout", "errorMessage": message})
