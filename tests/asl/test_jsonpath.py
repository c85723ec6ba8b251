"""Jayway's own answers, case by case, and the limits that Jayway does not have."""

from __future__ import annotations

import json
from pathlib import Path as File
from typing import Any

import pytest

from workflow_manager.asl.jsonpath import InvalidPath, PathNotFound, compile_path

HERE = File(__file__).parent


def recorded(name: str) -> list[Any]:
    data = json.loads((HERE / name).read_text(encoding="utf-8"))
    # Members in the order in which the recording machine held them, since `*` and `..` show it.
    whole = next((case["value"] for case in data["cases"] if case["path"] == "$"), data["document"])
    return [pytest.param(whole, case, id=case["path"]) for case in data["cases"]]


def outcome(path: str, document: Any) -> dict[str, Any]:
    case: dict[str, Any] = {"path": path}
    try:
        compiled = compile_path(path)
        case["definite"] = compiled.definite
        case["value"] = compiled.read(document)
    except InvalidPath as error:
        case["error"] = str(error)
        case["found"] = not isinstance(error, PathNotFound)
    return case


@pytest.mark.parametrize(
    ("document", "case"), recorded("jsonpath_reference.json") + recorded("jsonpath_corners.json")
)
def test_a_path_gives_what_jayway_gives(document: Any, case: dict[str, Any]) -> None:
    expected = dict(case)
    if "error" in case:
        kind, expected["error"] = case["error"].split(": ", 1)
        expected["found"] = kind != "PathNotFoundException"
    assert json.dumps(outcome(case["path"], document), sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_reading_changes_nothing_and_shares_no_list_it_made() -> None:
    document = {"a": [1, 2]}
    path = compile_path("$.a.append(3)")
    assert path.read(document) == path.read(document) == [1, 2, 3]
    assert document == {"a": [1, 2]}


def test_aws_keeps_the_backslash_before_a_double_quote_in_single_quotes() -> None:
    assert compile_path("""$['Test\\""Name"']""").read({'Test\\""Name"': 1}) == 1


@pytest.mark.parametrize(
    "path",
    [
        "$" + "[0,0]" * 100,
        "$" + "..*" * 40,
        "$..[?(@..[?(@..[?(@..x == 1)])])]",
    ],
)
def test_a_path_cannot_run_for_ever(path: str) -> None:
    document: Any = [{"s": "x" * 30}]
    for _ in range(100):
        document = [document, document]
    with pytest.raises(InvalidPath, match=r"visits more than|nested too deeply"):
        compile_path(path).read(document)


def test_a_pattern_that_backtracks_is_given_up() -> None:
    case = outcome(r"$[?(@ =~ /(\w|\w\w)*\w{3}(.*)*\d\1\2x?y/)]", ["a" * 5000 + "!"])
    assert case.get("value") == [] or "takes too long" in case["error"]


@pytest.mark.parametrize(
    "path",
    [
        "$" + ".a" * 1000,
        "$[?(" + "(" * 1000 + "@" + ")" * 1000 + ")]",
        "$[?(" + "!" * 1000 + "(@))]",
        "$" + "[?(@" * 500 + ")]" * 500,
        "$[?(@ == " + "[" * 5000 + "]" * 5000 + ")]",
        "$.f(" * 1000 + ")" * 1000,
        "$[?(@ == " + "9" * 5000 + ")]",
        "$[" + "9" * 5000 + "]",
        "",
        "$['",
        "$[?(@.a =~ /" + "a" * 5000 + "/)]",
    ],
)
def test_a_monstrous_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidPath):
        compile_path(path)


@pytest.mark.parametrize("path", ["$..x", "$..*", "$[?(@ == $)]", "$..[?(@[0])]"])
def test_a_deep_document_is_read_or_refused(path: str) -> None:
    document: Any = []
    for _ in range(20_000):
        document = [document]
    case = outcome(path, document)
    assert "value" in case or "nested too deeply" in case["error"]


@pytest.mark.parametrize(
    ("path", "value"),
    [("$.a.sum()", [1e308, 1e308]), ("$.a.sum()", [10**400]), ("$.a.stddev()", [1e200, 1e200])],
)
def test_an_aggregate_that_json_cannot_hold_fails(path: str, value: list[float]) -> None:
    with pytest.raises(InvalidPath, match="too large"):
        compile_path(path).read({"a": value})
