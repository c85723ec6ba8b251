"""Polls for tasks, works on several at once, and goes down in an orderly way.

Decides when to poll and how a worker ends: it takes no more tasks, asks those that run to end,
waits for their grace, and has each of them reported.  The loop outlives errors and restarts of the
server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from workflow_manager.kernel.errors import Unavailable, WorkflowManagerError
from workflow_manager.worker.assignment import Assignment
from workflow_manager.worker.client import ActivityClient, code_of, explain
from workflow_manager.worker.metric import ActiveMeter
from workflow_manager.worker.observation import Observer, Silent
from workflow_manager.worker.pace import Backoff, Pace
from workflow_manager.worker.tasks import COMMAND_TERMINATED, Handler, Outcome, Task, failed

# Our own server tells more of a task than AWS does: what it says of its state's HeartbeatSeconds, how
# often the state was tried, and until when somebody waits.
HEARTBEAT_HEADER: Final = "x-wfm-heartbeat-seconds"
ATTEMPT_HEADER: Final = "x-wfm-attempt"
DEADLINE_HEADER: Final = "x-wfm-deadline"

_log = structlog.stdlib.get_logger()


class Worker:
    """Serves one activity.  `run` blocks until `stop` was called and every task has been reported."""

    def __init__(
        self,
        client: ActivityClient,
        register: Callable[[], str],
        worker_name: str,
        handler: Handler,
        *,
        limit: int = 1,
        pace: Pace | None = None,
        meter: ActiveMeter | None = None,
        observer: Observer | None = None,
        once: bool = False,
    ) -> None:
        """`register` makes sure that the activity exists and gives its ARN; `limit` is how many
        tasks are worked on at once.  With `once` the first task is the last."""
        self._client = client
        self._register = register
        self._name = worker_name
        self._handler = handler
        self._limit = limit
        self._pace = pace or Pace()
        self._meter = meter or ActiveMeter(limit, time.monotonic)
        self._observer = observer or Silent()
        self._once = once
        self._activity = ""
        self._changed = threading.Condition()
        self._assignments: set[Assignment] = set()
        self._going_down = threading.Event()
        self._hurried = threading.Event()

    def run(self) -> None:
        """Poll and work.  Raises what `register` raises; `Unavailable` only when that lasts."""
        arn = self._arrive()
        if arn is None:
            return
        self._activity = arn.rpartition(":")[2]
        _log.info("worker-started", activity=self._activity, worker=self._name, tasks_at_once=self._limit)
        # A poll cannot be called off, so nobody waits for the thread that sits in one.
        threading.Thread(target=self._poll, args=(arn,), name="poll", daemon=True).start()
        self._going_down.wait()
        self._end_tasks()
        _log.info("worker-stopped", activity=self._activity, worker=self._name)

    def stop(self, signal_number: int) -> None:
        """Take no more tasks and ask those that run to end, passing the signal on."""
        with self._changed:
            running = list(self._assignments)
            self._going_down.set()
            self._changed.notify_all()
        for assignment in running:
            assignment.work.stop(signal_number)

    def kill(self) -> None:
        """End what runs at once; what can still be reported is."""
        self._hurried.set()
        for assignment in self._running():
            assignment.work.kill()
        with self._changed:
            self._changed.notify_all()

    def forward(self, signal_number: int) -> None:
        """Pass a signal on to what runs."""
        for assignment in self._running():
            assignment.work.forward(signal_number)

    def _running(self) -> list[Assignment]:
        with self._changed:
            return list(self._assignments)

    def _arrive(self) -> str | None:
        """The activity's ARN; None when the worker was stopped before it was known."""
        backoff = Backoff(self._pace)
        until = time.monotonic() + self._pace.arrival.total_seconds()
        while True:
            try:
                return self._register()
            except Unavailable as error:
                if time.monotonic() > until:
                    raise
                if backoff.tries == 0:
                    _log.warning("no-server-yet", error=str(error), next="trying again for a while")
            if self._going_down.wait(backoff.next()):
                return None

    def _end_tasks(self) -> None:
        pace = self._pace
        with self._changed:
            self._changed.wait_for(self._nothing_runs_or_hurried, pace.stop.total_seconds())
            # A killed command is reported by its own thread, which sees it end within moments.
            self._changed.wait_for(lambda: not self._assignments, pace.killed.total_seconds())
        abandoned = self._running()
        for assignment in abandoned:
            assignment.abandon("the worker stopped before the work on this task had ended")
        patience = pace.killed if self._hurried.is_set() else pace.last_report
        until = time.monotonic() + patience.total_seconds()
        for assignment in abandoned:
            assignment.reported.wait(max(0.0, until - time.monotonic()))

    def _nothing_runs_or_hurried(self) -> bool:
        return not self._assignments or self._hurried.is_set()

    def _poll(self, arn: str) -> None:
        backoff = Backoff(self._pace)
        while self._wait_for_place():
            started_at = time.monotonic()
            try:
                answer = self._client.get_activity_task(activityArn=arn, workerName=self._name)
            except Exception as error:  # the loop outlives whatever one poll meets
                self._observer.polled("error")
                if backoff.tries == 0:
                    _log.warning(
                        "poll-failed",
                        activity=self._activity,
                        error=explain(error),
                        next="trying again until it works",
                    )
                if code_of(error) == "ActivityDoesNotExist":
                    arn = self._registered_again(arn)
                self._going_down.wait(backoff.next())
                continue
            if backoff.tries:
                _log.info("poll-works-again", activity=self._activity, failures=backoff.tries)
            backoff = Backoff(self._pace)
            task = _task(answer)
            self._observer.polled("task" if task else "nothing")
            if task is not None:
                self._begin(task)
                if self._once:
                    self._end_after_that()
                    return
            self._rest(started_at, self._pace.between_polls if task else self._pace.after_nothing)

    def _end_after_that(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._assignments or self._going_down.is_set())
            self._going_down.set()

    def _registered_again(self, arn: str) -> str:
        """Where the server came back without its activities, what its start did is done again."""
        with suppress(WorkflowManagerError):
            arn = self._register()
            _log.info("activity-created-again", activity=arn)
        return arn

    def _wait_for_place(self) -> bool:
        """True once fewer tasks run than may; False when the worker is going down."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._assignments) < self._limit or self._going_down.is_set(),
            )
        return not self._going_down.is_set()

    def _rest(self, since: float, at_least: timedelta) -> None:
        left = since + max(at_least, self._pace.between_polls).total_seconds() - time.monotonic()
        if left > 0:
            self._meter.pausing(True)
            self._going_down.wait(left)
            self._meter.pausing(False)

    def _begin(self, task: Task) -> None:
        try:
            work = self._handler(task)
        except Exception as error:  # a task is answered even when it cannot be begun
            _log.exception("task-not-begun")
            work = _Refused(failed(type(error).__name__, str(error)))
        with self._changed:
            if self._going_down.is_set():
                # It came with the answer to the last poll; given back at once, another can have it.
                work = _Refused(failed(COMMAND_TERMINATED, "the worker was going down when the task came"))
            assignment = Assignment(
                self._client, task, work, self._pace, self._going_down, self._observer, self._activity
            )
            self._assignments.add(assignment)
        self._meter.began()
        try:
            threading.Thread(target=self._work, args=(assignment,), name="task", daemon=True).start()
        except RuntimeError as error:  # the system has no more threads for us
            assignment.give_up(str(error))
            self._done(assignment)

    def _work(self, assignment: Assignment) -> None:
        try:
            assignment.carry_out()
        finally:
            self._done(assignment)

    def _done(self, assignment: Assignment) -> None:
        self._meter.ended()
        with self._changed:
            self._assignments.discard(assignment)
            self._changed.notify_all()


class _Refused:
    """Work that never began."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def run(self) -> Outcome:
        return self._outcome

    def cancel(self) -> None: ...

    def stop(self, signal_number: int) -> None: ...

    def kill(self) -> None: ...

    def forward(self, signal_number: int) -> None: ...


def _task(answer: Any) -> Task | None:
    """What GetActivityTask brought; None when it was held to its end without a task."""
    token = answer.get("taskToken")
    if not token:
        return None
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return Task(
        token=token,
        input=answer.get("input") or "{}",
        heartbeat=_seconds(headers.get(HEARTBEAT_HEADER)),
        attempt=_attempt(headers.get(ATTEMPT_HEADER)),
        deadline=_moment(headers.get(DEADLINE_HEADER)),
    )


def _attempt(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _seconds(text: str | None) -> timedelta | None:
    try:
        seconds = float(text) if text else 0.0
        return timedelta(seconds=seconds) if seconds > 0 else None
    except (ValueError, OverflowError):
        return None
