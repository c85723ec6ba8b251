"""What is due is claimed, submitted and noted: three steps, of which only the middle one may happen twice.

The claim writes down which times are owed before anything is started.  A start is the same one however
often it is asked for, because its id is made of the schedule's and the time.  So a server may be killed
between any two steps, and two servers may work on the same schedule: every time has one workflow.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from workflow_manager.kernel.clock import Clock
from workflow_manager.kernel.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    Throttled,
    Unavailable,
    WorkflowManagerError,
)
from workflow_manager.kernel.tally import Distribution, Tally
from workflow_manager.models.schedule import Firing, Overlap, Run, RunOutcome, Schedule, Submission
from workflow_manager.models.workflow import Workflow
from workflow_manager.schedules.deciding import decided, due_at, noted, offset, overlap_of
from workflow_manager.store.entries import SCHEDULE, Entry, schedule_entry, schedule_of
from workflow_manager.store.port import Store

CLAIM: Final = timedelta(seconds=20)

# What one claim starts, and how long it goes on starting.
MAX_STARTS: Final = 20
WORK: Final = CLAIM / 2

DELAYS: Final = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600)  # seconds

AT_ONCE: Final = 4
BATCH: Final = 100

# Another server may have written something that is due sooner than what is known here.
LONGEST_SLEEP: Final = timedelta(seconds=5)

RETRY_SECONDS: Final = 1.0  # before what is due, and could not be done, is tried again

_RACES: Final = 20

_log = structlog.get_logger("schedules")


class Starter(Protocol):
    """The executor's part in it."""

    def start_scheduled(self, schedule_id: str, at: datetime, submission: Submission) -> Workflow: ...

    def workflow(self, workflow_id: str) -> Workflow: ...

    def cancel(self, workflow_id: str, reason: str) -> None: ...


