"""`wfm top`: which activities come first, what is said of each, and how it looks in a pipe."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from tests.cli.conftest import Wfm
from workflow_manager.cli.load import lines, totals, worker_rows
from workflow_manager.cli.top_screen import screen
from workflow_manager.worker.client import connect

NOW = datetime(2026, 1, 5, 10, 1, 0, tzinfo=UTC)


def activity(
    name: str, waiting: int = 0, running: int = 0, workers: tuple[Any, ...] = (), **more: Any
) -> Any:
    load = {"waiting": waiting, "running": running, "pollers": 0, "workers": list(workers), **more}
    return {"name": name, "load": load}


def worker(name: str, tasks: int = 0, seen: float = 0.0) -> Any:
    return {"name": name, "tasks": tasks, "lastSeen": (NOW - timedelta(seconds=seen)).isoformat()}


def test_those_with_most_to_do_come_first() -> None:
    found = [
        activity("idle"),
        activity("busy", running=2),
        activity("full", waiting=5),
        activity("also idle"),
    ]
    assert [each.name for each in lines(found, NOW)] == ["full", "busy", "also idle", "idle"]


@pytest.mark.parametrize(
    ("given", "cells", "is_stuck"),
    [
        (activity("a"), ("0", "-", "0", "0", "0"), False),
        (
            activity(
                "a", 3, 1, (worker("w"),), waitingSince=(NOW - timedelta(seconds=75)).isoformat(), pollers=2
            ),
            ("3", "1 min 15 s", "1", "2", "1"),
            False,
        ),
        (activity("a", 3), ("3", "-", "0", "0", "0"), True),
        ({"name": "on AWS"}, ("?", "?", "?", "?", "?"), False),
    ],
)
def test_what_is_told_of_one(given: Any, cells: tuple[str, ...], is_stuck: bool) -> None:
    (line,) = lines([given], NOW)
    assert (line.cells[1:], line.is_stuck) == (cells, is_stuck)


def test_the_busiest_workers_come_first_and_one_without_a_name_is_told() -> None:
    found = [
        activity("a", workers=(worker("idle", seen=90), worker("busy", tasks=2))),
        activity("b", workers=(worker(""),)),
    ]
    assert worker_rows(found, NOW) == [
        ("busy", "a", "2", "now"),
        ("idle", "a", "0", "1 min 30 s ago"),
        ("(unnamed)", "b", "0", "now"),
    ]


def test_a_worker_of_two_activities_is_one_worker() -> None:
    found = [activity("a", 1, workers=(worker("w"),)), activity("b", running=2, workers=(worker("w"),))]
    assert totals(found) == "1 waiting, 2 running, 1 worker"
    assert totals([{"name": "on AWS"}]) == ""


@pytest.mark.parametrize("height", [12, 24, 50])
def test_the_screen_is_never_longer_than_the_terminal(height: int) -> None:
    found = [activity(f"a{n}", n, workers=tuple(worker(f"w{m}") for m in range(n % 4))) for n in range(40)]
    console = Console(file=io.StringIO(), width=80, height=height)
    painted = console.render_lines(screen(found, NOW, "http://server", height, "gone"))
    assert len(painted) <= height
    text = "\n".join("".join(part.text for part in line) for line in painted)
    assert "… and" in text
    assert "gone" in text
    assert "a39 " in text


@pytest.fixture
def waiting(url: str) -> str:
    name = "top--queue"
    connect(url).create_activity(name=name, tags=[])
    return name


def test_in_a_pipe_it_is_one_look(wfm: Wfm, waiting: str) -> None:
    printed = wfm("top", "--namespace", "top")
    assert printed.code == 0
    assert [line.split() for line in printed.lines] == [
        ["ACTIVITY", "WAITING", "SINCE", "RUNNING", "POLLING", "WORKERS"],
        [waiting, "0", "-", "0", "0", "0"],
    ]
    assert wfm("top", "-n", "top", "-q").lines == [waiting]
    assert wfm("top", "-n", "top", "--json").json[0]["load"]["workers"] == []


def test_without_activities_it_says_so(wfm: Wfm) -> None:
    printed = wfm("top", "--namespace", "no-such")
    assert (printed.code, printed.out) == (0, "")
    assert printed.err.startswith("There are no activities")
