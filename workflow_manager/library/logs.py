"""Where our log goes inside somebody else's program: to the standard one, whose settings are theirs."""

from __future__ import annotations

from typing import Any

import structlog
from structlog.typing import EventDict


def use_standard_logging() -> None:
    """Unless the program has configured structlog itself."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _as_line,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _as_line(logger: Any, method: str, event: EventDict) -> tuple[tuple[str, str], dict[str, Any]]:
    """The message, and what the standard log shows below it."""
    exc_info = event.pop("exc_info", None)
    text = " ".join([event.pop("event"), *(f"{name}={value!r}" for name, value in event.items())])
    return ("%s", text), {"exc_info": exc_info} if exc_info else {}
