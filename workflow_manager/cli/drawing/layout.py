"""Where everything stands: a chart in cells as wide and high as a letter, containers around what is inside.

Painters scale it: a terminal by one, SVG by the size of its letters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from workflow_manager.cli.drawing.layers import Course, Layers, Spot, layers_of
from workflow_manager.cli.drawing.model import Arrow, Box, Chart
from workflow_manager.cli.letters import cells

_GAP: Final = 3  # between neighbours in a layer
_MARGIN: Final = 2  # inside a container
_PASSES: Final = 12

Point = tuple[int, int]


@dataclass(slots=True)
class PlacedBox:
    """`x` and `y` are its upper left corner; `inside` is placed on the same sheet."""

    box: Box
    x: int
    y: int
    width: int
    height: int
    inside: list[Sheet] = field(default_factory=list)


@dataclass(slots=True)
class PlacedArrow:
    """Points from source to target; the last is beside the target's edge."""

    arrow: Arrow
    points: list[Point]
    label_at: Point | None = None


@dataclass(slots=True)
class Sheet:
    width: int
    height: int
    boxes: list[PlacedBox]
    arrows: list[PlacedArrow]


def layout(chart: Chart) -> Sheet:
    """A chart of a machine, and of all that are inside of it."""
    layers = layers_of(chart)
    sheets = {name: [layout(each) for each in box.inside] for name, box in chart.boxes.items()}
    loops = _loops(chart)
    sizes = {
        spot: _size(chart.boxes[spot.name], sheets[spot.name])
        if spot.name
        else (cells(spot.label) + 2 if spot.label else 1, 1)
        for row in layers.rows
        for spot in row
    }
    for name, labels in loops.items():
        chart.boxes[name].lines.extend(f"↻ {label}".rstrip() for label in labels)
        sizes[layers.boxes[name]] = _size(chart.boxes[name], sheets[name])
    centres = _centres(layers, {spot: size[0] for spot, size in sizes.items()})
    return _placed(chart, layers, sheets, sizes, centres)


def _loops(chart: Chart) -> dict[str, list[str]]:
    """What leads from a state to itself is told inside its box."""
    loops: dict[str, list[str]] = defaultdict(list)
    for arrow in chart.arrows:
        if arrow.source == arrow.target:
            loops[arrow.source].append(arrow.label)
    return loops


def _size(box: Box, inside: Sequence[Sheet]) -> tuple[int, int]:
    """With its frame."""
    width = max(cells(box.heading), *(cells(line) for line in box.lines)) + 4
    height = 2 + 1 + len(box.lines)
    if inside:
        inner = sum(sheet.width for sheet in inside) + _GAP * (len(inside) - 1) + 2 * _MARGIN + 2
        width = max(width, inner)
        height += max(sheet.height for sheet in inside) + 2
    # An odd width has a middle, so that boxes below each other are joined by a straight line.
    return width | 1, height


def _centres(layers: Layers, widths: dict[Spot, int]) -> dict[Spot, float]:
    """Spots drawn towards their neighbours, as far as those beside them allow."""
    near_above: dict[Spot, list[Spot]] = defaultdict(list)
    near_below: dict[Spot, list[Spot]] = defaultdict(list)
    for course in layers.courses:
        for upper, lower in zip(course.spots, course.spots[1:], strict=False):
            near_above[lower].append(upper)
            near_below[upper].append(lower)
    centres: dict[Spot, float] = {}
    for row in layers.rows:
        x = 0.0
        for spot in row:
            centres[spot] = x + widths[spot] / 2
            x += widths[spot] + _GAP
    for turn in range(_PASSES):
        near = near_above if turn % 2 == 0 else near_below
        for row in layers.rows if turn % 2 == 0 else reversed(layers.rows):
            wanted = {
                spot: sum(centres[each] for each in near[spot]) / len(near[spot])
                if near[spot]
                else centres[spot]
                for spot in row
            }
            _pull(row, widths, wanted, centres)
    left = min(centres[spot] - widths[spot] / 2 for spot in centres) if centres else 0
    return {spot: centre - left for spot, centre in centres.items()}


