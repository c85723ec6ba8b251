"""Definitions that AWS took or refused, as recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workflow_manager.asl.parse import parse, parse_state
from workflow_manager.kernel.errors import InvalidDefinition

CASES = json.loads((Path(__file__).parent / "data" / "judged-by-aws.json").read_text())["cases"]


def message(case: dict[str, Any]) -> str | None:
    text = json.dumps(case["definition"])
    try:
        if case.get("state"):
            parse_state(text)
        else:
            parse(text, express=case.get("type") == "EXPRESS")
    except InvalidDefinition as error:
        return str(error)
    return None


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_definition_is_judged_as_aws_judged_it(case: dict[str, Any]) -> None:
    assert message(case) == case.get("message")
