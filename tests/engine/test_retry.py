"""Which failures are retried and caught, and how long a retry waits."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from workflow_manager.asl.failure import Failure
from workflow_manager.asl.nodes import Retrier
from workflow_manager.engine.retry import Fault, decide_retry, delay, matches


@pytest.mark.parametrize(
    ("errors", "error", "taken"),
    [
        (["A"], "A", True),
        (["A"], "B", False),
        (["A", "B"], "B", True),
        ([], "A", False),
        (["States.ALL"], "A", True),
        (["States.ALL"], None, True),
        (["States.ALL"], "States.Timeout", True),
        (["States.TaskFailed"], "A", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], None, True),
        (["States.Timeout"], "States.Timeout", True),
        (["a"], "A", False),
    ],
)
def test_an_error_name_is_matched(errors: list[str], error: str | None, taken: bool) -> None:
    assert matches(errors, Fault(Failure(error))) is taken


@pytest.mark.parametrize("name", ["States.Timeout", "States.HeartbeatTimeout", "States.ALL"])
def test_a_missed_heartbeat_is_a_timeout_of_both_names(name: str) -> None:
    assert matches([name], Fault(Failure("States.Timeout"), heartbeat=True))


def test_a_timeout_is_not_taken_for_a_missed_heartbeat() -> None:
    assert not matches(["States.HeartbeatTimeout"], Fault(Failure("States.Timeout")))


@pytest.mark.parametrize(("errors", "taken"), [(["States.ALL"], False), (["States.DataLimitExceeded"], True)])
def test_what_is_not_wild_is_matched_by_name_alone(errors: list[str], taken: bool) -> None:
    assert matches(errors, Fault(Failure("States.DataLimitExceeded"), wild=False)) is taken


def test_every_retrier_counts_its_own_attempts() -> None:
    retriers = (Retrier(errors=("A",), max_attempts=1), Retrier(errors=("States.ALL",), max_attempts=2))
    a, b = Fault(Failure("A")), Fault(Failure("B"))
    first = decide_retry(retriers, a, ())
    assert first is not None
    assert (first.number, first.attempts) == (1, (1, 0))
    second = decide_retry(retriers, b, first.attempts)
    assert second is not None
    assert (second.number, second.attempts) == (1, (1, 1))
    assert decide_retry(retriers, a, second.attempts) is None, "the first that matches decides"
    third = decide_retry(retriers, b, second.attempts)
    assert third is not None
    assert third.number == 2
    assert decide_retry(retriers, b, third.attempts) is None


def test_no_attempts_means_no_retry() -> None:
    retriers = (Retrier(errors=("A",), max_attempts=0), Retrier(errors=("States.ALL",)))
    assert decide_retry(retriers, Fault(Failure("A")), ()) is None


@pytest.mark.parametrize(
    ("retrier", "seconds"),
    [
        (Retrier(errors=()), [1, 2, 4, 8]),
        (Retrier(errors=(), interval_seconds=3, backoff_rate=1), [3, 3, 3]),
        (Retrier(errors=(), interval_seconds=3, backoff_rate=2, max_delay_seconds=5), [3, 5, 5]),
        (Retrier(errors=(), interval_seconds=2, backoff_rate=1.5), [2, 3, 4.5]),
    ],
)
def test_a_retry_waits_longer_each_time(retrier: Retrier, seconds: list[float]) -> None:
    waits = [
        delay(retrier, number, random.Random(0)).total_seconds() for number in range(1, len(seconds) + 1)
    ]
    assert waits == seconds


def test_a_wait_never_outgrows_the_calendar() -> None:
    retrier = Retrier(errors=(), interval_seconds=99_999_999, backoff_rate=1e300)
    assert delay(retrier, 10_000, random.Random(0)) == timedelta(seconds=31_622_400)


def test_full_jitter_draws_from_zero_to_the_delay() -> None:
    retrier = Retrier(errors=(), interval_seconds=10, backoff_rate=1, full_jitter=True)
    waits = [delay(retrier, 1, random.Random(seed)).total_seconds() for seed in range(200)]
    assert all(0 <= wait <= 10 for wait in waits)
    assert min(waits) < 1
    assert max(waits) > 9
    assert delay(retrier, 1, random.Random(7)) == delay(retrier, 1, random.Random(7))
