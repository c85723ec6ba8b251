"""Which functions run on this machine: read from `NAME=module:callable`, `NAME=command:…`, or a YAML file.

functions:
  greet: greetings:greet
  resize: {command: ./resize --small, timeout: 30}
"""

from __future__ import annotations

import importlib
import operator
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from workflow_manager.engine.blocking import Threads
from workflow_manager.integrations.command_functions import CommandFunction
from workflow_manager.integrations.invocations import Function
from workflow_manager.integrations.listed import read_listed
from workflow_manager.integrations.python_functions import DEFAULT_SECONDS, PythonFunction
from workflow_manager.kernel.errors import InvalidRequest

_COMMAND: Final = "command:"
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FunctionEntry:
    """A function as it was named; `reference` is "module:callable", "command:…" or the callable itself."""

    name: str
    reference: str | Callable[..., object]
    seconds: float = DEFAULT_SECONDS


def parse_entry(text: str) -> FunctionEntry:
    """`NAME=module:callable` or `NAME=command:…`.  Raises `InvalidRequest`."""
    name, equals, reference = text.partition("=")
    if not equals:
        raise InvalidRequest(f"function {text!r}: say NAME=module:callable or NAME=command:…")
    return _entry(name.strip(), reference.strip(), DEFAULT_SECONDS)


def named_entries(functions: Mapping[str, str | Callable[..., object]]) -> list[FunctionEntry]:
    """By their names.  Raises `InvalidRequest`."""
    return [_entry(name, reference, DEFAULT_SECONDS) for name, reference in functions.items()]


def read_entries(path: Path) -> list[FunctionEntry]:
    """The functions of a YAML file.  Raises `InvalidRequest`."""
    return [_listed(name, value) for name, value in read_listed(path, "functions").items()]


def _listed(name: str, value: object) -> FunctionEntry:
    if isinstance(value, str):
        return _entry(name, value, DEFAULT_SECONDS)
    if not isinstance(value, dict) or set(value) - {"python", "command", "timeout"}:
        raise InvalidRequest(f"function {name!r}: only 'python', 'command' and 'timeout' can be said of it")
    seconds = value.get("timeout", DEFAULT_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 86_400:
        raise InvalidRequest(f"function {name!r}: 'timeout' must be seconds above 0 and up to 86400")
    match value.get("python"), value.get("command"):
        case str() as reference, None:
            return _entry(name, reference, float(seconds))
        case None, str() as command:
            return _entry(name, f"{_COMMAND}{command}", float(seconds))
    raise InvalidRequest(f"function {name!r}: either 'python' or 'command' must be a text")


def _entry(name: str, reference: str | Callable[..., object], seconds: float) -> FunctionEntry:
    if not _NAME.fullmatch(name):
        raise InvalidRequest(f"function {name!r}: a name has up to 64 letters, digits, '-' and '_'")
    return FunctionEntry(name, reference, seconds)


def make_functions(
    entries: Iterable[FunctionEntry],
    *,
    threads: Threads,
    environment: Mapping[str, str],
    directory: Path,
) -> dict[str, Function]:
    """The functions by name.  Modules of `directory` count.  Raises `InvalidRequest`."""
    functions: dict[str, Function] = {}
    for entry in entries:
        if entry.name in functions:
            raise InvalidRequest(f"function {entry.name!r} is there twice")
        reference = entry.reference
        if isinstance(reference, str) and reference.startswith(_COMMAND):
            arguments = _split(entry, reference.removeprefix(_COMMAND))
            functions[entry.name] = CommandFunction(
                entry.name, arguments, threads, environment, entry.seconds
            )
        else:
            handler = _import(entry, reference, directory) if isinstance(reference, str) else reference
            functions[entry.name] = PythonFunction(entry.name, handler, threads, entry.seconds)
    return functions


def _split(entry: FunctionEntry, command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise InvalidRequest(f"function {entry.name!r}: {error}") from None
    if not arguments:
        raise InvalidRequest(f"function {entry.name!r}: there is no command")
    return arguments


def _import(entry: FunctionEntry, reference: str, directory: Path) -> Callable[..., object]:
    module, colon, name = reference.partition(":")
    if not colon or not module or not name:
        raise InvalidRequest(f"function {entry.name!r}: {reference!r} is no module:callable")
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    try:
        found: Any = operator.attrgetter(name)(importlib.import_module(module))
    except Exception as error:  # importing runs the module, which may raise anything
        raise InvalidRequest(f"function {entry.name!r}: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise InvalidRequest(f"function {entry.name!r}: {reference!r} is not callable")
    return cast("Callable[..., object]", found)
