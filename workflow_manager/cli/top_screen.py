"""`wfm top` on a terminal: the whole screen, painted anew at each look, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from workflow_manager.cli.load import (
    HEADINGS,
    NOT_TOLD,
    WORKER_HEADINGS,
    Line,
    advice,
    lines,
    totals,
    worker_rows,
)
from workflow_manager.kernel.errors import Unavailable

_NUMBERS: Final = frozenset({"WAITING", "SINCE", "RUNNING", "POLLING", "WORKERS", "TASKS", "SEEN"})

_MOST_ADVICE: Final = 2


def watch(
    read: Callable[[], Sequence[Any]],
    interval: float,
    where: str,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Until Ctrl-C.  The first look raises what goes wrong; after that, a server is waited for."""
    found = read()
    console = Console(file=sys.stdout, highlight=False)
    trouble = ""
    with Live(console=console, screen=True, auto_refresh=False, redirect_stderr=False) as live:
        try:
            while True:
                now = datetime.now(UTC)
                live.update(screen(found, now, where, console.height, trouble), refresh=True)
                sleep(interval)
                try:
                    found, trouble = read(), ""
                except Unavailable as error:
                    trouble = str(error).splitlines()[0]
        except KeyboardInterrupt:  # which is how one leaves
            return


def screen(
    activities: Sequence[Any], now: datetime, where: str, height: int, trouble: str = ""
) -> RenderableType:
    """As much of it as there is room for: at most a third for workers, where both are too many."""
    found, workers = lines(activities, now), worker_rows(activities, now)
    stuck = [advice(line) for line in found if line.is_stuck][:_MOST_ADVICE]
    room = max(3, height - 7 - len(stuck))
    shown = found[: max(room - len(workers), room * 2 // 3)]
    parts: list[RenderableType] = [_head(activities, now, where), Text(trouble, style="yellow")]
    if found:
        parts.append(_table(HEADINGS, [_styled(line) for line in shown], len(found) - len(shown)))
    else:
        parts.append(Text("There are no activities yet.", style="dim"))
    if found and not any("load" in each for each in activities):
        parts.append(Text(NOT_TOLD, style="dim"))
    parts += [Text(each, style="yellow") for each in stuck]
    if workers:
        rest = max(1, room - len(shown))
        cells = [[Text(cell) for cell in row] for row in workers[:rest]]
        parts += [Text(), _table(WORKER_HEADINGS, cells, len(workers) - len(cells))]
    return Group(*parts)


def _head(activities: Sequence[Any], now: datetime, where: str) -> Text:
    head = Text(overflow="ellipsis", no_wrap=True)
    head.append(now.astimezone().strftime("%H:%M:%S"), style="bold")
    head.append(f"  {totals(activities)}" if totals(activities) else "")
    return head.append(f"  Ctrl-C ends it  {where.removeprefix('http://')}", style="dim")


def _styled(line: Line) -> list[Text]:
    """Yellow where nobody comes for what waits; dim where there is nothing to do."""
    idle = line.cells[1] == line.cells[3] == "0"
    style = "yellow" if line.is_stuck else "dim" if idle else ""
    return [Text(cell, style=style) for cell in line.cells]


def _table(headings: Sequence[str], rows: Sequence[Sequence[Text]], left_out: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for heading in headings:
        is_number = heading in _NUMBERS
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*row)
    if left_out:
        table.add_row(Text(f"… and {left_out} more", style="dim"))
    return table
