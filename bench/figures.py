"""What a measurement gives: a number with its spread, its target and what it is compared with."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of the report.  `better` says which way is good; `target` is in the same unit."""

    name: str
    unit: str
    samples: Sequence[float]
    better: str = "higher"
    target: float | None = None
    durable: str = ""
    peers: dict[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.samples)

    @property
    def reached(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def against(self, peer: str) -> float:
        """How many times better than the peer."""
        other = self.peers[peer]
        return self.value / other if self.better == "higher" else other / self.value
