"""Requests drawn from swagger.yml itself, good and bad, against the running server."""

from __future__ import annotations

from collections.abc import Iterator

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
from tests.assembly.serving import served, served_on_aws
from tests.far_away import Distance
from workflow_manager.api.spec import rest_spec
from workflow_manager.settings import Settings, SyncMode

pytestmark = pytest.mark.slow

SCHEMA = schemathesis.openapi.from_dict(rest_spec())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(Settings(data=tmp_path_factory.mktemp("data"), sync=SyncMode.NORMAL)) as server:
        yield server


@pytest.fixture(scope="module")
def on_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served_on_aws(tmp_path_factory.mktemp("data"), Distance(seconds=0)) as server:
        yield server


@SCHEMA.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_request_is_answered_as_declared(case: schemathesis.Case, server: Server) -> None:
    case.call_and_validate(base_url=f"http://127.0.0.1:{server.port}", checks=CHECKS)


@SCHEMA.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_and_so_with_records_in_dynamodb(case: schemathesis.Case, on_aws: Server) -> None:
    case.call_and_validate(base_url=f"http://127.0.0.1:{on_aws.port}", checks=CHECKS)
