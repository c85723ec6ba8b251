"""A chart in letters, for terminals; coloured by status where colours can be seen."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import click

from workflow_manager.cli.drawing.layout import PlacedArrow, PlacedBox, Sheet, layout
from workflow_manager.cli.drawing.model import Chart
from workflow_manager.cli.letters import cells
from workflow_manager.cli.output import COLOURS

_UP, _RIGHT, _DOWN, _LEFT = 1, 2, 4, 8
_LINES: Final = " │─╰││╭├─╯─┴╮┤┬┼"  # by the directions that meet


class _Canvas:
    def __init__(self, width: int, height: int) -> None:
        self._lines = [[0] * width for _ in range(height)]
        self._signs: dict[tuple[int, int], str] = {}
        self._colours: dict[tuple[int, int], str] = {}

    def line(self, x: int, y: int, to_x: int, to_y: int) -> None:
        step_x, step_y = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        ahead = {(1, 0): _RIGHT, (-1, 0): _LEFT, (0, 1): _DOWN, (0, -1): _UP}.get((step_x, step_y), 0)
        back = {_RIGHT: _LEFT, _LEFT: _RIGHT, _UP: _DOWN, _DOWN: _UP}.get(ahead, 0)
        while (x, y) != (to_x, to_y):
            self._lines[y][x] |= ahead
            x, y = x + step_x, y + step_y
            self._lines[y][x] |= back

    def join(self, x: int, y: int, direction: int) -> None:
        self._lines[y][x] |= direction

    def write(self, x: int, y: int, text: str, colour: str = "") -> None:
        place = x
        for sign in text:
            width = cells(sign)
            if width == 0:
                self._signs[place - 1, y] = self._signs.get((place - 1, y), "") + sign
                continue
            # A wide sign stands for the cell after it too.
            for at, part in zip(range(place, place + width), (sign, ""), strict=False):
                self._signs[at, y] = part
                if colour:
                    self._colours[at, y] = colour
            place += width

    def text(self) -> str:
        rows = []
        for y, row in enumerate(self._lines):
            signs = [self._signs.get((x, y), _LINES[bits]) for x, bits in enumerate(row)]
            while signs and not signs[-1].strip():
                signs.pop()
            rows.append(self._painted(signs, y))
        return "\n".join(rows).rstrip("\n")

    def _painted(self, signs: list[str], y: int) -> str:
        colours = [self._colours.get((x, y), "") for x in range(len(signs))]
        parts = groupby(zip(signs, colours, strict=True), key=lambda cell: cell[1])
        return "".join(_in_colour("".join(sign for sign, _ in part), colour) for colour, part in parts)


def _in_colour(text: str, colour: str) -> str:
    return click.style(text, fg=colour) if colour else text


def draw(chart: Chart) -> str:
    """Lines without a last line end."""
    sheet = layout(chart)
    canvas = _Canvas(sheet.width + 1, sheet.height + 1)
    _sheet(canvas, sheet)
    return canvas.text()


def _sheet(canvas: _Canvas, sheet: Sheet) -> None:
    for placed in sheet.boxes:
        _box(canvas, placed)
    for arrow in sheet.arrows:
        _arrow(canvas, arrow)


def _box(canvas: _Canvas, placed: PlacedBox) -> None:
    box, right, bottom = placed.box, placed.x + placed.width - 1, placed.y + placed.height - 1
    colour = COLOURS.get(box.status, "")
    across = "─" * (placed.width - 2)
    canvas.write(placed.x, placed.y, f"┌{across}┐", colour)
    for y in range(placed.y + 1, bottom):
        canvas.write(placed.x, y, "│", colour)
        canvas.write(right, y, "│", colour)
    canvas.write(placed.x, bottom, f"└{across}┘", colour)
    for y, line in enumerate((box.heading, *box.lines), placed.y + 1):
        canvas.write(
            placed.x + (placed.width - cells(line)) // 2, y, line, colour if y == placed.y + 1 else ""
        )
    for sheet in placed.inside:
        _sheet(canvas, sheet)


def _arrow(canvas: _Canvas, placed: PlacedArrow) -> None:
    for (x, y), (to_x, to_y) in zip(placed.points, placed.points[1:], strict=False):
        canvas.line(x, y, to_x, to_y)
    x, y = placed.points[-1]
    before = placed.points[-2] if len(placed.points) > 1 else (x, y - 1)
    canvas.write(x, y, "▲" if before[1] > y else "▼")
    if placed.label_at:
        at_x, at_y = placed.label_at
        canvas.write(at_x, at_y, f" {placed.arrow.label} ")
