"""Counts for those who watch: how often something happened, and how large or how long it was.

They begin at zero with the process, and nothing is decided by them.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence


class Tally:
    """How often each of a few things happened.  Safe for use by many threads."""

    def __init__(self, *known: tuple[str, ...]) -> None:
        """`known` are there with 0 from the beginning."""
        self._counts: Counter[tuple[str, ...]] = Counter(dict.fromkeys(known, 0))
        self._lock = threading.Lock()

    def add(self, *what: str) -> None:
        with self._lock:
            self._counts[what] += 1

    def counts(self) -> Mapping[tuple[str, ...], int]:
        with self._lock:
            return dict(self._counts)


class Distribution:
    """How many values were at most as large as each of `bounds`, which ascend; and their sum.

    Safe for use by many threads.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self._counts = [0] * (len(self.bounds) + 1)
        self._sum = 0.0
        self._lock = threading.Lock()

    def add(self, value: float) -> None:
        with self._lock:
            self._counts[bisect_left(self.bounds, value)] += 1
            self._sum += value

    def counts(self) -> tuple[Sequence[int], float]:
        """For each bound those between it and the one before, at the end those above all; and the sum."""
        with self._lock:
            return tuple(self._counts), self._sum
