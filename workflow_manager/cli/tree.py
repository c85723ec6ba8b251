"""A workflow that is followed on a terminal: its jobs as a tree that changes in place.

Decides only how it is painted.  When it is over, the tree stays, and the outcome follows it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.style import Style
from rich.table import Table
from rich.text import Text

from workflow_manager.cli.follow import Change
from workflow_manager.cli.jobs import label
from workflow_manager.cli.letters import plain
from workflow_manager.cli.outline import SIGNS, Row, rows, widest
from workflow_manager.cli.output import COLOURS, definition_reference, parse_time, span
from workflow_manager.cli.voices import start_worker, tell_outcome

_A_SECOND: Final = 4  # how often durations are painted anew
_BAR: Final = 20
_WIDE: Final = 60  # below that there is no room for bars
# A tree that has ended may be longer than the screen, but not without end.
_LONGEST: Final = 200


class TreeVoice:
    """Paints on stdout; what is said besides goes to stderr when the tree is over."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=False)
        self._workflow: Any = {}
        self._waiting: dict[str, str] = {}
        self._trouble = ""
        self._live = Live(
            console=self._console,
            get_renderable=self._painted,
            refresh_per_second=_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def begins(self, workflow: Any) -> None:
        self._workflow = workflow
        self._live.start()

    def looks(self, workflow: Any) -> None:
        self._workflow = workflow
        waiting = {
            job.get("id") for job in workflow.get("jobs") or [] if job.get("status") in ("created", "queued")
        }
        self._waiting = {each: self._waiting[each] for each in self._waiting if each in waiting}

    def changed(self, change: Change) -> None: ...

    def waits(self, job: Any, items: tuple[int, ...]) -> None:
        advice = start_worker(job)
        self._waiting[job.get("id", "")] = (
            f"{plain(label(job, items))}: no worker has taken it. {advice}" if advice else ""
        )

    def lost(self, error: Exception) -> None:
        self._trouble = f"{error}\nTrying again until it answers; Ctrl-C stops that."

    def back(self) -> None:
        self._trouble = ""

    def ended(self, workflow: Any, cause: str) -> None:
        self._workflow = workflow
        self._waiting = {}
        self._live.stop()
        found = rows(workflow.get("jobs") or [], datetime.now(UTC), _LONGEST)
        self._console.print(table_of(found, self._console.width))
        tell_outcome(workflow, cause)

    def close(self) -> None:
        """After an interruption the last look stays on the screen."""
        if self._live.is_started:
            self._live.transient = False
            self._live.stop()

    def _painted(self) -> RenderableType:
        now = datetime.now(UTC)
        advice = [each for each in dict.fromkeys(self._waiting.values()) if each][:3]
        spare = 3 + len(advice) + self._trouble.count("\n")
        lines = Table.grid()
        lines.add_row(self._head(now))
        found = rows(self._workflow.get("jobs") or [], now, self._console.height - spare)
        lines.add_row(table_of(found, self._console.width))
        for each in advice:
            lines.add_row(Text(each, style="yellow"))
        if self._trouble:
            lines.add_row(Text(self._trouble, style="yellow"))
        return lines

    def _head(self, now: datetime) -> Text:
        status = self._workflow.get("status", "")
        took = span(parse_time(self._workflow.get("createdAt")), now)
        head = Text(f"{definition_reference(self._workflow)}  ", style="bold")
        head.append(status, style=COLOURS.get(status, ""))
        return head.append(f"  {took}", style="dim")


def table_of(found: Sequence[Row], width: int) -> Table:
    """As wide as the terminal, so that what does not fit ends in a sign for it."""
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False, expand=True)
    # The names come first, whatever there is to note.
    names = min(widest(found) + 2, width * 3 // 5)
    took = max((len(row.took) for row in found), default=0)
    table.add_column(no_wrap=True, overflow="ellipsis", min_width=names)
    table.add_column(no_wrap=True, justify="right", style="dim", min_width=took)
    has_progress = any(row.progress for row in found)
    bar = _BAR if width >= _WIDE else 0
    if has_progress:
        counts = max(len(_count(row)) for row in found)
        table.add_column(no_wrap=True, min_width=bar + 1 + counts if bar else counts)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for row in found:
        cells: list[RenderableType] = [_name(row), row.took]
        if has_progress:
            cells.append(_progress(row, bar))
        table.add_row(*cells, Text(row.note, style="red" if row.status == "failed" else "dim"))
    return table


def _name(row: Row) -> Text:
    text = Text(row.lead, style="dim")
    sign = SIGNS.get(row.status, "")
    if sign:
        text.append(f"{sign} ", style=COLOURS.get(row.status, "blue"))
    return text.append(row.name, style=Style(dim=not row.status, bold=row.status == "running"))


def _progress(row: Row, width: int) -> RenderableType:
    if row.progress is None or not width:
        return _count(row)
    done, total = row.progress
    bar = Table.grid(padding=(0, 1, 0, 0))
    colour = COLOURS.get(row.status, "blue")
    painted = ProgressBar(
        total=max(total, 1), completed=done, width=width, complete_style=colour, finished_style=colour
    )
    bar.add_row(painted, _count(row))
    return bar


def _count(row: Row) -> str:
    return f"{row.progress[0]}/{row.progress[1]}" if row.progress else ""