def _pull(
    row: Sequence[Spot], widths: dict[Spot, int], wanted: dict[Spot, float], centres: dict[Spot, float]
) -> None:
    """As near to what is wanted as the order and the gaps allow: neighbours that push each other move
    as one, by the mean of what they want."""
    clusters: list[tuple[float, list[tuple[Spot, float]]]] = []  # where it begins, spots with offsets
    for spot in row:
        begin, members = wanted[spot] - widths[spot] / 2, [(spot, 0.0)]
        while clusters and clusters[-1][0] + _extent(clusters[-1][1], widths) + _GAP > begin:
            _, earlier = clusters.pop()
            shift = _extent(earlier, widths) + _GAP
            joined = [*earlier, *((each, offset + shift) for each, offset in members)]
            begin = sum(wanted[each] - widths[each] / 2 - offset for each, offset in joined) / len(joined)
            members = joined
        clusters.append((begin, members))
    for begin, members in clusters:
        for spot, offset in members:
            centres[spot] = begin + offset + widths[spot] / 2


def _extent(members: Sequence[tuple[Spot, float]], widths: dict[Spot, int]) -> float:
    spot, offset = members[-1]
    return offset + widths[spot]


def _placed(
    chart: Chart,
    layers: Layers,
    sheets: dict[str, list[Sheet]],
    sizes: dict[Spot, tuple[int, int]],
    centres: dict[Spot, float],
) -> Sheet:
    lefts = _lefts(layers, sizes, centres)
    ports = _ports(layers, sizes, lefts)
    tops: dict[Spot, int] = {}
    turns: dict[tuple[Course, int], int] = {}
    y = 0
    for number, row in enumerate(layers.rows):
        height = max(sizes[spot][1] for spot in row)
        for spot in row:
            tops[spot] = y
        y += height
        if number < len(layers.rows) - 1:
            tracks, count = _tracks(layers.courses, number, ports)
            for key, track in tracks.items():
                turns[key] = y + 1 + track
            y += count + 2
    boxes = [
        _placed_box(chart.boxes[name], lefts[spot], tops[spot], sizes[spot], sheets[name])
        for name, spot in layers.boxes.items()
    ]
    bottoms = {spot: tops[spot] + sizes[spot][1] for spot in tops}
    arrows = [_placed_arrow(course, ports, tops, bottoms, turns, lefts) for course in layers.courses]
    points = [x for placed in arrows for x, _ in placed.points]
    width = max([*(lefts[spot] + sizes[spot][0] for spot in lefts), *(x + 1 for x in points), 1])
    return Sheet(width, max(y, 1), boxes, arrows)


def _lefts(layers: Layers, sizes: dict[Spot, tuple[int, int]], centres: dict[Spot, float]) -> dict[Spot, int]:
    """Whole cells; rounding must not make neighbours touch."""
    lefts: dict[Spot, int] = {}
    for row in layers.rows:
        free = 0
        for spot in row:
            lefts[spot] = max(free, round(centres[spot] - sizes[spot][0] / 2))
            free = lefts[spot] + sizes[spot][0] + 1
    return lefts


Ports = dict[tuple[Course, int, str], int]


