"""Redriven map runs: the same run goes on, with the children that failed and the items left."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.engine.object_store import MemoryObjects
from tests.engine.test_map_runner import PASS, distributed, ending, runs
from tests.engine.worlds import World, definition, run, task, until
from workflow_manager.asl.failure import Failure
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.journal.records import MapRun
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.map_progress import NOT_REDRIVABLE
from workflow_manager.engine.resources import Resource
from workflow_manager.engine.runtime import NotRedrivable
from workflow_manager.engine.services import ServiceCall, ServiceFailed

EXCEEDED = "States.ExceedToleratedFailureThreshold"


async def work(world: World, activity: str, outcomes: dict[str, bool], n: int) -> None:
    """Take the next tasks, and end each as its input says; success gives the input back."""
    for _ in range(n):
        taken = await world.take(activity)
        if outcomes.get(taken.input, True):
            await world.engine.task_succeeded(taken.token, taken.input)
        else:
            await world.engine.task_failed(taken.token, Failure("Bad"))


async def the_run(world: World, arn: str) -> MapRun:
    (found,) = await runs(world, arn)
    return found


def test_only_what_failed_and_what_never_began_is_done_again_in_the_same_run() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(M=distributed(task(activity), MaxConcurrency=1)), "[0,1,2,3]")
        await work(world, activity, {"1": False}, 2)
        assert await ending(world, arn) == EXCEEDED
        before = await the_run(world, arn)
        assert before.tally == {"SUCCEEDED": (1, 1), "FAILED": (1, 1), "PENDING": (2, 2)}

        await world.engine.redrive(arn)
        again = await the_run(world, arn)
        assert (again.arn, again.status, again.redrives) == (before.arn, Status.RUNNING, 1)
        assert again.redriven_at is not None
        redone = [await world.take(activity)]
        assert (await the_run(world, arn)).tally == {
            "SUCCEEDED": (1, 1),
            "RUNNING": (1, 1),
            "PENDING": (2, 2),
        }
        await world.engine.task_succeeded(redone[0].token, '"late"')
        await work(world, activity, {}, 2)
        assert await ending(world, arn) == [0, "late", 2, 3]
        assert redone[0].input == "1"
        assert (await the_run(world, arn)).tally == {"SUCCEEDED": (4, 4)}
        types = await world.types(arn)
        assert types[types.index("ExecutionRedriven") :] == [
            "ExecutionRedriven",
            "MapRunRedriven",
            "MapRunSucceeded",
            "MapStateSucceeded",
            "MapStateExited",
            "ExecutionSucceeded",
        ]

    run(play)


def test_children_wait_for_their_turn_and_can_be_told_apart() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        state = distributed(task(activity), MaxConcurrency=1, ToleratedFailureCount=2)
        arn = await world.start(definition(M=state), "[0,1,2,3]")
        await work(world, activity, {"1": False, "2": False, "3": False}, 4)
        assert await ending(world, arn) == EXCEEDED
        await world.engine.redrive(arn)
        taken = await world.take(activity)
        found = await the_run(world, arn)
        assert found.tally == {"SUCCEEDED": (1, 1), "RUNNING": (1, 1), "PENDING_REDRIVE": (2, 2)}

        async def numbers(**asked: Any) -> int:
            return len(await world.engine.children(found, limit=9, **asked))

        assert await numbers(status=Status.PENDING_REDRIVE) == 2
        assert (await numbers(redriven=True), await numbers(redriven=False)) == (1, 3)
        waiting = (await world.engine.children(found, status=Status.PENDING_REDRIVE, limit=1))[0]
        record = world.journal.record(waiting.key)
        assert record is not None
        with pytest.raises(NotRedrivable):
            await world.engine.redrive(record.identity.arn)

        # Two may fail again.
        await world.engine.task_failed(taken.token, Failure("Worse"))
        await work(world, activity, {"2": False, "3": False}, 2)
        assert await ending(world, arn) == EXCEEDED
        await world.engine.redrive(arn)
        await work(world, activity, {"2": False, "3": False}, 3)
        assert [one if isinstance(one, int) else one["RedriveCount"] for one in await ending(world, arn)] == [
            0,
            1,
            2,
            2,
        ]
        assert (await the_run(world, arn)).redrives == 2

    run(play)


class Moody:
    """A service that refuses for the first time, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def serves(self, resource: Resource) -> bool:
        return True

    async def call(self, call: ServiceCall) -> str:
        self.asked.append(call.arguments)
        if self.asked.count('{"step":2}') == 1 and call.arguments == '{"step":2}':
            raise ServiceFailed(Failure("Bad"))
        return "1"

    async def finish(self, call: ServiceCall, answer: str) -> str:
        raise AssertionError

    async def abandon(self, call: ServiceCall, answer: str) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("kind", "asked"), [("STANDARD", [1, 2, 2]), ("EXPRESS", [1, 2, 1, 2])], ids=["standard", "express"]
)
def test_a_standard_child_goes_on_where_it_failed_and_an_express_one_begins_again(
    kind: str, asked: list[int]
) -> None:
    service = Moody()

    async def play(world: World) -> None:
        state = distributed(PASS, kind)
        state["ItemProcessor"]["States"] = {
            "C": task("arn:aws:states:::aws-sdk:sqs:sendMessage", Parameters={"step": 1}, Next="D"),
            "D": task("arn:aws:states:::aws-sdk:sqs:sendMessage", Parameters={"step": 2}),
        }
        arn = await world.start(definition(M=state), "[0]")
        assert await ending(world, arn) == EXCEEDED
        await world.engine.redrive(arn)
        assert await ending(world, arn) == [1]
        assert [json.loads(each)["step"] for each in service.asked] == asked

    run(play, services=lambda engine: service)


