"""In which layer, and in which order there, each box of a chart stands.

Layers run from the start downwards; arrows that would lead up are turned round for that, and one that
passes a layer has a place in it.  A label is a place of its own, in the layer below its arrow's source,
so nothing is ever written over it.  After K. Sugiyama, S. Tagawa, M. Toda, 1981.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from workflow_manager.cli.drawing.model import Arrow, Chart

_SWEEPS: Final = 8


@dataclass(eq=False, slots=True)
class Spot:
    """A place in a layer: of a box, of a label, or of an arrow that passes."""

    name: str = ""  # of the box
    label: str = ""
    layer: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The spots that an arrow goes through, from the upper one down, whichever way it points."""

    arrow: Arrow
    spots: tuple[Spot, ...]
    points_up: bool


@dataclass(frozen=True, slots=True)
class Layers:
    rows: list[list[Spot]]
    courses: list[Course]
    boxes: dict[str, Spot]


def layers_of(chart: Chart) -> Layers:
    """Loops of a state to itself have no course."""
    arrows = [arrow for arrow in chart.arrows if arrow.source != arrow.target]
    upward = _upward(chart, arrows)
    spots = {name: Spot(name) for name in chart.boxes}
    for name, layer in _depths(chart, arrows, upward).items():
        spots[name].layer = layer
    rows: dict[int, list[Spot]] = defaultdict(list)
    for spot in spots.values():
        rows[spot.layer].append(spot)
    courses = []
    for arrow in arrows:
        points_up = arrow in upward
        ends = spots[arrow.source], spots[arrow.target]
        top, bottom = reversed(ends) if points_up else ends
        passed = [Spot(layer=layer) for layer in range(top.layer + 1, bottom.layer)]
        if arrow.label and passed:
            passed[-1 if points_up else 0].label = arrow.label
        for spot in passed:
            rows[spot.layer].append(spot)
        courses.append(Course(arrow, (top, *passed, bottom), points_up))
    ordered = [rows[layer] for layer in sorted(rows)]
    _untangle(ordered, courses)
    return Layers(ordered, courses, spots)


def _upward(chart: Chart, arrows: list[Arrow]) -> set[Arrow]:
    """Those that lead back to where a walk from the start is under way."""
    following: dict[str, list[Arrow]] = defaultdict(list)
    for each in arrows:
        following[each.source].append(each)
    upward: set[Arrow] = set()
    arrow: Arrow | None
    seen: set[str] = set()
    for root in (chart.start, *chart.boxes):
        if not root or root in seen:
            continue
        under_way = {root}
        seen.add(root)
        walk = [(root, iter(following[root]))]
        while walk:
            name, remaining = walk[-1]
            arrow = next(remaining, None)
            if arrow is None:
                walk.pop()
                under_way.discard(name)
            elif arrow.target in under_way:
                upward.add(arrow)
            elif arrow.target not in seen:
                seen.add(arrow.target)
                under_way.add(arrow.target)
                walk.append((arrow.target, iter(following[arrow.target])))
    return upward


def _depths(chart: Chart, arrows: list[Arrow], upward: set[Arrow]) -> dict[str, int]:
    """The longest way from above; an arrow with a label needs a layer for it."""
    incoming: dict[str, list[tuple[str, int]]] = defaultdict(list)
    outgoing: dict[str, list[str]] = defaultdict(list)
    for arrow in arrows:
        top, bottom = (arrow.target, arrow.source) if arrow in upward else (arrow.source, arrow.target)
        incoming[bottom].append((top, 2 if arrow.label else 1))
        outgoing[top].append(bottom)
    missing = {name: len(incoming[name]) for name in chart.boxes}
    ready = [name for name in chart.boxes if not missing[name]]
    depths: dict[str, int] = {}
    while ready:
        name = ready.pop()
        depths[name] = max((depths[top] + length for top, length in incoming[name]), default=0)
        for bottom in outgoing[name]:
            missing[bottom] -= 1
            if not missing[bottom]:
                ready.append(bottom)
    # Layers that hold nothing any more would only be gaps.
    used = {depth: place for place, depth in enumerate(sorted(_occupied(depths, arrows, upward)))}
    return {name: used[depth] for name, depth in depths.items()}


def _occupied(depths: dict[str, int], arrows: list[Arrow], upward: set[Arrow]) -> set[int]:
    found = set(depths.values())
    for arrow in arrows:
        if arrow.label:
            ends = sorted((depths[arrow.source], depths[arrow.target]))
            found.add(ends[1] - 1 if arrow in upward else ends[0] + 1)
    return found


def _untangle(rows: list[list[Spot]], courses: list[Course]) -> None:
    """Order each layer by where its neighbours stand, downwards and upwards in turn."""
    above: dict[Spot, list[Spot]] = defaultdict(list)
    below: dict[Spot, list[Spot]] = defaultdict(list)
    for course in courses:
        for upper, lower in zip(course.spots, course.spots[1:], strict=False):
            above[lower].append(upper)
            below[upper].append(lower)
    place = {spot: (number + 0.5) / len(row) for row in rows for number, spot in enumerate(row)}
    for sweep in range(_SWEEPS):
        is_down = sweep % 2 == 0
        near = above if is_down else below
        for row in rows if is_down else reversed(rows):
            middles = {spot: fmean(place[each] for each in near[spot] or [spot]) for spot in row}
            row.sort(key=middles.__getitem__)
            place.update({spot: (number + 0.5) / len(row) for number, spot in enumerate(row)})
