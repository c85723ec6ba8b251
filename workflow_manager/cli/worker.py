"""`wfm worker`: a command as an activity worker."""

from __future__ import annotations

import contextlib
import importlib
import io
import itertools
import operator
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO, cast

import click

from workflow_manager.cli.options import DEFAULT_SERVER, server_of_profile

# sfncli's flags, so that what calls it can call this instead; Go takes one dash or two.
_SFNCLI = {
    "activityname": "--activity",
    "workername": "--name",
    "cmd": "--cmd",
    "region": "--region",
    "cloudwatchregion": "--cloudwatch-region",
    "workdirectory": "--work-directory",
}

# One task after another is fine on our own server; AWS counts an account's polls.
_AWS_POLLS_PER_SECOND = 1.0


class SfncliFlags(click.Command):
    """Takes sfncli's spelling of the flags as well."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._translated(args))

    def _translated(self, arguments: list[str]) -> list[str]:
        """The flags before the first argument that is none, in our spelling."""
        without_value = {"-h", "--help"} | {
            name
            for option in self.params
            if isinstance(option, click.Option) and option.is_flag
            for name in option.opts
        }
        translated: list[str] = []
        rest = iter(arguments)
        for argument in rest:
            if argument == "--" or not argument.startswith("-"):
                return [*translated, argument, *rest]
            flag, equals, value = argument.partition("=")
            translated.append(_SFNCLI.get(flag.lstrip("-"), flag) + equals + value)
            if not equals and argument not in without_value:
                translated.extend(itertools.islice(rest, 1))
        return translated


@click.command(cls=SfncliFlags, context_settings={"allow_interspersed_args": False})
@click.option(
    "--activity", metavar="NAME", help="Activity to serve: its full name, or with --namespace a short one."
)
@click.option("--namespace", metavar="NS", envvar="WFM_NAMESPACE", help="Serve NS--NAME; $WFM_NAMESPACE.")
@click.option("--name", "worker_name", metavar="NAME", help="The worker's own name, shown in the history.")
@click.option("--concurrency", default=1, type=click.IntRange(1, 1000), help="Tasks at once.  [default: 1]")
@click.option("--cmd", metavar="PATH", help="The program, where it does not come after `--`.")
@click.option("--function", metavar="MODULE:NAME", help="A Python function in place of COMMAND.")
@click.option(
    "--work-directory", metavar="DIR", help="Give every task a fresh directory below this one, $WORK_DIR."
)
@click.option(
    "--heartbeat",
    default=20.0,
    type=click.FloatRange(0, min_open=True),
    help="Longest time between heartbeats, in seconds; at most a third of the state's own.  [default: 20]",
)
@click.option("--poll-rate", type=click.FloatRange(0, min_open=True), help="Polls a second at most.")
@click.option(
    "--server",
    metavar="URL",
    envvar=["WFM_SERVER", "WORKFLOWMANAGER_URL", "AWS_ENDPOINT_URL_SFN"],
    default=server_of_profile,
    help="Where the server is; $WFM_SERVER, $AWS_ENDPOINT_URL_SFN, else the profile's, "
    f"else {DEFAULT_SERVER}.",
)
@click.option("--aws", is_flag=True, help="Take tasks from AWS in place of a server.")
@click.option("--api-key", metavar="KEY", envvar="WFM_API_KEY", help="For a server with keys; $WFM_API_KEY.")
@click.option(
    "--region", metavar="REGION", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], help="With --aws; $AWS_REGION."
)
@click.option("--cloudwatch-region", metavar="REGION", help="Put the metric ActivityActivePercent there.")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Show it to Prometheus on 127.0.0.1.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def worker(
    activity: str | None,
    namespace: str | None,
    worker_name: str | None,
    concurrency: int,
    cmd: str | None,
    function: str | None,
    work_directory: str | None,
    heartbeat: float,
    poll_rate: float | None,
    server: str,
    aws: bool,
    api_key: str | None,
    region: str | None,
    cloudwatch_region: str | None,
    metrics_port: int | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND for every task of an activity.

    The task's input is COMMAND's last argument; the last line it prints, a JSON object, is the
    output. An exit code other than 0 fails the task; a last line {"error": "Name", "cause": "…"} says
    how. SIGTERM lets the running task end (25 seconds), then ends the worker.

    \b
      wfm worker --namespace dev --activity greet -- ./greet --loud
    """
    from workflow_manager.worker import activity as activities
    from workflow_manager.worker.client import connect, connect_aws, connect_cloudwatch
    from workflow_manager.worker.command import Command, prepare_work_directory
    from workflow_manager.worker.functions import Function
    from workflow_manager.worker.metric import CloudWatchGauge, Gauge, prometheus_gauge
    from workflow_manager.worker.pace import Pace
    from workflow_manager.worker.service import serve_activity
    from workflow_manager.worker.tasks import Handler

    environment = dict(os.environ)
    arguments = [*([activities.expand(cmd, environment)] if cmd else []), *command]
    if not activity:
        raise click.UsageError("--activity is required: the name that definitions give as Resource")
    if bool(arguments) == bool(function):
        raise click.UsageError("COMMAND or --function is required: wfm worker --activity NAME -- COMMAND")
    if aws and not region:
        raise click.UsageError("--region or $AWS_REGION is required with --aws")
    full_name = _full_name(activities.expand(activity, environment), namespace)
    name = activities.name_from_ecs(activities.expand(worker_name or "", environment), environment)
    rate = poll_rate or (_AWS_POLLS_PER_SECOND if aws else None)

    def gauges(arn: str) -> list[Gauge]:
        shown: list[Gauge] = []
        if metrics_port is not None:
            shown.append(prometheus_gauge(full_name, metrics_port))
        if cloudwatch_region:
            region_name = activities.expand(cloudwatch_region, environment)
            shown.append(CloudWatchGauge(connect_cloudwatch(region_name), arn))
        return shown

    handler: Handler = (
        Function(function, _import(function))
        if function
        else Command(
            arguments=arguments,
            stdout=sys.stdout.buffer,
            stderr=sys.stderr.buffer,
            environment=environment,
            work_directory=prepare_work_directory(Path(work_directory)) if work_directory else None,
        )
    )
    _configure_logs()
    if aws and region:
        # Each task may be sending a heartbeat and its outcome while the next one is polled for.
        client = connect_aws(region, connections=2 * concurrency + 1)
    else:
        client = connect(server, api_key)
    serve_activity(
        client,
        full_name,
        handler,
        worker_name=name or activities.default_worker_name(environment),
        tags=activities.activity_tags(environment),
        limit=concurrency,
        pace=Pace(
            heartbeat=timedelta(seconds=heartbeat),
            between_polls=timedelta(seconds=1 / rate) if rate else timedelta(0),
        ),
        gauges=gauges,
    )


def _full_name(activity: str, namespace: str | None) -> str:
    """As definitions' resources are named; what is complete stays as it is."""
    if namespace is None or activity.startswith(("arn:", f"{namespace}--")):
        return activity
    return f"{namespace}--{activity}"


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


def _configure_logs() -> None:
    """To stderr, since stdout is the command's: lines for people on a terminal, else JSON."""
    import structlog

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
