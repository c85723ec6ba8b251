"""Events and attempts of a workflow, told by state and by item."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Wfm
from workflow_manager.cli.events import told
from workflow_manager.cli.follow import Follower
from workflow_manager.cli.log import LogVoice, attempts
from workflow_manager.kernel.json import loads


def event(id: int, type: str, previous: int, **details: Any) -> dict[str, Any]:
    group = "stateEntered" if type.endswith("StateEntered") else f"{type[0].lower()}{type[1:]}"
    shown = {f"{group}EventDetails": details} if details else {}
    return {"id": id, "previousEventId": previous, "type": type, "timestamp": "2026-01-05T10:00:00Z", **shown}


NESTED = [
    event(1, "ExecutionStarted", 0, input="{}"),
    event(2, "MapStateEntered", 0, name="Each"),
    event(3, "MapStateStarted", 2, length=2),
    event(4, "MapIterationStarted", 3, name="Each", index=0),
    event(5, "MapIterationStarted", 3, name="Each", index=1),
    event(6, "ParallelStateEntered", 5, name="Both"),
    event(7, "ParallelStateStarted", 6),
    event(8, "TaskStateEntered", 7, name="Work"),
    event(9, "ActivityScheduled", 8, resource="arn"),
    event(10, "ActivityStarted", 9, workerName="w1"),
    event(11, "ActivityFailed", 10, error="E", cause="one\ntwo"),
    event(12, "ParallelStateFailed", 11),
    event(13, "MapIterationFailed", 12, name="Each", index=1),
    event(14, "MapIterationAborted", 4, name="Each", index=0),
    event(15, "MapStateFailed", 13),
    event(16, "ExecutionFailed", 15, error="E", cause="one"),
]


def test_every_event_is_about_a_state_in_an_item() -> None:
    assert [(each.event["id"], each.label) for each in told(NESTED)] == [
        *((1, ""), (2, "Each"), (3, "Each"), (4, "Each[0]"), (5, "Each[1]"), (6, "Both[1]"), (7, "Both[1]")),
        *((8, "Work[1]"), (9, "Work[1]"), (10, "Work[1]"), (11, "Work[1]"), (12, "Both[1]"), (13, "Each[1]")),
        *((14, "Each[0]"), (15, "Each"), (16, "")),
    ]


def test_what_follows_a_map_is_not_inside_it() -> None:
    events = [*NESTED[:4], event(5, "MapIterationSucceeded", 4, name="Each", index=0)]
    events += [
        event(6, "MapStateSucceeded", 5),
        event(7, "MapStateExited", 6),
        event(8, "PassStateEntered", 7, name="P"),
    ]
    assert [each.label for each in told(events)][-3:] == ["Each", "Each", "P"]


def in_each_other(kind: str) -> list[dict[str, Any]]:
    """A Map in a Map, or a Parallel in a Parallel, up to a Pass state in the inner one."""
    begun: list[dict[str, Any]] = []
    for name in ("Outer", "Inner"):
        begun.append(event(len(begun) + 1, f"{kind}StateEntered", len(begun), name=name))
        begun.append(event(len(begun) + 1, f"{kind}StateStarted", len(begun)))
        if kind == "Map":
            begun.append(event(len(begun) + 1, "MapIterationStarted", len(begun), name=name, index=7))
    return begun


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        (
            "Map",
            [
                *(("MapIterationFailed", "Inner[7][7]", 7), ("MapStateFailed", "Inner[7]", None)),
                *(("MapIterationFailed", "Outer[7]", 7), ("MapStateFailed", "Outer", None)),
            ],
        ),
        (
            "Map",
            [
                *(("MapIterationSucceeded", "Inner[7][7]", 7), ("MapStateSucceeded", "Inner[7]", None)),
                *(("MapStateExited", "Inner[7]", None), ("MapIterationSucceeded", "Outer[7]", 7)),
                *(("MapStateSucceeded", "Outer", None), ("MapStateExited", "Outer", None)),
            ],
        ),
        (
            "Map",
            [
                *(("MapIterationFailed", "Inner[7][7]", 7), ("MapStateFailed", "Inner[7]", None)),
                *(("MapStateStarted", "Inner[7]", None), ("MapIterationStarted", "Inner[7][7]", 7)),
                *(("MapIterationFailed", "Inner[7][7]", 7), ("MapStateFailed", "Inner[7]", None)),
                ("MapIterationFailed", "Outer[7]", 7),
            ],
        ),
        (
            "Parallel",
            [
                *(("ParallelStateSucceeded", "Inner", None), ("ParallelStateExited", "Inner", None)),
                *(("ParallelStateSucceeded", "Outer", None), ("ParallelStateExited", "Outer", None)),
            ],
        ),
        ("Parallel", [("ParallelStateFailed", "Inner", None), ("ParallelStateFailed", "Outer", None)]),
    ],
    ids=["failed", "succeeded", "tried again", "parallel", "parallel failed"],
)
def test_one_inside_another_is_told_from_it(kind: str, ends: list[tuple[str, str, int | None]]) -> None:
    begun = in_each_other(kind)
    ended = [
        event(number, type_, number - 1, **({} if index is None else {"index": index}))
        for number, (type_, _, index) in enumerate(ends, len(begun) + 1)
    ]
    found = list(told([*begun, *ended]))[len(begun) :]
    assert [each.label for each in found] == [label for _, label, _ in ends]


def test_an_event_is_told_in_a_line() -> None:
    details = {each.event["id"]: each.detail for each in told(NESTED)}
    assert [details[number] for number in (1, 3, 9, 10, 11)] == ["{}", "2 items", "arn", "by w1", "one (E)"]


def test_attempts_are_told_in_the_order_of_time() -> None:
    def times(second: int) -> dict[str, str]:
        return dict.fromkeys(("createdAt", "startedAt", "stoppedAt"), f"2026-01-05T10:00:0{second}Z")

    retried = {**times(4), "state": "A", "status": "succeeded", "container": "w2"}
    retried["attempts"] = [{**times(1), "reason": "r", "taskARN": "w1"}]
    jobs = [retried, {**times(2), "state": "B", "status": "failed", "statusReason": "x"}]
    found = [
        (each["label"], each["attempt"], each["status"], each["worker"], each["reason"])
        for each in attempts(jobs)
    ]
    assert found == [
        ("A", 1, "failed", "w1", "r"),
        ("B", 1, "failed", None, "x"),
        ("A", 2, "succeeded", "w2", ""),
    ]


def look(status: str, *jobs: Any) -> Any:
    return {"id": "w", "status": status, "jobs": list(jobs)}


def at(started: int | None = None, stopped: int | None = None, **more: Any) -> Any:
    """A job with its times in seconds."""

    def time(second: int | None) -> str:
        return "0001-01-01T00:00:00Z" if second is None else f"2026-01-05T10:00:0{second}Z"

    return {"createdAt": time(0), "startedAt": time(started), "stoppedAt": time(stopped), **more}


LOOKS = [
    look("running", at(1, state="A", status="running", container="w1")),
    look("running", at(1, state="A", status="running", container="w1")),
    look(
        "running",
        at(3, 4, state="A", status="succeeded", attempts=[at(1, 2, reason="r\nE", taskARN="w1")]),
        at(state="B", status="queued"),
    ),
    look(
        "failed",
        at(3, 4, state="A", status="succeeded", attempts=[at(1, 2, reason="r\nE", taskARN="w1")]),
        at(5, 6, state="B", status="failed", statusReason="why"),
    ),
]


def followed_log(*, is_json: bool, looks: list[Any] = LOOKS) -> int:
    rest = iter(looks)
    voice = LogVoice(lambda entry: True, is_json=is_json)
    return Follower(lambda: next(rest), voice, sleep=lambda seconds: None).follow()


def test_a_followed_log_says_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert followed_log(is_json=False) == 1
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [words[2:] if len(words) > 2 else words for words in lines] == [
        ["A", "started", "by", "w1"],
        ["A", "failed", "1.0", "s", "attempt", "1", "by", "w1"],
        ["r"],
        ["E"],
        ["A", "started", "attempt", "2"],
        ["A", "succeeded", "1.0", "s", "attempt", "2"],
        ["B", "started", "attempt", "1"],
        ["B", "failed", "1.0", "s", "attempt", "1"],
        ["why"],
    ]


def test_a_followed_log_is_json_lines_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    followed_log(is_json=True)
    found: list[Any] = [loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["label"], each["attempt"], each["status"]) for each in found] == [
        ("A", 1, "running"),
        ("A", 1, "failed"),
        ("A", 2, "succeeded"),
        ("B", 1, "failed"),
    ]
    assert found[-1]["reason"] == "why"


@pytest.fixture
def failed(wfm: Wfm, name: str, text: str, tmp_path: Path) -> str:
    """A workflow that has failed."""
    (tmp_path / "hello.yml").write_text(text)
    wfm("definitions", "apply", str(tmp_path / "hello.yml"))
    wfm("submit", name, '{"do":"fail"}', "--follow")
    return wfm("workflows", name, "-q").out.strip()


def test_history_is_filtered_by_type_state_and_outcome(wfm: Wfm, failed: str) -> None:
    types = [each["type"] for each in wfm("history", failed, "--json").json]
    assert types[:3] == ["ExecutionStarted", "ChoiceStateEntered", "ChoiceStateExited"]
    assert wfm("history", failed, "--state", "Choose", "--type", "*exited", "-q").lines == ["3"]
    (row,) = wfm("history", failed, "--failed").lines[1:]
    assert row.split()[3:] == ["ExecutionFailed", "-", "it", "broke", "(My.Error)"]
    newest = wfm("history", failed, "--newest-first", "--limit", "1", "--json").json
    assert newest[0]["executionFailedEventDetails"] == {"error": "My.Error", "cause": "it broke"}


def test_logs_say_why(wfm: Wfm, failed: str) -> None:
    lines = [line.split() for line in wfm("logs", failed).lines]
    assert [words[2:4] for words in lines[:2]] == [["Choose", "succeeded"], ["Broken", "failed"]]
    assert lines[2:] == [["it", "broke"], ["My.Error"]]
    assert [each["label"] for each in wfm("logs", failed, "--failed", "--json").json] == ["Broken"]


def test_a_followed_log_ends_with_the_workflows_exit_code(wfm: Wfm, failed: str) -> None:
    printed = wfm("logs", failed, "--follow")
    assert printed.code == 1
    assert printed.lines == wfm("logs", failed).lines
    assert wfm("logs", failed, "--follow", "-o", "yaml").code == 2


@pytest.mark.parametrize("command", ["history", "logs"])
def test_a_workflow_that_is_not_there_is_exit_2(wfm: Wfm, command: str) -> None:
    printed = wfm(command, "nope")
    assert (printed.code, printed.err) == (2, "Error: there is no workflow nope\n")
