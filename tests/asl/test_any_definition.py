"""Laws of the parser, for definitions drawn at random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.asl.definitions import definitions, mutated
from workflow_manager.asl.judging import ERROR
from workflow_manager.asl.parse import judge, parse
from workflow_manager.asl.references import all_states
from workflow_manager.asl.render import render
from workflow_manager.asl.validate import diagnose

JUDGED = json.loads((Path(__file__).parent / "data" / "asl-validator.json").read_text())["definitions"]


def check(definition: dict[str, Any]) -> None:
    """It parses; what is rendered parses to the same machine, and renders to the same text."""
    text = json.dumps(definition)
    assert [problem for problem in diagnose(text) if problem.severity == ERROR] == []
    machine = parse(text)
    assert len(list(all_states(machine))) == text.count('"Type":')
    rendered = json.dumps(render(machine))
    again = parse(rendered)
    assert again == machine
    assert json.dumps(render(again)) == rendered


@settings(max_examples=25, deadline=None)
@given(definitions())
def test_what_is_rendered_parses_to_the_same_machine(definition: dict[str, Any]) -> None:
    check(definition)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(definitions())
def test_what_is_rendered_parses_to_the_same_machine_many_times(definition: dict[str, Any]) -> None:
    check(definition)


@pytest.mark.parametrize("name", sorted(JUDGED))
def test_what_others_wrote_is_rendered_too(name: str) -> None:
    if judge(JUDGED[name])[0] is not None:
        check(json.loads(JUDGED[name]))


@settings(max_examples=40, deadline=None)
@given(mutated())
def test_a_changed_definition_parses_or_has_problems(definition: dict[str, Any]) -> None:
    machine, problems = judge(json.dumps(definition))
    assert (machine is None) == any(problem.severity == ERROR for problem in problems)
    for problem in problems:
        assert problem.message
        assert problem.place.startswith("/")