def test_a_run_in_a_run_is_redriven_with_it() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        inner = distributed(task(activity))
        outer = distributed(inner)
        outer["ItemProcessor"] |= {"StartAt": "I", "States": {"I": inner}}
        arn = await world.start(definition(M=outer), "[[1, 2]]")
        await work(world, activity, {"2": False}, 2)
        assert await ending(world, arn) == EXCEEDED
        await world.engine.redrive(arn)
        await work(world, activity, {}, 1)
        assert await ending(world, arn) == [[1, 2]]

    run(play)


def test_a_run_beside_a_branch_and_one_in_every_iteration_go_on() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        run_inside = {"StartAt": "M", "States": {"M": distributed(task(activity))}}
        each = {"Type": "Map", "ItemProcessor": run_inside, "MaxConcurrency": 1, "End": True}
        branches = [
            {"StartAt": "E", "States": {"E": {**each, "ItemsPath": "$.maps"}}},
            {"StartAt": "T", "States": {"T": task(activity, Parameters={"t": 0})}},
        ]
        text = definition(P={"Type": "Parallel", "Branches": branches, "End": True})
        arn = await world.start(text, '{"maps": [[1, 2], [3]]}')
        seen = {}
        for _ in range(3):
            taken = await world.take(activity)
            seen[taken.input] = taken.token
        await world.engine.task_succeeded(seen["1"], "1")
        await world.engine.task_failed(seen["2"], Failure("Bad"))
        assert await ending(world, arn) == EXCEEDED
        await world.engine.redrive(arn)
        await work(world, activity, {}, 3)  # the other branch's, 2, and 3 that had not begun
        assert await ending(world, arn) == [[[1, 2], [3]], {"t": 0}]
        assert [found.redrives for found in await runs(world, arn)] == [0, 1]

    run(play)


def test_a_redriven_run_that_fails_again_exports_what_became_of_its_children() -> None:
    objects = MemoryObjects()
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}

    async def play(world: World) -> None:
        activity = await world.activity()
        state = distributed(task(activity), ResultWriter=writer, MaxConcurrency=30)
        arn = await world.start(definition(M=state), json.dumps(list(range(60))))
        for _ in range(3):
            await work(world, activity, {str(number): False for number in range(60)}, 1)
            assert await ending(world, arn) == EXCEEDED
            await world.engine.redrive(arn)
        found = await the_run(world, arn)
        files = {key.rpartition("/")[2]: json.loads(body) for (_, key), body in objects.held.items()}
        told = [each["Status"] for name, each_ in files.items() if "_" in name for each in each_]
        assert (len(told), set(told)) == (60, {"FAILED", "ABORTED", "PENDING"})
        assert found.redrives == 3

    run(play, objects=objects)


