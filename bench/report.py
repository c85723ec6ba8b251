"""Writes docs/benchmarks.md from what was measured last of every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.figures import Comparison, Figure, Row, Series
from bench.rows import ROWS, SCALED

FLAT: Final = 2.0  # how many times the cost at the smallest size is still flat
FROM: Final = 1_000  # the smallest size that the design compares with

TITLES: Final = {
    "transitions": "State transitions and starts",
    "one-activity": "One activity, an idle server",
    "activities": "Activities, sixteen workers",
    "inline-map": "Inline Map",
    "rest": "REST",
    "waiting": "Executions that wait",
    "command": "The command",
    "calls": "Calls of boto3, our endpoint in the place of AWS's",
    "ended": "With a million ended workflows",
    "open": "With a hundred thousand open executions",
}

HEAD: Final = """\
# Benchmarks

Written by `make bench`; what is said by hand, above all why a figure is missed, is in
[profiles](benchmarks/profiles.md), and where one machine ends in [scaling](scaling.md).

Server, load and workers share one machine and speak over loopback. Each number is the median of its
repetitions after a warm-up, with the smallest and the largest in brackets. Peers and limits were measured in
the same run by the same load, each peer in an environment of its own. `make bench ROWS='rest command'`
renews single rows, `make bench SCALE=1` measures those that take many minutes too, and `make bench PEERS=no`
leaves the peers out.
"""


def page(rows: Mapping[str, Row], plots: Path) -> str:
    """The page; a plot is shown where `plots` has one."""
    known = [rows[name] for name in (*ROWS, *SCALED) if name in rows]
    parts = [HEAD, "\n".join(_summary(known))]
    parts += ["\n".join(_section(row, plots)) for row in known]
    parts.append("\n".join(_machines(known)))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _summary(rows: Sequence[Row]) -> Iterator[str]:
    yield "## Against the targets"
    yield ""
    yield "| what | reached | target | | best peer | what was durable |"
    yield "|---|---:|---:|---|---|---|"
    for row in rows:
        if row.failure:
            yield f"| {TITLES[row.name]} | not measured | | **failed**: {_cell(row.failure)} | | |"
        for figure in (each for each in row.figures if each.target is not None):
            yield (
                f"| {figure.name} | {_value(figure)} | {_target(figure)} | {_verdict(figure)}"
                f" | {_best_peer(figure)} | {figure.durable} |"
            )
        for series in row.series:
            if (ratio := _growth(series)) is not None:
                verdict = "reached" if ratio <= FLAT else "**missed**"
                yield (
                    f"| {series.name}, {series.sizes[-1]:,} {series.of} against {FROM:,} | {ratio:.2f} ×"
                    f" | ≤ {FLAT:g} × | {verdict} | | |"
                )


def _section(row: Row, plots: Path) -> Iterator[str]:
    yield f"## {TITLES[row.name]}"
    yield ""
    if row.failure:
        yield f"This row failed: {row.failure}"
        return
    if (plots / f"{row.name}.svg").exists():
        yield f"![{TITLES[row.name]}](benchmarks/{row.name}.svg)"
        yield ""
    if row.figures:
        yield from _comparisons(row.figures)
    notes = [each.note for each in row.figures] + [each.note for each in row.series]
    for note in dict.fromkeys(filter(None, notes)):
        yield ""
        yield f"{note}."
    if row.series:
        yield ""
        yield from _points(row.series)
    yield ""
    yield f"Measured {row.measured_at}, in {row.seconds:.0f} seconds."


def _comparisons(figures: Iterable[Figure]) -> Iterator[str]:
    yield "| | | ours against it | what was durable |"
    yield "|---|---:|---:|---|"
    for figure in figures:
        yield f"| **{figure.name}** | **{_value(figure)}** | | {figure.durable} |"
        for kind, others in (("limit", figure.limits), ("peer", figure.peers)):
            for other in others:
                yield _comparison(figure, kind, other)


def _comparison(figure: Figure, kind: str, other: Comparison) -> str:
    if not other.samples:
        return f"| {kind}: {other.name} | not measured | | {_cell(other.skipped)} |"
    times = figure.against(other)
    spread = _spread(other.samples, figure.unit)
    return f"| {kind}: {other.name} | {spread} | {_times(times)} | {other.durable} |"


def _points(series: Sequence[Series]) -> Iterator[str]:
    sizes = series[0].sizes
    yield f"| {series[0].of} | {' | '.join(f'{size:,}' for size in sizes)} |"
    yield f"|---|{'---:|' * len(sizes)}"
    for each in series:
        yield f"| {each.name} | {' | '.join(f'{_number(value)} {each.unit}' for value in each.values)} |"


def _machines(rows: Sequence[Row]) -> Iterator[str]:
    yield "## The machine"
    yield ""
    described = {
        row.name: {key: value for key, value in row.machine.items() if key != "load"} for row in rows
    }
    for description in _different(described.values()):
        names = [TITLES[name] for name, other in described.items() if other == description]
        where = "" if len(names) == len(rows) else f" ({', '.join(names)})"
        yield (
            f"{description['cores']} cores of {description['processor']}, {description['memory']} of memory,"
            f" {description['system']}, Python {description['python']},"
            f" SQLite {description['sqlite']}{where}."
        )
    loads = [float(row.machine["load"]) for row in rows if "load" in row.machine]
    if loads:
        yield (
            f"The load average before each row lay between {min(loads):.1f} and {max(loads):.1f}; above 1"
            " it is that of the row before, or of somebody else at work."
        )


def _different(values: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _growth(series: Series) -> float | None:
    """The cost at the largest size over that at the size the design compares with."""
    at = dict(zip(series.sizes, series.values, strict=True))
    if FROM not in at or len(at) < 2:
        return None
    return at[series.sizes[-1]] / at[FROM]


def _value(figure: Figure) -> str:
    return _spread(figure.samples, figure.unit)


def _spread(samples: Sequence[float], unit: str) -> str:
    ordered = sorted(samples)
    middle = (
        ordered[len(ordered) // 2]
        if len(ordered) % 2
        else (ordered[len(ordered) // 2 - 1] + ordered[len(ordered) // 2]) / 2
    )
    spread = f" ({_number(ordered[0])}–{_number(ordered[-1])})" if len(ordered) > 1 else ""
    return f"{_number(middle)} {unit}{spread}"


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return f"{'≥' if figure.better == 'higher' else '≤'} {figure.target:,g}"


def _verdict(figure: Figure) -> str:
    if figure.reached is None:
        return ""
    return "reached" if figure.reached else "**missed**"


def _best_peer(figure: Figure) -> str:
    measured = [each for each in figure.peers if each.samples]
    if not measured:
        return ""
    best = min(measured, key=figure.against)
    return f"{_times(figure.against(best))} {best.name}"


def _times(times: float) -> str:
    return f"{times:.1f} ×" if times >= 1 else f"{times * 100:.0f} %"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
