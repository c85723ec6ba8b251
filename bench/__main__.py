"""`python -m bench [--quick] [WORKLOAD …]`: measure, show, and with --write renew docs/benchmarks.md."""

from __future__ import annotations

import argparse

import uvloop

from bench.command import command
from bench.figures import Figure
from bench.limits import bare_transitions, durable_rows
from bench.server import Server
from bench.workloads import WORKLOADS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "workloads", nargs="*", metavar="WORKLOAD", help=f"of: {', '.join(WORKLOADS)}, command"
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, one repetition")
    options = parser.parse_args()
    wanted = options.workloads or [*WORKLOADS, "command"]
    repeat, scale = (1, 0.1) if options.quick else (3, 1.0)

    figures: list[Figure] = [
        Figure(name="Limit: rows into SQLite, one to a commit", unit="per second", samples=[durable_rows()]),
        Figure(
            name="Limit: rows into SQLite, 100 to a commit",
            unit="per second",
            samples=[durable_rows(batch=100)],
        ),
        Figure(
            name="Limit: transitions of a bare durable loop", unit="per second", samples=[bare_transitions()]
        ),
    ]
    for figure in figures:
        show(figure)
    for name in wanted:
        with Server() as server:
            if name == "command":
                found = command(server, repeat)
            else:
                found = uvloop.run(WORKLOADS[name](server, repeat, scale))
        for figure in found:
            show(figure)
        figures += found


def show(figure: Figure) -> None:
    spread = f"{min(figure.samples):,.1f}–{max(figure.samples):,.1f}"
    target = (
        ""
        if figure.target is None
        else f"   target {figure.target:,g}: {'reached' if figure.reached else 'MISSED'}"
    )
    print(f"{figure.name:<78} {figure.value:>12,.1f} {figure.unit:<12} ({spread}){target}", flush=True)


if __name__ == "__main__":
    main()
