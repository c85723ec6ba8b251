"""Plain tracebacks: structlog's pretty ones take seconds where a message is long."""

from __future__ import annotations

import pytest
import structlog


@pytest.fixture(autouse=True, scope="package")
def _plain_logs() -> None:
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
