"""The page of the command: the help of every command, as it is printed."""

from __future__ import annotations

from collections.abc import Iterator

import click

from workflow_manager.cli.main import wfm

HEAD = """\
# The wfm command

Generated from `wfm --help` by `make docs`.

Where a command prints a list or a record, `--output` (`-o`) says how: `table` for people, `json` and
`yaml` for programs, `name` for ids alone. `--json` is short for `-o json`, `--quiet` (`-q`) for `-o
name`. Notes go to stderr.

A value that an option does not give is looked for in its variable (`$WFM_SERVER`, `$WFM_API_KEY`,
`$WFM_NAMESPACE`), then in the profile in use (`wfm profile`, or the one that `$WFM_PROFILE` names), then
there is a default.

"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for words, command in _commands(("wfm",), wfm):
        context = click.Context(
            command,
            info_name=" ".join(words),
            terminal_width=100,
            max_content_width=100,
            **wfm.context_settings,
        )
        parts.append(
            f"{'#' * min(len(words) + 1, 4)} {' '.join(words)}\n\n```text\n{_help(command, context)}\n```\n\n"
        )
    return "".join(parts).rstrip("\n") + "\n"


def _help(command: click.Command, context: click.Context) -> str:
    return "\n".join(line.rstrip() for line in click.unstyle(command.get_help(context)).splitlines())


def _commands(
    words: tuple[str, ...], command: click.Command
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands((*words, name), inner)
