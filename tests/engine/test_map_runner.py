"""Distributed Map on an engine: children, their counting, limits, results, restarts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.engine.object_store import MemoryObjects
from tests.engine.worlds import World, definition, run, task, until
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.journal.records import ExecutionWrite, MapRun, Write
from workflow_manager.kernel.errors import Unavailable

PASS = {"Type": "Pass", "End": True}


def distributed(child: dict[str, Any], kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Map",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
            "StartAt": "C",
            "States": {"C": child},
        },
        "End": True,
        **fields,
    }


async def runs(world: World, arn: str) -> list[MapRun]:
    return [world.engine.map_run(each.arn) for each in await world.engine.map_runs(arn, limit=10)]


async def ending(world: World, arn: str) -> Any:
    record = await world.ended(arn)
    assert record.ending is not None
    failure = record.ending.failure
    return json.loads(record.ending.output) if record.ending.output else failure and failure.error


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_every_item_has_an_execution_and_the_results_are_in_order(kind: str) -> None:
    async def play(world: World) -> None:
        arn = await world.start(definition(M=distributed(PASS, kind)), json.dumps(list(range(100))))
        assert await ending(world, arn) == list(range(100))
        (found,) = await runs(world, arn)
        assert (found.status, found.tally, found.settled) == (
            Status.SUCCEEDED,
            {"SUCCEEDED": (100, 100)},
            True,
        )
        assert world.engine.registry.machines.keys() == {world.engine.realm.machine("m")}
        children = await world.engine.children(found, limit=200)
        assert len(children) == 100
        assert (await world.types(arn))[2:5] == ["MapStateStarted", "MapRunStarted", "MapRunSucceeded"]

    run(play)


def test_a_map_without_items_has_no_children() -> None:
    async def play(world: World) -> None:
        assert await ending(world, await world.start(definition(M=distributed(PASS)), "[]")) == []

    run(play)


def test_no_more_children_are_open_than_the_limit_says() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(M=distributed(task(activity), MaxConcurrency=2)), "[0, 1, 2, 3]")
        for _ in range(2):
            tasks = [await world.take(activity) for _ in range(2)]
            assert await world.engine.take_task(activity) is None
            (found,) = await runs(world, arn)
            assert found.tally["RUNNING"] == (2, 2)
            for each in tasks:
                await world.engine.task_succeeded(each.token, each.input)
        assert await ending(world, arn) == [0, 1, 2, 3]

    run(play)


def test_a_limit_can_be_raised_while_the_run_is_under_way() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(M=distributed(task(activity), MaxConcurrency=1)), "[0, 1, 2]")
        await world.take(activity)
        assert await world.engine.take_task(activity) is None
        (found,) = await runs(world, arn)
        await world.engine.update_map_run(found.arn, max_concurrency=2)
        await world.take(activity)
        assert await world.engine.take_task(activity) is None

    run(play)


FAIL_ODD = {
    "Type": "Choice",
    "Choices": [
        {"Variable": "$", "NumericEquals": 1, "Next": "F"},
        {"Variable": "$", "NumericEquals": 3, "Next": "F"},
    ],
    "Default": "S",
}


@pytest.mark.parametrize(
    ("tolerated", "status"),
    [
        ({}, Status.FAILED),
        ({"ToleratedFailureCount": 1}, Status.FAILED),
        ({"ToleratedFailureCount": 2}, Status.SUCCEEDED),
        ({"ToleratedFailurePercentage": 49}, Status.FAILED),
        ({"ToleratedFailurePercentage": 50}, Status.SUCCEEDED),
        ({"ToleratedFailurePercentage": 50, "ToleratedFailureCount": 1}, Status.FAILED),
    ],
)
def test_a_run_fails_when_more_items_fail_than_are_tolerated(
    tolerated: dict[str, int], status: Status
) -> None:
    async def play(world: World) -> None:
        state = distributed(FAIL_ODD, **tolerated)
        state["ItemProcessor"]["States"] |= {"F": {"Type": "Fail", "Error": "Odd"}, "S": {"Type": "Succeed"}}
        arn = await world.start(definition(M=state), "[0, 1, 2, 3]")
        assert (await world.ended(arn)).status is status
        (found,) = await runs(world, arn)
        assert found.status is status
        if status is Status.FAILED:
            assert await ending(world, arn) == "States.ExceedToleratedFailureThreshold"
        else:
            first, second, third, _ = await ending(world, arn)
            assert (first, third) == (0, 2)
            assert (second["Status"], second["Error"], second["Input"]) == ("FAILED", "Odd", "1")

    run(play)


def test_the_results_of_a_run_that_fails_are_exported_too() -> None:
    objects = MemoryObjects()

    async def play(world: World) -> None:
        activity = await world.activity()
        writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}
        arn = await world.start(
            definition(M=distributed(task(activity), MaxConcurrency=3, ResultWriter=writer)),
            "[0, 1, 2, 3, 4]",
        )
        first, second, _ = [await world.take(activity) for _ in range(3)]
        await world.engine.task_succeeded(first.token, '"done"')
        await world.engine.task_failed(second.token, Failure("Bad"))
        assert await ending(world, arn) == "States.ExceedToleratedFailureThreshold"
        bodies = {key.rpartition("/")[2]: json.loads(body) for (_, key), body in objects.held.items()}
        assert [each["Output"] for each in bodies["SUCCEEDED_0.json"]] == ['"done"']
        assert sorted(each["Status"] for each in bodies["FAILED_0.json"]) == ["ABORTED", "ABORTED", "FAILED"]
        assert [(each["Status"], each["Input"]) for each in bodies["PENDING_0.json"]] == [("PENDING", "4")]

    run(play, objects=objects)


def test_who_stops_the_parent_stops_the_children() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(M=distributed(task(activity), MaxConcurrency=2)), "[0, 1, 2, 3]")
        for _ in range(2):
            await world.take(activity)
        await world.engine.stop(arn, Failure())
        (found,) = await world.engine.map_runs(arn, limit=1)
        await until(lambda: world.engine.map_run(found.arn).settled)
        found = world.engine.map_run(found.arn)
        assert found.status is Status.ABORTED
        assert found.tally == {"ABORTED": (2, 2), "PENDING": (2, 2)}
        children = await world.engine.children(found, limit=9)
        assert [child.status for child in children] == [Status.ABORTED] * 2

    run(play)


def test_a_parent_that_is_stopped_while_it_starts_leaves_a_settled_run() -> None:
    async def play(world: World) -> None:
        machine = await world.machine(definition(M=distributed({"Type": "Wait", "Seconds": 9, "End": True})))
        starting = asyncio.create_task(world.engine.start(machine, "[1]", "e"))
        await asyncio.sleep(0)
        arn = world.engine.realm.execution("m", "e")
        await world.engine.stop(arn, Failure())
        await starting
        (found,) = await world.engine.map_runs(arn, limit=1)
        await until(lambda: world.engine.map_run(found.arn).settled)
        found = world.engine.map_run(found.arn)
        assert (found.status, found.tally) == (Status.ABORTED, {"PENDING": (1, 1)})

    run(play)


def test_a_retried_map_is_a_new_run() -> None:
    async def play(world: World) -> None:
        retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]
        arn = await world.start(definition(M=distributed({"Type": "Fail"}, Retry=retry)), "[0]")
        await until(lambda: len(world.engine._runner.turns.timers) > 0)
        await world.pass_time(1)
        assert (await world.ended(arn)).status is Status.FAILED
        found = await runs(world, arn)
        assert [each.status for each in found] == [Status.FAILED] * 2

    run(play)


def test_a_run_inside_a_run() -> None:
    async def play(world: World) -> None:
        inner = distributed(PASS)
        inner["ItemProcessor"] |= {"StartAt": "I", "States": {"I": PASS}}
        arn = await world.start(definition(M=distributed(inner)), "[[1, 2], [3]]")
        assert await ending(world, arn) == [[1, 2], [3]]

    run(play)


def test_a_run_beside_a_branch_that_fails_is_aborted() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        branches = [
            {"StartAt": "M", "States": {"M": distributed(task(activity))}},
            {"StartAt": "T", "States": {"T": task(activity)}},
        ]
        parallel = {"Type": "Parallel", "Branches": branches, "End": True}
        arn = await world.start(definition(P=parallel), "[1]")
        taken = [await world.take(activity) for _ in range(2)]
        await world.engine.task_failed(
            next(each.token for each in taken if each.input == "[1]"), Failure("E")
        )
        await world.ended(arn)
        (found,) = await world.engine.map_runs(arn, limit=1)
        await until(lambda: world.engine.map_run(found.arn).settled)
        assert world.engine.map_run(found.arn).tally == {"ABORTED": (1, 1)}
        types = await world.types(arn)
        assert types.index("MapRunAborted") < types.index("MapStateAborted")

    run(play)


def test_what_one_cannot_read_fails_the_state_and_can_be_caught() -> None:
    async def play(world: World) -> None:
        reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
        catch = [{"ErrorEquals": ["States.ItemReaderFailed"], "Next": "E"}]
        state = distributed(PASS, ItemReader=reader, Catch=catch)
        arn = await world.start(definition(M=state, E=PASS))
        assert (await ending(world, arn))["Cause"] == "The specified key does not exist."

    run(play, objects=MemoryObjects())


class Failing(MemoryJournal):
    """A journal whose medium fails once, at the end of a chosen execution."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def write(self, writes: Sequence[Write]) -> None:
        for each in writes:
            if isinstance(each, ExecutionWrite) and self._is_chosen(each):
                self.name = ""
                raise Unavailable("The disk is full.")
        super().write(writes)

    def _is_chosen(self, write: ExecutionWrite) -> bool:
        found = self.record(write.key)
        if write.started is not None:
            return write.started.number == 3 and self.name == "child"
        return write.ending is not None and found is not None and found.identity.name == self.name


