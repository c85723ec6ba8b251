"""One suite for every journal: what is written is there, whole, in order, and for good."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from workflow_manager.asl.failure import Failure
from workflow_manager.engine.events import HistoryEvent
from workflow_manager.engine.execution import Ending, Identity, Status
from workflow_manager.engine.frames import AtWork, Frame, Joining, Ready, Sleeping, Waiting
from workflow_manager.engine.journal.memory import MemoryJournal
from workflow_manager.engine.journal.port import Journal, NamesTaken, OutOfStep
from workflow_manager.engine.journal.records import (
    Abandoned,
    AbandonedEnded,
    Activity,
    Announced,
    CatalogueWrite,
    Child,
    Delivered,
    ExecutionWrite,
    ItemsRead,
    MapRun,
    MapRunWrite,
    NewExecution,
    OpenExecution,
    OpenFrame,
    Redrive,
    StateMachine,
    Unnamed,
    Version,
)
from workflow_manager.engine.journal.sqlite import SqliteJournal
from workflow_manager.engine.journal.writer import Commits, GroupCommit, Outcome
from workflow_manager.kernel.errors import NotFound, Unavailable

NOW = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m"


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    opened: Journal = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    yield opened
    opened.close()


def identity(name: str, machine: str = MACHINE) -> Identity:
    arn = machine.replace(":stateMachine:", ":execution:")
    return Identity(
        arn=f"{arn}:{name}",
        name=name,
        machine_arn=machine,
        machine_name=machine.rpartition(":")[2],
        role_arn="arn:aws:iam::123456789012:role/r",
        started_at=NOW,
        input='{"big": 123456789012345678901234567890}',
        secret="s",
    )


def event(number: int, type: str = "PassStateEntered") -> HistoryEvent:
    return HistoryEvent(number, number - 1, type, NOW, {"name": "A", "input": "{}"})


def frame(id: str = "0", waiting: Waiting | None = None, visit: int = 0) -> Frame:
    return Frame(id=id, state="A", input="{}", entered_at=NOW, waiting=waiting or Ready(), visit=visit)


def start(key: int, name: str | None = None, machine: str = MACHINE, **changes: object) -> ExecutionWrite:
    write = ExecutionWrite(
        key=key,
        after=0,
        last_event=2,
        started=NewExecution(identity=identity(name or f"e{key}", machine), definition="d"),
        frames={"0": frame()},
        history=(event(1, "ExecutionStarted"), event(2)),
    )
    return structs.replace(write, **changes)  # type: ignore[arg-type]


def step(key: int, after: int, last_event: int, events: int = 1, **changes: object) -> ExecutionWrite:
    first = last_event - events + 1
    history = tuple(event(number) for number in range(first, last_event + 1))
    return structs.replace(
        ExecutionWrite(key=key, after=after, last_event=last_event, history=history),
        **changes,  # type: ignore[arg-type]
    )


SUCCEEDED = Ending(Status.SUCCEEDED, output='"done"')


def test_an_execution_can_be_found_as_it_was_written(journal: Journal) -> None:
    journal.write([start(7, "first")])
    found = journal.find(f"{MACHINE.replace('stateMachine', 'execution')}:first")
    assert found is not None
    assert found == journal.record(7)
    assert (found.key, found.identity, found.definition, found.status) == (
        7,
        identity("first"),
        "d",
        Status.RUNNING,
    )
    assert journal.last_key() == 7


def test_what_is_not_there_is_none(journal: Journal) -> None:
    assert journal.find(f"{MACHINE.replace('stateMachine', 'execution')}:x") is None
    assert journal.find("nonsense") is None
    assert journal.record(1) is None
    assert journal.snapshot(1) is None
    assert journal.last_key() == 0
    assert journal.history(1, limit=10).events == []
    with pytest.raises(NotFound):
        journal.definition("d")


def test_a_snapshot_holds_the_frames_of_the_last_write(journal: Journal) -> None:
    child = frame("0.1", Sleeping(NOW), visit=3)
    journal.write([start(1)])
    journal.write(
        [step(1, 1, 3, frames={"0": frame("0", Joining(total=2, begun=2, left=2)), "0.0": frame("0.0")})]
    )
    journal.write([step(1, 2, 4, frames={"0.0": None, "0.1": child})])
    found = journal.snapshot(1)
    assert found is not None
    assert (found.version, found.last_event) == (3, 4)
    assert found.frames == {"0": frame("0", Joining(total=2, begun=2, left=2)), "0.1": child}


def test_many_writes_of_one_execution_may_share_a_transaction(journal: Journal) -> None:
    journal.write([start(1), step(1, 1, 3, frames={"0": None, "0.0": frame("0.0")}), step(1, 2, 5, events=2)])
    found = journal.snapshot(1)
    assert found is not None
    assert (found.version, set(found.frames)) == (3, {"0.0"})
    assert [event.id for event in journal.history(1, limit=10).events] == [1, 2, 3, 4, 5]


FAILED = Ending(Status.FAILED, failure=Failure("E", "why"))


def redrive(key: int, number: int, last_event: int, **changes: object) -> ExecutionWrite:
    write = step(
        key, 0, last_event, frames={"0": frame()}, redriven=Redrive(number=number, at=LATER, token="t")
    )
    return structs.replace(write, **changes)  # type: ignore[arg-type]


LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize("ends_at_once", [True, False])
def test_a_redriven_execution_is_open_again(journal: Journal, ends_at_once: bool) -> None:
    journal.write([start(1), step(1, 1, 3, ending=FAILED, stopped_at=NOW, announce=True)])
    if ends_at_once:
        ended = step(1, 1, 5, ending=SUCCEEDED, stopped_at=LATER, announce=True)
        journal.write([redrive(1, 1, 4), ended])
    else:
        journal.write([redrive(1, 1, 4)])
        found = journal.snapshot(1)
        assert found is not None
        assert (found.version, found.last_event, found.redrives, set(found.frames)) == (1, 4, 1, {"0"})
        assert [found.key for found in journal.open_executions()] == [1]
        journal.write([step(1, 1, 5, ending=SUCCEEDED, stopped_at=LATER, announce=True)])
    record = journal.record(1)
    assert record is not None
    assert (record.status, record.ending, record.stopped_at) == (Status.SUCCEEDED, SUCCEEDED, LATER)
    assert (record.redrives, record.redriven_at, record.redrive_token) == (1, LATER, "t")
    (line,) = journal.executions(MACHINE, None, None, 10)
    assert (line.redrives, line.redriven_at) == (1, LATER)
    assert journal.snapshot(1) is None
    assert journal.unannounced(9) == [1]


@pytest.mark.parametrize(
    ("ending", "number"), [(None, 1), (SUCCEEDED, 1), (FAILED, 2)], ids=["running", "succeeded", "not next"]
)
def test_only_what_failed_is_redriven_and_only_once_at_a_time(
    journal: Journal, ending: Ending | None, number: int
) -> None:
    journal.write([start(1)])
    if ending is not None:
        journal.write([step(1, 1, 3, ending=ending, stopped_at=NOW)])
    before = journal.record(1)
    with pytest.raises(OutOfStep):
        journal.write([redrive(1, number, 4)])
    assert journal.record(1) == before


@pytest.mark.parametrize("together", [True, False])
def test_an_ending_takes_the_frames_and_stays(journal: Journal, together: bool) -> None:
    failed = Ending(Status.FAILED, failure=Failure("E", "why"))
    writes = [start(1), step(1, 1, 3, ending=failed, stopped_at=NOW, frames={"0": frame()}, announce=True)]
    for part in [writes] if together else [[write] for write in writes]:
        journal.write(part)
    found = journal.record(1)
    assert found is not None
    assert (found.status, found.stopped_at, found.ending) == (Status.FAILED, NOW, failed)
    assert journal.snapshot(1) is None
    assert list(journal.open_frames()) == []
    assert list(journal.open_executions()) == []
    with pytest.raises(OutOfStep):
        journal.write([step(1, 2, 4)])


def test_endings_are_announced_until_they_have_been(journal: Journal) -> None:
    for key in (2, 1, 3):
        journal.write([start(key, ending=SUCCEEDED, stopped_at=NOW, announce=key != 3)])
    assert journal.unannounced(9) == [1, 2]
    journal.write([Announced(1)])
    assert journal.unannounced(9) == [2]


@pytest.mark.parametrize(
    "late",
    [
        step(1, 1, 4),
        step(1, 3, 4),
        step(9, 1, 4),
        start(1, "other"),
        start(2, "e1"),
    ],
    ids=["behind", "ahead", "unknown", "same key", "same name"],
)
def test_a_write_that_is_out_of_step_changes_nothing(journal: Journal, late: ExecutionWrite) -> None:
    journal.write([start(1), step(1, 1, 3)])
    with pytest.raises(OutOfStep):
        journal.write([start(5), late])
    assert journal.record(5) is None
    found = journal.snapshot(1)
    assert found is not None
    assert (found.version, found.last_event) == (2, 3)


def test_executions_whose_names_are_taken_are_told_from_the_others(journal: Journal) -> None:
    journal.write([start(1, "first")])
    with pytest.raises(NamesTaken) as taken:
        journal.write([start(2), start(3, "first"), start(4, "fourth"), start(5, "fourth")])
    assert taken.value.keys == {3, 5}
    assert [found.key for found in journal.executions(MACHINE, None, None, 9)] == [1]


def test_group_commit_writes_all_but_the_executions_whose_names_are_taken(journal: Journal) -> None:
    outcomes: dict[str, type[object]] = {}
    finished = threading.Event()

    def deliver(settled: Sequence[Outcome]) -> None:
        for done, error in settled:
            done(error)
        if len(outcomes) == 5:
            finished.set()

    hand_over: list[Callable[[], None]] = []
    commits = Commits()
    group = GroupCommit(journal, deliver, commits, soon=hand_over.append)
    orders = {"first": start(1, "e"), "same": start(2, "e"), "of the same": step(2, 1, 3), "other": start(3)}
    for name, write in (*orders.items(), ("of the first", step(1, 1, 3))):
        group.submit(write, lambda error, name=name: outcomes.update({name: type(error)}))  # type: ignore[misc]
    assert group.backlog == 5
    (only,) = hand_over
    only()
    assert finished.wait(120)
    group.close()
    group.join()
    refused = dict.fromkeys(("same", "of the same"), NamesTaken)
    assert outcomes == dict.fromkeys(("first", "other", "of the first"), type(None)) | refused
    assert list(outcomes) == ["first", "same", "of the same", "other", "of the first"]
    assert (group.backlog, sum(commits.sizes.counts()[0]), commits.failed) == (0, 1, 0)


def test_a_name_may_be_used_once_for_each_machine(journal: Journal) -> None:
    journal.write([start(1, "same"), start(2, "same", machine=MACHINE + "2")])
    assert journal.last_key() == 2


def test_open_frames_say_what_moves_them(journal: Journal) -> None:
    soon, later = NOW + timedelta(seconds=1), NOW + timedelta(hours=1)
    work = AtWork(resource="r", token="t", arguments="{}", deadline_at=later, heartbeat_at=soon)
    journal.write([start(1, frames={"0": frame(waiting=Sleeping(soon), visit=2)})])
    journal.write(
        [start(2, frames={"0": frame("0", Joining(total=1, begun=1, left=1)), "0.0": frame("0.0", work)})]
    )
    journal.write([start(3, started=NewExecution(identity=identity("e3"), definition="d", due_at=later))])
    assert list(journal.open_frames()) == [
        OpenFrame(1, "0", 2, "sleeping", soon, None, False),
        OpenFrame(2, "0.0", 0, "at-work", soon, "r", True),
        OpenFrame(3, "0", 0, "ready", None, None, False),
    ]
    assert [found.key for found in journal.open_frames(2)] == [2]
    assert set(journal.open_executions()) == {
        OpenExecution(1, None),
        OpenExecution(2, None),
        OpenExecution(3, later),
    }


def test_history_is_read_in_pages_from_both_ends(journal: Journal) -> None:
    journal.write([start(1), start(2)])
    last = 2
    for after, size in enumerate((1, 70, 2, 5), start=1):
        last += size
        journal.write([step(1, after, last, events=size), step(2, after, last, events=size)])
    everything, more = journal.history(1, limit=1000)
    assert not more
    assert [event.id for event in everything] == list(range(1, 81))
    assert everything[1] == event(2)
    for size in (1, 3, 50):
        forwards: list[HistoryEvent] = []
        backwards: list[HistoryEvent] = []
        more = True
        while more:
            page, more = journal.history(1, after=forwards[-1].id if forwards else 0, limit=size)
            forwards += page
        more = True
        while more:
            before = backwards[-1].id if backwards else None
            page, more = journal.history(1, before=before, limit=size, reverse=True)
            backwards += page
        assert forwards == everything
        assert backwards == everything[::-1]


def test_listings_are_newest_first_and_stable_while_others_start(journal: Journal) -> None:
    for key in range(1, 8):
        journal.write(
            [start(key, ending=SUCCEEDED if key % 2 else None, stopped_at=NOW if key % 2 else None)]
        )
    journal.write([start(100, machine=MACHINE + "2")])
    first = journal.executions(MACHINE, None, None, 3)
    journal.write([start(8)])
    rest = journal.executions(MACHINE, None, first[-1].key, 10)
    assert [found.key for found in first + rest] == [7, 6, 5, 4, 3, 2, 1]
    assert [found.key for found in journal.executions(MACHINE, Status.SUCCEEDED, 7, 2)] == [5, 3]
    assert [found.key for found in journal.executions(MACHINE, Status.RUNNING, None, 9)] == [8, 6, 4, 2]
    newest = journal.executions(MACHINE, None, None, 1)[0]
    assert (newest.name, newest.machine_arn, newest.started_at, newest.stopped_at) == (
        "e8",
        MACHINE,
        NOW,
        None,
    )
    assert journal.executions("arn:none", None, None, 5) == []


def test_the_catalogue_is_what_was_put_last(journal: Journal) -> None:
    machine = StateMachine(
        arn=MACHINE,
        name="m",
        role_arn="r",
        definition="d",
        created_at=NOW,
        updated_at=NOW,
        logging={"level": "OFF"},
    )
    activity = Activity(arn="arn:a", name="a", created_at=NOW)
    journal.write(
        [
            CatalogueWrite(
                put=(machine, activity), tags={MACHINE: {"a": "1", "b": "2"}}, definitions={"d": "{}"}
            )
        ]
    )
    journal.write([CatalogueWrite(removed=("arn:a",), tags={MACHINE: {"b": "3"}}, definitions={"d": "{}"})])
    found = journal.catalogue()
    assert found.resources == (machine,)
    assert found.tags == {MACHINE: {"b": "3"}}
    assert journal.definition("d") == "{}"
    journal.write([CatalogueWrite(removed=(MACHINE,), tags={MACHINE: {}, "arn:b": {}})])
    assert journal.catalogue().tags == {}


def test_more_rows_than_fit_a_statement_are_written_whole(journal: Journal) -> None:
    children = {f"0.{number}": frame(f"0.{number}") for number in range(300)}
    journal.write([start(key, frames=children) for key in (1, 2)])
    journal.write([step(1, 1, 3, frames=dict.fromkeys(list(children)[:290])), start(3)])
    found = journal.snapshot(1)
    assert found is not None
    assert len(found.frames) == 10
    assert len(list(journal.open_frames())) == 10 + 300 + 1


def test_a_task_is_undelivered_until_its_worker_was_sent_it(journal: Journal) -> None:
    for key in (1, 2, 3):
        journal.write([start(key, frames={"0": frame(), "0.0": frame("0.0")})])
        journal.write([step(key, 1, 3, taken="0"), step(key, 2, 4, taken="0.0")])
    journal.write([Delivered(1, "0"), step(2, 3, 5, ending=SUCCEEDED, stopped_at=NOW)])
    assert journal.undelivered() == [(1, "0.0"), (3, "0"), (3, "0.0")]
    assert journal.undelivered(1) == [(1, "0.0")]


@pytest.mark.parametrize("together", [True, False])
def test_that_one_task_was_delivered_says_nothing_of_the_next_in_its_frame(
    journal: Journal, together: bool
) -> None:
    journal.write([start(1, frames={"0": frame()}), step(1, 1, 3, taken="0")])
    delivered, taken = Delivered(1, "0"), step(1, 2, 4, taken="0")
    for part in [[delivered, taken]] if together else [[delivered], [taken]]:
        journal.write(part)
    assert journal.undelivered() == [(1, "0")]
    journal.write([step(1, 3, 5, taken="0"), delivered])
    assert journal.undelivered() == []


def test_open_frames_come_in_the_order_in_which_they_began_to_wait(journal: Journal) -> None:
    frames = {f"0.{number}": frame(f"0.{number}", visit=20 - number) for number in (10, 2, 9)}
    journal.write([start(1, frames=frames)])
    assert [found.frame for found in journal.open_frames()] == ["0.10", "0.9", "0.2"]


def test_an_abandoned_job_is_kept_until_its_service_was_told(journal: Journal) -> None:
    jobs = [Abandoned(token=f"t{n}", resource="r", arguments="{}", answer="1") for n in range(2)]
    journal.write([start(1), step(1, 1, 3, abandoned=tuple(jobs), ending=SUCCEEDED, stopped_at=NOW)])
    journal.write([start(2, abandoned=(jobs[0],))])
    assert journal.abandoned() == [(1, jobs[0]), (1, jobs[1]), (2, jobs[0])]
    journal.write([AbandonedEnded(1, "t0")])
    assert journal.abandoned() == [(1, jobs[1]), (2, jobs[0])]
    assert journal.abandoned(2) == [(2, jobs[0])]


@pytest.mark.parametrize("together", [True, False])
def test_an_execution_that_is_to_be_forgotten_leaves_nothing(journal: Journal, together: bool) -> None:
    arn = f"{MACHINE.replace('stateMachine', 'express')}:e1:run"
    express = structs.replace(identity("e1"), arn=arn)
    begun = start(1, started=NewExecution(identity=express, definition="d"), forget=together)
    end = step(1, 1, 3, ending=SUCCEEDED, stopped_at=NOW, forget=True)
    for part in [[begun, end]] if together else [[begun], [end]]:
        journal.write(part)
        if part == [begun]:
            found = journal.find(arn)
            assert found is not None
            assert found.identity == express
    assert journal.find(arn) is None
    assert journal.record(1) is None
    assert journal.history(1, limit=9).events == []
    assert list(journal.open_frames()) == list(journal.open_executions()) == journal.unannounced(9) == []
    assert journal.executions(MACHINE, None, None, 9) == []
    with pytest.raises(OutOfStep):
        journal.write([end])


def test_group_commit_keeps_the_order_and_isolates_a_bad_write(journal: Journal) -> None:
    outcomes: list[tuple[str, Exception | None]] = []
    finished = threading.Event()

    def done(name: str) -> Callable[[Exception | None], None]:
        return lambda error: outcomes.append((name, error))

    def deliver(settled: object) -> None:
        for callback, error in settled:  # type: ignore[attr-defined]
            callback(error)
        if len(outcomes) == 4:
            finished.set()

    group = GroupCommit(journal, deliver, Commits(), soon=lambda hand_over: hand_over())
    group.submit(start(1), done("first"))
    group.submit(step(1, 1, 3), done("second"))
    group.submit(step(1, 7, 4), done("bad"))
    group.submit(start(2), done("third"))
    assert finished.wait(120)
    group.close()
    group.join()
    assert [name for name, error in outcomes] == ["first", "second", "bad", "third"]
    assert [type(error) for name, error in outcomes] == [type(None), type(None), OutOfStep, type(None)]


def test_a_journal_on_disk_outlives_its_process(tmp_path: Path) -> None:
    first = SqliteJournal(tmp_path / "journal.db")
    first.write([start(1), start(2, ending=SUCCEEDED, stopped_at=NOW)])
    first.close()
    second = SqliteJournal(tmp_path / "journal.db")
    assert second.snapshot(1) is not None
    assert [found.key for found in second.executions(MACHINE, None, None, 9)] == [2, 1]
    second.write([start(3)])
    second.close()


def test_two_servers_cannot_share_a_journal(tmp_path: Path) -> None:
    first = SqliteJournal(tmp_path / "journal.db")
    with pytest.raises(Unavailable, match="in use by another server"):
        SqliteJournal(tmp_path / "journal.db")
    first.close()
    SqliteJournal(tmp_path / "journal.db").close()


def machine_with(digest: str) -> StateMachine:
    return StateMachine(
        arn=f"{MACHINE}-{digest}",
        name=f"m-{digest}",
        role_arn="r",
        definition=digest,
        created_at=NOW,
        updated_at=NOW,
    )


def with_definition(key: int, digest: str) -> ExecutionWrite:
    return start(key, started=NewExecution(identity=identity(f"e{key}"), definition=digest))


def test_a_definition_that_nothing_names_is_forgotten_unless_something_does_by_then(journal: Journal) -> None:
    version = Version(arn=f"{MACHINE}:1", machine=machine_with("v"), created_at=NOW)
    texts = {digest: f'"{digest}"' for digest in "abcdmv"}
    activity = Activity(arn="arn:a", name="a", created_at=NOW)
    journal.write([CatalogueWrite(put=(machine_with("m"), version, activity), definitions=texts)])
    assert journal.unnamed(1) == Unnamed(definitions=frozenset("a"), after=0)
    found = journal.unnamed(100)
    assert found == Unnamed(definitions=frozenset("abcd"), after=0)
    journal.write([with_definition(1, "a")])
    put = CatalogueWrite(put=(machine_with("c"),), definitions={"c": '"c"'})
    # Before it in the same transaction, and after it.
    journal.write([put, found, with_definition(2, "b")])
    for digest in "abcmv":
        assert journal.definition(digest) == f'"{digest}"'
    with pytest.raises(NotFound):
        journal.definition("d")
    assert journal.unnamed(100) is None


def test_a_journal_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    SqliteJournal(tmp_path / "journal.db").close()
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(Unavailable, match="newer release"):
        SqliteJournal(tmp_path / "journal.db")


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"something else entirely, and long enough to be read" * 30)
    with pytest.raises(Unavailable, match="cannot be opened"):
        SqliteJournal(tmp_path / "journal.db")


def test_a_full_disk_fails_the_write_and_nothing_else(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.write([start(1)])
    journal._writer.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Unavailable, match="cannot be written"):
        journal.write([step(1, 1, 3, frames={"0": replace_input(frame(), "x" * 500_000)})])
    journal._writer.execute("PRAGMA max_page_count = 1000000")
    journal.write([step(1, 1, 3)])
    found = journal.snapshot(1)
    assert found is not None
    assert (found.version, found.frames["0"].input) == (2, "{}")
    journal.close()


def replace_input(given: Frame, text: str) -> Frame:
    return Frame(id=given.id, state=given.state, input=text, entered_at=given.entered_at)


# Map runs


def map_run(key: int, execution: int = 1, **changes: object) -> MapRun:
    run = MapRun(
        key=key,
        arn=f"run-{key}",
        execution=execution,
        execution_arn="e",
        frame="0",
        visit=3,
        label="l",
        started_at=NOW,
        seed=2**63,
    )
    return structs.replace(run, **changes)


def child(key: int, run: int, number: int) -> ExecutionWrite:
    begun = start(key, machine=f"{MACHINE}/l")
    assert begun.started is not None
    started = structs.replace(begun.started, map_run=run, number=number, items=number + 1)
    return structs.replace(begun, started=started)


def test_a_map_run_begins_and_ends_with_a_move_of_its_execution(journal: Journal) -> None:
    journal.write([start(1, map_runs=(map_run(1), map_run(2)))])
    assert journal.map_run("run-2") == map_run(2)
    assert journal.open_map_runs() == [map_run(1), map_run(2)]
    over = map_run(1, status=Status.SUCCEEDED, stopped_at=NOW, tally={"SUCCEEDED": (1, 2)}, settled=True)
    journal.write([step(1, 1, 3, map_runs=(over,))])
    assert journal.map_run("run-1") == over
    assert journal.open_map_runs() == [map_run(2)]
    assert journal.last_map_run() == 2
    assert journal.map_run("run-3") is None


def test_a_move_that_fails_begins_no_map_run(journal: Journal) -> None:
    journal.write([start(1)])
    with pytest.raises(OutOfStep):
        journal.write([step(1, 7, 3, map_runs=(map_run(1),))])
    assert journal.last_map_run() == 0


def test_map_runs_are_listed_newest_first_by_execution(journal: Journal) -> None:
    journal.write([start(1), start(2), *(MapRunWrite(map_run(key, key % 2 + 1)) for key in range(1, 7))])
    assert [run.key for run in journal.map_runs(1, None, 2)] == [6, 4]
    assert [run.key for run in journal.map_runs(1, 4, 2)] == [2]
    assert journal.map_runs(3, None, 2) == []


def test_items_are_kept_by_page_until_their_run_has_succeeded(journal: Journal) -> None:
    journal.write([start(1), MapRunWrite(map_run(1)), ItemsRead(1, 0, "[1]"), ItemsRead(1, 1, "[2]")])
    journal.write([ItemsRead(1, 0, "[3]")])
    assert [journal.items(1, page) for page in range(3)] == ["[3]", "[2]", None]
    # One that failed may be redriven.
    journal.write([MapRunWrite(map_run(1, status=Status.ABORTED))])
    assert journal.items(1, 0) == "[3]"
    journal.write([MapRunWrite(map_run(1, status=Status.SUCCEEDED))])
    assert journal.items(1, 0) is None


def test_the_children_of_a_redriven_run_wait_unless_they_succeeded_or_their_history_is_full(
    journal: Journal,
) -> None:
    failed = Ending(Status.FAILED)
    journal.write([start(1), MapRunWrite(map_run(1)), *(child(key, 1, key - 2) for key in range(2, 6))])
    full = HistoryEvent(24_999, 1, "ExecutionFailed", NOW)
    room = HistoryEvent(24_997, 1, "TaskFailed", NOW), HistoryEvent(24_998, 1, "ExecutionFailed", NOW)
    journal.write(
        [
            step(1, 1, 3, ending=failed, stopped_at=NOW),
            step(2, 1, 3, ending=SUCCEEDED, stopped_at=NOW),
            step(3, 1, 3, ending=failed, stopped_at=NOW),
            step(4, 1, 24_999, ending=failed, stopped_at=NOW, history=(full,)),
            step(5, 1, 24_998, ending=failed, stopped_at=NOW, history=room),
        ]
    )
    again = Redrive(number=1, at=NOW, map_runs=(1,))
    journal.write([ExecutionWrite(key=1, after=0, last_event=4, redriven=again)])
    assert [found.status for found in journal.children(1)] == [
        Status.SUCCEEDED,
        Status.PENDING_REDRIVE,
        Status.FAILED,
        Status.PENDING_REDRIVE,
    ]
    assert journal.snapshot(3) is None
    assert [found.key for found in journal.open_executions()] == [1]
    journal.write([ExecutionWrite(key=3, after=0, last_event=4, redriven=Redrive(number=1, at=NOW))])
    assert [found.key for found in journal.child_executions(1, None, None, 9, True)] == [3]
    assert [found.key for found in journal.child_executions(1, None, None, 9, False)] == [5, 4, 2]


def test_children_are_known_by_their_number(journal: Journal) -> None:
    journal.write([start(1), MapRunWrite(map_run(1)), child(3, 1, 1), child(2, 1, 0), child(4, 2, 0)])
    journal.write([step(3, 1, 3, ending=SUCCEEDED, stopped_at=NOW)])
    assert list(journal.children(1)) == [
        Child(2, 0, 1, Status.RUNNING),
        Child(3, 1, 2, Status.SUCCEEDED, NOW),
    ]
    assert [record.key for record in journal.child_records(1, 0, 9)] == [2, 3]
    assert [record.key for record in journal.child_records(1, 1, 9)] == [3]
    assert [record.key for record in journal.child_records(1, 0, 1)] == [2]


def test_a_child_with_the_number_of_another_is_out_of_step(journal: Journal) -> None:
    journal.write([start(1), MapRunWrite(map_run(1)), child(2, 1, 0)])
    with pytest.raises(OutOfStep):
        journal.write([child(3, 1, 0)])
    assert journal.record(3) is None


def test_children_are_listed_newest_first_with_their_items(journal: Journal) -> None:
    journal.write([start(1), MapRunWrite(map_run(1)), *(child(key, 1, key - 2) for key in range(2, 7))])
    journal.write([step(3, 1, 3, ending=SUCCEEDED, stopped_at=NOW)])
    listed = journal.child_executions(1, None, None, 3)
    assert [(each.key, each.items, each.machine_arn) for each in listed] == [
        (6, 5, f"{MACHINE}/l"),
        (5, 4, f"{MACHINE}/l"),
        (4, 3, f"{MACHINE}/l"),
    ]
    assert [each.key for each in journal.child_executions(1, None, 4, 9)] == [3, 2]
    assert [each.key for each in journal.child_executions(1, Status.SUCCEEDED, None, 9)] == [3]
    assert journal.child_executions(2, None, None, 9) == []
