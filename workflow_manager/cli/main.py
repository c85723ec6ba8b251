"""The `wfm` command: its subcommands, and what each error means for the exit code.

Imports nothing but click and its own small modules: `wfm --help` has to be there at once, so every
command brings in what it needs when it runs.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Mapping, Sequence

import click

from workflow_manager.cli.aws import consume, log_group, tables
from workflow_manager.cli.completion import completion
from workflow_manager.cli.definitions import definitions
from workflow_manager.cli.diff import diff
from workflow_manager.cli.graph import graph
from workflow_manager.cli.help import INTERRUPTED, MISUSED, TAKEN, UNAVAILABLE, help_command
from workflow_manager.cli.history import history, logs
from workflow_manager.cli.options import with_version
from workflow_manager.cli.output import describe
from workflow_manager.cli.profiles import profile
from workflow_manager.cli.push import push
from workflow_manager.cli.resources import state_resources
from workflow_manager.cli.schedules import schedules
from workflow_manager.cli.serve import config, serve
from workflow_manager.cli.status import events, status
from workflow_manager.cli.top import top
from workflow_manager.cli.upkeep import backup, doctor, prune, restore
from workflow_manager.cli.webhooks import webhooks
from workflow_manager.cli.worker import worker
from workflow_manager.cli.workflows import cancel, resolve, resume, submit, workflows

# In the order in which a new user needs them.
SECTIONS: Mapping[str, tuple[click.Command, ...]] = {
    "Definitions": (definitions, diff, graph, push),
    "Workflows": (submit, workflows, logs, history, events, cancel, resume, resolve),
    "Schedules and webhooks": (schedules, webhooks),
    "Workers": (worker, top, state_resources),
    "The server": (serve, status, config, backup, restore, prune, doctor),
    "On AWS": (tables, log_group, consume),
    "This command": (profile, completion, help_command),
}


class Commands(click.Group):
    """Lists its commands in sections."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            # Whoever read our output has seen enough.  Click would exit with 1, which means that a
            # workflow failed.
            _forget_output()
            return 0
        except OSError as error:
            if error.filename is not None or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                raise
            _forget_output()
            click.echo(f"Error: cannot write the output: {error.strerror}", err=True)
            return UNAVAILABLE

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.commands)
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                # As wide in every section, so that all of it is one table.
                formatter.write_dl(
                    [
                        (str(each.name).ljust(width), each.get_short_help_str(formatter.width - 6 - width))
                        for each in commands
                    ]
                )


def _forget_output() -> None:
    """The interpreter must not complain when it flushes at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@with_version
def wfm() -> None:
    """Workflows in the Amazon States Language.

    \b
      wfm serve                                      run the server
      wfm definitions apply hello.yml                store a definition
      wfm worker --namespace dev --activity greet -- ./greet
      wfm submit hello '{"name": "Ada"}' --namespace dev --follow

    The server is found at --server, $WFM_SERVER or $WORKFLOWMANAGER_URL, in the profile in use, else at
    http://127.0.0.1:8080.

    `wfm help COMMAND` says more of each; `wfm help exit-codes`, `environment` and `output` tell what is
    true of all of them.
    """


for section in SECTIONS.values():
    for command in section:
        wfm.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with one of `help.EXIT_CODES`."""
    if sys.stdout is None:  # the caller has closed it
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the locale cannot write must not end the command.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    try:
        code = wfm.main(
            args=None if arguments is None else list(arguments),
            prog_name="wfm",
            complete_var="_WFM_COMPLETE",
            standalone_mode=False,
        )
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        if isinstance(error, click.NoSuchOption) and error.ctx is not None and error.ctx.parent is None:
            _tell_its_place(error.option_name)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except Exception as error:  # what we foresaw becomes a line and an exit code; a bug stays a traceback
        code = exit_code(error)
        if code is None:
            raise
        click.echo(f"Error: {describe(error)}", err=True)
        return code


def _tell_its_place(option: str) -> None:
    """Of an option that was given before the command, and that commands have."""
    if any(option in parameter.opts for each in wfm.commands.values() for parameter in each.params):
        click.echo(f"It belongs after the command: wfm COMMAND {option} …", err=True)


def exit_code(error: Exception) -> int | None:
    """What an error ends the command with; None for a bug."""
    from workflow_manager.kernel import errors

    table = (
        (errors.InvalidRequest, MISUSED),
        (errors.NotFound, MISUSED),
        (errors.Conflict, TAKEN),
        (errors.Throttled, UNAVAILABLE),
        (errors.Unavailable, UNAVAILABLE),
    )
    return next((code for kind, code in table if isinstance(error, kind)), None)
