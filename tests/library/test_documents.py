"""What a file of definitions may hold, and how YAML is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.library.documents import Dumper, read_definitions

MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


def bodies(place: str, text: str) -> list[Any]:
    return [each.body for each in read_definitions(place, text)]


@pytest.mark.parametrize(
    ("place", "text", "names"),
    [
        ("one.yml", "name: a\nstateMachine: {StartAt: A}\n", ["a"]),
        ("one.json", json.dumps({"name": "a", "stateMachine": MACHINE}), ["a"]),
        ("-", json.dumps({"name": "a", "stateMachine": MACHINE}), ["a"]),
        ("-", "{name: a, stateMachine: {StartAt: A}}", ["a"]),
        ("many.yml", "name: a\nstateMachine: {}\n---\nname: b\nstateMachine: {}\n---\n", ["a", "b"]),
        ("list.yml", "- {name: a, stateMachine: {}}\n- {name: b, stateMachine: {}}\n", ["a", "b"]),
        ("list.json", json.dumps([{"name": n, "stateMachine": {}} for n in "ab"]), ["a", "b"]),
        ("dir/hello.asl.json", json.dumps(MACHINE), ["hello"]),
        ("hello.yml", "StartAt: A\nStates: {A: {Type: Succeed}}\n", ["hello"]),
        ("bom.json", "\ufeff" + json.dumps({"name": "a", "stateMachine": MACHINE}), ["a"]),
    ],
)
def test_a_file_holds_one_definition_or_many(place: str, text: str, names: list[str]) -> None:
    assert [each["name"] for each in bodies(place, text)] == names


def test_what_only_the_server_sets_is_left_out_and_null_means_not_given() -> None:
    text = "{id: x, createdAt: t, version: 3, name: a, manager: null, stateMachine: {}, defaultTags: {k: v}}"
    assert bodies("a.yml", text) == [{"name": "a", "stateMachine": {}, "defaultTags": {"k": "v"}}]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("1:30", "1:30"),
        ("010", 10),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        (".inf", ".inf"),
        (".", "."),
        ("~", None),
        ("", None),
        ("'1'", "1"),
    ],
)
def test_plain_scalars_are_read_as_json_would_have_them(scalar: str, value: object) -> None:
    read = bodies("a.yml", f"name: a\nstateMachine:\n  X: {scalar}\n")[0]["stateMachine"]["X"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        ("a.yml", "", "a.yml: there is no definition in it"),
        ("a.json", "{", "a.json: not JSON: Expecting property name enclosed in double quotes"),
        ("a.json", '{"a":1,"a":2}', "a.json: not JSON: the key 'a' is there twice"),
        ("a.json", '{"a":NaN}', "a.json: not JSON: NaN is not a number"),
        ("a.json", "[" * 100_000, "a.json: nested too deeply"),
        ("a.yml", "a: b: c", "a.yml, line 1, column 5: mapping values are not allowed here"),
        ("a.yml", "a: 1\na: 2", "a.yml, line 2, column 1: the key 'a' is there twice"),
        ("a.yml", "1: x", "a.yml, line 1, column 1: the key 1 has to be a text: put it in quotes"),
        (
            "a.yml",
            "a: !!python/object:os.system x",
            "a.yml, line 1, column 4: could not determine a constructor",
        ),
        (
            "a.yml",
            "a: &a0 [x, x, x, x, x, x, x, x]\n"
            + "".join(f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]\n" for n in range(1, 40)),
            "a.yml: not YAML: its aliases stand for more than a request can hold",
        ),
        ("a.yml", "a: &x [*x]", "a.yml: not YAML: Circular reference detected"),
        ("a.yml", "x: " + "[" * 500, "a.yml: not YAML: nested too deeply"),
        ("a.yml", "text", "a.yml: a definition is an object with a name and a stateMachine"),
        ("a.yml", "[{name: a, stateMachine: {}}, 3]", "a.yml, definition 2: a definition is an object"),
        ("a.yml", "stateMachine: {}", "a.yml: `name` is missing or not a text"),
        ("a.yml", "name: 3\nstateMachine: {}", "a.yml: `name` is missing or not a text"),
        ("a.yml", "name: a", "a.yml: `stateMachine` is missing or not an object"),
        ("a.yml", "name: a\nstateMachine: text", "a.yml: `stateMachine` is missing or not an object"),
        (
            "a.yml",
            "name: a\ndefaulttags: {}\nstateMachine: {}",
            "a.yml: defaulttags is not known; there are name",
        ),
        ("-", "{States: {}}", "-: a state machine without a name"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(place: str, text: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_definitions(place, text)
    assert str(caught.value).startswith(message)


def test_the_same_key_may_come_by_a_merge() -> None:
    text = "{name: a, stateMachine: {base: &x {A: 1, B: 2}, own: {<<: *x, B: 3}}}"
    assert bodies("a.yml", text)[0]["stateMachine"]["own"] == {"A": 1, "B": 3}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_what_is_written_is_read_back_unchanged(machine: dict[str, Any]) -> None:
    text = yaml.dump(
        {"name": "a", "stateMachine": machine}, Dumper=Dumper, sort_keys=False, allow_unicode=True
    )
    assert bodies("a.yml", text) == [{"name": "a", "stateMachine": machine}]