def _ports(layers: Layers, sizes: dict[Spot, tuple[int, int]], lefts: dict[Spot, int]) -> Ports:
    """Where each part of a course leaves a spot below (`out`) and comes to one from above (`in`).

    Arrows that end in a box share one port; all others have their own.
    """

    def middle(spot: Spot) -> int:
        return lefts[spot] + sizes[spot][0] // 2

    leaving: dict[Spot, list[tuple[int, Course, int]]] = defaultdict(list)
    coming: dict[Spot, list[tuple[int, Course, int]]] = defaultdict(list)
    for course in layers.courses:
        for part, (upper, lower) in enumerate(zip(course.spots, course.spots[1:], strict=False)):
            leaving[upper].append((middle(lower), course, part))
            coming[lower].append((middle(upper), course, part))
    ports: Ports = {}
    for spot, parts in leaving.items():
        parts.sort(key=lambda each: each[0])
        for x, (_, course, part) in zip(_spread(spot, len(parts), sizes, lefts), parts, strict=True):
            ports[course, part, "out"] = x
    for spot, parts in coming.items():
        parts.sort(key=lambda each: each[0])
        shared = [each for each in parts if spot.name and not each[1].points_up]
        own = [each for each in parts if each not in shared]
        slots = _spread(spot, len(own) + bool(shared), sizes, lefts)
        if shared:
            # In the middle of those that have their own.
            at = slots.pop(len(slots) // 2)
            for _, course, part in shared:
                ports[course, part, "in"] = at
        for x, (_, course, part) in zip(slots, own, strict=True):
            ports[course, part, "in"] = x
    return ports


def _spread(spot: Spot, count: int, sizes: dict[Spot, tuple[int, int]], lefts: dict[Spot, int]) -> list[int]:
    """As many places along an edge, evenly; always within it."""
    width = sizes[spot][0]
    return [
        lefts[spot] + max(0, min(width - 1, width * (2 * place + 1) // (2 * count))) for place in range(count)
    ]


def _tracks(courses: Sequence[Course], layer: int, ports: Ports) -> tuple[dict[tuple[Course, int], int], int]:
    """For each part that turns between this layer and the next, the line on which it runs across.

    No two lie on one another, unless they lead to one place.
    """
    parts: list[tuple[Course, int, int, int]] = []
    for course in courses:
        part = layer - course.spots[0].layer
        if 0 <= part < len(course.spots) - 1:
            x, to = ports[course, part, "out"], ports[course, part, "in"]
            if x != to:
                parts.append((course, part, x, to))
    # Who leaves above another's arrival has to turn away before that one arrives.
    waiting = sorted(parts, key=lambda each: (each[2] > each[3], each[3] if each[2] < each[3] else -each[3]))
    found: dict[tuple[Course, int], int] = {}
    lines: list[list[tuple[int, int, int]]] = []
    done: list[tuple[int, int]] = []  # where it left, on which line
    while waiting:
        free = [each for each in waiting if not any(o is not each and o[2] == each[3] for o in waiting)]
        course, part, x, to = (free or waiting)[0]
        waiting = [each for each in waiting if not (each[0] is course and each[1] == part)]
        line = max((number + 1 for left, number in done if left == to), default=0)
        low, high = min(x, to), max(x, to)
        while line < len(lines) and any(a <= high and low <= b and to != t for a, b, t in lines[line]):
            line += 1
        while line >= len(lines):
            lines.append([])
        lines[line].append((low, high, to))
        done.append((x, line))
        found[course, part] = line
    return found, len(lines)


def _placed_box(box: Box, x: int, y: int, size: tuple[int, int], inside: Sequence[Sheet]) -> PlacedBox:
    placed = PlacedBox(box, x, y, *size)
    inner = sum(sheet.width for sheet in inside) + _GAP * (len(inside) - 1)
    left = x + (size[0] - inner) // 2
    top = y + 3 + len(box.lines)
    for sheet in inside:
        placed.inside.append(moved(sheet, left, top))
        left += sheet.width + _GAP
    return placed


def moved(sheet: Sheet, dx: int, dy: int) -> Sheet:
    return Sheet(
        sheet.width,
        sheet.height,
        [
            PlacedBox(
                each.box,
                each.x + dx,
                each.y + dy,
                each.width,
                each.height,
                [moved(inner, dx, dy) for inner in each.inside],
            )
            for each in sheet.boxes
        ],
        [
            PlacedArrow(
                each.arrow,
                [(x + dx, y + dy) for x, y in each.points],
                (each.label_at[0] + dx, each.label_at[1] + dy) if each.label_at else None,
            )
            for each in sheet.arrows
        ],
    )


def _placed_arrow(
    course: Course,
    ports: Ports,
    tops: dict[Spot, int],
    bottoms: dict[Spot, int],
    turns: dict[tuple[Course, int], int],
    lefts: dict[Spot, int],
) -> PlacedArrow:
    points: list[Point] = []
    label_at = None
    last = len(course.spots) - 2
    for part, (upper, lower) in enumerate(zip(course.spots, course.spots[1:], strict=False)):
        x, to = ports[course, part, "out"], ports[course, part, "in"]
        begin = bottoms[upper] if upper.name else tops[upper]
        end = tops[lower] - 1 if part == last else tops[lower]
        turn = turns.get((course, part))
        points += [(x, begin), (to, end)] if turn is None else [(x, begin), (x, turn), (to, turn), (to, end)]
        if lower.label:
            label_at = (lefts[lower], tops[lower])
    clean = [point for number, point in enumerate(points) if not number or points[number - 1] != point]
    if course.points_up:
        clean.reverse()
    return PlacedArrow(course.arrow, clean, label_at)
