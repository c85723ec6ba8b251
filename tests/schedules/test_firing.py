"""What a server does at the times of a schedule, killed or not, alone or not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.executor.fake_step_functions import FakeStepFunctions, client_error
from tests.script import Script, Scripted
from workflow_manager.executor.executor import Executor
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import (
    AlreadyExists,
    InvalidRequest,
    NotFound,
    ServiceUnavailable,
    Unavailable,
)
from workflow_manager.kernel.ids import ScriptedChance, SystemChance
from workflow_manager.models.schedule import (
    CatchUp,
    Overlap,
    Plan,
    RunOutcome,
    Schedule,
    Submission,
    Timing,
)
from workflow_manager.models.workflow import WorkflowStatus
from workflow_manager.schedules.firing import CLAIM, Firer
from workflow_manager.schedules.service import Schedules
from workflow_manager.store.entries import Entry
from workflow_manager.store.port import Store, WorkflowQuery

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TEN = datetime(2026, 1, 5, 10, tzinfo=UTC)


@pytest.fixture
def schedules(store: Store, executor: Executor, clock: ManualClock) -> Schedules:
    machine = {"StartAt": "s", "States": {"s": {"Type": "Pass", "End": True}}}
    executor.create_definition("wf", machine)
    return Schedules(store, executor, clock=clock, chance=ScriptedChance())


@pytest.fixture
def firer(store: Store, executor: Executor, clock: ManualClock) -> Firer:
    return Firer(store, executor, clock)


def plan(**fields: Any) -> Plan:
    submission = fields.pop("submission", Submission(definition="wf"))
    return Plan(**{"timing": Timing(cron="0 * * * *"), "submission": submission} | fields)


def started(store: Store) -> list[str]:
    """Ids of all workflows, oldest first."""
    query = WorkflowQuery(limit=1000, oldest_first=True)
    return [each.id for each in store.find_workflows(query).workflows]


def outcomes(schedule: Schedule) -> list[str]:
    """Oldest first."""
    return [run.outcome.value for run in reversed(schedule.runs)]


def finish_all(client: FakeStepFunctions) -> None:
    for arn, execution in client.executions.items():
        if execution.status == "RUNNING":
            client.finish(arn, "SUCCEEDED", output="{}")


def pass_time(clock: ManualClock, firer: Firer, by: timedelta, step: timedelta) -> None:
    until = clock.now() + by
    while clock.now() < until:
        clock.advance(step)
        firer.fire_due()


def test_a_schedule_submits_what_its_plan_says_at_its_time(
    schedules: Schedules, firer: Firer, store: Store, clock: ManualClock
) -> None:
    submission = Submission(
        definition="wf", input='{"a": 1.0}', namespace="dev", queue="slow", tags={"by": "clock"}
    )
    schedules.create("report", plan(submission=submission))
    clock.advance(59 * MINUTE)
    firer.fire_due()
    assert started(store) == []
    clock.advance(MINUTE)
    firer.fire_due()
    firer.fire_due()
    [workflow_id] = started(store)
    workflow = store.get_workflow(workflow_id)
    assert (workflow.input, workflow.namespace, workflow.queue) == ('{"a": 1.0}', "dev", "slow")
    assert workflow.tags == {"by": "clock", "schedule": "report", "scheduledAt": "2026-01-05T11:00:00Z"}
    [run] = schedules.get("report").runs
    assert (run.at, run.outcome, run.workflow_id) == (TEN + HOUR, RunOutcome.STARTED, workflow_id)


def test_the_latest_version_is_that_of_the_time(
    schedules: Schedules, firer: Firer, store: Store, executor: Executor, clock: ManualClock
) -> None:
    schedules.create("report", plan())
    executor.update_definition("wf", "wf", {"StartAt": "t", "States": {"t": {"Type": "Succeed"}}})
    clock.advance(HOUR)
    firer.fire_due()
    assert store.get_workflow(started(store)[0]).workflow_definition.version == 1


@pytest.mark.parametrize(
    ("overlap", "expected", "running"),
    [
        (Overlap.ALLOW, ["started", "started", "started"], 3),
        (Overlap.SKIP, ["started", "skipped", "skipped"], 1),
        (Overlap.BUFFER_ONE, ["started", "skipped", "started"], 1),
        (Overlap.QUEUE, ["started", "started", "started"], 1),
        (Overlap.CANCEL_RUNNING, ["started", "started", "started"], 1),
    ],
)
def test_what_happens_while_one_is_running_is_for_the_plan_to_say(
    schedules: Schedules,
    firer: Firer,
    client: FakeStepFunctions,
    clock: ManualClock,
    overlap: Overlap,
    expected: list[str],
    running: int,
) -> None:
    schedules.create("report", plan(overlap=overlap))
    pass_time(clock, firer, 3 * HOUR + MINUTE, MINUTE)
    assert sum(each.status == "RUNNING" for each in client.executions.values()) == running
    for _ in range(3):
        finish_all(client)
        pass_time(clock, firer, MINUTE, MINUTE)
    assert outcomes(schedules.get("report")) == expected
    assert schedules.get("report").waiting == ()


def test_the_one_that_takes_its_place_is_why_a_workflow_was_cancelled(
    schedules: Schedules, firer: Firer, executor: Executor, store: Store, clock: ManualClock
) -> None:
    schedules.create("report", plan(overlap=Overlap.CANCEL_RUNNING))
    pass_time(clock, firer, 2 * HOUR, HOUR)
    first = executor.workflow(started(store)[0])
    assert first.status is WorkflowStatus.CANCELLED
    assert first.status_reason == "schedule report: the one of 2026-01-05T12:00:00Z takes its place"


def test_a_backfill_is_submitted_one_after_the_other_and_starts_no_time_twice(
    schedules: Schedules, firer: Firer, store: Store, client: FakeStepFunctions, clock: ManualClock
) -> None:
    schedules.create("report", plan())
    clock.advance(HOUR)
    firer.fire_due()
    before = started(store)
    assert schedules.backfill("report", TEN - 2 * HOUR, TEN + HOUR, Overlap.QUEUE) == 4
    for _ in range(5):
        finish_all(client)
        pass_time(clock, firer, timedelta(seconds=4), timedelta(seconds=2))
    assert len(started(store)) == 4
    assert set(before) < set(started(store))
    assert [run.at for run in reversed(schedules.get("report").runs)] == [
        TEN + HOUR,
        *[TEN + n * HOUR for n in (-2, -1, 0, 1)],
    ]


def test_a_submission_that_can_never_be_done_is_told_and_given_up(
    schedules: Schedules, firer: Firer, store: Store, executor: Executor, clock: ManualClock
) -> None:
    schedules.create("report", plan(submission=Submission(definition="wf", version=0)))
    # As a plan may be that was made for another server.
    broken = plan(submission=Submission(definition="wf", version=7))
    with pytest.raises(NotFound):
        schedules.apply("report", broken)
    entry = store.get_entry("schedule", "report")
    body = entry.body.replace('"version":0', '"version":7')
    store.replace_entry(type(entry)(**{**_fields(entry), "body": body}))
    clock.advance(HOUR)
    firer.fire_due()
    [run] = schedules.get("report").runs
    assert (run.outcome, run.reason) == (RunOutcome.FAILED, "there is no definition wf@7")
    assert schedules.get("report").waiting == ()


def test_a_start_that_fails_for_now_is_tried_again(
    schedules: Schedules, store: Store, client: FakeStepFunctions, clock: ManualClock
) -> None:
    script = Script()
    executor = Executor(Scripted(client, script), store, clock=clock, chance=SystemChance())
    firer = Firer(store, executor, clock)
    schedules.create("report", plan())
    script.fail_next("start_execution", client_error("ThrottlingException"), client_error("InternalError"))
    clock.advance(HOUR)
    firer.fire_due()
    assert schedules.get("report").setbacks == 1
    assert schedules.get("report").last_error
    pass_time(clock, firer, MINUTE, timedelta(seconds=1))
    assert len(client.executions) == len(started(store)) == 1
    assert schedules.get("report").setbacks == 0
    assert schedules.get("report").last_error == ""


def test_what_cannot_be_written_is_told_and_keeps_no_other_schedule_from_its_time(
    schedules: Schedules, store: Store, executor: Executor, clock: ManualClock
) -> None:
    for name in ("first", "second"):
        schedules.create(name, plan())
    clock.advance(HOUR)

    class Picky:
        """Writes nothing of the first."""

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def replace_entry(self, entry: Entry) -> Entry:
            if entry.id == "first":
                raise ServiceUnavailable("the disk is full")
            return store.replace_entry(entry)

    picky: Any = Picky()
    with pytest.raises(Unavailable, match="1 of 2 schedules; first: the disk is full"):
        Firer(picky, executor, clock).fire_due()
    assert [outcomes(schedules.get(name)) for name in ("first", "second")] == [[], ["started"]]
    Firer(store, executor, clock).fire_due()
    assert outcomes(schedules.get("first")) == ["started"]


def test_a_schedule_of_the_same_name_is_another_one(
    schedules: Schedules, firer: Firer, store: Store, clock: ManualClock
) -> None:
    schedules.create("report", plan())
    clock.advance(HOUR)
    firer.fire_due()
    schedules.delete("report")
    with pytest.raises(NotFound):
        schedules.get("report")
    schedules.create("report", plan())
    schedules.backfill("report", TEN + HOUR, TEN + HOUR, Overlap.ALLOW)
    pass_time(clock, firer, timedelta(seconds=2), timedelta(seconds=2))
    assert len(started(store)) == 2


class Killed(BaseException):
    """The end of a server, at one of its writes."""


class Dying:
    """A store whose server dies before, or after, its write of that number."""

    WRITES = ("replace_entry", "create_workflow", "update_workflow", "add_entry", "delete_entry")

    def __init__(self, store: Store, number: int, *, before: bool) -> None:
        self._store = store
        self._left = number
        self._before = before

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name not in self.WRITES:
            return method

        def write(*arguments: Any) -> Any:
            self._left -= 1
            if self._left == 0 and self._before:
                raise Killed
            result = method(*arguments)
            if self._left == 0:
                raise Killed
            return result

        return write


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", range(1, 6))
@pytest.mark.parametrize("overlap", [Overlap.ALLOW, Overlap.SKIP, Overlap.CANCEL_RUNNING])
def test_a_server_that_is_killed_at_any_write_leaves_one_workflow_for_each_time(
    store: Store,
    client: FakeStepFunctions,
    schedules: Schedules,
    clock: ManualClock,
    overlap: Overlap,
    number: int,
    before: bool,
) -> None:
    schedules.create("report", plan(overlap=overlap, catch_up=CatchUp.ALL))
    clock.advance(HOUR)
    dying: Any = Dying(store, number, before=before)
    with suppress(Killed):
        Firer(dying, Executor(client, dying, clock=clock, chance=SystemChance()), clock).fire("report")
    # The same request came through as far as the engine, or it did not; its update is in between.
    schedules.apply("report", plan(overlap=overlap, catch_up=CatchUp.ALL, description="changed"))
    after = Firer(store, Executor(client, store, clock=clock, chance=SystemChance()), clock)
    pass_time(clock, after, 2 * CLAIM, timedelta(seconds=1))
    assert len(client.executions) == len(started(store)) == 1
    assert outcomes(schedules.get("report")) == ["started"]
    assert schedules.get("report").waiting == ()


def test_a_server_that_is_alone_takes_up_at_once_what_a_killed_one_had_claimed(
    store: Store, client: FakeStepFunctions, schedules: Schedules, clock: ManualClock
) -> None:
    schedules.create("report", plan())
    clock.advance(HOUR)
    dying: Any = Dying(store, 1, before=False)
    with suppress(Killed):
        Firer(dying, Executor(client, dying, clock=clock, chance=SystemChance()), clock).fire("report")
    firer = Firer(store, Executor(client, store, clock=clock, chance=SystemChance()), clock)
    firer.fire_due()
    assert started(store) == []
    firer.release()
    firer.fire_due()
    assert len(started(store)) == 1


def test_two_servers_on_one_store_start_each_time_once(
    store: Store, client: FakeStepFunctions, schedules: Schedules, clock: ManualClock
) -> None:
    for number in range(4):
        schedules.create(f"s{number}", plan(timing=Timing(every=MINUTE), overlap=Overlap.ALLOW))
    servers = [
        Firer(store, Executor(client, store, clock=clock, chance=SystemChance()), clock) for _ in range(2)
    ]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(10):
            clock.advance(MINUTE)
            list(threads.map(lambda server: server.fire_due(), servers))
    pass_time(clock, servers[0], CLAIM, timedelta(seconds=2))
    assert len(client.executions) == len(started(store)) == 40
    assert all(outcomes(each) == ["started"] * 10 for each in schedules.list(limit=9).schedules)


def test_an_update_while_it_fires_neither_loses_nor_doubles(
    store: Store, client: FakeStepFunctions, schedules: Schedules, executor: Executor, clock: ManualClock
) -> None:
    """The change comes between the claim and the note."""
    schedules.create("report", plan(overlap=Overlap.ALLOW))

    class Meddling:
        def __getattr__(self, name: str) -> Any:
            return getattr(executor, name)

        def start_scheduled(self, *arguments: Any) -> Any:
            started = executor.start_scheduled(*arguments)
            schedules.apply("report", plan(timing=Timing(cron="0,1 * * * *"), overlap=Overlap.ALLOW))
            return started

    clock.advance(HOUR)
    meddled: Any = Meddling()
    Firer(store, meddled, clock).fire("report")
    pass_time(clock, Firer(store, executor, clock), 2 * MINUTE, timedelta(seconds=2))
    report = schedules.get("report")
    assert [run.at for run in reversed(report.runs)] == [TEN + HOUR, TEN + HOUR + MINUTE]
    assert (report.version, report.waiting, len(client.executions)) == (2, (), 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s: s.create("a b", plan()), "name in body"),
        (lambda s: s.create("x" * 129, plan()), "name in body"),
        (lambda s: s.create("x", plan(timing=Timing(cron="nonsense"))), "cron in body"),
        (lambda s: s.create("x", plan(timing=Timing(cron="@daily", jitter=2 * HOUR))), "jitterSeconds in bo"),
        (lambda s: s.create("x", plan(catch_up_limit=0)), "catchUpLimit in body should be from 1 to 1000"),
        (lambda s: s.create("x", plan(description="x" * 1001)), "description in body"),
        (lambda s: s.create("x", plan(submission=Submission(definition="wf", input="["))), "input is not"),
        (
            lambda s: s.create("x", plan(submission=Submission(definition="wf", tags={"a": 1}))),
            "tag value",
        ),
        (lambda s: s.pause("report", "x" * 1001), "reason in body"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_reason(
    schedules: Schedules, make: Callable[[Schedules], object], message: str
) -> None:
    schedules.create("report", plan())
    with pytest.raises(InvalidRequest, match=message):
        make(schedules)


def test_names_are_unique_and_unknown_ones_are_not_found(schedules: Schedules) -> None:
    schedules.create("report", plan())
    with pytest.raises(AlreadyExists):
        schedules.create("report", plan())
    with pytest.raises(NotFound, match="wfx"):
        schedules.create("other", plan(submission=Submission(definition="wfx")))
    for call in (schedules.get, schedules.resume, schedules.delete):
        with pytest.raises(NotFound):
            call("other")


def test_apply_creates_then_changes_and_says_which(schedules: Schedules) -> None:
    _, is_new = schedules.apply("report", plan())
    assert is_new
    changed, is_new = schedules.apply("report", plan(description="x"), is_paused=True)
    assert (is_new, changed.version, changed.paused) == (False, 2, True)
    same, _ = schedules.apply("report", plan(description="x"))
    assert (same.version, same.paused) == (2, True)


def test_the_next_times_are_shown_with_their_jitter(schedules: Schedules, clock: ManualClock) -> None:
    schedules.create("report", plan())
    clock.advance(90 * MINUTE)
    assert schedules.next("report", 2) == [TEN + 2 * HOUR, TEN + 3 * HOUR]
    schedules.create("once", plan(timing=Timing(cron="@daily", end_at=TEN + HOUR)))
    assert schedules.next("once", 5) == []


def test_listing_goes_by_name_and_page(schedules: Schedules) -> None:
    for name in ("b", "a", "c"):
        schedules.create(name, plan())
    page = schedules.list(limit=2)
    assert ([each.name for each in page.schedules], page.next_name) == (["a", "b"], "b")
    page = schedules.list(limit=2, beyond="b")
    assert ([each.name for each in page.schedules], page.next_name) == (["c"], None)


def _fields(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("kind", "id", "body", "due_at", "revision")}
