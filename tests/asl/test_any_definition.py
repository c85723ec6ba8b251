"""Laws of the parser, for definitions drawn at random."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings

from tests.asl.definitions import definitions, mutated
from workflow_manager.asl.judging import ERROR
from workflow_manager.asl.parse import judge, parse
from workflow_manager.asl.references import all_states
from workflow_manager.asl.validate import diagnose


@settings(max_examples=25, deadline=None)
@given(definitions())
def test_every_generated_definition_parses(definition: dict[str, Any]) -> None:
    text = json.dumps(definition)
    assert [problem for problem in diagnose(text) if problem.severity == ERROR] == []
    assert len(list(all_states(parse(text)))) == text.count('"Type":')


@settings(max_examples=60, deadline=None)
@given(mutated())
def test_a_changed_definition_parses_or_has_problems(definition: dict[str, Any]) -> None:
    machine, problems = judge(json.dumps(definition))
    assert (machine is None) == any(problem.severity == ERROR for problem in problems)
    for problem in problems:
        assert problem.message
        assert problem.place.startswith("/")
