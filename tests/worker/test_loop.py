"""The worker against activities kept in memory: tasks, heartbeats, errors, going down."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.worker.activities import Activities, client_error, no_server
from workflow_manager.worker.activity import register
from workflow_manager.worker.loop import Worker
from workflow_manager.worker.pace import Pace
from workflow_manager.worker.tasks import Failed, Handler, Outcome, Succeeded, Task

QUICK = Pace(
    heartbeat=timedelta(milliseconds=20),
    after_nothing=timedelta(0),
    first_retry=timedelta(milliseconds=2),
    longest_retry=timedelta(milliseconds=10),
    report=timedelta(minutes=5),
    last_report=timedelta(milliseconds=200),
    stop=timedelta(milliseconds=200),
    killed=timedelta(milliseconds=50),
)
# For work that ends when it is told to, however slow the machine is.
PATIENT = replace(QUICK, stop=timedelta(minutes=5))


class Doing:
    """Work that a test holds in its hands."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.may_end = threading.Event()
        self.begun = threading.Event()
        self.heard: list[str] = []
        self.result: Outcome | Exception = Succeeded('"done"')
        self.is_obedient = True

    def run(self) -> Outcome:
        self.begun.set()
        assert self.may_end.wait(120)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def _hear(self, what: str) -> None:
        self.heard.append(what)
        if self.is_obedient:
            self.may_end.set()

    def cancel(self) -> None:
        self._hear("cancel")

    def stop(self, signal_number: int) -> None:
        self._hear(f"stop {signal_number}")

    def kill(self) -> None:
        self._hear("kill")

    def forward(self, signal_number: int) -> None:
        self.heard.append(f"forward {signal_number}")


class Doings:
    """A handler that keeps all the work it began."""

    def __init__(self) -> None:
        self.all: deque[Doing] = deque()
        self.changed = threading.Condition()

    def __call__(self, task: Task) -> Doing:
        doing = Doing(task)
        with self.changed:
            self.all.append(doing)
            self.changed.notify_all()
        return doing

    def next(self) -> Doing:
        with self.changed:
            assert self.changed.wait_for(lambda: self.all, 120)
            return self.all.popleft()


@contextmanager
def working(
    activities: Activities, handler: Handler, *, limit: int = 1, pace: Pace = QUICK
) -> Iterator[tuple[Worker, Callable[[], None]]]:
    """A running worker, and a way to wait for its end; stopped in any case afterwards."""
    worker = Worker(
        activities, lambda: register(activities, "a", {"team": "t"}), "w", handler, limit=limit, pace=pace
    )
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()

    def ended() -> None:
        thread.join(120)
        assert not thread.is_alive(), "the worker did not end"

    try:
        yield worker, ended
    finally:
        worker.stop(signal.SIGTERM)
        worker.kill()
        ended()


def test_with_once_the_first_task_is_the_last() -> None:
    activities = Activities()
    first, second = activities.offer(), activities.offer()
    worker = Worker(
        activities, lambda: register(activities, "a", {}), "w", finished, pace=QUICK, once=True, limit=5
    )
    worker.run()
    assert list(activities.outcomes) == [first]
    assert second not in activities.outcomes
    assert activities.calls.count("get_activity_task") == 1


def test_what_becomes_of_tasks_and_polls_is_told() -> None:
    activities, told = Activities(), Told()
    activities.failures["get_activity_task"] = deque([no_server()])

    def handler(task: Task) -> Doing:
        doing = finished(task)
        doing.result = Failed("E") if "fail" in task.input else Succeeded("{}")
        return doing

    worker = Worker(activities, lambda: "arn:a", "w", handler, pace=QUICK, observer=told)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    for token in (activities.offer(), activities.offer('{"fail":1}')):
        activities.outcome(token)
    worker.stop(signal.SIGTERM)
    thread.join(120)
    assert told.polls["error"] == 1
    assert told.polls["task"] == 2
    assert told.outcomes == [None, "E"]


class Told:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.polls: Counter[str] = Counter()
        self.outcomes: list[str | None] = []

    def polled(self, result: str) -> None:
        self.polls[result] += 1

    def began(self) -> None: ...

    def ended(self, error: str | None, seconds: float) -> None:
        self.outcomes.append(error)


def finished(task: Task) -> Doing:
    doing = Doing(task)
    doing.may_end.set()
    doing.result = Succeeded(task.input)
    return doing


def test_tasks_are_done_one_after_the_other() -> None:
    activities = Activities()
    with working(activities, finished):
        tokens = [activities.offer(f'{{"n":{n}}}') for n in range(5)]
        assert [activities.outcome(token) for token in tokens] == [
            ("success", f'{{"n":{n}}}') for n in range(5)
        ]
    assert set(activities.pollers) == {"w"}
    assert next(iter(activities.tags.values())) == {"team": "t"}


