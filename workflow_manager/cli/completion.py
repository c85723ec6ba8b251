"""`wfm completion`: what a shell needs to complete commands, options, files, and names on the server.

A shell that completes has nowhere to show an error: where the server does not answer at once, or there is
none, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from workflow_manager.cli.http import Server

# Nobody waits longer for a key.
_PATIENCE_SECONDS: Final = 2.0
_WORKFLOWS: Final = 20

Completer: TypeAlias = "Callable[[click.Context, click.Parameter, str], list[CompletionItem]]"


def files(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shell's own."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def files_or_definitions(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    # The shell looks for files where nothing comes after their mark.
    return files(ctx, parameter, incomplete) + definitions(ctx, parameter, incomplete)


def profiles(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from workflow_manager.cli.profiles import read_profiles
    from workflow_manager.kernel.errors import WorkflowManagerError

    try:
        return _items(sorted(read_profiles().named), incomplete)
    except WorkflowManagerError:
        return []


def _on_server(names: Callable[[Server], list[str]]) -> Completer:
    def complete(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from workflow_manager.cli.options import connect
        from workflow_manager.kernel.errors import WorkflowManagerError

        given: dict[str, Any] = ctx.params
        try:
            with connect(given.get("server"), given.get("api_key"), timeout=_PATIENCE_SECONDS) as server:
                return _items(names(server), incomplete)
        except (WorkflowManagerError, click.ClickException):
            return []

    return complete


def _items(names: list[str], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@_on_server
def definitions(server: Server) -> list[str]:
    return [each["name"] for each in server.get("/workflow-definitions")]


@_on_server
def schedules(server: Server) -> list[str]:
    return [each["name"] for each in server.get("/schedules")]


@_on_server
def webhooks(server: Server) -> list[str]:
    return [each["id"] for each in server.get("/webhooks")]


@_on_server
def workflows(server: Server) -> list[str]:
    """The newest."""
    from workflow_manager.cli.listing import newest

    return [each["id"] for each in newest(server, _WORKFLOWS)]


def help_words(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What `wfm help` knows, below the commands that are there already."""
    from workflow_manager.cli.help import topics

    given: tuple[str, ...] = ctx.params.get("words") or ()
    found: click.Command | None = ctx.find_root().command
    for word in given:
        found = found.get_command(ctx, word) if isinstance(found, click.Group) else None
    names = found.list_commands(ctx) if isinstance(found, click.Group) else []
    return _items([*names, *([] if given else topics())], incomplete)


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print a script that completes commands in a shell.

    \b
    Examples:
      eval "$(wfm completion bash)"                  in ~/.bashrc
      eval "$(wfm completion zsh)"                   in ~/.zshrc
      wfm completion fish > ~/.config/fish/completions/wfm.fish
    """
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root()
    kind = get_completion_class(shell)
    assert kind is not None, "click knows all three"
    click.echo(kind(root.command, {}, "wfm", "_WFM_COMPLETE").source())
