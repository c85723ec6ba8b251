"""Redriven executions: what failed is done again, and nothing that succeeded."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.engine.driver import Driver
from tests.engine.test_laws import INPUTS, MACHINES, check, events
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.events import Redriven, StopRequested
from workflow_manager.engine.execution import Status
from workflow_manager.engine.frames import READY, BackingOff, Ended, Frame, Joining, Queued
from workflow_manager.engine.journal.records import ExecutionRecord
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.redrive import reopened
from workflow_manager.engine.reopening import why_not_redrivable
from workflow_manager.engine.runtime import NotRedrivable

from .worlds import World, definition, run, task

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:a"
PASS = {"Type": "Pass", "End": True}


async def fail(world: World, error: str = "Boom") -> str:
    """Fail the next task, and give its input."""
    taken = await world.take(ACTIVITY)
    await world.engine.task_failed(taken.token, Failure(error, "why"))
    return taken.input


async def succeed(world: World, output: str = "1") -> str:
    taken = await world.take(ACTIVITY)
    await world.engine.task_succeeded(taken.token, output)
    return taken.input


def test_a_failed_task_is_done_again_and_what_went_before_is_not() -> None:
    text = definition(
        First={"Type": "Pass", "Assign": {"v.$": "$.n"}, "Next": "Work"},
        Work=task(ACTIVITY, Parameters={"v.$": "$v", "again.$": "$$.Execution.RedriveCount"}),
    )

    async def play(world: World) -> None:
        await world.activity()
        arn = await world.start(text, '{"n":7}')
        assert json.loads(await fail(world)) == {"v": 7, "again": 0}
        assert (await world.ended(arn)).status is Status.FAILED
        at = await world.engine.redrive(arn)
        running = world.engine.execution(arn)
        assert (running.status, running.ending, running.stopped_at) == (Status.RUNNING, None, None)
        assert (running.redrives, running.redriven_at) == (1, at)
        assert json.loads(await succeed(world)) == {"v": 7, "again": 1}
        record = await world.ended(arn)
        assert (record.status, record.redrives) == (Status.SUCCEEDED, 1)
        assert (await world.types(arn))[-6:] == [
            "ExecutionRedriven",
            "ActivityScheduled",
            "ActivityStarted",
            "ActivitySucceeded",
            "TaskStateExited",
            "ExecutionSucceeded",
        ]

    run(play)


def test_only_the_branches_that_did_not_succeed_are_done_again() -> None:
    branches = [
        {"StartAt": name, "States": {name: task(ACTIVITY, Parameters={"branch": name})}} for name in "ABC"
    ]
    text = definition(P={"Type": "Parallel", "Branches": branches, "End": True})

    async def play(world: World) -> None:
        await world.activity()
        arn = await world.start(text)
        inputs = [await succeed(world, '"a"'), await fail(world)]
        assert [json.loads(given)["branch"] for given in inputs] == ["A", "B"]
        await world.ended(arn)
        await world.engine.redrive(arn)
        # C was aborted with its task still to be taken.
        again = {json.loads(await succeed(world, '"x"'))["branch"] for _ in range(2)}
        assert again == {"B", "C"}
        record = await world.ended(arn)
        assert record.ending is not None
        assert record.ending.output == '["a","x","x"]'

    run(play)


def test_the_iterations_of_a_map_that_failed_or_never_began_are_done() -> None:
    work = task(ACTIVITY, Parameters={"item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index"})
    processor = {"StartAt": "Work", "States": {"Work": work}}
    text = definition(
        M={"Type": "Map", "ItemsPath": "$.l", "MaxConcurrency": 2, "ItemProcessor": processor, "End": True}
    )

    async def play(world: World) -> None:
        await world.activity()
        arn = await world.start(text, '{"l":["a","b","c","d"]}')
        await succeed(world, "0")
        await fail(world)
        await world.ended(arn)
        await world.engine.redrive(arn)
        given = [json.loads(await succeed(world, "9")) for _ in range(3)]
        assert sorted((one["index"], one["item"]) for one in given) == [(1, "b"), (2, "c"), (3, "d")]
        record = await world.ended(arn)
        assert record.ending is not None
        assert record.ending.output == "[0,9,9,9]"

    run(play)


def test_a_map_in_a_map_goes_on_inside() -> None:
    inner = {
        "StartAt": "Inner",
        "States": {
            "Inner": {
                "Type": "Map",
                "ItemProcessor": {"StartAt": "Work", "States": {"Work": task(ACTIVITY)}},
                "End": True,
            }
        },
    }
    text = definition(Outer={"Type": "Map", "ItemProcessor": inner, "Next": "Then"}, Then=PASS)

    async def play(world: World) -> None:
        await world.activity()
        arn = await world.start(text, "[[1,2],[3]]")
        for _ in range(2):
            await succeed(world, '"ok"')
        await fail(world)
        await world.ended(arn)
        await world.engine.redrive(arn)
        await succeed(world, '"late"')
        record = await world.ended(arn)
        assert record.ending is not None
        assert sorted(record.ending.output or "") == sorted('[["ok","ok"],["late"]]')

    run(play)


def test_retries_and_catchers_are_there_again() -> None:
    retry = [{"ErrorEquals": ["Boom"], "MaxAttempts": 1, "IntervalSeconds": 1}]
    catch = [{"ErrorEquals": ["Other"], "Next": "Caught"}]
    text = definition(Work=task(ACTIVITY, Retry=retry, Catch=catch), Caught=PASS)

    async def play(world: World) -> None:
        await world.activity()
        arn = await world.start(text)
        await fail(world)
        await world.pass_time(1)
        await fail(world)
        assert (await world.ended(arn)).status is Status.FAILED
        await world.engine.redrive(arn)
        await fail(world)
        await world.pass_time(1)
        await fail(world, "Other")
        assert (await world.ended(arn)).status is Status.SUCCEEDED

    run(play)


@pytest.mark.parametrize(("passed", "left"), [(10, 50), (100, 0)])
def test_a_stopped_wait_for_a_time_waits_for_the_rest_of_it(passed: float, left: float) -> None:
    text = definition(W={"Type": "Wait", "TimestampPath": "$.at", "End": True})

    async def play(world: World) -> None:
        at = world.clock.now().timestamp() + 60
        due = json.dumps({"at": _iso(at)})
        arn = await world.start(text, due)
        await world.pass_time(passed / 10)
        await world.engine.stop(arn, Failure())
        await world.pass_time(passed - passed / 10)
        await world.engine.redrive(arn)
        if left:
            await world.pass_time(left - 1)
            assert world.engine.execution(arn).status is Status.RUNNING
            await world.pass_time(1)
        assert (await world.ended(arn)).status is Status.SUCCEEDED

    run(play)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def test_the_time_allowed_begins_anew() -> None:
    text = json.dumps(
        {"StartAt": "W", "TimeoutSeconds": 10, "States": {"W": {"Type": "Wait", "Seconds": 20, "End": True}}}
    )

    async def play(world: World) -> None:
        arn = await world.start(text)
        await world.pass_time(10)
        assert (await world.ended(arn)).status is Status.TIMED_OUT
        await world.engine.redrive(arn)
        await world.pass_time(9)
        assert world.engine.execution(arn).status is Status.RUNNING
        await world.pass_time(1)
        assert (await world.ended(arn)).status is Status.TIMED_OUT
        assert world.engine.execution(arn).redrives == 1

    run(play)


def test_a_redriven_execution_survives_a_restart(tmp_path: Path) -> None:
    work = task(ACTIVITY, Parameters={"again.$": "$$.Execution.RedriveCount"})

    async def play() -> None:
        journal = SqliteJournal(tmp_path / "journal.db")
        first = World(journal)
        await first.engine.open()
        await first.activity()
        arn = await first.start(json.dumps({**json.loads(definition(W=work)), "TimeoutSeconds": 60}))
        await fail(first)
        await first.ended(arn)
        await first.pass_time(100)
        await first.engine.redrive(arn)
        await first.engine.close()

        second = World(journal, first.clock)
        await second.engine.open()
        assert json.loads((await second.take(ACTIVITY)).input) == {"again": 1}
        await second.pass_time(60)
        record = await second.ended(arn)
        assert (record.status, record.redrives) == (Status.TIMED_OUT, 1)
        await second.engine.close()
        journal.close()

    asyncio.run(play())


def test_a_fail_state_fails_again_and_again() -> None:
    async def play(world: World) -> None:
        arn = await world.start(definition(F={"Type": "Fail", "Error": "E"}))
        await world.ended(arn)
        for number in (1, 2, 3):
            await world.engine.redrive(arn)
            record = await world.ended(arn)
            assert (record.status, record.redrives) == (Status.FAILED, number)

    run(play)


def test_what_did_not_fail_cannot_be_redriven() -> None:
    async def play(world: World) -> None:
        arn = await world.start(definition(P=PASS))
        await world.ended(arn)
        with pytest.raises(NotRedrivable, match="Execution is SUCCEEDED and cannot be redriven"):
            await world.engine.redrive(arn)

    run(play)


@pytest.mark.parametrize(
    ("status", "last_event", "started", "stopped", "reason"),
    [
        (Status.FAILED, 24_998, 100, 13.9, None),
        (Status.RUNNING, 5, 1, None, "Execution is RUNNING and cannot be redriven"),
        (Status.FAILED, 24_999, 1, 1, "Execution history event limit exceeded"),
        (Status.ABORTED, 5, 366, 1, "Execution has exceeded the max execution time"),
        (Status.TIMED_OUT, 5, 20, 14.1, "Execution redrivable period exceeded"),
    ],
)
def test_there_are_limits_to_what_can_be_redriven(
    status: Status, last_event: int, started: float, stopped: float | None, reason: str | None
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    identity = Driver(MACHINES[0], "{}").execution.identity
    record = ExecutionRecord(
        key=1,
        identity=structs.replace(identity, started_at=now - timedelta(days=started)),
        definition="d",
        status=status,
        stopped_at=None if stopped is None else now - timedelta(days=stopped),
    )
    assert why_not_redrivable(record, last_event, now) == reason


def test_of_two_who_redrive_at_once_one_is_refused_and_a_token_says_it_is_the_same() -> None:
    async def play(world: World) -> None:
        await world.activity()
        arn = await world.start(definition(W=task(ACTIVITY)))
        await fail(world)
        await world.ended(arn)
        asked: list[Any] = await asyncio.gather(
            world.engine.redrive(arn, "t"), world.engine.redrive(arn, "u"), return_exceptions=True
        )
        assert [type(answer).__name__ for answer in asked] == ["datetime", "NotRedrivable"]
        assert await world.engine.redrive(arn, "t") == asked[0]
        with pytest.raises(NotRedrivable):
            await world.engine.redrive(arn, "v")

    run(play)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_history_tells_where_every_thread_stood(data: st.DataObject) -> None:
    driver = Driver(data.draw(st.sampled_from(MACHINES)), data.draw(INPUTS)).start()
    for redrives in (1, 2):
        for _ in range(data.draw(st.integers(0, 8))):
            driver.send(data.draw(events(driver)))
        stood = {name: told(frame) for name, frame in driver.frames.items()}
        retries = any(isinstance(frame.waiting, BackingOff) for frame in driver.frames.values())
        if driver.ending is None:
            driver.send(StopRequested(**driver.now(), failure=Failure()))
        execution = driver.execution
        if driver.ending is None or driver.ending.status is Status.SUCCEEDED:
            return
        found = reopened(execution.identity, execution.machine, driver.history, driver.clock.now())
        frames = found.frames
        # Before a retry of a Parallel or Map, its frame has no children; a redrive keeps them.
        if stood and not retries:
            assert {name: told(frame) for name, frame in frames.items()} == stood
        driver.execution = structs.replace(execution, frames={}, redrives=redrives)
        driver.ending = None
        assert driver.send(Redriven(**driver.now(), frames=frames))
        check(driver)


def told(frame: Frame) -> tuple[object, ...]:
    """What a history knows of a frame."""
    waiting = frame.waiting if isinstance(frame.waiting, Ended | Joining | Queued) else READY
    return (frame.place, frame.state, frame.input, waiting, frame.index, frame.item, dict(frame.variables))
