"""`wfm serve` and `wfm config`: the server, and the settings it would run with."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import Any

import click

from workflow_manager.cli.options import with_output
from workflow_manager.cli.output import show_rows


class TakesSettings(click.Command):
    """Has a flag for every setting, made when the command is looked at and not before.

    Its help leaves out those whose names match `unread`; they are taken all the same, for a command line
    may be the server's own.
    """

    unread: tuple[str, ...] = ()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from workflow_manager.settings import settings_fields

        flags: list[click.Parameter] = [
            click.Option(
                [f"--{each.name.replace('_', '-')}"],
                is_flag=each.type in (bool, "bool"),
                multiple=each.metadata["many"],
                default=None,
                hidden=any(fnmatchcase(each.name, pattern) for pattern in self.unread),
                help=f"{each.metadata['help']}; ${each.metadata['variable']}.",
            )
            for each in settings_fields()
            # A key on the command line can be read by everyone on the machine.
            if not each.metadata["secret"]
        ]
        return [*flags, *super().get_params(ctx)]


@click.command(cls=TakesSettings)
def serve(**flags: Any) -> None:
    """Run the server.

    REST, the Step Functions protocol, /docs and /metrics are on one port. SIGTERM ends it: running
    requests end, and what was accepted is written.

    \b
    Examples:
      wfm serve --data /var/lib/wfm
      WFM_API_KEYS=secret wfm serve --host 0.0.0.0
    """
    from workflow_manager.settings import load_settings

    settings = load_settings(os.environ, flags)
    from workflow_manager.assembly import serve as serve_with

    serve_with(settings)


@click.command(cls=TakesSettings)
@with_output
def config(output: str, **flags: Any) -> None:
    """Show the settings of the server and where they come from.

    It is what `wfm serve` would run with here, with the same flags.

    \b
    Examples:
      wfm config
      wfm config --port 9000 --json
    """
    from workflow_manager.settings import load_settings, settings_fields, shown_value

    settings = load_settings(os.environ, flags)
    rows = [
        (each.metadata["variable"], shown_value(settings, each.name), settings.origins[each.name])
        for each in settings_fields()
    ]
    show_rows(
        output,
        {variable: {"value": value, "origin": origin} for variable, value, origin in rows},
        ("SETTING", "VALUE", "FROM"),
        [(variable, value or "-", origin) for variable, value, origin in rows],
        names=[variable for variable, _, _ in rows],
    )
