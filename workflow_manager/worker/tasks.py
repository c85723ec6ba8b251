"""A task, what became of it, and the work in between.

Decides how long an error's name and cause may be.  Knows neither the client that a task came
from nor how it is worked on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

import msgspec

# Limits of SendTaskFailure and SendTaskSuccess, in bytes of UTF-8.
ERROR_LIMIT: Final = 256
CAUSE_LIMIT: Final = 32768
OUTPUT_LIMIT: Final = 262144

# The executor's default retrier waits for this name: the worker went away, the task is innocent.
COMMAND_TERMINATED: Final = "sfncli.CommandTerminated"

# Where the executor tells a task whose it is.
EXECUTION_NAME: Final = "_EXECUTION_NAME"

_TRUNCATED: Final = "[truncated]"


@dataclass(frozen=True, slots=True)
class Task:
    """What GetActivityTask gave: `input` is the JSON text as it came.

    `heartbeat` is the state's own HeartbeatSeconds, `attempt` how often the state was tried, counted
    from 1, `deadline` until when somebody waits for the result; None where nobody told.
    """

    token: str
    input: str
    heartbeat: timedelta | None = None
    attempt: int | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Succeeded:
    """`output` is a JSON text."""

    output: str


@dataclass(frozen=True, slots=True)
class Failed:
    error: str
    cause: str = ""


class _Named(msgspec.Struct):
    name: str | None = msgspec.field(name=EXECUTION_NAME, default=None)


_named: Final = msgspec.json.Decoder(_Named)


def execution_name(input: str) -> str | None:
    """The name of the execution, which the executor puts into every input; None where it is not."""
    try:
        return _named.decode(input).name
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


Outcome: TypeAlias = "Succeeded | Failed"


class Work(Protocol):
    """One task being worked on.  `run` is called once; the others at any moment, from any thread."""

    def run(self) -> Outcome:
        """Do it, however long it takes, and say what became of it."""

    def cancel(self) -> None:
        """Nobody waits for this task any more: end it soon."""

    def stop(self, signal_number: int) -> None:
        """The worker is going down, for this signal: end in an orderly way."""

    def kill(self) -> None:
        """End at once, if that can be done at all."""

    def forward(self, signal_number: int) -> None:
        """The worker received this signal, and goes on."""


Handler: TypeAlias = Callable[[Task], Work]


def succeeded(output: str) -> Outcome:
    """Success, or a failure when the output is more than Step Functions takes."""
    size = len(output.encode())
    if size > OUTPUT_LIMIT:
        return too_large(f"{size}")
    return Succeeded(output)


def too_large(size: str) -> Failed:
    """The failure Step Functions itself has for it; no retry would make the output smaller."""
    return Failed(
        "States.DataLimitExceeded", f"output has {size} bytes, more than the {OUTPUT_LIMIT} allowed"
    )


def failed(error: str, cause: str) -> Failed:
    """A failure that fits into SendTaskFailure."""
    return Failed(truncate(error, ERROR_LIMIT), truncate(cause, CAUSE_LIMIT))


def truncate(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8; what was cut ends in `[truncated]`, on a whole character."""
    # Text read from a file system or an exception may hold lone surrogates, which no wire takes.
    data = text.encode(errors="replace")
    if len(data) <= limit:
        return data.decode()
    return data[: limit - len(_TRUNCATED)].decode(errors="ignore") + _TRUNCATED
