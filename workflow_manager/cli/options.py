"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from workflow_manager.cli.http import Server

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_SERVER = "http://127.0.0.1:8080"


def _print_version(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"wfm {version('workflow-manager')}")
        except PackageNotFoundError:
            click.echo("wfm, not installed: run from its source")
        ctx.exit()


def with_version(command: F) -> F:
    """Adds --version, which prints it and does nothing else."""
    return click.option(
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
        help="Show the version.",
    )(command)


def with_server(command: F) -> F:
    """Adds --server and --api-key, and hands the command a connected-on-demand `server`."""

    @click.option(
        "--server",
        metavar="URL",
        envvar=["WFM_SERVER", "WORKFLOWMANAGER_URL"],
        help=f"Where the server is; $WFM_SERVER, else the profile's, else {DEFAULT_SERVER}.",
    )
    @click.option(
        "--api-key", metavar="KEY", envvar="WFM_API_KEY", help="For a server with keys; $WFM_API_KEY."
    )
    @wraps(command)
    def wrapped(*arguments: Any, server: str | None, api_key: str | None, **options: Any) -> Any:
        with connect(server, api_key) as connected:
            return command(*arguments, server=connected, **options)

    return wrapped  # type: ignore[return-value]


def connect(server: str | None, api_key: str | None, *, timeout: float | None = None) -> Server:
    """That server, else the profile's; connected on demand."""
    from workflow_manager.cli.http import Server
    from workflow_manager.cli.profiles import setting

    if server is None:
        # A key is for the server that it was given with, and for no other one.
        server = server_of_profile()
        api_key = api_key or setting("api_key")
    return Server(server, api_key) if timeout is None else Server(server, api_key, timeout=timeout)


FORMATS = ("table", "json", "yaml", "name")


def with_output(command: F) -> F:
    """Adds --output and its short forms, and hands the command one `output` of `FORMATS`."""

    @click.option(
        "--output",
        "-o",
        "given_output",
        type=click.Choice(FORMATS),
        help="How to print: for people, for programs, or ids alone.  [default: table]",
    )
    @click.option("--json", "is_json", is_flag=True, help="Short for --output json.")
    @click.option("--quiet", "-q", "is_quiet", is_flag=True, help="Short for --output name.")
    @wraps(command)
    def wrapped(
        *arguments: Any, given_output: str | None, is_json: bool, is_quiet: bool, **options: Any
    ) -> Any:
        wanted = {given_output, "json" if is_json else None, "name" if is_quiet else None} - {None}
        if len(wanted) > 1:
            raise click.UsageError("--output, --json and --quiet ask for different things")
        return command(*arguments, output=next(iter(wanted), "table"), **options)

    return wrapped  # type: ignore[return-value]


def server_of_profile() -> str:
    from workflow_manager.cli.profiles import setting

    return setting("server") or DEFAULT_SERVER


def _namespace_of_profile() -> str:
    from workflow_manager.cli.profiles import setting

    return setting("namespace") or "default"


namespace_option = click.option(
    "--namespace",
    "-n",
    metavar="NS",
    envvar="WFM_NAMESPACE",
    default=_namespace_of_profile,
    show_default="the profile's, else default",
    help="Part of every resource's name; $WFM_NAMESPACE.",
)


class Moment(click.ParamType[Any]):
    """A date, or a date and a time; of this machine's zone unless it names one."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2026-01-31 or 2026-01-31T12:00:00Z", param, ctx)
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_tags(given: Sequence[str]) -> dict[str, str]:
    """`k=v` pairs; a later one replaces an earlier one."""
    tags: dict[str, str] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise click.BadParameter(f"{pair!r} is not of the form key=value", param_hint="--tag")
        tags[key] = value
    return tags


def parse_reference(text: str) -> tuple[str, int]:
    """`NAME` or `NAME@VERSION`; without a version -1, which stands for the latest."""
    name, at, version = text.rpartition("@")
    if not at:
        return text, -1
    if version == "latest":
        return name, -1
    if not version.isascii() or not version.isdigit():
        raise click.BadParameter(
            f"the version in {text!r} is not a whole number", param_hint="NAME[@VERSION]"
        )
    return name, int(version)


def read_input(text: str | None) -> str:
    """The input itself, or what `-` (stdin) or `@file` holds; empty for none."""
    if text is None:
        return ""
    try:
        if text == "-":
            return sys.stdin.buffer.read().decode()
        if text.startswith("@"):
            with open(text[1:], encoding="utf-8") as file:
                return file.read()
    except OSError as error:
        raise click.BadParameter(f"{text[1:] or 'stdin'}: {error.strerror}", param_hint="INPUT") from error
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"not UTF-8: {error}", param_hint="INPUT") from error
    return text
