"""`wfm prune`, `backup`, `restore`, `doctor`: care for a data directory, with or without a server on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from workflow_manager.cli.options import with_output
from workflow_manager.cli.output import show

F = TypeVar("F", bound=Callable[..., Any])

with_data: Callable[[F], F] = click.option(
    "--data", metavar="DIRECTORY", help="The data directory of the server; $WFM_DATA.  Default: .wfm"
)


def _directory(data: str | None) -> Path:
    from workflow_manager.settings import load_settings

    return load_settings(os.environ, {"data": data}).data


@click.command()
@with_data
@click.option("--days", type=click.IntRange(1, 36_500), help="How long to keep; $WFM_KEEP_DAYS.  Default: 90")
@with_output
def prune(data: str | None, days: int | None, output: str) -> None:
    """Take away what ended long ago.

    Executions and workflows go, with their histories. A server does so by itself, once an hour; it may
    run meanwhile.

    \b
    Example:
      wfm prune --data /var/lib/wfm --days 30
    """
    from workflow_manager.assembly.retention import prune_directory
    from workflow_manager.kernel.clock import SystemClock
    from workflow_manager.settings import load_settings

    clock = SystemClock()
    settings = load_settings(os.environ, {"data": data, "keep_days": days})
    if not settings.keep_days:
        raise click.UsageError("WFM_KEEP_DAYS=0 keeps everything; say --days to prune all the same")
    pruned = prune_directory(settings.data, clock, clock.now() - timedelta(days=settings.keep_days))
    show(
        output,
        pruned._asdict(),
        text=lambda: click.echo(f"pruned {pruned.workflows} workflows and {pruned.executions} executions"),
        names=(),
    )


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_data
def backup(file: Path, data: str | None) -> None:
    """Write a copy of everything to FILE.

    It is all of the data as it is at one moment; the server may run meanwhile.

    \b
    Example:
      wfm backup /backups/wfm-$(date +%F).tar --data /var/lib/wfm
    """
    from workflow_manager.assembly.backup import back_up
    from workflow_manager.kernel.clock import SystemClock

    size = back_up(_directory(data), file, SystemClock().now())
    click.echo(f"{file}: {size} bytes")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_data
def restore(file: Path, data: str | None) -> None:
    """Make the data directory from a backup.

    There must be nothing in it, and no server on it.

    \b
    Example:
      wfm restore /backups/wfm-2026-01-31.tar --data /var/lib/wfm
    """
    from workflow_manager.assembly.backup import restore as restore_to

    directory = _directory(data)
    click.echo(f"{directory}: {', '.join(restore_to(file, directory))}")


@click.command()
@with_data
@with_output
def doctor(data: str | None, output: str) -> int:
    """Say what is wrong with the data directory.

    And what to do about it. Exit code 1 if anything is wrong, else 0.

    \b
    Example:
      wfm doctor --data /var/lib/wfm
    """
    from workflow_manager.assembly.doctor import examine

    findings = list(examine(_directory(data)))

    def tell() -> None:
        for subject, text, remedy in findings:
            click.echo(f"{'BAD' if remedy else 'ok':4} {subject}: {text}")
            if remedy:
                click.echo(f"     what to do: {remedy}")

    shown = [each._asdict() for each in findings]
    show(output, shown, text=tell, names=[each.subject for each in findings if each.remedy])
    return 1 if any(each.remedy for each in findings) else 0
