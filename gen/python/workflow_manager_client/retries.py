"""Which requests are sent again, how often, and after how long."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx

# A second POST would do a second thing: start another workflow, make another version.  With a key the
# server knows it for the same one.
_SENT_AGAIN_WITH_A_KEY = frozenset({"POST", "PATCH"})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The pauses, in seconds, before a request that was answered with a 5xx is sent again.

    Each is lengthened or shortened by up to the share `jitter`.  A request that was not answered
    is never sent again, nor is a POST without an idempotency key.
    """

    pauses: tuple[float, ...]
    jitter: float = 0.0

    def pauses_for(
        self, request: httpx.Request, uniform: Callable[[float, float], float] = random.uniform
    ) -> Iterator[float]:
        if request.method in _SENT_AGAIN_WITH_A_KEY and "Idempotency-Key" not in request.headers:
            return
        for pause in self.pauses:
            yield pause * (1 + uniform(-self.jitter, self.jitter))


NONE = RetryPolicy(())
SINGLE = RetryPolicy((1.0,))
EXPONENTIAL = RetryPolicy((0.1, 0.2, 0.4, 0.8, 1.6), jitter=0.05)
