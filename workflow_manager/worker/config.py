"""A worker's file: which activities it serves, with what, and within which limits.

YAML or, where its name ends so, TOML.  Every key is checked; all that is wrong is told at once, with
its place and the reason.
"""

from __future__ import annotations

import difflib
import resource
import shlex
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.worker.activity import expand
from workflow_manager.worker.command import STOP_GRACE, Limits

MAX_CONCURRENCY: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityConfig:
    """One of `command` and `function` is set.  `name` is as written, `environment` what is added."""

    name: str
    command: tuple[str, ...] = ()
    function: str | None = None
    concurrency: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    work_directory: str | None = None
    limits: Limits = field(default_factory=Limits)
    heartbeat: timedelta = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """None where the file says nothing, and flags, variables or defaults decide."""

    activities: tuple[ActivityConfig, ...]
    name: str | None = None
    namespace: str | None = None
    server: str | None = None
    aws: bool = False
    region: str | None = None
    cloudwatch_region: str | None = None
    metrics_port: int | None = None
    poll_rate: float | None = None
    grace: timedelta = STOP_GRACE
    drain: bool = False


KeyPath: TypeAlias = "tuple[str, ...]"
Check: TypeAlias = "Callable[[Any], str]"


def read_config(file: str, text: str, environment: Mapping[str, str]) -> WorkerConfig:
    """`$NAME` in texts is replaced from `environment`, but in commands it stays.

    Raises `InvalidRequest`, with a line for each problem.
    """
    try:
        if Path(file).suffix == ".toml":
            value, lines = tomllib.loads(text), {}
        else:
            # Read twice: values with their types, and nodes with their places.
            value, lines = yaml.safe_load(text), _lines(yaml.compose(text, yaml.SafeLoader))
    except (tomllib.TOMLDecodeError, yaml.YAMLError, RecursionError) as error:
        raise InvalidRequest(f"{file}: {' '.join(str(error).split())}") from error
    reader = _Reader(file, lines, environment)
    config = reader.worker(value)
    if reader.problems or config is None:
        raise InvalidRequest("\n".join(reader.problems))
    return config


def _lines(node: yaml.Node | None, path: KeyPath = ()) -> dict[KeyPath, int]:
    """The line of each key, counted from 1."""
    found: dict[KeyPath, int] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            found[inner] = key.start_mark.line + 1
            found |= _lines(value, inner)
    return found


def _is_text(value: Any) -> str:
    return (
        "" if isinstance(value, str) and value and "\0" not in value else "must be a text that is not empty"
    )


def _is_flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _is_whole(least: int, most: int) -> Check:
    def check(value: Any) -> str:
        is_one = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if is_one else f"must be a whole number from {least} to {most}"

    return check


def _is_seconds(value: Any) -> str:
    is_one = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 10_000_000
    return "" if is_one else "must be a number above 0"


def _is_command(value: Any) -> str:
    words = _words(value)
    return (
        ""
        if words and all(isinstance(each, str) and "\0" not in each for each in words)
        else ("must be a text as in a shell, or a list of words")
    )


def _is_environment(value: Any) -> str:
    if not isinstance(value, dict):
        return "must be names with their values"
    for name, each in value.items():
        if not isinstance(name, str) or not name or "=" in name or "\0" in name:
            return f"{name!r} cannot be the name of a variable"
        if not isinstance(each, str):
            return f"the value of {name} must be a text, in quotes where it looks like something else"
    return ""


def _is_mapping(value: Any) -> str:
    return "" if isinstance(value, dict) and value else "must be keys with their values"


def _words(value: Any) -> Sequence[Any]:
    if not isinstance(value, str):
        return value if isinstance(value, list) else []
    try:
        return shlex.split(value)
    except ValueError:
        return []


_LIMITS: Final[Mapping[str, Check]] = {
    "seconds": _is_seconds,
    "memoryMegabytes": _is_whole(1, 1 << 30),
    "cpuSeconds": _is_whole(1, 1 << 30),
    "openFiles": _is_whole(8, 1 << 20),
}

# What may stand at the top, for all activities, and at each one, where it counts for that one.
_SHARED: Final[Mapping[str, Check]] = {
    "concurrency": _is_whole(1, MAX_CONCURRENCY),
    "environment": _is_environment,
    "workDirectory": _is_text,
    "heartbeatSeconds": _is_seconds,
    "limits": _is_mapping,
}

_ACTIVITY: Final[Mapping[str, Check]] = {**_SHARED, "command": _is_command, "function": _is_text}

