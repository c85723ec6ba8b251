"""`python -m bench [ROW …]`: measure, show, keep what was measured, and renew docs/benchmarks.md."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys

from bench import results
from bench.environments import NotToBeHad, python_of
from bench.figures import Comparison, Figure, Row, Series
from bench.report import page
from bench.rows import ROWS, SCALED, measure
from bench.server import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
FOLDER = ROOT / "docs" / "benchmarks"
KEPT = FOLDER / "figures.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of: {', '.join((*ROWS, *SCALED))}")
    parser.add_argument("--scale", action="store_true", help="and those that take many minutes")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, once; nothing is kept")
    parser.add_argument("--no-peers", action="store_true", help="compare with limits alone")
    parser.add_argument(
        "--page", action="store_true", help="measure nothing, write the page and the plots anew"
    )
    options = parser.parse_args()
    unknown = set(options.rows) - {*ROWS, *SCALED}
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    wanted = () if options.page else options.rows or (*ROWS, *(SCALED if options.scale else ()))
    repeat, scale = (1, 0.1) if options.quick else (3, 1.0)
    # Everything started is ended on the way out, and a way out is what this makes of SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failed = []
    for name in wanted:
        row = measure(name, repeat=repeat, scale=scale, peers=not options.no_peers)
        _show(row)
        failed += [name] if row.failure else []
        if not options.quick:
            results.keep(KEPT, [row])
    if not options.quick:
        _write()
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _write() -> None:
    try:
        draw = [str(python_of("plots")), str(ROOT / "bench" / "plots.py"), str(KEPT), str(FOLDER)]
        subprocess.run(draw, check=True, timeout=120)
    except (NotToBeHad, OSError, subprocess.SubprocessError) as error:
        print(f"the plots are those of the last time: {error}", file=sys.stderr)
    PAGE.write_text(page(results.read(KEPT), FOLDER))
    print(f"written: {PAGE.relative_to(ROOT)}")


def _show(row: Row) -> None:
    print(f"== {row.name}, {row.seconds:.0f} s", flush=True)
    if row.failure:
        print(f"   FAILED: {row.failure}", flush=True)
    for figure in row.figures:
        _show_figure(figure)
    for series in row.series:
        _show_series(series)


def _show_figure(figure: Figure) -> None:
    aim = "" if figure.reached is None else f"target {figure.target:,g}: {_verdict(figure)}"
    print(f"   {figure.name:<78} {figure.value:>12,.2f} {figure.unit:<12} {aim}", flush=True)
    for other in (*figure.limits, *figure.peers):
        _show_comparison(other, figure.unit)


def _verdict(figure: Figure) -> str:
    return "reached" if figure.reached else "MISSED"


def _show_comparison(other: Comparison, unit: str) -> None:
    if other.samples:
        print(f"      {other.name:<75} {other.value:>12,.2f} {unit}", flush=True)
    else:
        print(f"      {other.name:<75} skipped: {other.skipped}", flush=True)


def _show_series(series: Series) -> None:
    points = ", ".join(
        f"{size:,}: {value:,.2f} {series.unit}"
        for size, value in zip(series.sizes, series.values, strict=True)
    )
    print(f"   {series.name:<60} {points}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
