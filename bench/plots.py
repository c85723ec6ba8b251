"""Draws what was measured: runs in the environment of matplotlib, `python plots.py FIGURES FOLDER`.

One SVG for each workload and for each flat-cost series.  The same numbers give the same bytes.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update(
    {"svg.hashsalt": "workflow-manager", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
)

from matplotlib import pyplot as plt  # noqa: E402

OURS, LIMIT, PEER, TARGET = "#1f6f8b", "#c8c8c8", "#e0a458", "#b03a2e"
BAR = 0.32  # inches of height


def main(figures: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, row in json.loads(figures.read_text()).items():
        if row["figures"]:
            draw_bars(row["figures"], folder / f"{name}.svg")
        if row["series"]:
            draw_series(row["series"], folder / f"{name}.svg")


def draw_bars(figures: list[dict[str, Any]], path: Path) -> None:
    """One panel for each figure: ours, the limits, the peers, and where the target is."""
    panels = [bars_of(figure) for figure in figures]
    heights = [BAR * len(bars) + 0.75 for bars in panels]
    drawing, axes = plt.subplots(
        len(figures), 1, figsize=(8, sum(heights)), gridspec_kw={"height_ratios": heights}, squeeze=False
    )
    for figure, bars, axis in zip(figures, panels, axes[:, 0], strict=True):
        draw_panel(figure, bars, axis)
    save(drawing, path)


Bar = tuple[str, str, list[float]]  # label, colour, samples


def bars_of(figure: dict[str, Any]) -> list[Bar]:
    return [
        ("workflow-manager", OURS, figure["samples"]),
        *((each["name"], PEER, each["samples"]) for each in figure["peers"] if each["samples"]),
        *((f"limit: {each['name']}", LIMIT, each["samples"]) for each in figure["limits"]),
    ]


def draw_panel(figure: dict[str, Any], bars: list[Bar], axis: Any) -> None:
    values = [statistics.median(samples) for _, _, samples in bars]
    low = [value - min(samples) for value, (_, _, samples) in zip(values, bars, strict=True)]
    high = [max(samples) - value for value, (_, _, samples) in zip(values, bars, strict=True)]
    places = range(len(bars))
    axis.barh(places, values, xerr=[low, high], color=[colour for _, colour, _ in bars], height=0.7)
    axis.set_yticks(places, [label for label, _, _ in bars])
    axis.invert_yaxis()
    if len(bars) > 1:
        axis.set_xscale("log")
        axis.set_xlim(left=min(values) / 3)
    if figure["target"] is not None:
        axis.axvline(figure["target"], color=TARGET, linestyle="--", linewidth=1)
    axis.set_title(
        f"{figure['name']} ({figure['unit']}, {figure['better']} is better)", loc="left", fontsize=9
    )
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def draw_series(series: list[dict[str, Any]], path: Path) -> None:
    """All that have the same unit in one panel, over the sizes."""
    units = list(dict.fromkeys(each["unit"] for each in series))
    drawing, axes = plt.subplots(len(units), 1, figsize=(8, 3.6 * len(units)), squeeze=False)
    for unit, axis in zip(units, axes[:, 0], strict=True):
        for each in (each for each in series if each["unit"] == unit):
            axis.plot(each["sizes"], each["values"], marker="o", label=each["name"])
        axis.set_xscale("log")
        axis.set_ylim(0, axis.get_ylim()[1] * 1.05)  # the topmost mark is to be seen whole
        axis.set_xlabel(series[0]["of"])
        axis.set_ylabel(unit)
        axis.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    save(drawing, path)


def save(drawing: Any, path: Path) -> None:
    drawing.tight_layout()
    drawing.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    plt.close(drawing)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
