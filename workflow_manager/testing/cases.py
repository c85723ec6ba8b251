"""Test files for definitions: what they may say, in our form and in that of Step Functions Local.

Ours names a definition and lists tests: an input, the mocked results of Task states, and what is
expected.  AWS's (`StateMachines`, `MockedResponses`) has no inputs and no expectations; its cases
can be run as they are, or be named by a test of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

from workflow_manager.kernel.errors import InvalidRequest
from workflow_manager.kernel.json import Json, dumps
from workflow_manager.library.documents import Given, read_definitions, read_values
from workflow_manager.testing.rehearsal import Answer

_EXPECTED: Final = ("status", "output", "error", "cause", "path", "visited", "seconds")
_TEST: Final = ("name", "input", "mocks", "case", "expect")
_FILE: Final = ("definition", "name", "mockConfig", "tests")
_MOCK: Final = ("return", "throw", "after", "times")

# A file with definitions, or definitions that were read already.
Source: TypeAlias = Path | Sequence[Given]

# A slip of the pen should not fill the memory.
_MOST_VISITS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`expected` holds only what the file names, in its own words."""

    name: str
    state_machine: Mapping[str, Json]
    input: str = "{}"
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    expected: Mapping[str, Any] = field(default_factory=dict)


def read_cases(file: Path, definition: Source | None = None) -> list[Case]:
    """The tests of a file.  `definition` is needed where the file names none, and wins where it does.

    Raises `InvalidRequest` with the place.
    """
    where = file.name
    values = read_values(where, _text(file))
    if len(values) != 1 or not isinstance(values[0], dict):
        raise InvalidRequest(f"{where}: a test file is one object")
    found = values[0]
    if "MockedResponses" in found or "StateMachines" in found:
        return _aws_cases(where, found, definition)
    return _our_cases(file, found, definition)


def _our_cases(file: Path, found: Mapping[str, Any], definition: Source | None) -> list[Case]:
    where = file.name
    _check_members(where, found, _FILE)
    source = definition or (file.parent / _string(where, found, "definition"))
    name, machine = _machine(source, found.get("name"))
    mocks = {}
    if "mockConfig" in found:
        config = file.parent / _string(where, found, "mockConfig")
        mocks = _aws_answers(config.name, read_values(config.name, _text(config))[0], name)
    tests = found.get("tests")
    if not isinstance(tests, list) or not tests:
        raise InvalidRequest(f"{where}: `tests` is a list of at least one test")
    return [_case(f"{where}, test {number}", test, machine, mocks) for number, test in enumerate(tests, 1)]


def _case(
    where: str,
    test: Any,
    machine: Mapping[str, Json],
    aws: Mapping[str, Mapping[str, Sequence[Answer]]],
) -> Case:
    if not isinstance(test, dict):
        raise InvalidRequest(f"{where}: a test is an object")
    _check_members(where, test, _TEST)
    answers: dict[str, Sequence[Answer]] = {}
    if "case" in test:
        if test["case"] not in aws:
            raise InvalidRequest(f"{where}: `mockConfig` has no test case {test['case']!r} for this machine")
        answers.update(aws[test["case"]])
    for state, mocks in _object(where, test, "mocks").items():
        listed = mocks if isinstance(mocks, list) else [mocks]
        answers[state] = [answer for mock in listed for answer in _answers(f"{where}, {state}", mock)]
    expected = _object(where, test, "expect")
    _check_members(f"{where}, expect", expected, _EXPECTED)
    name = test.get("name") or test.get("case")
    return Case(
        name=str(name) if name else where.rpartition(", ")[2],
        state_machine=machine,
        input=dumps(test.get("input", {})),
        answers=answers,
        expected=expected,
    )


def _answers(where: str, mock: Any) -> list[Answer]:
    if not isinstance(mock, dict):
        raise InvalidRequest(f"{where}: a mock is an object with `return` or `throw`")
    _check_members(where, mock, _MOCK)
    times = mock.get("times", 1)
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= _MOST_VISITS:
        raise InvalidRequest(f"{where}: `times` is a whole number from 1 to {_MOST_VISITS}")
    after = mock.get("after", 0)
    if isinstance(after, bool) or not isinstance(after, int | float) or not 0 <= after <= 10**9:
        raise InvalidRequest(f"{where}: `after` is a number of seconds")
    return [_answer(where, mock, "return", "throw", ("error", "cause"), timedelta(seconds=after))] * times


