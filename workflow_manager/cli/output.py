"""How times, tables and statuses look to people."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from workflow_manager.cli.letters import cells, cut, pad, plain, plain_lines

COLOURS = {
    "succeeded": "green",
    "failed": "red",
    "cancelled": "yellow",
    "aborted": "yellow",
    "aborted_by_user": "yellow",
    "aborted_deps_failed": "yellow",
    "running": "cyan",
    "created": "blue",
    "updated": "green",
    "invalid": "red",
    "error": "red",
    "warning": "yellow",
}


def shows_trees() -> bool:
    """Whether a person looks at a terminal that can move its cursor and has signs for a tree."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return sys.stdout.isatty() and encoding == "utf8" and os.environ.get("TERM", "dumb") != "dumb"


def show(output: str, value: object, *, text: Callable[[], None], names: Sequence[str]) -> None:
    """The value in one of `options.FORMATS`; `text` prints it for people."""
    match output:
        case "json":
            show_json(value)
        case "yaml":
            show_yaml(value)
        case "name":
            for name in names:
                click.echo(name)
        case _:
            text()


def show_deleted(output: str, key: str, name: str) -> None:
    """That it is gone; `key` is what its name is under in JSON."""
    value = {key: name, "deleted": True}
    show(output, value, text=lambda: click.echo(f"{name}  deleted"), names=[name])


def show_rows(
    output: str,
    value: object,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    names: Sequence[str],
    none: str = "",
    spare: Sequence[str] = (),
) -> None:
    """The value as `show` does, for people a table; `none` tells them on stderr why there is no row."""
    if not rows and none and output == "table":
        click.echo(none, err=True)
    show(output, value, text=lambda: show_table(headings, rows, spare=spare), names=names)


def show_yaml(value: object) -> None:
    import yaml

    from workflow_manager.library.documents import Dumper

    click.echo(yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110), nl=False)


def show_json(value: object) -> None:
    """For other programs; on a terminal indented, for people who look."""
    from workflow_manager.kernel.json import pretty

    click.echo(pretty(value))  # type: ignore[arg-type]


def show_json_line(value: object) -> None:
    from workflow_manager.kernel.json import dumps

    click.echo(dumps(value))  # type: ignore[arg-type]


def show_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, spare: Sequence[str] = (), err: bool = False
) -> None:
    """Columns as wide as they need to be; a cell that is a status has its colour.

    On a terminal that is too narrow, columns are left out as `spare` lists them until the rest fits.
    """
    if not rows:
        return
    table = fitting([headings, *([plain(cell) for cell in row] for row in rows)], spare, terminal_width())
    widths = [max(cells(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        click.echo(_line(row, widths), err=err)


def fitting(
    table: Sequence[Sequence[str]], spare: Sequence[str], width: int | None
) -> Sequence[Sequence[str]]:
    """The table, headings first, without those of the spare columns that have to go; None for any width."""
    for heading in spare:
        if width is None or _width(table) <= width:
            break
        at = table[0].index(heading)
        table = [(*row[:at], *row[at + 1 :]) for row in table]
    return table


def _width(table: Sequence[Sequence[str]]) -> int:
    widths = [max(cells(cell) for cell in column) for column in zip(*table, strict=True)]
    return sum(widths) + 2 * (len(widths) - 1)


def terminal_width() -> int | None:
    """None where nobody looks."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def clip(rows: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    """The last cell of each row cut where the terminal ends; whole where nobody looks."""
    width = terminal_width()
    if width is None or not rows:
        return rows
    shown = [tuple(plain(cell) for cell in row) for row in rows]
    before = sum(max(cells(row[column]) for row in shown) + 2 for column in range(len(shown[0]) - 1))
    room = max(20, width - before)
    return [(*row[:-1], cut(row[-1], room)) for row in shown]


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    padded = [pad(text, width) for text, width in zip(texts, widths, strict=True)]
    padded[-1] = texts[-1]
    return "  ".join(coloured(text) for text in padded).rstrip()


def coloured(text: str) -> str:
    """In its colour, if the text is a status; click leaves it out where nobody sees it."""
    colour = COLOURS.get(text.strip())
    if colour is None:
        return text
    # The padding stays outside, so that what ends a line can be stripped.
    word = text.rstrip()
    return click.style(word, fg=colour) + text[len(word) :]


def short_status(status: str) -> str:
    """In a column: whose fault an abortion was is told below."""
    return "aborted" if status.startswith("aborted") else status


def parse_time(text: str | None) -> datetime | None:
    """None for a time that is not set; REST says year 1."""
    if not text or text.startswith("0001-"):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def local_time(text: str | None) -> str:
    time = parse_time(text)
    return "-" if time is None else time.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def clock_time(time: datetime | None) -> str:
    return "--:--:--" if time is None else time.astimezone().strftime("%H:%M:%S")


def span(began_at: datetime | None, ended_at: datetime | None) -> str:
    """How long it took, in two units at most; "" when either end is unknown."""
    if began_at is None or ended_at is None:
        return ""
    seconds = max(0.0, (ended_at - began_at).total_seconds())
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, whole = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {whole} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def definition_reference(workflow: Any) -> str:
    """`name@version`; version 0 is left out on the wire."""
    definition = workflow.get("workflowDefinition") or {}
    return f"{plain(str(definition.get('name', '?')))}@{definition.get('version', 0)}"


def is_over(workflow: Any) -> bool:
    return workflow.get("status") in ("succeeded", "failed", "cancelled")


def headline(reason: str) -> str:
    """The first line of a reason, and the error's name, which comes last."""
    lines = [plain(line.strip()) for line in reason.strip().split("\n") if line.strip()]
    if len(lines) < 2:
        return "".join(lines)
    return f"{lines[0]} ({lines[-1]})"


def describe(error: Exception) -> str:
    """What went wrong, as a command says it."""
    from workflow_manager.kernel.errors import NotFound

    message = f"there is no {error.kind} {error.key}" if isinstance(error, NotFound) else str(error)
    return "\n".join(plain_lines(message))
