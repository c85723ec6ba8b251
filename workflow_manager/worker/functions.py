"""Python functions as activities.

Decides which shapes a function may have (`f()`, `f(input)`, `f(context)`, `f(context, input)`), and
what its result or its exception means for the task.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, NotJson, dumps, loads
from workflow_manager.worker.tasks import COMMAND_TERMINATED, Outcome, Task, failed, succeeded

_CONTEXT_NAMES: Final = frozenset({"ctx", "context"})


def _any_json(value: Json) -> None: ...


# What an annotation with our own recursive type becomes once it is resolved; it holds any value.
_JSON: Final = typing.get_type_hints(_any_json)["value"]

_log = structlog.stdlib.get_logger()


@dataclass(frozen=True, slots=True)
class Context:
    """What a function may know of its task.

    `cancelled` is set when nobody waits for the result any more or the worker is going down; a
    long function looks at it now and then.  `heartbeat` is the state's own interval, `attempt` the
    number of this try, from 1, and `deadline` the end of the state's time: each None where the task
    came from AWS, which does not tell, and where the state has none.
    """

    token: str
    heartbeat: timedelta | None = None
    attempt: int | None = None
    deadline: datetime | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)


class TaskFailed(Exception):
    """Raised by a function: its task fails with just this error name and cause."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}" if cause else error)
        self.error = error
        self.cause = cause


class Function:
    """A handler made of a Python function.

    An annotation on its input is enforced: a dataclass, a TypedDict, a msgspec Struct, `int`, … get
    their decoded value, and an input that does not fit fails the task; so does a result that does not
    fit the function's own annotation.  A coroutine function runs to its end in an event loop of its
    own.  A task's error name is its exception's type name, unless `errors` has a name for that type
    or the nearest of its bases.  Raises `InvalidRequest` for a function of another shape.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., object] | None,
        *,
        errors: Mapping[type[BaseException], str] | None = None,
    ) -> None:
        self._name = name
        self._function, self._takes_context, takes_input = _shape(name, function)
        self._decode = _decoder(name, self._function) if takes_input else None
        self._check_output = _output_check(self._function)
        self._errors = errors or {}

    def __call__(self, task: Task) -> FunctionRun:
        return FunctionRun(self, task)

    def call(self, context: Context, text: str) -> str:
        """The JSON text of the result.  Raises whatever the function raises."""
        value = loads(text)
        arguments: list[object] = [context] if self._takes_context else []
        if self._decode is not None:
            arguments.append(self._decode(text, value))
        result = self._function(*arguments)
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
        if result is None:
            return "{}"
        output = encode_value(result)
        self._check_output(output)
        return output

    def failure_of(self, error: BaseException) -> Outcome:
        if isinstance(error, TaskFailed):
            return failed(error.error, error.cause)
        names = (self._errors[kind] for kind in type(error).__mro__ if kind in self._errors)
        return failed(next(names, type(error).__name__), str(error))


def encode_value(value: object) -> str:
    """The JSON text of whatever msgspec can write: dataclasses, Structs, times, enums, …

    Raises `NotJson`.
    """
    try:
        # First to plain values: what is no number is found in those alone.
        return dumps(typing.cast(Json, msgspec.to_builtins(value)))
    except RecursionError:
        raise NotJson("nested too deeply") from None
    except (TypeError, ValueError, UnicodeError, OverflowError) as error:
        raise NotJson(str(error)) from None


class FunctionRun:
    """One call.  Python cannot end a thread: `cancel` and `stop` ask, and the worker stops waiting."""

    def __init__(self, function: Function, task: Task) -> None:
        self._function = function
        self._task = task
        self._context = Context(
            token=task.token, heartbeat=task.heartbeat, attempt=task.attempt, deadline=task.deadline
        )
        self._gone = False
        self._stopping = False

    def run(self) -> Outcome:
        try:
            output = self._function.call(self._context, self._task.input)
        except BaseException as error:  # a task is answered whatever its function does, SystemExit included
            if self._gone:
                return _nobody_waits()
            if self._stopping:
                return failed(COMMAND_TERMINATED, str(error))
            _log.warning("function-failed", error=str(error), exc_info=error)
            return self._function.failure_of(error)
        return _nobody_waits() if self._gone else succeeded(output)

    def cancel(self) -> None:
        self._gone = True
        self._context.cancelled.set()

    def stop(self, signal_number: int) -> None:
        self._stopping = True
        self._context.cancelled.set()

    def kill(self) -> None:
        self._stopping = True
        self._context.cancelled.set()

    def forward(self, signal_number: int) -> None:
        """Signals are for processes; a function has none of its own."""


def _nobody_waits() -> Outcome:
    return failed("InternalError", "the task was given up before its function returned")


def _shape(name: str, function: Callable[..., object] | None) -> tuple[Callable[..., object], bool, bool]:
    """The function, whether it takes a context, whether it takes the input."""
    if function is None:
        raise _refused(name, "function is nil")
    if not callable(function):
        raise _refused(name, f"handler kind {type(function).__name__} is not func")
    positional = [p for p in _parameters(name, function) if p.default is p.empty]
    if len(positional) > 2:
        raise _refused(
            name, f"function may not take more than two arguments, but function takes {len(positional)}"
        )
    if not positional:
        return function, False, False
    hints = _hints(function)
    first = positional[0]
    is_context = _is_context(first, hints)
    if len(positional) == 1:
        return function, is_context, not is_context
    if not is_context and first.name in hints:
        got = getattr(hints[first.name], "__name__", str(hints[first.name]))
        raise _refused(name, f"function takes two arguments, but the first is not Context. got {got}")
    return function, True, True


def _parameters(name: str, function: Callable[..., object]) -> list[inspect.Parameter]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise _refused(name, f"function has no signature to look at: {error}") from error
    needed = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if needed:
        raise _refused(
            name, f"function may not require keyword arguments, but it requires {', '.join(needed)}"
        )
    return [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _is_context(parameter: inspect.Parameter, hints: dict[str, Any]) -> bool:
    """An annotation decides; without one, the name."""
    if parameter.name in hints:
        return hints[parameter.name] is Context
    return parameter.name in _CONTEXT_NAMES


def _hints(function: Callable[..., object]) -> dict[str, Any]:
    target = function if inspect.isroutine(function) else type(function).__call__
    try:
        return typing.get_type_hints(target)
    except (NameError, TypeError):  # names known only while type checking, or no annotations at all
        return {}


def _decoder(name: str, function: Callable[..., object]) -> Callable[[str, Json], object]:
    """How the input's text becomes the last parameter's value."""
    positional = [p for p in _parameters(name, function) if p.default is p.empty]
    hint = _hints(function).get(positional[-1].name, Any)
    if hint in (Any, object, _JSON):
        return lambda text, value: value
    try:
        typed: msgspec.json.Decoder[object] = msgspec.json.Decoder(hint)
    except TypeError as error:
        raise _refused(name, f"its input cannot be decoded into {hint}: {error}") from error
    return lambda text, value: typed.decode(text)


def _output_check(function: Callable[..., object]) -> Callable[[str], object]:
    """Raises where a result's text does not fit its annotation; whatever cannot be decoded fits."""
    hint = _hints(function).get("return", Any)
    if hint in (Any, object, None, type(None), _JSON):
        return lambda text: None
    try:
        typed: msgspec.json.Decoder[object] = msgspec.json.Decoder(hint)
    except TypeError:
        return lambda text: None
    return typed.decode


def _refused(name: str, reason: str) -> InvalidRequest:
    return InvalidRequest(f"function '{name}': {reason}")
