"""A chart as SVG: the same layout as in letters, with rounded lines and colours of its own.

Stands alone: no style sheet, no script, no font that has to be there; readable on light and on dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from workflow_manager.cli.drawing.layout import PlacedArrow, PlacedBox, Sheet, layout
from workflow_manager.cli.drawing.model import Chart

_WIDTH: Final = 8  # of a cell, in pixels
_HEIGHT: Final = 17
_EDGE: Final = 16
_ROUND: Final = 6

# Line, paper; by status, then by type.
_STATUS: Final = {
    "succeeded": ("#1a7f37", "#dafbe1"),
    "failed": ("#cf222e", "#ffebe9"),
    "running": ("#0969da", "#ddf4ff"),
    "queued": ("#0969da", "#f6f8fa"),
    "created": ("#0969da", "#f6f8fa"),
    "aborted_by_user": ("#9a6700", "#fff8c5"),
    "aborted_deps_failed": ("#9a6700", "#fff8c5"),
}
_PLAIN: Final = ("#57606a", "#ffffff")
_ARROWS: Final = {"catch": "#cf222e"}


def draw_svg(chart: Chart, title: str = "") -> str:
    sheet = layout(chart)
    width, height = sheet.width * _WIDTH + 2 * _EDGE, sheet.height * _HEIGHT + 2 * _EDGE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="{-_EDGE} {-_EDGE} {width} {height}" font-size="13" '
            'font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace">',
            f"<title>{_text(title)}</title>",
            f'<rect x="{-_EDGE}" y="{-_EDGE}" width="{width}" height="{height}" fill="#ffffff"/>',
            *_sheet(sheet),
            "</svg>\n",
        ]
    )


def _sheet(sheet: Sheet) -> Iterator[str]:
    for box in sheet.boxes:
        yield from _box(box)
    for arrow in sheet.arrows:
        yield from _arrow(arrow)


def _box(placed: PlacedBox) -> Iterator[str]:
    box = placed.box
    line, paper = _STATUS.get(box.status, _PLAIN)
    x, y = (placed.x + 0.5) * _WIDTH, (placed.y + 0.5) * _HEIGHT
    width, height = (placed.width - 1) * _WIDTH, (placed.height - 1) * _HEIGHT
    if placed.inside and not box.status:
        paper = "#f6f8fa"
    dashes = ' stroke-dasharray="5 3"' if box.type in ("Map", "Parallel") else ""
    yield (
        f'<rect x="{x:g}" y="{y:g}" width="{width}" height="{height}" rx="{_ROUND}" '
        f'fill="{paper}" stroke="{line}" stroke-width="1.5"{dashes}/>'
    )
    middle = x + width / 2
    for number, text in enumerate((box.name, *box.lines)):
        weight = ' font-weight="bold"' if number == 0 else ""
        colour = "#1f2328" if number == 0 else "#57606a"
        at = (placed.y + 1 + number) * _HEIGHT + 13
        yield (
            f'<text x="{middle:g}" y="{at}" text-anchor="middle" fill="{colour}"{weight}>{_text(text)}</text>'
        )
    for sheet in placed.inside:
        yield from _sheet(sheet)


def _arrow(placed: PlacedArrow) -> Iterator[str]:
    colour = _ARROWS.get(placed.arrow.kind, "#57606a")
    points = [((x + 0.5) * _WIDTH, (y + 0.5) * _HEIGHT) for x, y in placed.points]
    # Letters leave a gap to the box; lines reach it.
    is_up = placed.points[0][1] > placed.points[-1][1]
    reach = -_HEIGHT if is_up else _HEIGHT
    points[0] = (points[0][0], points[0][1] - reach)
    x, y = points[-1]
    tip = y + reach
    points[-1] = (x, tip - (6 if reach > 0 else -6))
    dashes = ' stroke-dasharray="4 3"' if placed.arrow.kind == "catch" else ""
    yield f'<path d="{_path(points)}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>'
    back = 9 if reach > 0 else -9
    yield f'<path d="M{x:g} {tip:g} l-4.5 {-back} h9 z" fill="{colour}"/>'
    if placed.label_at:
        at_x, at_y = placed.label_at
        length = (len(placed.arrow.label) + 2) * _WIDTH
        yield (
            f'<rect x="{at_x * _WIDTH}" y="{at_y * _HEIGHT}" width="{length}" height="{_HEIGHT}" rx="4" '
            'fill="#ffffff" fill-opacity="0.9"/>'
        )
        yield (
            f'<text x="{at_x * _WIDTH + length / 2:g}" y="{at_y * _HEIGHT + 13}" text-anchor="middle" '
            f'fill="{colour}" font-size="12">{_text(placed.arrow.label)}</text>'
        )


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Straight lines with their corners rounded off."""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _towards(here, before), _towards(here, after)
        parts.append(f"L{into[0]:g} {into[1]:g} Q{here[0]:g} {here[1]:g} {out[0]:g} {out[1]:g}")
    parts.append(f"L{points[-1][0]:g} {points[-1][1]:g}")
    return " ".join(parts)


def _towards(here: tuple[float, float], there: tuple[float, float]) -> tuple[float, float]:
    dx, dy = there[0] - here[0], there[1] - here[1]
    length = max(abs(dx), abs(dy))
    if not length:
        return here
    step = min(_ROUND, length / 2) / length
    return here[0] + dx * step, here[1] + dy * step


def _text(text: str) -> str:
    # XML has no place for control characters, not even escaped.
    return escape("".join(sign if sign >= " " else " " for sign in text))
