"""`wfm definitions` against a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Wfm
from tests.serving import serving
from workflow_manager.cli.main import run


def file(folder: Path, text: str, name: str = "hello.yml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_a_new_definition_is_created_once_and_then_unchanged(
    wfm: Wfm, tmp_path: Path, name: str, text: str
) -> None:
    path = file(tmp_path, text)
    assert wfm("definitions", "apply", path).lines == [f"{name}  created"]
    assert wfm("definitions", "apply", path).lines == [f"{name}  unchanged, version 0"]


def test_a_change_makes_a_version(wfm: Wfm, tmp_path: Path, name: str, text: str) -> None:
    for change in (text, text.replace("600", "300"), text.replace("infra", "data")):
        wfm("definitions", "apply", file(tmp_path, change))
    assert wfm("definitions", "apply", file(tmp_path, text)).lines == [f"{name}  updated to version 3"]
    versions = wfm("definitions", "versions", name, "--json").json
    assert [each.get("version", 0) for each in versions] == [0, 1, 2, 3]


def test_true_is_not_1_and_the_order_of_keys_is_no_change(wfm: Wfm, tmp_path: Path, name: str) -> None:
    def applied(state: dict[str, object]) -> str:
        machine = {"StartAt": "A", "States": {"A": state}}
        text = json.dumps({"name": name, "stateMachine": machine})
        return wfm("definitions", "apply", file(tmp_path, text, "a.json")).lines[0]

    applied({"Type": "Pass", "Result": 1, "End": True})
    assert "unchanged" in applied({"End": True, "Type": "Pass", "Result": 1})
    assert "version 1" in applied({"Type": "Pass", "Result": True, "End": True})


def test_each_definition_of_each_file_is_told_of(wfm: Wfm, tmp_path: Path, name: str, text: str) -> None:
    first = file(tmp_path, text)
    longer = f"{name}-with-a-longer-name"
    second = file(tmp_path, f"{text}---\n{text.replace(name, longer)}", "two.yml")
    assert wfm("definitions", "apply", first, second).lines == [
        f"{name.ljust(len(longer))}  created",
        f"{name.ljust(len(longer))}  unchanged, version 0",
        f"{longer}  created",
    ]


def test_json_tells_the_same(wfm: Wfm, tmp_path: Path, name: str, text: str) -> None:
    printed = wfm("definitions", "apply", "--json", file(tmp_path, text))
    assert printed.json == [{"name": name, "result": "created", "version": 0}]


def test_a_refused_definition_tells_each_problem_and_does_not_keep_the_others_back(
    wfm: Wfm, tmp_path: Path, name: str, text: str
) -> None:
    wrong = text.replace("Next: Waiting", "Next: Nowhere").replace("Default: Done", "Default: Lost")
    bad = file(tmp_path, wrong.replace(name, "bad"), "bad.yml")
    printed = wfm("definitions", "apply", bad, file(tmp_path, text))
    assert printed.code == 2
    assert [line.split() for line in printed.lines] == [["bad", "invalid"], [name, "created"]]
    problems = printed.err.splitlines()
    assert all(problem.startswith(f"  {bad}: ") for problem in problems)
    assert [
        problem.rpartition(" at ")[2] for problem in problems if "Lost" in problem or "Nowhere" in problem
    ] == [
        "/States/Choose/Default",
        "/States/Choose/Choices[0]/Next",
    ]


def test_nothing_is_stored_when_a_file_cannot_be_read(wfm: Wfm, tmp_path: Path, name: str, text: str) -> None:
    for broken in (str(tmp_path / "missing.yml"), file(tmp_path, "a: b: c", "broken.yml")):
        printed = wfm("definitions", "apply", file(tmp_path, text), broken)
        assert printed.code == 2
        assert broken in printed.err
    assert wfm("definitions", "show", name).code == 2


def test_a_definition_is_shown_as_it_can_be_applied(wfm: Wfm, tmp_path: Path, name: str, text: str) -> None:
    wfm("definitions", "apply", file(tmp_path, text))
    shown = wfm("definitions", "show", name).out
    assert shown.startswith("# version 0, created 20")
    assert wfm("definitions", "apply", file(tmp_path, shown)).lines == [f"{name}  unchanged, version 0"]


def test_every_version_can_be_shown(wfm: Wfm, tmp_path: Path, name: str, text: str) -> None:
    wfm("definitions", "apply", file(tmp_path, text))
    wfm("definitions", "apply", file(tmp_path, text.replace("600", "300")))
    assert "600" in wfm("definitions", "show", f"{name}@0").out
    assert "300" in wfm("definitions", "show", f"{name}@1").out
    assert "300" in wfm("definitions", "show", f"{name}@latest").out
    assert wfm("definitions", "show", "--json", name).json["version"] == 1
    rows = wfm("definitions", "versions", name).lines
    assert [row.split()[:4] for row in rows[1:]] == [[name, "0", "Choose", "4"], [name, "1", "Choose", "4"]]


def test_the_list_is_a_table_with_the_latest_versions(wfm: Wfm, tmp_path: Path, name: str, text: str) -> None:
    wfm("definitions", "apply", file(tmp_path, text))
    heading, *rows = wfm("definitions", "list").lines
    assert heading.split() == ["NAME", "VERSION", "STARTS", "AT", "STATES", "CREATED", "TAGS"]
    (row,) = [row for row in rows if row.split()[0] == name]
    assert row.endswith("team=infra")
    assert row.index("Choose") == heading.index("STARTS AT")


def test_what_is_not_there_is_named(wfm: Wfm) -> None:
    for reference in ("zz", "zz@3"):
        printed = wfm("definitions", "show", reference)
        assert (printed.code, printed.err) == (2, f"Error: there is no definition {reference}\n")


def test_names_with_any_character_are_addressable(wfm: Wfm, tmp_path: Path, text: str, name: str) -> None:
    strange = f"team/{name} b?c:d%2F@x"
    path = file(tmp_path, text.replace(f"name: {name}", f"name: {strange}"))
    for expected in (f"{strange}  created", f"{strange}  unchanged, version 0"):
        assert wfm("definitions", "apply", path).lines == [expected]


def test_a_new_server_says_how_to_begin(wfm: Wfm, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as empty:
        printed = wfm("definitions", "list", server=empty)
        assert printed.out == ""
        assert "wfm definitions apply FILE" in printed.err
        assert wfm("definitions", "list", "--json", server=empty).json == []
        assert wfm("workflows", server=empty).err == "There are no such workflows.\n"


def test_a_definition_is_tested_without_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    definition = "{StartAt: A, States: {A: {Type: Task, Resource: work, End: true}}}"
    tests = "definition: a.yml\ntests: [{mocks: {A: {return: 1}}, expect: {output: %s}}]"
    file(tmp_path, definition, "a.yml")

    def tested(output: str, *more: str) -> tuple[int, str]:
        code = run(["definitions", "test", file(tmp_path, tests % output, "test.yml"), *more])
        return code, capsys.readouterr().out

    assert tested("1") == (0, "succeeded  test 1: SUCCEEDED  A\n1 of 1 tests succeeded\n")
    code, told = tested("2")
    assert (code, told.splitlines()[1]) == (1, "  output: expected 2, got 1")
    assert tested("1, unknown: 1")[0] == 2
    shown = json.loads(tested("1", "--json")[1])
    assert (shown[0]["status"], shown[0]["path"]) == ("SUCCEEDED", ["A"])
