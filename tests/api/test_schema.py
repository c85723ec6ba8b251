"""The compiled checks agree with a validator of the standard, and speak better."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow_manager.api.schema import Compiler, Place
from workflow_manager.api.spec import load_spec
from workflow_manager.kernel.errors import InvalidRequest

SPEC = load_spec()
REQUESTS = [
    "NewWorkflowDefinitionRequest",
    "StartWorkflowRequest",
    "NewStateResource",
    "CancelReason",
    "WorkflowDefinitionOverrides",
]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "a", "step-functions"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "version", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
names = sorted(
    {name for request in REQUESTS for name in SPEC["components"]["schemas"][request]["properties"]}
)
bodies = st.dictionaries(st.sampled_from([*names, "unknown"]), values, max_size=5) | values


def without_nulls(value: Any, schema: dict[str, Any]) -> Any:
    """What the standard's validator gets to see: null means "not given"."""
    schema = Compiler(SPEC).resolve(schema)
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    known = schema["properties"]
    return {
        name: without_nulls(member, known.get(name, {}))
        for name, member in value.items()
        if member is not None or name not in known
    }


def standard(request: str) -> jsonschema.Draft4Validator:
    spec = copy.deepcopy(SPEC)
    # An empty choice is not given either.
    spec["components"]["schemas"]["Manager"]["enum"].append("")
    schema = {"$ref": f"#/components/schemas/{request}", "components": spec["components"]}
    return jsonschema.Draft4Validator(schema)


STANDARD = {request: standard(request) for request in REQUESTS}


@pytest.mark.parametrize("request_name", REQUESTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=bodies)
def test_what_is_accepted_is_what_the_specification_says(request_name: str, body: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{request_name}"}
    seen = without_nulls(body, schema)
    expected = STANDARD[request_name].is_valid(seen)
    check = Compiler(SPEC).compile(schema)
    if expected and not beyond_64_bits(request_name, body):
        assert check(body, Place("body")) == seen
    else:
        with pytest.raises(InvalidRequest, match=r"body( |$)"):
            check(body, Place("body"))


def beyond_64_bits(request: str, body: Any) -> bool:
    """`format: int64`, which validators of the standard leave alone."""
    holder = body.get("workflowDefinition") if request == "StartWorkflowRequest" else body
    known = request in ("StartWorkflowRequest", "NewWorkflowDefinitionRequest")
    version = holder.get("version") if known and isinstance(holder, dict) else None
    return isinstance(version, int) and not -(2**63) <= version < 2**63


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "a"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "additionalProperties": False},
        {"type": "array", "items": {}, "maxItems": 3},
        {"oneOf": []},
    ],
)
def test_a_rule_nobody_enforces_stops_the_start(schema: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError):
        Compiler(SPEC).compile(schema)
