"""Whether a failure is retried, and when; or which catcher takes it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from workflow_manager.asl.failure import ALL, HEARTBEAT_TIMEOUT, TASK_FAILED, TIMEOUT, Failure
from workflow_manager.asl.nodes import Catcher, Retrier

MAX_DELAY: Final = timedelta(seconds=31_622_400)
"""The largest MaxDelaySeconds and IntervalSeconds a definition may have: a leap year."""


class Fault(NamedTuple):
    """A failure on its way through Retry and Catch.

    `heartbeat` marks a time-out for want of heartbeats, which AWS reports as States.Timeout and
    matches as States.HeartbeatTimeout too.  `wild` tells whether States.ALL and States.TaskFailed
    may take it.
    """

    failure: Failure
    heartbeat: bool = False
    wild: bool = True


class Retry(NamedTuple):
    """`attempts` counts this one in; `number` is which retry of its retrier it is, from 1."""

    retrier: Retrier
    number: int
    attempts: tuple[int, ...]


def matches(errors: Sequence[str], fault: Fault) -> bool:
    """Does an ErrorEquals list take this fault?"""
    error = fault.failure.error
    if error in errors or (fault.heartbeat and HEARTBEAT_TIMEOUT in errors):
        return True
    if not fault.wild:
        return False
    # "acts as a wildcard that matches any known error name except for States.Timeout"
    # (Developer Guide, "Handling errors").
    return ALL in errors or (TASK_FAILED in errors and error != TIMEOUT)


def decide_retry(retriers: Sequence[Retrier], fault: Fault, attempts: Sequence[int]) -> Retry | None:
    """The first retrier that matches decides; None when it has no attempts left, or there is none."""
    for position, retrier in enumerate(retriers):
        if not matches(retrier.errors, fault):
            continue
        used = list(attempts) or [0] * len(retriers)
        used[position] += 1
        if used[position] > retrier.max_attempts:
            return None
        return Retry(retrier, used[position], tuple(used))
    return None


def decide_catch(catchers: Sequence[Catcher], fault: Fault) -> Catcher | None:
    return next((catcher for catcher in catchers if matches(catcher.errors, fault)), None)


def delay(retrier: Retrier, number: int, chance: random.Random) -> timedelta:
    """How long to wait before retry `number`, counted from 1.

    Grows by `backoff_rate`, capped at `max_delay_seconds`; with FULL jitter, drawn uniformly from
    zero to that.  Source: States Language, "Retriers".
    """
    longest = min(retrier.max_delay_seconds or MAX_DELAY.total_seconds(), MAX_DELAY.total_seconds())
    try:
        seconds = min(retrier.interval_seconds * retrier.backoff_rate ** (number - 1), longest)
    except OverflowError:
        seconds = longest
    if retrier.full_jitter:
        seconds = chance.uniform(0.0, seconds)
    return timedelta(seconds=seconds)
