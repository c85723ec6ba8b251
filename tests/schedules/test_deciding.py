"""What is decided at a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.schedule import (
    CatchUp,
    Overlap,
    Plan,
    Run,
    RunOutcome,
    Schedule,
    Submission,
    Timing,
)
from workflow_manager.schedules.deciding import (
    KEPT_RUNS,
    MAX_WAITING,
    backfilled,
    decided,
    due_at,
    noted,
    offset,
    paused,
    resumed,
    with_plan,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def schedule(**plan: Any) -> Schedule:
    timing = plan.pop("timing", Timing(cron="0 * * * *"))
    return Schedule(
        id="s1",
        name="report",
        plan=Plan(**{"timing": timing, "submission": Submission(definition="wf")} | plan),
        created_at=NOON,
        updated_at=NOON,
        decided_until=NOON,
    )


def waiting(schedule: Schedule) -> list[datetime]:
    return [firing.at for firing in schedule.waiting]


def test_a_time_is_decided_when_it_has_come_and_once() -> None:
    before = decided(schedule(), NOON + 59 * MINUTE)
    assert waiting(before) == []
    after = decided(before, NOON + HOUR)
    assert waiting(after) == [NOON + HOUR]
    assert waiting(decided(after, NOON + HOUR + MINUTE)) == [NOON + HOUR]


def test_it_wants_attention_at_its_next_time_and_soon_while_something_waits() -> None:
    assert due_at(schedule(), NOON) == NOON + HOUR
    owing = decided(schedule(), NOON + HOUR)
    assert due_at(owing, NOON + HOUR) == NOON + HOUR + timedelta(seconds=2)
    assert due_at(paused(schedule(), "", NOON), NOON) is None
    ended = schedule(timing=Timing(cron="0 * * * *", end_at=NOON + 30 * MINUTE))
    assert due_at(ended, NOON) is None
    claimed = replace(owing, claimed_until=NOON + 2 * HOUR)
    assert due_at(claimed, NOON + HOUR) == NOON + 2 * HOUR


@pytest.mark.parametrize(
    ("catch_up", "limit", "hours"),
    [
        (CatchUp.NONE, 100, []),
        (CatchUp.LATEST, 100, [5]),
        (CatchUp.ALL, 100, [1, 2, 3, 4, 5]),
        (CatchUp.ALL, 2, [4, 5]),
    ],
)
def test_what_was_missed_is_made_up_for_by_policy(catch_up: CatchUp, limit: int, hours: list[int]) -> None:
    late = decided(schedule(catch_up=catch_up, catch_up_limit=limit), NOON + 5 * HOUR + 30 * MINUTE)
    assert waiting(late) == [NOON + n * HOUR for n in hours]
    missed = 5 - len(hours)
    assert [run.outcome for run in late.runs] == [RunOutcome.MISSED] * bool(missed)
    assert all(f"{missed} missed" in run.reason for run in late.runs)


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_a_time_that_is_seen_a_little_late_was_not_missed(catch_up: CatchUp) -> None:
    assert waiting(decided(schedule(catch_up=catch_up), NOON + HOUR + MINUTE)) == [NOON + HOUR]


def test_the_latest_of_those_missed_is_not_added_to_one_that_is_in_time() -> None:
    assert waiting(decided(schedule(), NOON + 5 * HOUR)) == [NOON + 5 * HOUR]


def test_a_long_absence_costs_no_more_than_what_is_made_up_for() -> None:
    every_second = schedule(timing=Timing(every=timedelta(seconds=1)), catch_up=CatchUp.ALL)
    late = decided(every_second, NOON + timedelta(days=3650))
    assert len(late.waiting) == 61 + 100  # in time, and made up for
    assert late.runs[0].reason.startswith("at least 1 missed")


def test_a_paused_schedule_decides_nothing_and_makes_up_for_nothing() -> None:
    quiet = decided(paused(schedule(catch_up=CatchUp.ALL), "holidays", NOON), NOON + 5 * HOUR)
    assert (quiet.waiting, quiet.pause_reason) == ((), "holidays")
    again = decided(resumed(quiet, NOON + 5 * HOUR + MINUTE), NOON + 6 * HOUR)
    assert waiting(again) == [NOON + 6 * HOUR]


def test_a_time_that_had_come_before_a_pause_is_still_owed() -> None:
    assert waiting(paused(schedule(), "", NOON + HOUR)) == [NOON + HOUR]


def test_another_plan_loses_no_time_and_doubles_none() -> None:
    half_hours = replace(schedule().plan, timing=Timing(cron="*/30 * * * *"))
    changed = with_plan(schedule(), half_hours, NOON + HOUR)
    assert (waiting(changed), changed.version) == ([NOON + HOUR], 2)
    later = decided(changed, NOON + HOUR + 30 * MINUTE)
    assert waiting(later) == [NOON + HOUR, NOON + HOUR + 30 * MINUTE]


def test_the_same_plan_again_is_no_new_version() -> None:
    assert with_plan(schedule(), schedule().plan, NOON + HOUR) == schedule()


def test_jitter_is_the_same_for_every_time_and_holds_each_back() -> None:
    late = schedule(timing=Timing(cron="0 * * * *", jitter=10 * MINUTE))
    by = offset(late)
    assert timedelta() < by < 10 * MINUTE
    assert due_at(late, NOON) == NOON + HOUR + by
    assert waiting(decided(late, NOON + HOUR + by - timedelta(seconds=1))) == []
    assert waiting(decided(late, NOON + HOUR + by)) == [NOON + HOUR]


def test_a_change_while_jitter_holds_a_time_back_does_not_lose_it() -> None:
    late = schedule(timing=Timing(cron="0 * * * *", jitter=HOUR))
    changed = with_plan(late, replace(late.plan, description="new"), NOON + HOUR)
    assert waiting(decided(changed, NOON + HOUR + offset(late))) == [NOON + HOUR]


def test_a_backfill_adds_the_times_of_a_range_that_do_not_wait_already() -> None:
    owing = decided(schedule(), NOON + HOUR)
    filled, count = backfilled(owing, NOON - 2 * HOUR, NOON + HOUR, Overlap.QUEUE, NOON + HOUR)
    assert count == 3
    assert waiting(filled) == [NOON + HOUR, NOON - 2 * HOUR, NOON - HOUR, NOON]
    assert [firing.overlap for firing in filled.waiting] == [None, *[Overlap.QUEUE] * 3]


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (NOON, NOON - HOUR, "endAt in body should not be before startAt"),
        (NOON, NOON + HOUR, "endAt in body should not be in the future"),
        (NOON - timedelta(days=400), NOON, "more than 1000 times"),
    ],
)
def test_a_range_that_cannot_be_filled_is_refused(start: datetime, end: datetime, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        backfilled(schedule(), start, end, Overlap.ALLOW, NOON)


def test_what_waits_is_bounded_and_what_does_not_fit_is_said_to_be_skipped() -> None:
    seconds = schedule(timing=Timing(every=timedelta(seconds=1)))
    at = NOON
    for _ in range(20):
        at += MINUTE
        seconds = decided(seconds, at)
    assert len(seconds.waiting) == MAX_WAITING
    assert seconds.runs[0].outcome is RunOutcome.SKIPPED
    assert len(seconds.runs) == KEPT_RUNS


def test_what_became_of_a_time_is_noted_on_whatever_the_schedule_is_by_then() -> None:
    owing = replace(decided(schedule(), NOON + HOUR), claimed_until=NOON + 2 * HOUR, running=("old", "gone"))
    meanwhile = with_plan(owing, replace(owing.plan, description="new"), NOON + HOUR)
    run = Run(at=NOON + HOUR, outcome=RunOutcome.STARTED, workflow_id="w")
    told = noted(meanwhile, {run.at: run}, frozenset({"gone"}))
    assert (told.waiting, told.runs, told.running) == ((), (run,), ("old", "w"))
    assert (told.plan.description, told.claimed_until) == ("new", None)


def test_setbacks_make_it_wait_longer_up_to_a_minute() -> None:
    owing = decided(schedule(), NOON + HOUR)
    pauses = []
    for _ in range(8):
        owing = noted(owing, {}, frozenset(), error="down")
        due = due_at(owing, NOON + HOUR)
        assert due is not None
        pauses.append((due - NOON - HOUR).total_seconds())
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert owing.last_error == "down"
    assert noted(owing, {}, frozenset()).setbacks == 0
