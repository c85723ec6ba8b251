"""What ended long ago goes, everything else stays, and the files get smaller."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import NoneType

import pytest

from tests.engine.test_map_runner import distributed, ending
from tests.engine.worlds import World, definition, run, task
from tests.upkeep.world import DEFINITION, OLD, PASS
from workflow_manager.asl.failure import Failure
from workflow_manager.assembly.files import journal_of, records_of
from workflow_manager.assembly.retention import Pruned, prune_directory, pruning
from workflow_manager.engine.execution import Status
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.journal.upkeep import damages, prune
from workflow_manager.engine.runtime import Begun
from workflow_manager.kernel.clock import ManualClock
from workflow_manager.kernel.errors import NotFound
from workflow_manager.models.workflow import Workflow, WorkflowStatus
from workflow_manager.store.memory import MemoryStore
from workflow_manager.store.port import Store, WorkflowChange, WorkflowQuery
from workflow_manager.store.sqlite import SqliteStore

STORES: list[Callable[[Path, ManualClock], Store]] = [
    lambda path, clock: MemoryStore(clock=clock),
    lambda path, clock: SqliteStore(path / "records.db", clock=clock),
]


def test_what_ended_long_ago_is_pruned_with_its_history(data: Path, clock: ManualClock) -> None:
    with SqliteJournalOn(data) as journal:
        before = journal_of(data).stat().st_size
        keys = range(1, journal.last_key() + 1)
        assert prune_directory(data, clock, clock.now() - timedelta(days=90)) == Pruned(OLD, OLD)
        left = [journal.record(key) for key in keys]
        assert [each.identity.name for each in left if each] == ["runs", "new"]
        assert all(journal.history(key, limit=9).events == [] for key in keys if journal.record(key) is None)
        assert journal.history(1, limit=9).events != []
        assert prune_directory(data, clock, clock.now() - timedelta(days=90)) == Pruned(0, 0)
    assert list(damages(journal_of(data))) == []
    assert journal_of(data).stat().st_size < before / 2
    store = SqliteStore(records_of(data), clock=clock)
    page = store.find_workflows(WorkflowQuery(limit=1000))
    assert {each.id for each in page.workflows} == {"runs", "new-0", "new-1", "new-2"}
    assert store.find_workflows(WorkflowQuery(tags=(("age", "old"),))).workflows == []
    store.close()


class SqliteJournalOn:
    """A journal that is open meanwhile, as a server has it."""

    def __init__(self, data: Path) -> None:
        self._journal = SqliteJournal(journal_of(data))

    def __enter__(self) -> SqliteJournal:
        return self._journal

    def __exit__(self, *_: object) -> None:
        self._journal.close()


def test_an_engine_goes_on_while_its_journal_is_pruned(data: Path, clock: ManualClock) -> None:
    async def play() -> None:
        with SqliteJournalOn(data) as journal:
            world = World(journal, clock)
            await world.engine.open()
            machine = await world.machine(PASS, "passing")
            pruned = asyncio.get_running_loop().run_in_executor(
                None, prune_directory, data, clock, clock.now() - timedelta(days=90)
            )
            names = [f"during-{number}" for number in range(200)]
            arns = [(await world.engine.start(machine, "{}", name)).arn for name in names]
            assert await pruned == Pruned(OLD, OLD)
            for arn in arns:
                assert (await world.ended(arn)).status.is_terminal
            again = await world.engine.start(machine, '"a pruned name is free"', "old-0")
            assert (await world.ended(again.arn)).status.is_terminal
            await world.engine.close()

    asyncio.run(play())
    assert list(damages(journal_of(data))) == []


def test_what_a_map_run_has_yet_to_gather_is_kept_until_it_has(tmp_path: Path) -> None:
    path, clock = tmp_path / "engine.db", ManualClock()

    async def play() -> None:
        journal = SqliteJournal(path)
        world = World(journal, clock)
        await world.engine.open()
        activity = await world.activity()
        arn = await world.start(definition(M=distributed(task(activity))), "[1, 2]")
        first, second = [await world.take(activity) for _ in range(2)]
        await world.engine.task_succeeded(first.token, first.input)
        clock.advance(timedelta(days=100))
        assert sum(prune(path, clock.now())) == 0
        await world.engine.task_succeeded(second.token, second.input)
        assert await ending(world, arn) == [1, 2]
        (run,) = await world.engine.map_runs(arn, limit=2)
        clock.advance(timedelta(days=100))
        assert sum(prune(path, clock.now())) == 3
        assert journal.map_run(run.arn) is None
        await world.engine.close()
        journal.close()

    asyncio.run(play())


@pytest.mark.parametrize("make", STORES, ids=["memory", "sqlite"])
def test_a_store_prunes_what_is_terminal_since_before_then_and_nothing_else(
    tmp_path: Path, make: Callable[[Path, ManualClock], Store]
) -> None:
    clock = ManualClock()
    store = make(tmp_path, clock)
    for status in WorkflowStatus:
        for when in ("before", "after"):
            store.create_workflow(Workflow(id=f"{status.value}-{when}", workflow_definition=DEFINITION))
    clock.advance(timedelta(days=1))
    limit = clock.now()
    for status in WorkflowStatus:
        for when, seconds in (("before", -1), ("after", 1)):
            change = WorkflowChange(status=status, stopped_at=limit + timedelta(seconds=seconds))
            store.update_workflow(f"{status.value}-{when}", change)
    assert store.prune(limit, 2) == 2
    assert store.prune(limit, 2) == 1
    assert store.prune(limit, 2) == 0
    left = {each.id for each in store.find_workflows(WorkflowQuery(limit=100)).workflows}
    terminal = {status.value for status in WorkflowStatus if status.is_terminal}
    assert left == {f"{status.value}-{when}" for status in WorkflowStatus for when in ("before", "after")} - {
        f"{status}-before" for status in terminal
    }
    with pytest.raises(NotFound):
        store.get_workflow("failed-before")
    store.close()


def test_a_server_that_keeps_everything_prunes_nothing_and_one_that_does_not_begins_at_once(
    data: Path,
    clock: ManualClock,
) -> None:
    store = SqliteStore(records_of(data), clock=clock)
    forgotten = threading.Event()

    async def play() -> None:
        loop = asyncio.get_running_loop()

        def forget() -> bool:
            """Answered on the loop, as an engine answers, where the end of it all waits too."""
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
            forgotten.set()
            return False

        async with pruning(store, journal_of(data), clock, 0, forget):
            pass
        assert store.get_workflow("old-0").id == "old-0"
        async with pruning(store, journal_of(data), clock, 90, forget):
            assert await asyncio.to_thread(forgotten.wait, 60)

    asyncio.run(play())
    left = {each.id for each in store.find_workflows(WorkflowQuery(limit=1000)).workflows}
    assert left == {"runs", "new-0", "new-1", "new-2"}
    store.close()


def rows(path: Path, sql: str) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {text for (text,) in connection.execute(sql)}


def texts(data: Path) -> set[str]:
    return rows(journal_of(data), "SELECT text FROM definition")


def machines(data: Path) -> set[str]:
    return {arn.rpartition(":")[2] for arn in rows(journal_of(data), "SELECT arn FROM machine")}


def waiting(seconds: int) -> str:
    return definition(A={"Type": "Wait", "Seconds": seconds, "End": True})


async def forget_all(world: World) -> None:
    while await world.engine.forget_unnamed():
        pass


def test_a_definition_stays_while_an_execution_a_machine_or_a_version_names_it(
    tmp_path: Path, clock: ManualClock
) -> None:
    async def play(world: World) -> None:
        kept = await world.machine(waiting(1), "kept", publish="first")
        await world.engine.update_machine(kept, definition=waiting(2))
        await world.engine.update_machine(kept, definition=waiting(3))
        runs = await world.machine(waiting(4), "runs")
        arn = (await world.engine.start(runs, "{}", "e")).arn
        for gone in (runs, await world.machine(waiting(5), "gone")):
            await world.engine.delete_machine(gone)
        await forget_all(world)
        assert texts(tmp_path) == {waiting(1), waiting(3), waiting(4)}
        assert machines(tmp_path) == {"runs"}
        await world.pass_time(4)
        assert (await world.ended(arn)).status.is_terminal
        await world.engine.delete_machine(kept)
        clock.advance(timedelta(days=100))
        assert sum(prune(journal_of(tmp_path), clock.now())) == 1
        await forget_all(world)
        assert (texts(tmp_path), machines(tmp_path)) == (set(), set())

    with SqliteJournalOn(tmp_path) as journal:
        run(play, journal=journal, clock=clock)


def test_what_begins_while_it_is_decided_keeps_what_it_names(tmp_path: Path, clock: ManualClock) -> None:
    async def play() -> None:
        with SqliteJournalOn(tmp_path) as journal:
            world = World(journal, clock)
            await world.engine.open()
            doomed = [await world.machine(waiting(number), f"m{number}") for number in range(20)]
            first = (await world.engine.start(doomed[0], "{}", "e")).arn
            await world.engine.stop(first, Failure())
            clock.advance(timedelta(days=100))
            assert sum(prune(journal_of(tmp_path), clock.now())) == 1
            everything = [
                step
                for machine in doomed
                for step in (
                    world.engine.start(machine, "{}", "f"),
                    world.engine.delete_machine(machine),
                    world.engine.forget_unnamed(),
                    world.engine.start(machine, "{}", "g"),
                    world.machine(waiting(0), "m0"),
                )
            ]
            outcomes = await asyncio.gather(*everything, return_exceptions=True)
            assert {type(each) for each in outcomes} <= {Begun, NoneType, bool, str, NotFound}
            begun = [each.arn for each in outcomes if isinstance(each, Begun)]
            assert len(begun) >= len(doomed)
            await forget_all(world)
            await world.engine.close()
        with SqliteJournalOn(tmp_path) as journal:
            world = World(journal, clock)
            await world.engine.open()
            assert world.engine.definition(world.engine.registry.machine(doomed[0]).definition) == waiting(0)
            for arn in begun:
                assert world.engine.definition(world.engine.execution(arn).definition)
            await world.pass_time(30)
            for arn in begun:
                assert (await world.ended(arn)).status is Status.SUCCEEDED
            await world.engine.close()

    asyncio.run(play())


def test_without_a_server_the_command_forgets_and_beside_one_it_leaves_that_to_it(
    tmp_path: Path, clock: ManualClock
) -> None:
    async def play(world: World) -> None:
        await world.engine.delete_machine(await world.machine(PASS, "gone"))

    with SqliteJournalOn(tmp_path) as journal:
        run(play, journal=journal, clock=clock)
        prune_directory(tmp_path, clock, clock.now())
        assert texts(tmp_path) == {PASS}
    prune_directory(tmp_path, clock, clock.now())
    assert texts(tmp_path) == set()