def test_no_more_tasks_run_at_once_than_may() -> None:
    activities, doings = Activities(), Doings()
    with working(activities, doings, limit=2):
        tokens = [activities.offer() for _ in range(3)]
        first, second = doings.next(), doings.next()
        polls = activities.calls.count("get_activity_task")
        time.sleep(0.02)
        assert activities.calls.count("get_activity_task") == polls
        second.may_end.set()
        third = doings.next()
        first.may_end.set()
        third.may_end.set()
        for token in tokens:
            activities.outcome(token)


def test_the_first_heartbeat_comes_at_once_and_the_last_before_the_report() -> None:
    activities, doings = Activities(), Doings()
    slow = Pace(heartbeat=timedelta(hours=1), after_nothing=timedelta(0))
    with working(activities, doings, pace=slow):
        token = activities.offer()
        doing = doings.next()
        activities.wait_until(lambda: activities.heartbeats.get(token))
        doing.may_end.set()
        activities.outcome(token)
    assert activities.heartbeats[token] == 1


@pytest.mark.parametrize(
    ("header", "many"), [(None, False), ("0.06", True), ("nonsense", False), ("-3", False)]
)
def test_a_state_that_tells_its_heartbeat_is_heeded(header: str | None, many: bool) -> None:
    activities, doings = Activities(heartbeat_header=header), Doings()
    hourly = Pace(heartbeat=timedelta(hours=1), after_nothing=timedelta(0))
    with working(activities, doings, pace=hourly):
        token = activities.offer()
        doing = doings.next()
        if many:
            activities.wait_until(lambda: activities.heartbeats.get(token, 0) >= 3)
        doing.may_end.set()
        activities.outcome(token)
    assert (activities.heartbeats.get(token, 0) >= 3) is many


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_refused_heartbeat_stops_the_work_and_the_worker_goes_on(code: str) -> None:
    activities, doings = Activities(), Doings()
    with working(activities, doings):
        activities.offer()
        doing = doings.next()
        activities.failures["send_task_heartbeat"] = deque([client_error(code)])
        assert doing.may_end.wait(120)
        assert doing.heard == ["cancel"]
        after = activities.offer()
        doings.next().may_end.set()
        assert activities.outcome(after) == ("success", '"done"')


@pytest.mark.parametrize(
    "error", [client_error("ThrottlingException"), no_server(), client_error("AccessDenied")]
)
def test_any_other_trouble_with_a_heartbeat_is_only_logged(error: Exception) -> None:
    activities, doings = Activities(), Doings()
    activities.failures["send_task_heartbeat"] = deque([error] * 3)
    with working(activities, doings):
        token = activities.offer()
        doing = doings.next()
        activities.wait_until(lambda: activities.heartbeats.get(token, 0) >= 2)
        assert doing.heard == []
        doing.may_end.set()
        assert activities.outcome(token) == ("success", '"done"')


@pytest.mark.parametrize(
    "error",
    [
        no_server(),
        client_error("ThrottlingException"),
        client_error("Anything", status=503),
        ReadTimeoutError(endpoint_url="http://127.0.0.1:9/"),
        ConnectionResetError("by peer"),
    ],
)
def test_an_outcome_is_sent_until_it_arrives_and_heartbeats_go_on_meanwhile(error: Exception) -> None:
    activities, doings = Activities(), Doings()
    with working(activities, doings):
        token = activities.offer()
        doing = doings.next()
        failures = activities.failures["send_task_success"] = deque([error] * 100_000)
        doing.may_end.set()
        activities.wait_until(lambda: len(failures) <= 100_000 - 20)
        before = activities.heartbeats.get(token, 0)
        activities.wait_until(lambda: activities.heartbeats.get(token, 0) > before + 1)
        activities.mend("send_task_success")
        assert activities.outcome(token) == ("success", '"done"')


def test_an_output_the_server_refuses_becomes_a_failure() -> None:
    activities = Activities()
    activities.failures["send_task_success"] = deque([client_error("InvalidOutput")])
    with working(activities, finished):
        outcome = activities.outcome(activities.offer())
    assert outcome == ("failure", "InvalidOutput", "InvalidOutput: as told")


def test_a_task_that_timed_out_meanwhile_is_let_go() -> None:
    activities, doings = Activities(), Doings()
    with working(activities, doings):
        token = activities.offer()
        doing = doings.next()
        doing.is_obedient = False
        activities.time_out(token)
        doing.may_end.set()
        after = activities.offer()
        doings.next().may_end.set()
        activities.outcome(after)
    assert token not in activities.outcomes


def test_polls_go_on_after_any_error() -> None:
    activities = Activities()
    activities.failures["get_activity_task"] = deque(
        [
            no_server(),
            client_error("ServiceUnavailable", status=500),
            client_error("AccessDenied"),
            RuntimeError("bug"),
        ]
    )
    with working(activities, finished):
        assert activities.outcome(activities.offer("{}")) == ("success", "{}")


