"""`wfm worker`: commands as activity workers.

Decides what its flags mean; `cli.working` puts the worker together.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from workflow_manager.cli import completion
from workflow_manager.cli.options import DEFAULT_SERVER, with_version

if TYPE_CHECKING:
    from workflow_manager.worker.config import WorkerConfig

# sfncli's flags, so that what calls it can call this instead; Go takes one dash or two.
_SFNCLI = {
    "activityname": "--activity",
    "workername": "--name",
    "cmd": "--cmd",
    "region": "--region",
    "cloudwatchregion": "--cloudwatch-region",
    "workdirectory": "--work-directory",
    "version": "--version",
}


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
            ours = _SFNCLI.get(flag.lstrip("-"), flag)
            translated.append(ours + equals + value)
            if not equals and ours not in without_value:
                translated.extend(itertools.islice(rest, 1))
        return translated


@click.command(cls=SfncliFlags, context_settings={"allow_interspersed_args": False})
@click.option(
    "--activity",
    "chosen",
    metavar="NAME",
    multiple=True,
    help="Activity to serve: its full name, or with --namespace a short one; repeatable.",
)
@click.option(
    "--config",
    "-c",
    "config_file",
    metavar="FILE",
    shell_complete=completion.files,
    help="Activities, commands and limits from a YAML or TOML file; --activity then chooses among them.",
)
@click.option(
    "--namespace",
    "-n",
    metavar="NS",
    envvar="WFM_NAMESPACE",
    help="Serve NS--NAME; $WFM_NAMESPACE, else the profile's for a NAME without --.",
)
@click.option("--name", "worker_name", metavar="NAME", help="The worker's own name, shown in the history.")
@click.option(
    "--concurrency", type=click.IntRange(1, 1000), help="Tasks of one activity at a time.  [default: 1]"
)
@click.option("--once", is_flag=True, help="End after one task; exit code 1 if it failed.")
@click.option("--cmd", metavar="PATH", help="The program, where it does not come after `--`.")
@click.option("--function", metavar="MODULE:NAME", help="A Python function in place of COMMAND.")
@click.option(
    "--work-directory", metavar="DIR", help="Give every task a fresh directory below this one, $WORK_DIR."
)
@click.option(
    "--grace",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="How long running tasks may take to end after SIGTERM.  [default: 25]",
)
@click.option("--drain", is_flag=True, help="Leave running commands undisturbed until the grace is over.")
@click.option(
    "--heartbeat",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="Longest time between heartbeats; at most a third of the state's own.  [default: 20]",
)
@click.option("--poll-rate", type=click.FloatRange(0, min_open=True), help="Polls a second at most.")
@click.option(
    "--server",
    metavar="URL",
    envvar=["WFM_SERVER", "WORKFLOWMANAGER_URL", "AWS_ENDPOINT_URL_SFN"],
    help="Where the server is; $WFM_SERVER, $AWS_ENDPOINT_URL_SFN, else the profile's, "
    f"else {DEFAULT_SERVER}.",
)
@click.option("--aws", is_flag=True, help="Take tasks from AWS in place of a server.")
@click.option("--api-key", metavar="KEY", envvar="WFM_API_KEY", help="For a server with keys; $WFM_API_KEY.")
@click.option(
    "--region", metavar="REGION", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], help="With --aws; $AWS_REGION."
)
@click.option("--cloudwatch-region", metavar="REGION", help="Put the metric ActivityActivePercent there.")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Metrics for Prometheus on 127.0.0.1.")
@with_version
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def worker(
    chosen: tuple[str, ...],
    config_file: str | None,
    cmd: str | None,
    function: str | None,
    command: tuple[str, ...],
    **flags: Any,
) -> int:
    """Run COMMAND for every task of an activity.

    The task's input is COMMAND's last argument; the last line it prints, a JSON object, is the
    output. An exit code other than 0 fails the task; a last line {"error": "Name", "cause": "…"} says
    how. $WFM_ACTIVITY is the activity's name.

    SIGTERM or Ctrl-C: no more tasks are taken, running commands get the signal, and whatever has not
    ended after the grace is killed and reported; a second signal kills at once. With --drain, running
    commands are left alone for the length of the grace.

    \b
    Examples:
      wfm worker --namespace dev --activity greet -- ./greet --loud
      wfm worker --activity dev--greet --function greetings:greet --concurrency 8
      wfm worker --config worker.yml --metrics-port 9464
      wfm worker --namespace dev --activity greet --once -- ./greet
    """
    from workflow_manager.cli.working import work
    from workflow_manager.worker.activity import expand
    from workflow_manager.worker.config import ActivityConfig, WorkerConfig, read_config

    environment = dict(os.environ)
    arguments = (*([expand(cmd, environment)] if cmd else []), *command)
    if config_file is not None:
        if arguments or function:
            raise click.UsageError("with --config, commands and functions stand in the file")
        config = _chosen(read_config(config_file, _text_of(config_file), environment), chosen)
    else:
        if not chosen:
            raise click.UsageError("--activity is required: the name that definitions give as Resource")
        if bool(arguments) == bool(function):
            raise click.UsageError("COMMAND or --function is required: wfm worker --activity NAME -- COMMAND")
        config = WorkerConfig(
            activities=tuple(
                ActivityConfig(name=expand(name, environment), command=arguments, function=function)
                for name in dict.fromkeys(chosen)
            )
        )
    if flags["once"] and len(config.activities) > 1:
        raise click.UsageError("--once is for one activity; choose it with --activity")
    return work(config, flags, environment)


def _chosen(config: WorkerConfig, names: tuple[str, ...]) -> WorkerConfig:
    """With the activities that were asked for; all of them, if none were."""
    found = {each.name: each for each in config.activities}
    for name in names:
        if name not in found:
            raise click.BadParameter(
                f"{name} is not in the file: {', '.join(found)}", param_hint="--activity"
            )
    return replace(config, activities=tuple(found[name] for name in names or found))


def _text_of(file: str) -> str:
    try:
        with click.open_file(file, encoding="utf-8") as opened:
            return str(opened.read())
    except OSError as error:
        raise click.BadParameter(f"{file}: {error.strerror}", param_hint="--config") from error
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file}: not UTF-8: {error}", param_hint="--config") from error
