"""Which variables each state refers to, as recorded from AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workflow_manager.asl.parse import parse
from workflow_manager.asl.references import variable_references

CASES = json.loads((Path(__file__).parent / "data" / "variable-references.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_variable_references_are_those_of_aws(case: dict[str, Any]) -> None:
    machine = parse(json.dumps(case["definition"]))
    expected = {name: sorted(variables) for name, variables in case["variableReferences"].items()}
    assert variable_references(machine) == expected
