"""Which requests are sent again, how often, and after how long."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# A second POST would do a second thing: start another workflow, make another version.
_NEVER_SENT_AGAIN = frozenset({"POST", "PATCH"})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The pauses, in seconds, before a request that was answered with a 5xx is sent again.

    Each is lengthened or shortened by up to the share `jitter`.  A request that was not answered
    is never sent again, nor is a POST.
    """

    pauses: tuple[float, ...]
    jitter: float = 0.0

    def pauses_for(
        self, method: str, uniform: Callable[[float, float], float] = random.uniform
    ) -> Iterator[float]:
        if method in _NEVER_SENT_AGAIN:
            return
        for pause in self.pauses:
            yield pause * (1 + uniform(-self.jitter, self.jitter))


NONE = RetryPolicy(())
SINGLE = RetryPolicy((1.0,))
EXPONENTIAL = RetryPolicy((0.1, 0.2, 0.4, 0.8, 1.6), jitter=0.05)
