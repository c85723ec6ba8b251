"""Texts to begin with, for each target: those of the reference suites and of the recorded cases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.fuzz.targets import ARNS, OPERATIONS
from workflow_manager.asl.choice import OPERATORS
from workflow_manager.asl.intrinsic_functions import FUNCTIONS
from workflow_manager.asl.jsonata.library import LIBRARY
from workflow_manager.asl.vocabulary import STATES

TESTS: Final = Path(__file__).parent.parent


def _read(name: str) -> Any:
    return json.loads((TESTS / name).read_text())


def _recorded() -> Iterator[Any]:
    for path in sorted((TESTS / "recorded").glob("*.json")):
        yield from json.loads(path.read_text())["cases"]


def _steps() -> Iterator[dict[str, Any]]:
    for case in _recorded():
        yield from (step for step in case["steps"] if "call" in step)


# What stands for an answer's member in a recording is one of the things the target's world has.
_ANSWERS: Final = {
    "stateMachineArn": f"{ARNS}stateMachine:any",
    "executionArn": f"{ARNS}execution:any:e",
    "activityArn": f"{ARNS}activity:any",
    "account": "123456789012",
}
_PLACEHOLDER: Final = re.compile(r"\$\{(?:\w+\.)?(\w+)\}")


def _plain(value: Any) -> Any:
    """Recorded parameters as a caller would send them."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _ANSWERS.get(found[1], "any"), value)
    if isinstance(value, dict):
        if "$json" in value:
            return json.dumps(_plain(value["$json"]))
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list) else value


def _definitions() -> Iterator[str]:
    yield from _read("asl/data/asl-validator.json")["definitions"].values()
    for step in _steps():
        given = _plain(step.get("params", {})).get("definition")
        if isinstance(given, str) and given.startswith("{"):
            yield given


def _jsonata() -> Iterator[str]:
    yield from (case["expr"] for case in _read("asl/data/jsonata-2.0.6.json")["cases"])


def _paths() -> Iterator[str]:
    yield from (case["path"] for case in _read("asl/jsonpath_reference.json")["cases"])


def _marked(value: Any, found: list[str]) -> list[str]:
    if isinstance(value, str) and value.startswith("States.") and "(" in value:
        found.append(value)
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            _marked(member, found)
    return found


def _intrinsics() -> Iterator[str]:
    for text in _definitions():
        try:
            yield from _marked(json.loads(text), [])
        except ValueError:
            continue


def _requests() -> Iterator[bytes]:
    for step in _steps():
        words = step["call"].removeprefix("stepfunctions.").split("_")
        operation = "".join(word.title() for word in words)
        if operation in OPERATIONS:
            yield bytes([OPERATIONS.index(operation)]) + json.dumps(_plain(step["params"])).encode()


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    """Each text once, the short ones first."""
    if target == "protocol":
        found = set(_requests())
    else:
        texts: Mapping[str, Any] = {
            "definition": _definitions,
            "execution": _definitions,
            "path": _paths,
            "intrinsic": _intrinsics,
            "jsonata": _jsonata,
        }
        found = {text.encode("utf-8", "surrogatepass") for text in texts[target]()}
    return tuple(sorted(found, key=lambda seed: (len(seed), seed)))


_JSON_WORDS: Final = """{ } [ ] " , : null true -1 1e400 999999999999999999999999999999 \\u0000 \\ud800"""
_WORDS: Final = {
    "definition": _JSON_WORDS + " {% %} $. $$. .$ States.ALL",
    "path": "$ $$ @ .. [*] [?( )] [-1:] [0,1] ['a','b'] .length() .sum() =~ /a/i && || in nin subsetof {} []",
    "intrinsic": "' \\ {} $.a $$ , ) null 1e308 -1",
    "jsonata": "function($x){ } $states.input ~> @$i #$i %. ^( | ?: .. ** * /a+/ { [ ( := λ 1e308 \\u0000",
    "protocol": _JSON_WORDS + f" {ARNS} definition input",
}


def _names(target: str) -> Iterator[str]:
    match target:
        case "definition":
            for vocabulary in STATES.values():
                yield from vocabulary.both | vocabulary.jsonpath | vocabulary.jsonata
            yield from (*STATES, *OPERATORS)
        case "intrinsic":
            yield from (f"States.{name}(" for name in FUNCTIONS)
        case "jsonata":
            yield from (f"${name}(" for name in LIBRARY)


def words(target: str) -> list[bytes]:
    """What to put in, cut out and repeat."""
    target = "definition" if target == "execution" else target
    return sorted({word.encode() for word in (*_WORDS[target].split(), *_names(target))})
