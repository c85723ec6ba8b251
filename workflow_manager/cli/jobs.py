"""What the jobs of a workflow say about each other: which is in which item of which Map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

WAITING: Final = frozenset({"created", "queued", "waiting_for_deps"})


def item_indexes(jobs: Sequence[Any]) -> list[tuple[int, ...]]:
    """For each job the indexes of its items, outermost Map first; () outside of Maps.

    A job comes after the one around it, as the server lists them.
    """
    by_id: dict[str, tuple[int, ...]] = {}
    found: list[tuple[int, ...]] = []
    for job in jobs:
        index = job.get("mapIndex")
        indexes = by_id.get(job.get("parent", ""), ()) + (() if index is None else (index,))
        by_id[job.get("id", "")] = indexes
        found.append(indexes)
    return found


def label(job: Any, items: Sequence[int]) -> str:
    """The state's name, with the index of its item in each Map around it."""
    return str(job.get("state", "")) + "".join(f"[{index}]" for index in items)


def outermost(jobs: Sequence[Any], job: Any) -> str:
    """The name of the state of the machine itself that the job is, or is somewhere inside."""
    by_id = {each.get("id", ""): each for each in jobs}
    job = by_id.get(job.get("id", ""), job)
    while job.get("parent") in by_id:
        job = by_id[job["parent"]]
    return str(job.get("state", ""))


def failed_state(workflow: Any) -> str:
    """Where to go on after a failure; "" where nothing failed."""
    return outermost(workflow.get("jobs") or [], workflow.get("lastJob") or {})
