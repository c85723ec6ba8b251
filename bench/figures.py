"""What a measurement gives: a number with its spread, its target, and what it is compared with."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The same work by somebody else, in the same run.  `skipped` says why there are no samples."""

    name: str
    samples: Sequence[float] = ()
    durable: str = ""
    skipped: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.samples)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the report.  `better` says which way is good; `target` is in the same unit.

    `key` joins it with its peers and, over several runs, with its older self.
    """

    key: str
    name: str
    unit: str
    samples: Sequence[float]
    better: str = "higher"
    target: float | None = None
    durable: str = ""
    limits: Sequence[Comparison] = ()
    peers: Sequence[Comparison] = ()
    note: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.samples)

    @property
    def reached(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def against(self, other: Comparison) -> float:
        """How many times better than the other."""
        mine, theirs = self.value, other.value
        return mine / theirs if self.better == "higher" else theirs / mine


@dataclass(frozen=True, kw_only=True)
class Series:
    """How something costs more, or not, as something grows: one point for each size."""

    key: str
    name: str
    unit: str
    sizes: Sequence[int]
    values: Sequence[float]
    of: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one workload gave in one run, or why it gave nothing."""

    name: str
    measured_at: str
    machine: Mapping[str, str]
    figures: Sequence[Figure] = ()
    series: Sequence[Series] = ()
    failure: str = ""
    seconds: float = 0.0


def row_from(held: Mapping[str, Any]) -> Row:
    """The row that `dataclasses.asdict` has made into plain values."""
    figures = [
        Figure(
            **{
                **each,
                "limits": [Comparison(**other) for other in each["limits"]],
                "peers": [Comparison(**other) for other in each["peers"]],
            }
        )
        for each in held["figures"]
    ]
    series = [Series(**each) for each in held["series"]]
    return Row(**{**held, "figures": figures, "series": series})
