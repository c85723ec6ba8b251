"""The `wfm` command: its subcommands, and what each error means for the exit code.

Imports nothing but click and its own small modules: `wfm --help` has to be there at once, so every
command brings in what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from workflow_manager.cli.aws import consume, log_group, tables
from workflow_manager.cli.completion import completion
from workflow_manager.cli.definitions import definitions
from workflow_manager.cli.diff import diff
from workflow_manager.cli.graph import graph
from workflow_manager.cli.history import history, logs
from workflow_manager.cli.profiles import profile
from workflow_manager.cli.push import push
from workflow_manager.cli.schedules import schedules
from workflow_manager.cli.serve import config, serve
from workflow_manager.cli.top import top
from workflow_manager.cli.upkeep import backup, doctor, prune, restore
from workflow_manager.cli.webhooks import webhooks
from workflow_manager.cli.worker import worker
from workflow_manager.cli.workflows import cancel, resolve, resume, submit, workflows

INTERRUPTED = 130


class Commands(click.Group):
    """Lists its commands in the order a new user needs them."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            # Whoever read our output has seen enough.  Click would exit with 1, which means that a
            # workflow failed; and the interpreter must not complain when it flushes at its exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def _print_version(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"wfm {version('workflow-manager')}")
        except PackageNotFoundError:
            click.echo("wfm, not installed: run from its source")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
def wfm() -> None:
    """Workflows in the Amazon States Language.

    \b
      wfm serve                                      run the server
      wfm definitions apply hello.yml                store a definition
      wfm worker --namespace dev --activity greet -- ./greet
      wfm submit hello '{"name": "Ada"}' --namespace dev --follow

    The server is found at --server, $WFM_SERVER or $WORKFLOWMANAGER_URL, in the profile in use, else at
    http://127.0.0.1:8080.

    \b
    Exit codes, of every command:
      0    done; what was followed has succeeded
      1    what was followed has failed, or a part of the work has
      2    wrong usage or input, or there is no such thing
      3    what was followed was cancelled
      4    somebody else was first
      5    the server does not answer, or cannot do it now
      130  interrupted
    """


for command in (
    *(serve, definitions, submit, workflows, top, logs, history, graph, diff, push),
    *(cancel, resume, resolve, schedules, webhooks),
    *(worker, profile, config, completion, backup, restore, prune, doctor, tables, log_group, consume),
):
    wfm.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 failed, 2 usage or not found, 3 cancelled, 4 someone was
    first, 5 nobody answers, 130 interrupted."""
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


def exit_code(error: Exception) -> int | None:
    """What an error ends the command with; None for a bug."""
    from workflow_manager.kernel import errors

    table = (
        (errors.InvalidRequest, 2),
        (errors.NotFound, 2),
        (errors.Conflict, 4),
        (errors.Throttled, 5),
        (errors.Unavailable, 5),
    )
    return next((code for kind, code in table if isinstance(error, kind)), None)


def describe(error: Exception) -> str:
    from workflow_manager.kernel.errors import NotFound

    return f"there is no {error.kind} {error.key}" if isinstance(error, NotFound) else str(error)
