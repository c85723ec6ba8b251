"""Where a job is in the tree of Parallels and Maps, and how far a Map has come."""

from __future__ import annotations

from typing import Any

import pytest

from tests.executor.histories import entered, event, exited
from workflow_manager.executor.jobs import JobFold
from workflow_manager.executor.state_facts import facts_by_state
from workflow_manager.models.workflow import Job, MapItems, WorkflowDefinition

WORK = {"Type": "Task", "Resource": "work", "End": True}
BOTH = {"Type": "Parallel", "Branches": [{"States": {"left": WORK}}, {"States": {"right": WORK}}]}
MACHINE: Any = {"States": {"each": {"Type": "Map", "ItemProcessor": {"States": {"both": BOTH}}}}}

# Two items, each with two branches, as they are interleaved in a history.
EVENTS = [
    event(1, "ExecutionStarted", 0),
    entered(2, "each", "Map", previous=0),
    event(3, "MapStateStarted", 2, length=3),
    event(4, "MapIterationStarted", 3, name="each", index=0),
    event(5, "MapIterationStarted", 3, name="each", index=1),
    entered(6, "both", "Parallel", previous=5),
    entered(7, "both", "Parallel", previous=4),
    event(8, "ParallelStateStarted", 6),
    event(9, "ParallelStateStarted", 7),
    entered(10, "right", previous=9),
    entered(11, "left", previous=8),
    exited(12, "left", previous=11),
    exited(13, "right", previous=10),
    event(14, "ParallelStateSucceeded", 12),
    exited(15, "both", "Parallel", previous=14),
    event(16, "MapIterationSucceeded", 15, name="each", index=1),
    event(17, "MapIterationStarted", 3, name="each", index=2),
]


def jobs(events: list[dict[str, Any]] = EVENTS) -> dict[str, Job]:
    fold = JobFold(
        facts_by_state(WorkflowDefinition(id="d", name="n", version=0, state_machine=MACHINE)), "dev"
    )
    fold.add(events)
    return {job.id: job for job in fold.jobs}


def test_a_job_names_the_one_around_it_its_item_and_its_branch() -> None:
    found = {job.id: (job.state, job.parent, job.map_index, job.branch) for job in jobs().values()}
    assert found == {
        "2": ("each", "", None, None),
        "6": ("both", "2", 1, None),
        "7": ("both", "2", 0, None),
        "10": ("right", "7", None, 1),
        "11": ("left", "6", None, 0),
    }


def test_what_follows_within_an_item_has_its_index() -> None:
    events = [*EVENTS[:4], entered(5, "a", previous=4), exited(6, "a"), entered(7, "b", previous=6)]
    assert [(job.state, job.map_index) for job in jobs(events).values()] == [
        ("each", None),
        ("a", 0),
        ("b", 0),
    ]


@pytest.mark.parametrize(
    ("events", "items"),
    [
        (EVENTS[:2], None),
        (EVENTS[:3], MapItems(total=3)),
        (EVENTS, MapItems(total=3, running=2, succeeded=1)),
        (
            [*EVENTS, event(18, "MapIterationFailed", 17, name="each", index=2)],
            MapItems(total=3, running=1, succeeded=1, failed=1),
        ),
        (
            [*EVENTS, event(18, "MapIterationAborted", 17, name="each", index=2)],
            MapItems(total=3, running=1, succeeded=1),
        ),
        ([*EVENTS, event(18, "ExecutionAborted", 0)], MapItems(total=3, succeeded=1)),
    ],
)
def test_a_map_counts_its_items(events: list[dict[str, Any]], items: MapItems | None) -> None:
    assert jobs(events)["2"].map_items == items


def test_a_retried_map_counts_anew_and_stays_the_parent() -> None:
    events = [
        *EVENTS[:6],
        event(7, "MapStateFailed", 6),
        event(8, "MapStateStarted", 7, length=3),
        event(9, "MapIterationStarted", 8, name="each", index=0),
        entered(10, "both", "Parallel", previous=9),
    ]
    found = jobs(events)
    assert found["8"].map_items == MapItems(total=3, running=1)
    assert {found["6"].parent, found["10"].parent} == {"8"}
