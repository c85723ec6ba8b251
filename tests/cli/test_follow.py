"""Following a workflow: which changes are seen, what is said of them, how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workflow_manager.cli.follow import Follower, Observer
from workflow_manager.cli.jobs import failed_state
from workflow_manager.cli.output import headline
from workflow_manager.cli.voices import JsonVoice, TextVoice
from workflow_manager.kernel.errors import NotFound, Unavailable
from workflow_manager.kernel.json import loads

AT = datetime(2026, 1, 5, 10, 0, 0, tzinfo=UTC)
NEVER = "0001-01-01T00:00:00.000Z"


def at(seconds: float) -> str:
    return (AT + timedelta(seconds=seconds)).isoformat()


def job(state: str, status: str, *, started: float = 0, stopped: float | None = None, **more: Any) -> Any:
    return {
        "id": "2",
        "state": state,
        "status": status,
        "createdAt": at(0),
        "startedAt": NEVER if status == "queued" else at(started),
        "stoppedAt": NEVER if stopped is None else at(stopped),
        "attempts": [],
        **more,
    }


def attempt(reason: str, started: float, stopped: float) -> Any:
    return {"reason": reason, "startedAt": at(started), "stoppedAt": at(stopped), "taskARN": "w"}


def seen(*looks: list[Any]) -> list[tuple[str, str, int]]:
    """(state, status, attempt) of each change."""
    observer = Observer()
    return [
        (change.job["state"], change.status, change.attempt)
        for jobs in looks
        for change in observer.changes(jobs)
    ]


RETRIED = [attempt("a\nE", 1, 2)]


@pytest.mark.parametrize(
    ("looks", "changes"),
    [
        ([[]], []),
        ([[job("A", "running")], [job("A", "running")]], [("A", "running", 1)]),
        ([[job("A", "queued")], [job("A", "running")]], [("A", "queued", 1), ("A", "running", 1)]),
        ([[job("A", "succeeded")]], [("A", "succeeded", 1)]),
        (
            [[job("A", "running")], [job("A", "running", attempts=RETRIED, id="9")]],
            [("A", "running", 1), ("A", "failed", 1), ("A", "running", 2)],
        ),
        (
            [[job("A", "failed")], [job("A", "running", attempts=RETRIED)]],
            [("A", "failed", 1), ("A", "running", 2)],
        ),
        (
            [[job("A", "succeeded", attempts=RETRIED * 2)]],
            [("A", "failed", 1), ("A", "failed", 2), ("A", "succeeded", 3)],
        ),
        (
            [[job("A", "failed", attempts=RETRIED)], [job("A", "failed", attempts=RETRIED * 3)]],
            [("A", "failed", 1), ("A", "failed", 2), ("A", "failed", 3), ("A", "failed", 4)],
        ),
        (
            [[job("A", "succeeded")], [job("A", "succeeded"), job("A", "running")]],
            [("A", "succeeded", 1), ("A", "running", 1)],
        ),
    ],
)
def test_each_change_is_seen_once(looks: list[list[Any]], changes: list[tuple[str, str, int]]) -> None:
    assert seen(*looks) == changes


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("", ""),
        ("one", "one"),
        ("one\nName", "one (Name)"),
        ("\n one \ntwo\nName\n", "one (Name)"),
    ],
)
def test_a_reason_is_one_line(reason: str, line: str) -> None:
    assert headline(reason) == line


MACHINE = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Task"},
        "Each": {"Type": "Map", "ItemProcessor": {"States": {"Inner": {"Type": "Task"}}}},
    },
}


def workflow(status: str, *jobs: Any, **more: Any) -> Any:
    return {
        "id": "w1",
        "status": status,
        "createdAt": at(0),
        "stoppedAt": at(12) if status in ("succeeded", "failed", "cancelled") else NEVER,
        "workflowDefinition": {"name": "hello", "stateMachine": MACHINE},
        "jobs": list(jobs),
        **more,
    }


def followed(
    *looks: Any, voice: TextVoice | JsonVoice | None = None, now: datetime = AT, is_known: bool = False
) -> tuple[int, list[float]]:
    """The exit code, and the pauses that were made; an exception among the looks is raised."""
    remaining: Iterator[Any] = iter(looks)

    def read() -> Any:
        look = next(remaining)
        if isinstance(look, Exception):
            raise look
        return look

    pauses: list[float] = []
    follower = Follower(read, voice or TextVoice(), is_known=is_known, sleep=pauses.append, now=lambda: now)
    return follower.follow(), pauses


@pytest.mark.parametrize(("status", "code"), [("succeeded", 0), ("failed", 1), ("cancelled", 3)])
def test_the_outcome_is_the_exit_code(status: str, code: int) -> None:
    assert followed(workflow("queued"), workflow("running"), workflow(status))[0] == code


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line[10:] if line[2:3] == ":" else line for line in capsys.readouterr().out.splitlines()]


def test_each_job_has_lines_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    failed = job("A", "failed", stopped=1.5, statusReason="it broke\nMy.Error")
    again = attempt("it broke\nMy.Error", 0, 1.5)
    followed(
        workflow("running", job("A", "queued")),
        workflow("running", job("A", "running")),
        workflow("running", failed),
        workflow(
            "succeeded",
            job("A", "succeeded", started=2, stopped=12, attempts=[again]),
            job("Inner", "succeeded", stopped=70),
            output='{"a":1}',
        ),
    )
    assert lines(capsys) == [
        "A      running",
        "A      failed           1.5 s  attempt 1  it broke (My.Error)",
        "A      succeeded         10 s  attempt 2",
        "Inner  succeeded   1 min 10 s",
        "succeeded after 12 s",
        '{"a":1}',
    ]


def test_a_failure_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    last = job("It's A", "failed", stopped=1, statusReason="one\ntwo\nMy.Error")
    followed(workflow("failed", last, lastJob=last))
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1:] == ["failed after 12 s", "  one", "  two", "  My.Error"]
    assert captured.err == "Go on with: wfm resume w1 --start-at 'It'\"'\"'s A'\n"


def test_a_job_that_waits_for_a_worker_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    resource = {"name": "greet", "namespace": "dev", "type": "ActivityARN"}
    waiting = workflow("running", job("A", "queued", stateResource=resource))
    followed(waiting, waiting, workflow("cancelled"), now=AT + timedelta(seconds=4))
    waits = [line for line in lines(capsys) if "queued" in line]
    assert [line.split(None, 2)[:2] for line in waits] == [["A", "queued"]]
    assert waits[0].endswith("no worker has taken it. Start one: wfm worker --activity=dev--greet -- COMMAND")


def test_a_failure_for_want_of_an_activity_says_which_worker_to_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    resource = {"name": "greet", "namespace": "dev", "type": "ActivityARN"}
    last = job(
        "A", "failed", statusReason="Activity Does Not Exist\nActivityDoesNotExist", stateResource=resource
    )
    followed(workflow("failed", last, lastJob=last))
    assert capsys.readouterr().err.splitlines() == [
        "No worker has ever served that activity. Start one: wfm worker --activity=dev--greet -- COMMAND",
        "Go on with: wfm resume w1 --start-at A",
    ]


def test_a_job_that_was_only_just_queued_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    followed(workflow("running", job("A", "queued")), workflow("cancelled"), now=AT + timedelta(seconds=1))
    assert lines(capsys) == ["cancelled after 12 s"]


def test_a_server_that_was_away_is_told_of_once_and_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    away = Unavailable("nobody listens")
    code, _ = followed(
        workflow("running"), away, away, away, workflow("running"), away, workflow("succeeded")
    )
    assert code == 0
    assert capsys.readouterr().err.count("nobody listens") == 2


@pytest.mark.parametrize("error", [Unavailable("nobody listens"), NotFound("workflow", "w1")])
def test_at_the_first_look_every_error_counts(error: Exception) -> None:
    with pytest.raises(type(error)):
        followed(error)


def test_one_that_was_just_submitted_is_waited_for_from_the_first_look_on() -> None:
    assert followed(Unavailable("nobody listens"), workflow("succeeded"), is_known=True)[0] == 0


def test_a_workflow_that_is_gone_later_is_an_error() -> None:
    with pytest.raises(NotFound):
        followed(workflow("running"), NotFound("workflow", "w1"))


def test_pauses_grow_while_nothing_happens_and_shrink_when_it_does() -> None:
    still = [workflow("running", job("A", "running"))] * 10
    _, pauses = followed(*still, workflow("running", job("A", "succeeded")), workflow("succeeded"))
    assert pauses[0] == 0.25
    assert pauses[9] == 2.0
    assert pauses[10] == 0.25


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    followed(
        workflow("running", job("A", "queued")),
        workflow("failed", job("A", "failed", stopped=2, statusReason="one\nMy.Error"), output=""),
        voice=JsonVoice(),
    )
    printed: list[Any] = [loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["type"], each.get("state"), each["status"]) for each in printed] == [
        ("job", "A", "queued"),
        ("job", "A", "failed"),
        ("workflow", None, "failed"),
    ]
    assert printed[1] == {
        "type": "job",
        "id": "2",
        "state": "A",
        "status": "failed",
        "attempt": 1,
        "at": at(2),
        "reason": "one\nMy.Error",
    }


def test_what_happened_between_two_looks_is_told_in_its_order(capsys: pytest.CaptureFixture[str]) -> None:
    followed(
        workflow(
            "succeeded",
            job("Each", "succeeded", stopped=9),
            job("Inner", "succeeded", started=1, stopped=3),
            job("Late", "running", started=5),
        )
    )
    assert [line.split()[0] for line in lines(capsys)[:3]] == ["Inner", "Late", "Each"]


def test_items_of_a_map_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [
        job("Each", "running", id="1"),
        job("Both", "running", id="2", parent="1", mapIndex=3),
        job("Inner", "succeeded", id="3", parent="2", branch=0, stopped=1),
        job("Inner", "running", id="4", parent="1", mapIndex=0),
    ]
    ended = workflow("cancelled", *jobs)
    followed(ended)
    assert sorted(line.split()[0] for line in lines(capsys)[:4]) == [
        "Both[3]",
        "Each",
        "Inner[0]",
        "Inner[3]",
    ]
    followed(ended, voice=JsonVoice())
    printed: list[Any] = [loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each.get("mapIndexes") for each in printed if each["type"] == "job"].count([3]) == 2


def test_a_failure_inside_is_told_in_full_and_resumed_from_outside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    inner = job("Inner", "failed", id="2", parent="1", mapIndex=0, stopped=1, statusReason="c\nE")
    look = workflow("failed", job("Each", "failed", id="1", stopped=1), inner, lastJob=inner)
    Follower(lambda: look, TextVoice(), read_cause=lambda: "a\nb\nc\nd\ne\nE").follow()
    captured = capsys.readouterr()
    assert captured.out.splitlines()[3:] == ["  a", "  b", "  c", "  d", "  e", "  E"]
    assert captured.err.endswith("wfm resume w1 --start-at Each\n")


def test_what_failed_inside_is_gone_on_with_from_outside() -> None:
    jobs = [
        job("A", "succeeded", id="1"),
        job("Each", "failed", id="2"),
        job("In", "failed", id="3", parent="2"),
    ]
    assert failed_state(workflow("failed", *jobs, lastJob={"id": "3", "state": "In"})) == "Each"
    assert failed_state(workflow("failed", lastJob={"id": "3", "state": "In"})) == "In"
    assert failed_state(workflow("running", jobs[0])) == ""
