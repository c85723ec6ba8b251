"""`wfm help`: the help of a command, or what is true of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from workflow_manager.cli import completion

DONE: Final = 0
FAILED: Final = 1
MISUSED: Final = 2
CANCELLED: Final = 3
TAKEN: Final = 4
UNAVAILABLE: Final = 5
INTERRUPTED: Final = 130

# What an exit code means, of every command.
EXIT_CODES: Final[Mapping[int, str]] = {
    DONE: "done; what was followed has succeeded",
    FAILED: "what was followed has failed, or a part of the work has",
    MISUSED: "wrong usage or input, or there is no such thing",
    CANCELLED: "what was followed was cancelled",
    TAKEN: "somebody else was first",
    UNAVAILABLE: "the server does not answer, or cannot do it now",
    INTERRUPTED: "interrupted",
}

# Variables of commands that talk to a server; `wfm config` shows those of the server itself.
VARIABLES: Final[Mapping[str, str]] = {
    "WFM_SERVER": "address of the server; WORKFLOWMANAGER_URL is its older name",
    "WFM_API_KEY": "key, for a server that has keys",
    "WFM_NAMESPACE": "namespace of `submit` and `worker`",
    "WFM_PROFILE": "profile to use in place of the one in use",
    "XDG_CONFIG_HOME": "where profiles are kept, in wfm/profiles.json; ~/.config unless set",
    "NO_COLOR": "no colours, whatever its value",
}

OUTPUT: Final = """\
Where a command prints a list or a record, --output (-o) says how:

  table   for people: columns, colours on a terminal
  json    for programs: as the REST API has it
  yaml    the same as YAML
  name    ids or names alone, one a line

--json is short for -o json, --quiet (-q) for -o name. Notes, hints and progress go to stderr.
On a terminal, --follow and `wfm top` paint in place; in a pipe they print lines."""


def _lines(table: Mapping[int, str] | Mapping[str, str]) -> str:
    width = max(len(str(name)) for name in table)
    return "\n".join(f"  {str(name).ljust(width)}  {meaning}" for name, meaning in table.items())


def exit_codes() -> str:
    return _lines(EXIT_CODES)


def topics() -> Mapping[str, str]:
    """What can be asked for besides commands."""
    return {
        "exit-codes": f"Exit codes, of every command:\n\n{exit_codes()}",
        "environment": "Variables. An option wins over its variable, that over the profile in use.\n\n"
        f"{_lines(VARIABLES)}\n\nThe server's own are shown by `wfm config`.",
        "output": OUTPUT,
    }


@click.command("help", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, metavar="[COMMAND…|TOPIC]", shell_complete=completion.help_words)
def help_command(words: tuple[str, ...]) -> None:
    """Show the help of a command or a topic.

    Topics are exit-codes, environment and output.

    \b
    Examples:
      wfm help submit
      wfm help workflows cancel
      wfm help exit-codes
    """
    if len(words) == 1 and words[0] in topics():
        click.echo(topics()[words[0]])
        return
    context = click.get_current_context().find_root()
    for word in words:
        group = context.command
        found = group.get_command(context, word) if isinstance(group, click.Group) else None
        if found is None:
            known = [*group.list_commands(context)] if isinstance(group, click.Group) else []
            raise click.UsageError(_unknown(word, known + ([] if context.parent else list(topics()))))
        context = click.Context(found, info_name=word, parent=context)
    click.echo(context.get_help())


def _unknown(word: str, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(word, known, 1)
    return f"there is no command or topic {word}." + (f" Did you mean {close[0]}?" if close else "")
