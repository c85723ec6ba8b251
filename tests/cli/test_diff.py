"""Two definitions compared state by state."""

from __future__ import annotations

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
