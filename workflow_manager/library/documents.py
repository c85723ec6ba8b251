"""Files with workflow definitions: JSON or YAML, one or many.

Decides what a file may hold and how YAML is read: as JSON with less punctuation, so that `no` is a
text, `1:30` is a text, a date is a text, and a key that is there twice is an error.  Whether a state
machine is right is not decided here: the server is its judge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from workflow_manager.kernel.errors import InvalidRequest

# A few bytes of YAML can stand for more than any memory holds.
_LARGEST: Final = 64 * 2**20
_MEMBERS: Final = ("name", "manager", "stateMachine", "defaultTags")
# What `wfm definitions show --json` prints besides; the server sets them.
_SET_BY_SERVER: Final = frozenset({"id", "version", "createdAt"})


@dataclass(frozen=True, slots=True)
class Given:
    """A definition as it was given: the body of a request, and where it was read."""

    place: str
    body: Mapping[str, Any]
    version: int | None = None

    @property
    def name(self) -> str:
        return str(self.body["name"])


def read_definitions(place: str, text: str, *, nameless: str | None = None) -> list[Given]:
    """The definitions in the text of a file; `place` is its name.

    A bare state machine is one too, named as its file, or `nameless` where that is no name for it.
    Raises `InvalidRequest` with the place.
    """
    documents = read_values(place, text)
    flat = [
        item
        for document in documents
        for item in (document if isinstance(document, list) else [document])
        if item is not None
    ]
    if not flat:
        raise InvalidRequest(f"{place}: there is no definition in it")
    many = len(flat) > 1
    name = nameless if many or place == "-" else _stem(place)
    return [_given(_where(place, number, many), item, name) for number, item in enumerate(flat, 1)]


def _where(place: str, number: int, many: bool) -> str:
    return f"{place}, definition {number}" if many else place


def read_values(place: str, text: str) -> list[Any]:
    """The values in the text of a file, JSON or YAML.  Raises `InvalidRequest` with the place."""
    return _json(place, text) if _looks_like_json(place, text) else _yaml(place, text)


def read_definition(where: str, item: Any) -> Given:
    """One definition that is a value already.  Raises `InvalidRequest` with the place."""
    return _given(where, item, None if where == "-" else _stem(where))


def _given(where: str, item: Any, name: str | None) -> Given:
    """`name` is for a bare state machine."""
    if not isinstance(item, dict):
        raise InvalidRequest(f"{where}: a definition is an object with a name and a stateMachine")
    if ("States" in item or "StartAt" in item) and "stateMachine" not in item:
        if name is None:
            raise InvalidRequest(
                f"{where}: a state machine without a name; put it under `stateMachine`, beside a `name`"
            )
        return Given(where, {"name": name, "stateMachine": item})
    unknown = sorted(set(item) - set(_MEMBERS) - _SET_BY_SERVER)
    if unknown:
        raise InvalidRequest(f"{where}: {', '.join(unknown)} is not known; there are {', '.join(_MEMBERS)}")
    if not isinstance(item.get("name"), str) or not item["name"]:
        raise InvalidRequest(f"{where}: `name` is missing or not a text")
    if not isinstance(item.get("stateMachine"), dict):
        raise InvalidRequest(f"{where}: `stateMachine` is missing or not an object")
    body = {name: item[name] for name in _MEMBERS if item.get(name) is not None}
    return Given(where, body, _version(where, item.get("version")))


def _version(where: str, version: Any) -> int | None:
    if version is None:
        return None
    if isinstance(version, bool) or not isinstance(version, int | float) or version != version // 1:
        raise InvalidRequest(f"{where}: `version` is not a whole number")
    return int(version)


def _stem(place: str) -> str:
    """`hello` for hello.json and hello.asl.json."""
    return Path(place).name.split(".")[0]


def _looks_like_json(place: str, text: str) -> bool:
    return place.endswith(".json") or text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def _json(place: str, text: str) -> list[Any]:
    try:
        return [
            json.loads(
                text.lstrip("\ufeff"), object_pairs_hook=_without_repetition, parse_constant=_no_constant
            )
        ]
    except RecursionError as error:
        raise InvalidRequest(f"{place}: nested too deeply") from error
    except ValueError as error:
        # Every JSON text is YAML, and YAML in braces looks like JSON: only what is neither is wrong.
        if not place.endswith(".json") and isinstance(error, json.JSONDecodeError):
            return _yaml(place, text)
        raise InvalidRequest(f"{place}: not JSON: {error}") from error


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} is there twice")
        found[key] = value
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _yaml(place: str, text: str) -> list[Any]:
    try:
        documents = list(yaml.load_all(text, _Loader))
        if _size(documents, {}) > _LARGEST:
            raise ValueError("its aliases stand for more than a request can hold")
        # An alias to its own parent makes a ring, which no request can hold.
        json.dumps(documents)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InvalidRequest(f"{place}{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise InvalidRequest(f"{place}: not YAML: {reason}") from error
    return documents


def _size(value: Any, known: dict[int, int]) -> int:
    """How many characters and values there are when every alias is written out; a ring counts once."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = 0
        inside = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(each, known) for each in inside)
    return known[id(value)]


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} has to be a text: put it in quotes", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is there twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class Dumper(yaml.SafeDumper):
    """Writes what `read_definitions` reads back unchanged."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # YAML 1.1's own line ends come back as a blank unless they are escaped, which only "…" does.
    style = '"' if re.search("[\x85\u2028\u2029\ufeff]", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Dumper.add_representer(str, _text)

# Plain scalars, as YAML 1.2's core schema has them and without its octals and infinities.
_PLAIN: Final = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
)

_Loader.yaml_implicit_resolvers = {}
Dumper.yaml_implicit_resolvers = {
    first: list(resolvers) for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
for _kind, _pattern, _first in _PLAIN:
    for _class in (_Loader, Dumper):
        _class.add_implicit_resolver(
            f"tag:yaml.org,2002:{_kind}", re.compile(rf"(?:{_pattern})\Z"), list(_first)
        )
_Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))
_Loader.add_constructor("tag:yaml.org,2002:float", lambda _, node: float(node.value))
