"""The tree of jobs: what is a line, what is folded, what goes when there is no room."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from workflow_manager.cli.outline import rows
from workflow_manager.cli.tree import table_of

NOW = datetime(2026, 1, 5, 10, 1, 0, tzinfo=UTC)
NEVER = "0001-01-01T00:00:00.000Z"


def ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


def job(id: str, state: str, status: str, **more: Any) -> Any:
    """Began a minute ago; took ten seconds, if it is over."""
    times = {"createdAt": ago(60), "startedAt": ago(60), "stoppedAt": NEVER}
    if status not in ("running", "queued", "created"):
        times["stoppedAt"] = ago(50)
    if status in ("queued", "created"):
        times["startedAt"] = NEVER
    return {"id": id, "state": state, "status": status, "attempts": [], **times, **more}


def items(total: int, **counts: int) -> Any:
    return {"total": total, "running": 0, "succeeded": 0, "failed": 0, **counts}


def drawn(jobs: list[Any], height: int | None = None) -> list[str]:
    found = []
    for row in rows(jobs, NOW, height):
        progress = f"{row.progress[0]}/{row.progress[1]}" if row.progress else ""
        cells = (row.lead + row.name, row.status, row.took, progress, row.note)
        found.append("|".join(cells).rstrip("|"))
    return found


def test_jobs_of_the_machine_are_lines() -> None:
    jobs = [job("1", "A", "succeeded"), job("2", "B", "running", container="w1"), job("3", "C", "queued")]
    assert drawn(jobs) == ["A|succeeded|10 s", "B|running|1 min 0 s||by w1", "C|queued"]


def test_attempts_and_reasons_are_noted() -> None:
    before = {"reason": "one\ntwo\nE"}
    assert drawn(
        [
            job("1", "A", "failed", attempts=[before], statusReason="x\nE"),
            job("2", "B", "running", attempts=[before, before]),
        ]
    ) == ["A|failed|10 s||attempt 2, x (E)", "B|running|1 min 0 s||attempt 3, before: one (E)"]


def test_a_map_counts_what_went_well_and_opens_the_rest() -> None:
    jobs = [
        job("1", "Each", "running", mapItems=items(9, running=1, succeeded=1, failed=1)),
        job("2", "In", "succeeded", parent="1", mapIndex=0),
        job("3", "In", "running", parent="1", mapIndex=1),
        job("4", "In", "failed", parent="1", mapIndex=2, statusReason="c\nE"),
    ]
    assert drawn(jobs) == [
        "Each|running|1 min 0 s|2/9|1 running, 1 failed",
        "├ [2] In|failed|10 s||c (E)",
        "└ [1] In|running|1 min 0 s",
    ]


def test_an_item_of_several_jobs_says_where_it_is() -> None:
    jobs = [
        job("1", "Each", "running", mapItems=items(2, running=1)),
        job("2", "A", "succeeded", parent="1", mapIndex=0),
        job("3", "B", "running", parent="1", mapIndex=0),
    ]
    assert drawn(jobs)[1:] == [
        "└ [0] at B|running|1 min 0 s",
        "  ├ A|succeeded|10 s",
        "  └ B|running|1 min 0 s",
    ]


def test_branches_stand_in_their_order_and_fold_when_they_are_done() -> None:
    jobs = [
        job("1", "Both", "running"),
        job("2", "R", "running", parent="1", branch=1),
        job("3", "L", "succeeded", parent="1", branch=0),
        job("4", "M", "succeeded", parent="1", branch=0),
    ]
    assert drawn(jobs)[1:] == ["├ branch 0|succeeded|10 s", "└ branch 1 R|running|1 min 0 s"]


@pytest.mark.parametrize("status", ["succeeded"])
def test_a_container_that_succeeded_is_one_line(status: str) -> None:
    jobs = [job("1", "Both", status), job("2", "L", "succeeded", parent="1", branch=0)]
    assert drawn(jobs) == ["Both|succeeded|10 s"]


def many(count: int) -> list[Any]:
    inside = [
        each
        for n in range(count)
        for each in (
            job(f"a{n}", "A", "succeeded", parent="1", mapIndex=n),
            job(f"b{n}", "B", "running", parent="1", mapIndex=n),
        )
    ]
    return [job("1", "Each", "running", mapItems=items(count, running=count)), *inside]


def test_of_many_items_some_are_shown() -> None:
    shown = drawn(many(100))
    assert len(shown) == 1 + 8 * 3 + 1
    assert shown[-1] == "└ … and 92 more"


def test_where_there_is_no_room_items_close_then_the_past_is_counted() -> None:
    assert drawn(many(3), height=5)[1:] == [
        f"{lead} [{n}] at B|running|1 min 0 s" for n, lead in enumerate("├├└")
    ]
    past = [job(f"p{n}", "P", "succeeded") for n in range(50)]
    shown = drawn([*past, *many(3)], height=6)
    assert shown[:2] == ["… 49 earlier jobs|succeeded", "P|succeeded|10 s"]
    assert len(shown) == 6


@pytest.mark.parametrize("height", range(3, 40))
def test_no_tree_is_higher_than_the_screen(height: int) -> None:
    assert len(drawn([*many(20), *many(2)], height)) <= height


@pytest.mark.parametrize(("width", "shown"), [(80, " 1/4"), (40, "10 s  1/4")])
def test_what_counts_is_seen_in_a_narrow_window_too(width: int, shown: str) -> None:
    told = io.StringIO()
    jobs = [job("1", "Each", "succeeded", mapItems=items(4, succeeded=1, running=2))]
    Console(file=told, width=width).print(table_of(rows(jobs, NOW), width))
    assert shown in told.getvalue()
    assert ("━" in told.getvalue()) is (width == 80)