def _answer(
    where: str,
    mock: Mapping[str, Any],
    gives: str,
    fails: str,
    names: tuple[str, str],
    after: timedelta = timedelta(0),
) -> Answer:
    """One of `return` and `throw`, by the names that they go by."""
    if (gives in mock) == (fails in mock):
        raise InvalidRequest(f"{where}: a mock has either `{gives}` or `{fails}`")
    if gives in mock:
        return Answer(result=mock[gives], after=after)
    thrown = mock[fails]
    if not isinstance(thrown, dict) or not isinstance(thrown.get(names[0]), str):
        raise InvalidRequest(f"{where}: `{fails}` is an object with the text `{names[0]}`")
    return Answer(error=thrown[names[0]], cause=str(thrown.get(names[1], "")), after=after)


def _aws_cases(where: str, config: Mapping[str, Any], definition: Source | None) -> list[Case]:
    if definition is None:
        raise InvalidRequest(f"{where}: it does not say which definition it is for; name its file")
    machines = _object(where, config, "StateMachines")
    name, machine = _machine(definition, None if len(machines) != 1 else _any_name(definition, machines))
    answers = _aws_answers(where, config, name)
    if not answers:
        raise InvalidRequest(f"{where}: `StateMachines` has no test cases for {name}")
    return [Case(name=case, state_machine=machine, answers=mocks) for case, mocks in answers.items()]


def _any_name(definition: Source, machines: Mapping[str, Any]) -> str | None:
    """The definition of the only machine there is, where that name is in the file."""
    names = {given.name for given in _read(definition)}
    only = next(iter(machines))
    return only if only in names else None


def _aws_answers(where: str, config: Any, machine: str) -> dict[str, dict[str, list[Answer]]]:
    """The answers of every test case of a machine; one machine alone may go by another name."""
    if not isinstance(config, dict):
        raise InvalidRequest(f"{where}: a mock configuration is one object")
    machines = _object(where, config, "StateMachines")
    responses = {
        name: _aws_responses(f"{where}, {name}", response)
        for name, response in _object(where, config, "MockedResponses").items()
    }
    chosen = machines.get(machine, next(iter(machines.values())) if len(machines) == 1 else {})
    cases: dict[str, dict[str, list[Answer]]] = {}
    for case, states in _object(where, chosen, "TestCases").items():
        cases[case] = {}
        for state, response in (states or {}).items():
            if response not in responses:
                raise InvalidRequest(f"{where}, {case}: there is no mocked response {response!r}")
            cases[case][state] = responses[response]
    return cases


def _aws_responses(where: str, response: Any) -> list[Answer]:
    """Keys are the numbers of visits, `0` or `1-3`, and leave none out."""
    if not isinstance(response, dict):
        raise InvalidRequest(f"{where}: a mocked response is an object")
    numbered: dict[int, Answer] = {}
    for key, mock in response.items():
        span = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", key, re.ASCII)
        if span is None or not isinstance(mock, dict):
            raise InvalidRequest(f"{where}: {key!r} is not the number of a visit, such as 0 or 1-3")
        first = int(span[1])
        last = first if span[2] is None else int(span[2])
        if not first <= last <= _MOST_VISITS:
            raise InvalidRequest(f"{where}: {key!r} is not a span of visits")
        answer = _answer(f"{where}, {key}", mock, "Return", "Throw", ("Error", "Cause"))
        numbered.update(dict.fromkeys(range(first, last + 1), answer))
    if sorted(numbered) != list(range(len(numbered))):
        raise InvalidRequest(f"{where}: visits count from 0, without a gap")
    return [numbered[number] for number in range(len(numbered))]


def _machine(source: Source, name: str | None) -> tuple[str, Mapping[str, Json]]:
    given = _read(source)
    chosen = [each for each in given if name is None or each.name == name]
    if len(chosen) != 1:
        place = source.name if isinstance(source, Path) else given[0].place
        names = ", ".join(each.name for each in given)
        raise InvalidRequest(f"{place}: which definition is meant? `name` says so; there are {names}")
    return chosen[0].name, chosen[0].body["stateMachine"]


def _read(source: Source) -> Sequence[Given]:
    return read_definitions(source.name, _text(source)) if isinstance(source, Path) else source


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"cannot read {path}: {error}") from None


def _string(where: str, found: Mapping[str, Any], member: str) -> str:
    value = found.get(member)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{where}: `{member}` is missing or not a text")
    return value


def _object(where: str, found: Any, member: str) -> dict[str, Any]:
    value = (found or {}).get(member) or {}
    if not isinstance(value, dict):
        raise InvalidRequest(f"{where}: `{member}` is not an object")
    return value


def _check_members(where: str, found: Mapping[str, Any], known: Sequence[str]) -> None:
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise InvalidRequest(f"{where}: {', '.join(unknown)} is not known; there are {', '.join(known)}")
