"""The definitions of the asl-validator project, judged as that project judges them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workflow_manager.asl.parse import parse
from workflow_manager.kernel.errors import InvalidDefinition

DEFINITIONS = json.loads((Path(__file__).parent / "data" / "asl-validator.json").read_text())["definitions"]

# Where AWS judges otherwise, AWS is right.
DIFFERENT_AT_AWS = {
    "invalid-json-surround-syntax-extra-spaces.json": (
        "white space and line breaks inside of {% %} are free; the console writes them itself"
    ),
    "valid-task-intrisic-function.json": (
        "Fn::GetAtt and Ref are resolved by CloudFormation; what reaches Step Functions has a text there"
    ),
}


def is_valid(text: str) -> bool:
    try:
        parse(text)
    except InvalidDefinition:
        return False
    return True


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_a_definition_is_judged_as_its_name_says(name: str) -> None:
    expected = name.startswith("valid-") is not (name in DIFFERENT_AT_AWS)
    assert is_valid(DEFINITIONS[name]) is expected