def test_what_is_retried_after_a_redrive_is_a_new_run() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]
        arn = await world.start(definition(M=distributed(task(activity), Retry=retry)), "[0]")
        for _ in range(2):
            await work(world, activity, {"0": False}, 1)
            await until(lambda: len(world.engine._runner.turns.timers) > 0)
            await world.pass_time(1)
            await work(world, activity, {"0": False}, 1)
            assert await ending(world, arn) == EXCEEDED
            if len(await runs(world, arn)) == 2:
                await world.engine.redrive(arn)
        # Two runs of the first try, the second of which was redriven; and its retry.
        assert [found.redrives for found in await runs(world, arn)] == [0, 1, 0]

    run(play)


def test_items_that_were_read_are_not_read_again_and_those_that_were_not_are() -> None:
    objects = MemoryObjects()
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}

    async def play(world: World) -> None:
        activity = await world.activity()
        state = distributed(task(activity), ItemReader=reader, MaxConcurrency=1)
        arn = await world.start(definition(M=state))
        assert await ending(world, arn) == "States.ItemReaderFailed"
        objects.held["b", "k"] = b"[1, 2]"
        await world.engine.redrive(arn)
        await work(world, activity, {"1": False}, 1)
        assert await ending(world, arn) == EXCEEDED
        objects.held["b", "k"] = b"[3, 4]"
        await world.engine.redrive(arn)
        await work(world, activity, {}, 2)
        assert await ending(world, arn) == [1, 2]
        assert (await the_run(world, arn)).redrives == 2

    run(play, objects=objects)


def test_a_run_that_was_stopped_goes_on() -> None:
    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(M=distributed(task(activity), MaxConcurrency=2)), "[0,1,2]")
        for _ in range(2):
            await world.take(activity)
        await world.engine.stop(arn, Failure())
        # Asked at once: its children are still being stopped.
        await world.engine.redrive(arn)
        await work(world, activity, {}, 3)
        assert await ending(world, arn) == [0, 1, 2]

    run(play)


def test_a_child_whose_history_has_no_room_is_not_redriven() -> None:
    class Full(MemoryJournal):
        """Every child has a history as long as can be."""

        def fill(self) -> None:
            for found in self._executions.values():
                if found.record.identity.map_run_arn is not None:
                    found.last_event = 24_999

    journal = Full()

    async def play(world: World) -> None:
        activity = await world.activity()
        arn = await world.start(definition(M=distributed(task(activity))), "[0]")
        await work(world, activity, {"0": False}, 1)
        assert await ending(world, arn) == EXCEEDED
        journal.fill()
        world.clock.advance(timedelta(seconds=1))
        await world.engine.redrive(arn)
        assert await ending(world, arn) == EXCEEDED
        assert (await the_run(world, arn)).tally == {"FAILED": (1, 1), NOT_REDRIVABLE: (1, 1)}

    run(play, journal=journal)


def test_children_that_wait_are_redriven_after_a_restart(tmp_path: Path) -> None:
    async def play() -> None:
        journal = SqliteJournal(tmp_path / "journal.db")
        first = World(journal)
        await first.engine.open()
        activity = await first.activity()
        state = distributed(task(activity), MaxConcurrency=1, ToleratedFailureCount=2)
        arn = await first.start(definition(M=state), "[0,1,2]")
        await work(first, activity, {"0": False, "1": False, "2": False}, 3)
        assert await ending(first, arn) == EXCEEDED
        await first.engine.redrive(arn)
        await first.engine.close()

        second = World(journal, first.clock)
        await second.engine.open()
        assert (await the_run(second, arn)).redrives == 1
        await work(second, activity, {}, 3)
        assert await ending(second, arn) == [0, 1, 2]
        await second.engine.close()
        journal.close()

    asyncio.run(asyncio.wait_for(play(), 300))