_WORKER: Final[Mapping[str, Check]] = {
    **_SHARED,
    "activities": _is_mapping,
    "name": _is_text,
    "namespace": _is_text,
    "server": _is_text,
    "aws": _is_flag,
    "region": _is_text,
    "cloudwatchRegion": _is_text,
    "metricsPort": _is_whole(0, 65535),
    "pollRate": _is_seconds,
    "graceSeconds": _is_seconds,
    "drain": _is_flag,
}


class _Reader:
    """Gathers what is wrong in `problems`; what is wrong is left out of what is read."""

    def __init__(self, file: str, lines: Mapping[KeyPath, int], environment: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._bad: list[KeyPath] = []
        self._file = file
        self._lines = lines
        self._environment = environment

    def worker(self, value: Any) -> WorkerConfig | None:
        given = self._checked(value, _WORKER, ())
        activities = given.pop("activities", None)
        if activities is None:
            if not self.problems:
                self._problem((), "`activities` is missing: the names to serve, each with its command")
            return None
        shared = {name: given.pop(name) for name in _SHARED if name in given}
        found = [self._activity(name, each, shared) for name, each in activities.items()]
        texts = ("name", "namespace", "server", "region")
        return WorkerConfig(
            activities=tuple(each for each in found if each is not None),
            **{name: self._expanded(given[name]) for name in texts if name in given},
            aws=given.get("aws", False),
            cloudwatch_region=self._expanded(given.get("cloudwatchRegion")),
            metrics_port=given.get("metricsPort"),
            poll_rate=given.get("pollRate"),
            grace=timedelta(seconds=given.get("graceSeconds", STOP_GRACE.total_seconds())),
            drain=given.get("drain", False),
        )

    def _activity(self, name: Any, value: Any, shared: Mapping[str, Any]) -> ActivityConfig | None:
        path = ("activities", str(name))
        if not isinstance(name, str) or not name:
            self._problem(path, "an activity's name must be a text")
            return None
        given = self._checked(value, _ACTIVITY, path)
        if not self._is_bad(path) and ("command" in given) is ("function" in given):
            self._problem(path, "needs `command` or `function`, and not both")
        merged = {**shared, **given}
        environment = {**shared.get("environment", {}), **given.get("environment", {})}
        limits = {**shared.get("limits", {}), **given.get("limits", {})}
        if "function" in given and limits:
            self._problem(path, "`limits` are for commands: a function runs inside the worker")
        return ActivityConfig(
            name=self._expanded(name) or name,
            command=tuple(_words(given.get("command"))),
            function=given.get("function"),
            concurrency=merged.get("concurrency", 1),
            environment={key: self._expanded(each) or "" for key, each in environment.items()},
            work_directory=self._expanded(merged.get("workDirectory")),
            limits=_limits(limits),
            heartbeat=timedelta(seconds=merged.get("heartbeatSeconds", 20)),
        )

    def _checked(self, value: Any, known: Mapping[str, Check], path: KeyPath) -> dict[str, Any]:
        """The members that are as they must be."""
        if not isinstance(value, dict):
            self._problem(path, "must be keys with their values")
            return {}
        sound: dict[str, Any] = {}
        for key, each in value.items():
            here = (*path, str(key))
            if key not in known:
                close = difflib.get_close_matches(str(key), known, 1, cutoff=0.5)
                advice = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(sorted(known))}"
                self._problem(here, f"there is no such key here; {advice}")
            elif reason := known[key](each):
                self._problem(here, f"{reason}, not {_shown(each)}")
            else:
                sound[key] = each
        if "limits" in sound:
            sound["limits"] = self._checked(sound["limits"], _LIMITS, (*path, "limits"))
            if set(sound["limits"]) - {"seconds"} and not hasattr(resource, "prlimit"):
                self._problem((*path, "limits"), "only `seconds` can be limited on this system")
        return sound

    def _is_bad(self, path: KeyPath) -> bool:
        return any(bad[: len(path)] == path for bad in self._bad)

    def _problem(self, path: KeyPath, reason: str) -> None:
        self._bad.append(path)
        line = self._lines.get(path)
        place = self._file if line is None else f"{self._file}:{line}"
        self.problems.append(f"{place}: {'.'.join(path)}: {reason}" if path else f"{place}: {reason}")

    def _expanded(self, text: str | None) -> str | None:
        return None if text is None else expand(text, self._environment)


def _limits(given: Mapping[str, Any]) -> Limits:
    seconds = given.get("seconds")
    return Limits(
        time=None if seconds is None else timedelta(seconds=seconds),
        memory_megabytes=given.get("memoryMegabytes"),
        cpu_seconds=given.get("cpuSeconds"),
        open_files=given.get("openFiles"),
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