def test_an_activity_the_server_forgot_is_created_again() -> None:
    activities = Activities()
    activities.failures["get_activity_task"] = deque([client_error("ActivityDoesNotExist")])
    with working(activities, finished):
        activities.outcome(activities.offer())
    assert activities.calls.count("create_activity") == 2


def test_work_that_breaks_fails_its_task_alone() -> None:
    activities, doings = Activities(), Doings()
    with working(activities, doings):
        token = activities.offer()
        doing = doings.next()
        doing.result = ValueError("broken")
        doing.may_end.set()
        assert activities.outcome(token) == ("failure", "ValueError", "broken")


def test_a_task_that_cannot_be_begun_fails_alone() -> None:
    def refuse(task: Task) -> Doing:
        raise OSError("no more processes")

    activities = Activities()
    with working(activities, refuse):
        for _ in range(2):
            assert activities.outcome(activities.offer()) == ("failure", "OSError", "no more processes")


def test_polls_keep_their_distance() -> None:
    activities = Activities()
    pace = Pace(between_polls=timedelta(milliseconds=30), after_nothing=timedelta(0))
    with working(activities, finished, pace=pace):
        began_at = time.monotonic()
        for token in [activities.offer() for _ in range(4)]:
            activities.outcome(token)
        assert time.monotonic() - began_at >= 0.08


class TestGoingDown:
    def test_an_idle_worker_ends_at_once_though_a_poll_is_held(self) -> None:
        activities = Activities(poll_hold=200)
        with working(activities, finished) as (worker, ended):
            activities.wait_until(lambda: activities.pollers)
            worker.stop(signal.SIGTERM)
            ended()

    def test_a_task_that_comes_with_the_last_poll_is_given_back(self) -> None:
        activities = Activities(poll_hold=200)
        with working(activities, finished) as (worker, ended):
            activities.wait_until(lambda: activities.pollers)
            worker.stop(signal.SIGTERM)
            ended()
            outcome = activities.outcome(activities.offer())
        assert outcome[:2] == ("failure", "sfncli.CommandTerminated")

    def test_running_work_is_told_and_its_result_counts(self) -> None:
        activities, doings = Activities(), Doings()
        with working(activities, doings, pace=PATIENT) as (worker, ended):
            token = activities.offer()
            doing = doings.next()
            assert doing.begun.wait(120)
            worker.stop(signal.SIGINT)
            ended()
            assert doing.heard[0] == f"stop {signal.SIGINT}"
        assert activities.outcomes[token] == ("success", '"done"')

    def test_heartbeats_go_on_until_the_end(self) -> None:
        activities, doings = Activities(), Doings()
        pace = Pace(heartbeat=timedelta(milliseconds=5), after_nothing=timedelta(0))
        with working(activities, doings, pace=pace) as (worker, ended):
            token = activities.offer()
            doing = doings.next()
            doing.is_obedient = False
            worker.stop(signal.SIGTERM)
            seen = activities.heartbeats.get(token, 0)
            activities.wait_until(lambda: activities.heartbeats.get(token, 0) > seen + 2)
            doing.may_end.set()
            ended()

    def test_work_that_does_not_end_is_reported_after_the_grace(self) -> None:
        activities, doings = Activities(), Doings()
        with working(activities, doings) as (worker, ended):
            token = activities.offer()
            doing = doings.next()
            doing.is_obedient = False
            worker.kill()
            worker.stop(signal.SIGTERM)
            ended()
            doing.may_end.set()
        assert activities.outcome(token)[:2] == ("failure", "sfncli.CommandTerminated")

    def test_a_server_that_stays_away_does_not_hold_the_worker_for_ever(self) -> None:
        activities, doings = Activities(), Doings()
        with working(activities, doings) as (worker, ended):
            token = activities.offer()
            doing = doings.next()
            activities.failures["send_task_success"] = deque([no_server()] * 1000)
            worker.stop(signal.SIGTERM)
            ended()
            assert doing.heard[0] == f"stop {signal.SIGTERM}"
        assert token not in activities.outcomes

    def test_other_signals_are_passed_on_and_change_nothing(self) -> None:
        activities, doings = Activities(), Doings()
        with working(activities, doings) as (worker, _):
            token = activities.offer()
            doing = doings.next()
            worker.forward(signal.SIGHUP)
            assert doing.heard == [f"forward {signal.SIGHUP}"]
            doing.may_end.set()
            activities.outcome(token)


def test_failures_are_sent_with_name_and_cause() -> None:
    activities, doings = Activities(), Doings()
    with working(activities, doings):
        token = activities.offer()
        doing = doings.next()
        doing.result = Failed("name", "cause")
        doing.may_end.set()
        assert activities.outcome(token) == ("failure", "name", "cause")
