"""One reading of one path: its root, what it found, and how much work it may still do."""

from __future__ import annotations

from typing import Final

from workflow_manager.asl.jsonpath.errors import Inapplicable
from workflow_manager.kernel.json import Json

# `$[0,0][0,0]…` doubles with every step and `$..*..*` multiplies by the depth, so a short path on a
# small document could run for hours.  A payload of 256 KiB holds about 130,000 values.
MAX_VISITS: Final = 1_000_000


class Budget:
    """How many values may still be visited, shared by a path and all the paths in its filters."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_VISITS

    def spend(self, visits: int) -> None:
        self.left -= visits
        if self.left < 0:
            raise Inapplicable(f"The path visits more than {MAX_VISITS} values")


class Run:
    """`strict`: a missing member fails even below an indefinite step, as in the test for existence.

    `scan_indices` remembers, for the step after a scan's step, which element of a list led to it.
    """

    __slots__ = ("budget", "results", "root", "scan_indices", "strict")

    def __init__(self, root: Json, budget: Budget, strict: bool = False) -> None:
        self.root = root
        self.budget = budget
        self.strict = strict
        self.results: list[Json] = []
        self.scan_indices: dict[int, int] = {}
