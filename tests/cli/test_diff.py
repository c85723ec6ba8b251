"""Two definitions compared state by state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Wfm
from workflow_manager.cli.diff import changes


def machine(**states: Any) -> Any:
    return {"StartAt": "A", "States": states}


def told(before: Any, after: Any) -> list[tuple[Any, ...]]:
    return [tuple(each.values()) for each in changes(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (machine(A=1), machine(A=1), []),
        (machine(A={"x": 1}), machine(A={"x": True}), [("A", "changed", "x", 1, True)]),
        (machine(A={"x": 1}), machine(A={"y": 2}), [("A", "changed", "y", 2), ("A", "changed", "x", 1)]),
        (machine(A={}), machine(A={}, B={}), [("B", "added", {})]),
        (machine(A={}, B={}), machine(A={}), [("B", "removed", {})]),
        ({**machine(), "StartAt": "B"}, machine(), [("", "changed", "StartAt", "B", "A")]),
        (
            machine(M={"Iterator": machine(A={"x": 1})}),
            machine(M={"ItemProcessor": machine(A={"x": 2})}),
            [("M/A", "changed", "x", 1, 2)],
        ),
        (
            machine(P={"Branches": [machine(A={}), machine(B={})]}),
            machine(P={"Branches": [machine(A={"x": 1})]}),
            [("P/branch 0/A", "changed", "x", 1), ("P/branch 1", "removed", machine(B={}))],
        ),
    ],
)
def test_what_differs_is_told_by_state(before: Any, after: Any, found: list[tuple[Any, ...]]) -> None:
    assert told(before, after) == found


def test_versions_and_files_are_compared(wfm: Wfm, name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "hello.yml"
    file.write_text(text)
    wfm("definitions", "apply", str(file))
    assert "only one version" in wfm("diff", name).err
    file.write_text(text.replace("600", "601").replace("team: infra", "team: web"))
    expected = [
        "~ Waiting",
        "    - Seconds: 600",
        "    + Seconds: 601",
        "~ (the machine itself)",
        '    - defaultTags.team: "infra"',
        '    + defaultTags.team: "web"',
    ]
    assert wfm("diff", str(file)).lines == [f"{name}@0 → {name}", *expected]
    assert wfm("diff", str(file), "--exit-code").code == 1
    wfm("definitions", "apply", str(file))
    for arguments in ((name,), (f"{name}@0",), (f"{name}@0", f"{name}@1")):
        assert wfm("diff", *arguments).lines == [f"{name}@0 → {name}@1", *expected]
    assert wfm("diff", f"{name}@1", "--exit-code").lines[1:] == ["Nothing differs."]
    assert wfm("diff", name, "-o", "name").lines == ["Waiting", "."]


RETRY = [{"ErrorEquals": ["E"]}]
WORK = {"Type": "Task", "Resource": "echo", "End": True}
OLD = machine(
    A={
        "Type": "Map",
        "Comment": "all",
        "Iterator": machine(A1={**WORK, "Retry": RETRY, "InputPath": "$"}) | {"StartAt": "A1"},
        "Parameters": {"x.$": "$"},
        "End": True,
    }
)
SPELT_OUT = {"ErrorEquals": ["E"], "Comment": "as ever", "MaxAttempts": 3, "BackoffRate": 2}


@pytest.mark.parametrize(
    ("retrier", "found"),
    [(SPELT_OUT, []), ({**SPELT_OUT, "MaxAttempts": 4}, ["A/A1"])],
    ids=["same", "other"],
)
def test_by_meaning_only_what_runs_differently_differs(
    wfm: Wfm, tmp_path: Path, retrier: Any, found: list[str]
) -> None:
    new = machine(
        A={
            "Type": "Map",
            "Comment": "all",
            "ItemProcessor": machine(A1={**WORK, "Retry": [retrier]}) | {"StartAt": "A1"},
            "ItemSelector": {"x.$": "$"},
            "End": True,
        }
    )
    files = [tmp_path / "old.json", tmp_path / "new.json"]
    for file, definition in zip(files, (OLD, new), strict=True):
        file.write_text(json.dumps(definition))
    assert wfm("diff", *map(str, files), "-o", "name").lines != found
    assert wfm("diff", *map(str, files), "--meaning", "-o", "name").lines == found


def test_what_is_no_definition_has_no_meaning(wfm: Wfm, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(machine(A={**WORK, "Resource": "arn:nonsense"})))
    told = wfm("diff", str(file), str(file), "--meaning")
    assert told.code == 2
    assert "Value is not a valid resource ARN" in told.err
