"""`wfm tables`, `wfm log-group` and `wfm consume`: what the AWS setting needs besides the server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

from workflow_manager.cli.serve import TakesSettings


class TakesAwsSettings(TakesSettings):
    """What only a process that serves reads is not in its help."""

    unread: tuple[str, ...] = (
        *("host", "port", "insecure", "body_limit", "max_*", "threads", "sync", "keep_days"),
        *("request_timeout", "history_timeout", "drain_timeout"),
        *("function*", "service*", "connections", "webhooks_private"),
    )


class TakesTableSettings(TakesAwsSettings):
    unread: tuple[str, ...] = (
        *TakesAwsSettings.unread,
        *("data", "engine", "store", "account", "role", "log_*", "sfn_*", "events_*", "logs_role"),
        "execution_*",
    )


class TakesLogGroupSettings(TakesAwsSettings):
    unread: tuple[str, ...] = (
        *TakesAwsSettings.unread,
        *("data", "backend", "engine", "store", "account", "role", "log_format", "log_level"),
        *("sfn_*", "dynamo*", "*_prefix", "events_queue"),
    )


@click.group()
def tables() -> None:
    """The tables on DynamoDB.

    There records live with WFM_BACKEND=aws.

    \b
    Examples:
      WFM_BACKEND=aws wfm tables create
      WFM_BACKEND=aws wfm tables check
    """


@tables.command(cls=TakesTableSettings)
def create(**flags: Any) -> None:
    """Make what is missing: tables, indexes, expiry."""
    _show_made(_upkeep(flags).create())


@tables.command(cls=TakesTableSettings)
def check(**flags: Any) -> int:
    """Say what is not as it must be; exit 1 if anything is."""
    return _show_problems(_upkeep(flags).problems(), "the tables are as they must be")


@tables.command(cls=TakesTableSettings)
def migrate(**flags: Any) -> None:
    """Bring the original service's tables up to date.

    It may be done again, and while servers run.
    """
    done = _upkeep(flags).migrate()
    _show_made(done.made)
    click.echo(f"{done.workflows} workflows and {done.definitions} latest definitions brought up to date")


@click.group("log-group")
def log_group() -> None:
    """The log group of all executions on AWS.

    From there their events go to a Kinesis stream. Only for that way of hearing of ends; `wfm consume`
    needs none. State machines log to it from their first execution on when
    AWS_SFN_EXECUTION_EVENTS_STREAM_ARN is set, so make it before.

    \b
    Example:
      wfm log-group create
    """


@log_group.command("create", cls=TakesLogGroupSettings)
def create_log_group(**flags: Any) -> None:
    """Make what is missing.

    The group, its retention of 7 days, and the filter that leads to the stream.
    """
    _show_made(_log_group(flags).create())


@log_group.command("check", cls=TakesLogGroupSettings)
def check_log_group(**flags: Any) -> int:
    """Say what is not as it must be; exit 1 if anything is."""
    return _show_problems(_log_group(flags).problems(), "the log group is as it must be")


@click.command(cls=TakesAwsSettings)
def consume(**flags: Any) -> None:
    """Take changes of executions on AWS from an SQS queue.

    Until SIGTERM. Where state machines run on AWS, this is how records learn of ends at once.

    \b
    Example:
      WFM_BACKEND=aws wfm consume
    """
    from workflow_manager.assembly.events import consume as consume_with
    from workflow_manager.settings import load_settings

    consume_with(load_settings(os.environ, flags))


def _upkeep(flags: dict[str, Any]) -> Any:
    from workflow_manager.assembly.aws import dynamodb_upkeep
    from workflow_manager.settings import load_settings

    return dynamodb_upkeep(load_settings(os.environ, flags))


def _log_group(flags: dict[str, Any]) -> Any:
    from workflow_manager.assembly.aws import log_group as connect
    from workflow_manager.settings import load_settings

    return connect(load_settings(os.environ, flags))


def _show_problems(problems: Sequence[str], all_is_well: str) -> int:
    for problem in problems:
        click.echo(problem)
    if not problems:
        click.echo(all_is_well)
    return 1 if problems else 0


def _show_made(made: Any) -> None:
    for thing in made:
        click.echo(f"made {thing}")
    if not made:
        click.echo("nothing was missing")
