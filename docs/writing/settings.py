"""The page of the settings: every variable of the server, with its flag and what it is unless set."""

from __future__ import annotations

from docs.writing.tables import code, table
from workflow_manager.settings import Settings, settings_fields, shown_value

HEAD = """\
# Settings

Generated from the server's settings by `make docs`.

A setting is a flag of `wfm serve` or a variable of its environment; the flag comes first. `wfm config`
shows what is in force, and where each value comes from. A value that cannot be stops the server, with the
variable's name.

"""

TAIL = """\
The names without `WFM_` are those that the AWS setting has always had; [On AWS](../aws.md) says what they
are for. The command and the workers have variables of their own, which are in [their help](cli.md).
"""


def page() -> str:
    """The whole page."""
    defaults = Settings()
    rows = [
        (
            code(each.metadata["variable"]),
            "" if each.metadata["secret"] else code(f"--{each.name.replace('_', '-')}"),
            code(shown_value(defaults, each.name)) or "–",
            each.metadata["help"],
        )
        for each in settings_fields()
    ]
    return HEAD + table(("variable", "flag", "default", "meaning"), rows) + TAIL
