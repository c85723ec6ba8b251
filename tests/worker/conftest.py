"""No logs: a thread that outlives its test would write them into the next one's output."""

from __future__ import annotations

import pytest
import structlog


@pytest.fixture(autouse=True, scope="package")
def _no_logs() -> None:
    structlog.reset_defaults()
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.ReturnLoggerFactory()
    )
