"""Requests drawn from swagger.yml itself, good and bad, against the running server."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.wire import Server
from workflow_manager.api.spec import load_spec

SCHEMA = schemathesis.openapi.from_dict(load_spec())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.slow
@SCHEMA.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_request_is_answered_as_declared(
    case: schemathesis.Case, everything: tuple[Server, object]
) -> None:
    server, _ = everything
    case.call_and_validate(base_url=f"http://127.0.0.1:{server.port}", checks=CHECKS)
