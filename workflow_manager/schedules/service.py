"""What can be done with schedules; the door that `api` uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Protocol

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import AlreadyExists, Conflict, InvalidRequest, NotFound
from workflow_manager.kernel.ids import Chance
from workflow_manager.models.schedule import Overlap, Plan, Schedule, Submission
from workflow_manager.schedules.calendar import check_timing, following
from workflow_manager.schedules.deciding import anchor, backfilled, due_at, offset, paused, resumed, with_plan
from workflow_manager.store.entries import SCHEDULE, schedule_entry, schedule_of
from workflow_manager.store.port import Store

MAX_SCHEDULES: Final = 1_000
MAX_JITTER: Final = timedelta(hours=1)
MAX_CATCH_UP: Final = 1_000
MAX_TEXT: Final = 1_000
MAX_NEXT: Final = 1_000

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}", re.ASCII)

# How often a change is made anew that others got in the way of.
_RACES: Final = 20


class Submitter(Protocol):
    def check_submission(self, submission: Submission) -> None: ...


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """`next_name` is None on the last page, and only there."""

    schedules: Sequence[Schedule]
    next_name: str | None


class Schedules:
    """Safe for use by many threads.  Raises the errors of `kernel.errors` and no others."""

    def __init__(
        self,
        store: Store,
        submitter: Submitter,
        *,
        clock: Clock,
        chance: Chance,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called after each write: something may be due earlier than it was."""
        self._store = store
        self._submitter = submitter
        self._clock = clock
        self._chance = chance
        self._changed = changed

    def create(self, name: str, plan: Plan, *, is_paused: bool = False) -> Schedule:
        """Raises `InvalidRequest`, `NotFound` for its definition, `AlreadyExists`."""
        _check_name(name)
        now = self._clock.now()
        self._check(plan, now)
        if len(self._store.entries(SCHEDULE, limit=MAX_SCHEDULES)) == MAX_SCHEDULES:
            raise InvalidRequest(f"there are {MAX_SCHEDULES} schedules, and may not be more")
        schedule = Schedule(
            id=self._chance.uuid(),
            name=name,
            plan=plan,
            created_at=now,
            updated_at=now,
            decided_until=now,
            paused=is_paused,
        )
        self._store.add_entry(schedule_entry(schedule, due_at(schedule, now)))
        self._changed()
        return schedule

    def apply(self, name: str, plan: Plan, *, is_paused: bool | None = None) -> tuple[Schedule, bool]:
        """The schedule with that plan, and whether it is a new one; None leaves it paused or not."""
        try:
            self._check(plan, self._clock.now())
            return self._change(name, lambda seen, now: _applied(seen, plan, is_paused, now)), False
        except NotFound as error:
            if error.kind != SCHEDULE:
                raise
        try:
            return self.create(name, plan, is_paused=bool(is_paused)), True
        except AlreadyExists:
            return self._change(name, lambda seen, now: _applied(seen, plan, is_paused, now)), False

    def _check(self, plan: Plan, now: datetime) -> None:
        check_timing(plan.timing, now)
        if not timedelta() <= plan.timing.jitter <= MAX_JITTER:
            raise InvalidRequest(f"jitterSeconds in body should be from 0 to {MAX_JITTER.seconds}")
        if not 1 <= plan.catch_up_limit <= MAX_CATCH_UP:
            raise InvalidRequest(f"catchUpLimit in body should be from 1 to {MAX_CATCH_UP}")
        _check_text(plan.description, "description")
        self._submitter.check_submission(plan.submission)

    def get(self, name: str) -> Schedule:
        """Raises `NotFound`."""
        return schedule_of(self._store.get_entry(SCHEDULE, name))

    def list(self, *, limit: int, beyond: str | None = None) -> SchedulePage:
        """By name.  With `beyond` those after that name."""
        found = [schedule_of(each) for each in self._store.entries(SCHEDULE, limit=limit + 1, beyond=beyond)]
        page = found[:limit]
        return SchedulePage(page, page[-1].name if len(found) > limit else None)

    def pause(self, name: str, reason: str) -> Schedule:
        """It fires no more until it is resumed.  Raises `NotFound`."""
        _check_text(reason, "reason")
        return self._change(name, lambda seen, now: paused(seen, reason, now))

    def resume(self, name: str) -> Schedule:
        """Raises `NotFound`."""
        return self._change(name, resumed)

    def delete(self, name: str) -> None:
        """What it has started goes on; what was waiting is not started.  Raises `NotFound`."""
        for _ in range(_RACES):
            entry = self._store.get_entry(SCHEDULE, name)
            try:
                return self._store.delete_entry(entry)
            except Conflict:
                continue
        raise _busy(name)

    def backfill(self, name: str, start: datetime, end: datetime, overlap: Overlap) -> int:
        """How many times of that range will be submitted.  Raises `InvalidRequest`, `NotFound`."""
        count = 0

        def add(seen: Schedule, now: datetime) -> Schedule:
            nonlocal count
            changed, count = backfilled(seen, start, end, overlap, now)
            return changed

        self._change(name, add)
        return count

    def next(self, name: str, limit: int) -> Sequence[datetime]:
        """When it fires, were it not paused.  Raises `NotFound`."""
        schedule = self.get(name)
        after = max(schedule.decided_until, self._clock.now() - offset(schedule))
        times = following(schedule.plan.timing, anchor(schedule), after)
        return [at + offset(schedule) for at in islice(times, limit)]

    def next_at(self, schedule: Schedule) -> datetime | None:
        """When it fires next; None while it is paused, and after its end."""
        if schedule.paused:
            return None
        coming = next(following(schedule.plan.timing, anchor(schedule), schedule.decided_until), None)
        return None if coming is None else coming + offset(schedule)

    def _change(self, name: str, make: Callable[[Schedule, datetime], Schedule]) -> Schedule:
        """Made anew on what others have written meanwhile."""
        for _ in range(_RACES):
            entry = self._store.get_entry(SCHEDULE, name)
            now = self._clock.now()
            changed = make(schedule_of(entry), now)
            try:
                self._store.replace_entry(schedule_entry(changed, due_at(changed, now), entry.revision))
            except Conflict:
                continue
            self._changed()
            return changed
        raise _busy(name)


def _applied(schedule: Schedule, plan: Plan, is_paused: bool | None, now: datetime) -> Schedule:
    changed = with_plan(schedule, plan, now)
    if is_paused is None or is_paused is changed.paused:
        return changed
    return paused(changed, "", now) if is_paused else resumed(changed, now)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            "name in body should have 1 to 128 letters, digits and _ . : -, and begin with one of the first"
        )


def _check_text(text: str, field: str) -> None:
    if len(text) > MAX_TEXT:
        raise InvalidRequest(f"{field} in body should be at most {MAX_TEXT} chars long")


def _busy(name: str) -> Conflict:
    return Conflict(f"schedule {name} is being changed by others; try again")
