"""The page of the benchmarks says what was measured, what failed and why, and keeps other rows."""

from __future__ import annotations

from pathlib import Path

from bench import results
from bench.figures import Comparison, Figure, Row, Series
from bench.report import page

MACHINE = {
    "processor": "a processor",
    "cores": "2",
    "memory": "24 GiB",
    "system": "Linux",
    "python": "3.11",
    "sqlite": "3.40",
    "load": "0.3",
}
FIGURE = Figure(
    key="rest",
    name="POST /workflows",
    unit="per second",
    samples=[500.0, 700.0, 650.0],
    target=600,
    durable="the record",
    limits=[Comparison(name="a bare loop", samples=[1300.0], durable="nothing")],
    peers=[
        Comparison(name="slow", samples=[65.0]),
        Comparison(name="broken", skipped="it failed: no|where"),
    ],
)


def row(name: str, **more: object) -> Row:
    return Row(name=name, measured_at="2026-01-01T00:00+00:00", machine=MACHINE, **more)  # type: ignore[arg-type]


def test_a_figure_is_shown_with_spread_target_limit_and_peers(tmp_path: Path) -> None:
    text = page({"rest": row("rest", figures=[FIGURE])}, tmp_path)
    assert (
        "| POST /workflows | 650 per second (500–700) | ≥ 600 | reached | 10.0 × slow | the record |" in text
    )
    assert "| limit: a bare loop | 1,300 per second | 50 % | nothing |" in text
    assert "| peer: broken | not measured | | it failed: no\\|where |" in text
    assert "2 cores of a processor" in text


def test_a_row_that_failed_says_so_and_the_others_stand(tmp_path: Path) -> None:
    rows = {"rest": row("rest", figures=[FIGURE]), "waiting": row("waiting", failure="the server ended")}
    text = page(rows, tmp_path)
    assert "**failed**: the server ended" in text
    assert "650 per second" in text


def test_a_cost_that_grows_is_a_miss(tmp_path: Path) -> None:
    def series(values: list[float]) -> Series:
        return Series(
            key="s", name="a list", unit="ms", sizes=[10, 1000, 1_000_000], values=values, of="workflows"
        )

    flat = page({"ended": row("ended", series=[series([1.0, 2.0, 3.0])])}, tmp_path)
    assert "| a list, 1,000,000 workflows against 1,000 | 1.50 × | ≤ 2 × | reached |" in flat
    steep = page({"ended": row("ended", series=[series([1.0, 2.0, 5.0])])}, tmp_path)
    assert "2.50 × | ≤ 2 × | **missed** |" in steep


def test_one_row_is_renewed_and_the_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    first, other = row("rest", figures=[FIGURE]), row("waiting", failure="once")
    results.keep(path, [first, other])
    results.keep(path, [row("waiting")])
    kept = results.read(path)
    assert page({"rest": kept["rest"]}, tmp_path) == page({"rest": first}, tmp_path)
    assert kept["waiting"].failure == ""
