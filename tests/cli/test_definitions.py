"""`wfm definitions` against a server."""

from __future__ import annotations

import json
from pathlib import Path

from tests.api.memory_executor import MemoryExecutor
from tests.cli.conftest import HELLO, Wfm


def file(folder: Path, text: str, name: str = "hello.yml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_a_new_definition_is_created_once_and_then_unchanged(wfm: Wfm, tmp_path: Path) -> None:
    path = file(tmp_path, HELLO)
    assert wfm("definitions", "apply", path).lines == ["hello  created"]
    assert wfm("definitions", "apply", path).lines == ["hello  unchanged, version 0"]


def test_a_change_makes_a_version(wfm: Wfm, tmp_path: Path, executor: MemoryExecutor) -> None:
    wfm("definitions", "apply", file(tmp_path, HELLO))
    for change in (HELLO.replace("greet", "wave"), HELLO.replace("infra", "data")):
        wfm("definitions", "apply", file(tmp_path, change))
    assert wfm("definitions", "apply", file(tmp_path, HELLO)).lines == ["hello  updated to version 3"]
    assert len(executor.versions["hello"]) == 4


def test_true_is_not_1_and_the_order_of_keys_is_no_change(wfm: Wfm, tmp_path: Path) -> None:
    def applied(machine: dict[str, object]) -> str:
        text = json.dumps({"name": "a", "stateMachine": machine})
        return wfm("definitions", "apply", file(tmp_path, text, "a.json")).lines[0]

    applied({"StartAt": "A", "X": 1, "Y": 2})
    assert "unchanged" in applied({"Y": 2, "X": 1, "StartAt": "A"})
    assert "version 1" in applied({"StartAt": "A", "X": True, "Y": 2})


def test_each_definition_of_each_file_is_told_of(wfm: Wfm, tmp_path: Path) -> None:
    first = file(tmp_path, HELLO)
    second = file(tmp_path, f"{HELLO}---\n{HELLO.replace('hello', 'a-longer-name')}", "two.yml")
    assert wfm("definitions", "apply", first, second).lines == [
        "hello          created",
        "hello          unchanged, version 0",
        "a-longer-name  created",
    ]


def test_json_tells_the_same(wfm: Wfm, tmp_path: Path) -> None:
    printed = wfm("definitions", "apply", "--json", file(tmp_path, HELLO))
    assert printed.json == [{"name": "hello", "result": "created", "version": 0}]


def test_a_refused_definition_does_not_keep_the_others_back(wfm: Wfm, tmp_path: Path) -> None:
    bad = file(tmp_path, "name: bad\ndefaultTags: {a: 1}\nstateMachine: {StartAt: x}\n", "bad.yml")
    printed = wfm("definitions", "apply", bad, file(tmp_path, HELLO))
    assert printed.code == 2
    assert printed.lines == ["bad    invalid", "hello  created"]
    assert printed.err == f"  {bad}: error converting tag value to string: 1\n"


def test_nothing_is_stored_when_a_file_cannot_be_read(
    wfm: Wfm, tmp_path: Path, executor: MemoryExecutor
) -> None:
    for broken in (str(tmp_path / "missing.yml"), file(tmp_path, "a: b: c", "broken.yml")):
        printed = wfm("definitions", "apply", file(tmp_path, HELLO), broken)
        assert printed.code == 2
        assert broken in printed.err
    assert executor.versions == {}


def test_a_definition_is_shown_as_it_can_be_applied(wfm: Wfm, tmp_path: Path) -> None:
    wfm("definitions", "apply", file(tmp_path, HELLO))
    shown = wfm("definitions", "show", "hello").out
    assert shown.startswith("# version 0, created 20")
    assert wfm("definitions", "apply", file(tmp_path, shown)).lines == ["hello  unchanged, version 0"]


def test_every_version_can_be_shown(wfm: Wfm, tmp_path: Path) -> None:
    wfm("definitions", "apply", file(tmp_path, HELLO))
    wfm("definitions", "apply", file(tmp_path, HELLO.replace("greet", "wave")))
    assert "greet" in wfm("definitions", "show", "hello@0").out
    assert "wave" in wfm("definitions", "show", "hello@1").out
    assert "wave" in wfm("definitions", "show", "hello@latest").out
    assert wfm("definitions", "show", "--json", "hello").json["version"] == 1
    rows = wfm("definitions", "versions", "hello").lines
    assert [row.split()[:4] for row in rows[1:]] == [
        ["hello", "0", "Greet", "2"],
        ["hello", "1", "Greet", "2"],
    ]


def test_the_list_is_a_table_with_the_latest_versions(wfm: Wfm, tmp_path: Path) -> None:
    wfm("definitions", "apply", file(tmp_path, HELLO))
    heading, row = wfm("definitions", "list").lines
    assert heading.split() == ["NAME", "VERSION", "STARTS", "AT", "STATES", "CREATED", "TAGS"]
    assert row.endswith("team=infra")
    assert row.index("Greet") == heading.index("STARTS AT")


def test_an_empty_list_says_how_to_begin(wfm: Wfm) -> None:
    printed = wfm("definitions", "list")
    assert printed.out == ""
    assert "wfm definitions apply FILE" in printed.err
    assert wfm("definitions", "list", "--json").json == []


def test_what_is_not_there_is_named(wfm: Wfm) -> None:
    for reference in ("zz", "zz@3"):
        printed = wfm("definitions", "show", reference)
        assert (printed.code, printed.err) == (2, f"Error: there is no definition {reference}\n")


def test_names_with_any_character_are_addressable(wfm: Wfm, tmp_path: Path) -> None:
    name = "team/a b?c:d%2F@x"
    text = json.dumps({"name": name, "stateMachine": {"StartAt": "A"}})
    for expected in (f"{name}  created", f"{name}  unchanged, version 0"):
        assert wfm("definitions", "apply", file(tmp_path, text, "a.json")).lines == [expected]
