from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.lambda_endpoint import LambdaEndpoint


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    """Where a substitute for AWS listens."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture(scope="session")
def lambda_endpoint() -> Iterator[LambdaEndpoint]:
    with LambdaEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def lambdas(lambda_endpoint: LambdaEndpoint) -> LambdaEndpoint:
    """The endpoint, without functions and events of other tests."""
    lambda_endpoint.functions.clear()
    lambda_endpoint.events.clear()
    return lambda_endpoint
