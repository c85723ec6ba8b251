"""A worker put together: its client, its handlers, its pace, its logs, from a file, flags and the profile."""

from __future__ import annotations

import contextlib
import importlib
import io
import operator
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TextIO, cast

import click
import structlog

from workflow_manager.cli.options import server_of_profile
from workflow_manager.cli.profiles import setting
from workflow_manager.models.names import SEPARATOR
from workflow_manager.worker import activity as activities
from workflow_manager.worker.client import ActivityClient, connect, connect_aws, connect_cloudwatch
from workflow_manager.worker.command import Command, prepare_work_directory
from workflow_manager.worker.config import ActivityConfig, WorkerConfig
from workflow_manager.worker.functions import Function
from workflow_manager.worker.metric import CloudWatchGauge, Gauge
from workflow_manager.worker.observation import Exposition, Silent
from workflow_manager.worker.pace import Pace
from workflow_manager.worker.service import Service, serve_activities
from workflow_manager.worker.tasks import Handler

# One task after another is fine on our own server; AWS counts an account's polls.
_AWS_POLLS_PER_SECOND: Final = 1.0

# What reporting takes after the last command has ended.
_MARGIN: Final = timedelta(seconds=2)


def work(config: WorkerConfig, flags: Mapping[str, Any], environment: Mapping[str, str]) -> int:
    """Until a signal ends it, or with `once` until a task is done: 1 if that failed.

    A flag wins over the file.  Raises what is wrong with either.
    """
    config = _with_flags(config, flags)
    if config.aws and not config.region:
        raise click.UsageError("--region or $AWS_REGION is required with --aws")
    name = activities.name_from_ecs(activities.expand(config.name or "", environment), environment)
    handlers = {each.name: _handler(each, config, environment) for each in config.activities}
    exposition = None if config.metrics_port is None else Exposition(config.metrics_port)
    configure_logs()
    _warn_of_missing(config)
    services = [
        _service(_full_name(each.name, config), each, handlers[each.name], config, exposition, environment)
        for each in config.activities
    ]
    failed = serve_activities(
        _client(config, flags),
        services,
        worker_name=name or activities.default_worker_name(environment, "wfm-worker"),
        tags=activities.activity_tags(environment),
        once=flags["once"],
    )
    return 1 if flags["once"] and failed else 0


def _warn_of_missing(config: WorkerConfig) -> None:
    """A program that is not there may come later; until then each task fails."""
    for each in config.activities:
        if each.command and shutil.which(each.command[0]) is None:
            structlog.get_logger().warning(
                "command-not-found",
                activity=each.name,
                command=each.command[0],
                next="its tasks fail with sfncli.CommandNotFound until the command is there",
            )


def _with_flags(config: WorkerConfig, flags: Mapping[str, Any]) -> WorkerConfig:
    """What flags and their variables say; then the file; for the namespace, then the profile."""
    of_activities = {
        "concurrency": flags["concurrency"],
        "heartbeat": _seconds(flags["heartbeat"]),
        "work_directory": flags["work_directory"],
    }
    given = {
        "name": flags["worker_name"],
        "namespace": flags["namespace"],
        "server": flags["server"],
        "aws": flags["aws"] or None,
        "region": flags["region"],
        "cloudwatch_region": flags["cloudwatch_region"],
        "metrics_port": flags["metrics_port"],
        "poll_rate": flags["poll_rate"],
        "grace": _seconds(flags["grace"]),
        "drain": flags["drain"] or None,
    }
    return replace(
        config,
        **_without_none(given),
        activities=tuple(replace(each, **_without_none(of_activities)) for each in config.activities),
    )


def _without_none(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _seconds(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(seconds=number)


def _client(config: WorkerConfig, flags: Mapping[str, Any]) -> ActivityClient:
    if config.aws and config.region:
        # Each task may be sending a heartbeat and its outcome while the next one is polled for.
        connections = sum(2 * each.concurrency + 1 for each in config.activities)
        return connect_aws(config.region, connections=connections)
    if config.server is not None:
        return connect(config.server, flags["api_key"])
    # A key is for the server that it was given with, and for no other one.
    return connect(server_of_profile(), flags["api_key"] or setting("api_key"))


def _service(
    activity: str,
    each: ActivityConfig,
    handler: Handler,
    config: WorkerConfig,
    exposition: Exposition | None,
    environment: Mapping[str, str],
) -> Service:
    def gauges(arn: str) -> list[Gauge]:
        shown: list[Gauge] = []
        if exposition is not None:
            shown.append(exposition.active.labels(activity))
        if config.cloudwatch_region:
            region = activities.expand(config.cloudwatch_region, environment)
            shown.append(CloudWatchGauge(connect_cloudwatch(region), arn))
        return shown

    rate = config.poll_rate or (_AWS_POLLS_PER_SECOND if config.aws else None)
    stop = handler.longest_stop if isinstance(handler, Command) else config.grace
    return Service(
        activity=activity,
        handler=handler,
        limit=each.concurrency,
        pace=Pace(
            heartbeat=each.heartbeat,
            between_polls=timedelta(seconds=1 / rate) if rate else timedelta(0),
            stop=stop + _MARGIN,
        ),
        observer=exposition.observer(activity) if exposition else Silent(),
        gauges=gauges,
    )


def _handler(each: ActivityConfig, config: WorkerConfig, environment: Mapping[str, str]) -> Handler:
    if each.function:
        return Function(each.function, _import(each.function))
    work_directory = each.work_directory
    return Command(
        arguments=each.command,
        stdout=sys.stdout.buffer,
        stderr=sys.stderr.buffer,
        environment={**environment, "WFM_ACTIVITY": _full_name(each.name, config), **each.environment},
        work_directory=prepare_work_directory(Path(work_directory)) if work_directory else None,
        stop_grace=config.grace,
        undisturbed=config.drain,
        limits=each.limits,
    )


def _full_name(activity: str, config: WorkerConfig) -> str:
    """As definitions' resources are named; what is complete stays as it is."""
    namespace = config.namespace
    if namespace is None and SEPARATOR not in activity and not activity.startswith("arn:") and not config.aws:
        namespace = setting("namespace")
    if namespace is None or activity.startswith(("arn:", f"{namespace}{SEPARATOR}")):
        return activity
    return f"{namespace}{SEPARATOR}{activity}"


def _import(reference: str) -> Callable[..., object]:
    """The function at `module:name`; modules of the directory we are in count."""
    module, colon, name = reference.partition(":")
    if not colon or not module or not name:
        raise click.BadParameter(f"{reference!r} is not of the form MODULE:NAME", param_hint="--function")
    sys.path.insert(0, os.getcwd())
    try:
        found = operator.attrgetter(name)(importlib.import_module(module))
    except (ImportError, AttributeError) as error:
        raise click.BadParameter(str(error), param_hint="--function") from error
    return cast(Callable[..., object], found)


class _Forgiving(io.TextIOBase):
    """Loses what cannot be written: a worker must not end because nobody reads its log any more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def configure_logs() -> None:
    """To stderr, since stdout is the command's: lines for people on a terminal, else JSON."""
    rendering: list[Any] = (
        # The pretty tracebacks take seconds where an error's text is long.
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if sys.stderr.isatty()
        else [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("title"),
            structlog.processors.JSONRenderer(),
        ]
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *rendering,
        ],
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Forgiving(sys.stderr))),
        cache_logger_on_first_use=True,
    )