@pytest.mark.slow  # the engine waits for a second before it tries again
@pytest.mark.parametrize("name", ["e", "child"])
def test_a_run_goes_on_when_a_write_has_failed(name: str) -> None:
    async def play(world: World) -> None:
        wait = {"Type": "Wait", "Seconds": 1, "End": True}
        arn = await world.start(definition(M=distributed(wait)), json.dumps(list(range(10))))
        (found,) = await world.engine.map_runs(arn, limit=1)
        while len(await world.engine.children(found, limit=99)) < 10:
            await asyncio.sleep(0.01)
        await world.pass_time(1)
        assert await ending(world, arn) == list(range(10))
        assert world.engine.map_run(found.arn).tally == {"SUCCEEDED": (10, 10)}
        assert len(await world.engine.children(found, limit=99)) == 10

    run(play, journal=Failing(name))


def test_what_cannot_be_selected_fails_the_state() -> None:
    async def play(world: World) -> None:
        state = distributed(PASS, ItemSelector={"x.$": "$.nothing"})
        arn = await world.start(definition(M=state), "[1]")
        assert await ending(world, arn) == "States.Runtime"

    run(play)


def test_results_that_no_payload_can_hold_fail_the_state() -> None:
    async def play(world: World) -> None:
        state = distributed({"Type": "Pass", "Result": "x" * 100_000, "End": True})
        arn = await world.start(definition(M=state), "[1, 2, 3]")
        assert await ending(world, arn) == "States.DataLimitExceeded"

    run(play)


def test_a_child_of_an_express_run_has_five_minutes() -> None:
    async def play(world: World) -> None:
        wait = {"Type": "Wait", "Seconds": 400, "End": True}
        arn = await world.start(definition(M=distributed(wait, "EXPRESS")), "[1]")
        (found,) = await runs(world, arn)
        await until(lambda: world.engine.map_run(found.arn).tally.get("RUNNING") == (1, 1))
        await world.pass_time(300)
        assert await ending(world, arn) == "States.ExceedToleratedFailureThreshold"
        assert world.engine.map_run(found.arn).tally == {"TIMED_OUT": (1, 1)}

    run(play)
