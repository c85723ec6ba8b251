"""`wfm completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click


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
