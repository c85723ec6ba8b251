"""A task in the worker's hands: kept alive while it is worked on, and reported.

Decides what a refused heartbeat means, and how long to go on trying to report an outcome.
"""

from __future__ import annotations

import threading
import time

import structlog

from workflow_manager.worker.client import ActivityClient, Trouble, code_of, explain, judge
from workflow_manager.worker.observation import Observer
from workflow_manager.worker.pace import Backoff, Pace
from workflow_manager.worker.tasks import (
    COMMAND_TERMINATED,
    Failed,
    Outcome,
    Task,
    Work,
    execution_name,
    failed,
)

_log = structlog.stdlib.get_logger()


class Assignment:
    """A task of this worker, from its arrival until its outcome was reported."""

    def __init__(
        self,
        client: ActivityClient,
        task: Task,
        work: Work,
        pace: Pace,
        going_down: threading.Event,
        observer: Observer,
        activity: str,
    ) -> None:
        self.work = work
        self._client = client
        self._task = task
        self._pace = pace
        self._going_down = going_down
        self._settling = threading.Lock()
        self._is_settled = False
        self.reported = threading.Event()
        self._observer = observer
        self._log = _log.bind(
            activity=activity,
            execution=execution_name(task.input),
            task=task.token[-12:],
            attempt=task.attempt,
        )

    def carry_out(self) -> None:
        self._log.info("task-started")
        self._observer.began()
        began_at = time.monotonic()
        try:
            threading.Thread(target=self._keep_alive, name="heartbeat", daemon=True).start()
            outcome = self.work.run()
        except BaseException as error:  # a bug of ours must not leave the task unanswered
            self._log.exception("work-broke")
            outcome = failed(type(error).__name__, str(error))
        self._settle(outcome)
        self.reported.wait()
        error_name = outcome.error if isinstance(outcome, Failed) else None
        seconds = time.monotonic() - began_at
        self._observer.ended(error_name, seconds)
        self._log.info("task-ended", error=error_name, seconds=round(seconds, 3))

    def _keep_alive(self) -> None:
        interval = self._pace.heartbeat
        if self._task.heartbeat is not None:
            # Two may get lost before the state gives the task up.
            interval = min(interval, self._task.heartbeat / 3)
        while True:
            try:
                self._client.send_task_heartbeat(taskToken=self._task.token)
            except Exception as error:  # the next heartbeat may pass; only a refusal means anything
                if judge(error) is Trouble.TASK_GONE:
                    if not self._is_settled:
                        self._log.warning("task-given-up-by-its-state", error=explain(error))
                        self.work.cancel()
                    return
                self._log.warning("heartbeat-failed", error=explain(error))
            if self.reported.wait(interval.total_seconds()):
                return

    def abandon(self, cause: str) -> None:
        """Report a failure without waiting for the work, unless its outcome is known already."""
        outcome = failed(COMMAND_TERMINATED, cause)
        threading.Thread(target=self._settle, args=(outcome,), name="abandon", daemon=True).start()

    def give_up(self, cause: str) -> None:
        """The same, at once, for work that could not be begun."""
        self._settle(failed(COMMAND_TERMINATED, cause))

    def _settle(self, outcome: Outcome) -> None:
        """Report the outcome; the first one counts."""
        with self._settling:
            if self._is_settled:
                return
            self._is_settled = True
        try:
            self._report(outcome)
        finally:
            self.reported.set()

    def _report(self, outcome: Outcome) -> None:
        backoff = Backoff(self._pace)
        began_at = time.monotonic()
        down_at: float | None = None
        while True:
            try:
                self._send(outcome)
                return
            except Exception as error:  # a result is worth more tries, whatever the client raised
                trouble = judge(error)
                if trouble is Trouble.LASTING and not isinstance(outcome, Failed):
                    # The server judges the output: say so in its place, or the state waits for nothing.
                    self._log.warning("output-refused", error=explain(error))
                    outcome = failed(code_of(error) or type(error).__name__, explain(error))
                    continue
                if trouble is not Trouble.PASSING:
                    self._log.warning("outcome-refused", error=explain(error))
                    return
                if backoff.tries == 0:
                    self._log.warning("outcome-not-sent-yet", error=explain(error), next="trying again")
            now = time.monotonic()
            if down_at is None and self._going_down.is_set():
                down_at = now
            if now - began_at > self._pace.report.total_seconds() or (
                down_at is not None and now - down_at > self._pace.last_report.total_seconds()
            ):
                self._log.error("outcome-lost", tries=backoff.tries + 1)
                return
            time.sleep(backoff.next())

    def _send(self, outcome: Outcome) -> None:
        token = self._task.token
        if isinstance(outcome, Failed):
            self._client.send_task_failure(taskToken=token, error=outcome.error, cause=outcome.cause)
        else:
            self._client.send_task_success(taskToken=token, output=outcome.output)
