"""What is decided at a moment: which times have come, which of them are owed, and what the plan says.

Pure: the time is an argument, and a schedule is a value.  A time is decided once, by the write that moves
`decided_until` past it; whoever submits it later works from what was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.models.schedule import CatchUp, Firing, Overlap, Plan, Run, RunOutcome, Schedule
from workflow_manager.schedules.calendar import SHORTEST, between, following, preceding

# A time that is seen this late was not missed: servers restart, and disks are slow.
GRACE: Final = timedelta(minutes=1)

MAX_WAITING: Final = 1_000
MAX_BACKFILL: Final = 1_000
KEPT_RUNS: Final = 20
KEPT_RUNNING: Final = 100

# While a firing waits for a workflow to end, or for a server to answer.
LOOK_AGAIN: Final = timedelta(seconds=2)
LONGEST_SETBACK: Final = timedelta(minutes=1)


def offset(schedule: Schedule) -> timedelta:
    """How much later than its times it fires: a part of the jitter, the same for all of its times."""
    drawn = int.from_bytes(hashlib.sha256(schedule.id.encode()).digest()[:8])
    return schedule.plan.timing.jitter * (drawn / 2**64)


def anchor(schedule: Schedule) -> datetime:
    """What an interval is counted from."""
    return schedule.plan.timing.start_at or schedule.created_at.replace(microsecond=0)


def decided(schedule: Schedule, now: datetime) -> Schedule:
    """With every time that has come by now decided: it waits, or is counted as missed or skipped."""
    horizon = now - offset(schedule)
    if horizon <= schedule.decided_until:
        return schedule
    if schedule.paused:
        return replace(schedule, decided_until=horizon)
    plan = schedule.plan
    # All that may be owed, and one more.
    limit = plan.catch_up_limit + int(GRACE / SHORTEST) + 2
    times = preceding(plan.timing, anchor(schedule), horizon, schedule.decided_until)
    newest_first = list(islice(times, limit))
    owed = _owed(plan, newest_first, horizon)
    missed = [at for at in newest_first if at not in owed]
    schedule = _with_firings(schedule, [Firing(at=at) for at in sorted(owed)])
    if missed:
        schedule = _told(schedule, _missed(missed, plan, is_all=len(newest_first) < limit))
    return replace(schedule, decided_until=horizon)


def _owed(plan: Plan, newest_first: Sequence[datetime], horizon: datetime) -> set[datetime]:
    in_time = {at for at in newest_first if horizon - at <= GRACE}
    late = [at for at in newest_first if at not in in_time]
    match plan.catch_up:
        case CatchUp.NONE:
            return in_time
        case CatchUp.LATEST:
            # One that is in time makes up for those before it.
            return in_time or set(late[:1])
        case CatchUp.ALL:
            return in_time | set(late[: plan.catch_up_limit])


def _missed(newest_first: Sequence[datetime], plan: Plan, *, is_all: bool) -> Run:
    count = f"{len(newest_first)}" if is_all else f"at least {len(newest_first)}"
    since = f"{newest_first[-1]:%Y-%m-%dT%H:%M:%SZ}"
    reason = f"{count} missed, from {since} on; catchUp is {plan.catch_up.value}"
    return Run(at=newest_first[0], outcome=RunOutcome.MISSED, reason=reason)


def _with_firings(schedule: Schedule, firings: Sequence[Firing]) -> Schedule:
    room = MAX_WAITING - len(schedule.waiting)
    for firing in firings[room:]:
        reason = f"{MAX_WAITING} are waiting already"
        schedule = _told(schedule, Run(at=firing.at, outcome=RunOutcome.SKIPPED, reason=reason))
    return replace(schedule, waiting=(*schedule.waiting, *firings[:room]))


def _told(schedule: Schedule, *runs: Run) -> Schedule:
    return replace(schedule, runs=(*reversed(runs), *schedule.runs)[:KEPT_RUNS])


def due_at(schedule: Schedule, now: datetime) -> datetime | None:
    """When it wants attention next; None for never."""
    if schedule.claimed_until is not None and schedule.claimed_until > now:
        return schedule.claimed_until
    times: list[datetime] = []
    if schedule.waiting:
        setback = timedelta(seconds=2 ** min(schedule.setbacks, 10))
        times.append(now + min(max(setback, LOOK_AGAIN), LONGEST_SETBACK))
    if not schedule.paused:
        plan = schedule.plan
        coming = next(following(plan.timing, anchor(schedule), schedule.decided_until), None)
        times += [] if coming is None else [coming + offset(schedule)]
    return min(times, default=None)


def overlap_of(schedule: Schedule, firing: Firing) -> Overlap:
    return firing.overlap or schedule.plan.overlap


def noted(
    schedule: Schedule,
    runs: Mapping[datetime, Run],
    ended: frozenset[str],
    *,
    error: str = "",
) -> Schedule:
    """With what became of some of those that waited, on whatever state the schedule is in by now.

    `ended` are workflows that were seen to have ended; `error` is why the next one could not be started.
    """
    known = [runs[firing.at] for firing in schedule.waiting if firing.at in runs]
    started = [run.workflow_id for run in known if run.workflow_id]
    running = [each for each in schedule.running if each not in ended and each not in started]
    schedule = replace(
        schedule,
        waiting=tuple(firing for firing in schedule.waiting if firing.at not in runs),
        running=(*running, *started)[-KEPT_RUNNING:],
        claimed_until=None,
        setbacks=schedule.setbacks + 1 if error else 0,
        last_error=error or ("" if known else schedule.last_error),
    )
    return _told(schedule, *known)


def with_plan(schedule: Schedule, plan: Plan, now: datetime) -> Schedule:
    """Another plan from now on; what the old one has decided by now stays decided.

    Times that jitter still holds back belong to the new plan, if it has them.
    """
    if plan == schedule.plan:
        return schedule
    schedule = decided(schedule, now)
    return replace(schedule, plan=plan, version=schedule.version + 1, updated_at=now)


def paused(schedule: Schedule, reason: str, now: datetime) -> Schedule:
    """Nothing new fires; what is owed already is submitted."""
    return replace(decided(schedule, now), paused=True, pause_reason=reason, updated_at=now)


def resumed(schedule: Schedule, now: datetime) -> Schedule:
    """It goes on with the next time: those that came meanwhile are not made up for."""
    return replace(decided(schedule, now), paused=False, pause_reason="", updated_at=now)


def backfilled(
    schedule: Schedule, start: datetime, end: datetime, overlap: Overlap, now: datetime
) -> tuple[Schedule, int]:
    """With the times of a range in the past waiting too, and how many they are.

    Times that wait already are not added.  Raises `InvalidRequest`.
    """
    if end < start:
        raise InvalidRequest("endAt in body should not be before startAt")
    if end > now:
        raise InvalidRequest("endAt in body should not be in the future")
    schedule = decided(schedule, now)
    times = between(schedule.plan.timing, anchor(schedule), start, end, MAX_BACKFILL + 1)
    if len(times) > MAX_BACKFILL:
        raise InvalidRequest(
            f"the range has more than {MAX_BACKFILL} times: ask for a shorter one, and then for the next"
        )
    waiting = {firing.at for firing in schedule.waiting}
    wanted = [Firing(at=at, overlap=overlap) for at in times if at not in waiting]
    if len(schedule.waiting) + len(wanted) > MAX_WAITING:
        raise InvalidRequest(f"with these more than {MAX_WAITING} would be waiting: try again later")
    return replace(schedule, waiting=(*schedule.waiting, *wanted)), len(wanted)