class _Work:
    """What comes of one claim."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.runs: dict[datetime, Run] = {}
        self.ended: set[str] = set()
        self.running = list(schedule.running)
        self.error = ""
        self.kept = 0

    def tell(self, firing: Firing, outcome: RunOutcome, *, workflow_id: str = "", reason: str = "") -> None:
        self.runs[firing.at] = Run(
            at=firing.at, outcome=outcome, workflow_id=workflow_id, reason=reason[:1_000]
        )


class Firer:
    """Safe for use by many threads, and beside other servers on the same store.

    `outcomes` counts what became of times, a gap of missed ones once; `delays` tells how many seconds
    after its time a workflow was started, those of backfills left out.
    """

    def __init__(self, store: Store, starter: Starter, clock: Clock) -> None:
        self._store = store
        self._starter = starter
        self._clock = clock
        self.outcomes = Tally(*((outcome.value,) for outcome in RunOutcome))
        self.delays = Distribution(DELAYS)

    def release(self) -> None:
        """End the claims of a server that is no more.  For one that has its store to itself."""
        beyond: str | None = None
        while found := self._store.entries(SCHEDULE, limit=BATCH, beyond=beyond):
            for entry in found:
                schedule = schedule_of(entry)
                if schedule.claimed_until is not None:
                    released = replace(schedule, claimed_until=None)
                    self._store.replace_entry(schedule_entry(released, self._clock.now(), entry.revision))
            beyond = found[-1].id

    def fire_due(self) -> bool:
        """Do what is due now; whether there may be more.

        Raises `Unavailable` when some of it was tried and is still due, `Throttled`.
        """
        due = self._store.due_entries(SCHEDULE, self._clock.now(), BATCH)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="schedule") as threads:
            troubles = [trouble for trouble in threads.map(self._fire_one, due) if trouble]
        if troubles:
            raise Unavailable(f"{len(troubles)} of {len(due)} schedules; {troubles[0]}")
        return len(due) == BATCH

    def _fire_one(self, seen: Entry) -> str:
        """What kept it from being fired; empty for nothing."""
        try:
            self.fire(seen.id)
        except (Conflict, NotFound):
            pass  # another server has it, or its user has changed or deleted it: the next look tells
        except WorkflowManagerError as error:
            return f"{seen.id}: {error}"
        except Exception as error:  # a bug in one schedule must not keep the others from their times
            _log.exception("schedule-not-fired", schedule=seen.id)
            return f"{seen.id}: {error!r}"
        return ""

    def fire(self, name: str) -> None:
        """Claim, submit and note what is due of one schedule.  Raises `Conflict`, `NotFound`."""
        entry = self._store.get_entry(SCHEDULE, name)
        now = self._clock.now()
        if entry.due_at is None or entry.due_at > now:
            return
        seen = schedule_of(entry)
        schedule = decided(seen, now)
        if not schedule.waiting:
            schedule = replace(schedule, claimed_until=None)
            self._store.replace_entry(schedule_entry(schedule, due_at(schedule, now), entry.revision))
            self._count(run for run in schedule.runs if run not in seen.runs)
            return
        schedule = replace(schedule, claimed_until=now + CLAIM)
        self._store.replace_entry(schedule_entry(schedule, now + CLAIM, entry.revision))
        self._count(run for run in schedule.runs if run not in seen.runs)
        work = _Work(schedule)
        self._submit(work, until=now + WORK)
        self._note(work)

    def _count(self, runs: Iterable[Run]) -> None:
        for run in runs:
            self.outcomes.add(run.outcome.value)

    def _submit(self, work: _Work, until: datetime) -> None:
        starts = 0
        for firing in work.schedule.waiting:
            if starts == MAX_STARTS or self._clock.now() > until:
                return
            try:
                starts += self._submit_one(work, firing)
            except (Throttled, Unavailable) as error:
                work.error = str(error)
                _log.warning("schedule-start-failed", schedule=work.schedule.name, error=str(error))
                return

    def _submit_one(self, work: _Work, firing: Firing) -> bool:
        """Whether something was started."""
        schedule = work.schedule
        overlap = overlap_of(schedule, firing)
        if overlap is not Overlap.ALLOW and self._is_held_back(work, firing, overlap):
            return False
        try:
            submission = _tagged(schedule, firing)
            workflow = self._starter.start_scheduled(schedule.id, firing.at, submission)
        except (Conflict, InvalidRequest, NotFound) as error:
            reason = f"there is no {error.kind} {error.key}" if isinstance(error, NotFound) else str(error)
            work.tell(firing, RunOutcome.FAILED, reason=reason)
            _log.error("schedule-refused", schedule=schedule.name, at=firing.at.isoformat(), error=reason)
            return False
        work.tell(firing, RunOutcome.STARTED, workflow_id=workflow.id)
        work.running.append(workflow.id)
        if firing.overlap is None:
            self.delays.add(max((self._clock.now() - firing.at - offset(schedule)).total_seconds(), 0.0))
        _log.info("schedule-fired", schedule=schedule.name, at=firing.at.isoformat(), workflow_id=workflow.id)
        return True

    def _is_held_back(self, work: _Work, firing: Firing, overlap: Overlap) -> bool:
        running = [each for each in work.running if self._is_running(work, each)]
        work.running = running
        if not running:
            return False
        if overlap is Overlap.CANCEL_RUNNING:
            for each in tuple(running):
                self._cancel(work, each, firing)
            return False
        if overlap is Overlap.SKIP or (overlap is Overlap.BUFFER_ONE and work.kept):
            reason = f"workflow {running[0]} was still running"
            work.tell(firing, RunOutcome.SKIPPED, reason=reason)
        else:
            work.kept += 1
        return True

    def _is_running(self, work: _Work, workflow_id: str) -> bool:
        try:
            if not self._starter.workflow(workflow_id).status.is_terminal:
                return True
        except NotFound:
            pass
        work.ended.add(workflow_id)
        return False

    def _cancel(self, work: _Work, workflow_id: str, firing: Firing) -> None:
        reason = f"schedule {work.schedule.name}: the one of {firing.at:%Y-%m-%dT%H:%M:%SZ} takes its place"
        with suppress(InvalidRequest, NotFound):  # it has ended by itself
            self._starter.cancel(workflow_id, reason)
        work.running.remove(workflow_id)
        work.ended.add(workflow_id)

    def _note(self, work: _Work) -> None:
        """On whatever the schedule has become meanwhile; one that was deleted needs no note."""
        for _ in range(_RACES):
            entry = self._store.get_entry(SCHEDULE, work.schedule.name)
            now = self._clock.now()
            schedule = schedule_of(entry)
            if schedule.id != work.schedule.id:
                return
            schedule = noted(schedule, work.runs, frozenset(work.ended), error=work.error)
            try:
                self._store.replace_entry(schedule_entry(schedule, due_at(schedule, now), entry.revision))
                self._count(work.runs.values())
                return
            except Conflict:
                continue
        raise Conflict(f"schedule {work.schedule.name} is being changed by others")


def _tagged(schedule: Schedule, firing: Firing) -> Submission:
    """With tags that lead from the workflow to its schedule; the plan's own come first."""
    submission = schedule.plan.submission
    at = f"{firing.at:%Y-%m-%dT%H:%M:%SZ}"
    return replace(submission, tags={"schedule": schedule.name, "scheduledAt": at, **submission.tags})


class FiringLoop:
    """Fires what is due, on a thread of its own, until it is stopped."""

    def __init__(self, firer: Firer, store: Store, clock: Clock, *, is_alone: bool) -> None:
        """`is_alone`: no other server uses the store, nor does one that was killed."""
        self._firer = firer
        self._is_unreleased = is_alone
        self._store = store
        self._clock = clock
        self._woken = threading.Event()
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="schedules", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Something may be due sooner than it was."""
        self._woken.set()

    def stop(self) -> None:
        self._is_stopped = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        quiet = False
        while not self._is_stopped:
            self._woken.clear()
            try:
                if self._is_unreleased:
                    self._firer.release()
                    self._is_unreleased = False
                more = self._firer.fire_due()
                quiet = False
            except WorkflowManagerError as error:
                more = False
                if not quiet:
                    _log.warning("schedules-not-fired", error=str(error))
                quiet = True  # once for each outage
            except Exception:  # a bug; the next round may do better
                more = False
                _log.exception("schedules-not-fired")
            if not more:
                self._woken.wait(max(self._pause(), RETRY_SECONDS if quiet else 0))

    def _pause(self) -> float:
        """Until the next is due, or somebody else may have made one."""
        now = self._clock.now()
        try:
            coming = self._store.due_entries(SCHEDULE, now + LONGEST_SLEEP, 1)
        except WorkflowManagerError:
            return LONGEST_SLEEP.total_seconds()
        if not coming or coming[0].due_at is None:
            return LONGEST_SLEEP.total_seconds()
        # An index that lags shows for a moment what is done already.
        return max((coming[0].due_at - now).total_seconds(), 0.05)
