"""How the process logs: one line an event, JSON unless a person is watching."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor

from workflow_manager.settings import LogFormat, LogLevel


def configure_logs(format: LogFormat, level: LogLevel, stream: TextIO | None = None) -> None:
    """For our own log and for the libraries', which come through the standard one.

    To stderr unless told otherwise.
    """
    stream = stream or sys.stderr
    as_json = format is LogFormat.JSON or (format is LogFormat.AUTO and not stream.isatty())
    threshold = logging.getLevelNamesMapping()[level.name]
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Without the variables of each frame, which hold payloads, tokens and secrets.
    told = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    shown = structlog.dev.RichTracebackFormatter(show_locals=False)
    last: list[Processor] = (
        [structlog.processors.ExceptionRenderer(told), structlog.processors.EventRenamer("title")]
        if as_json
        else []
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(exception_formatter=shown)
    )
    structlog.configure(
        processors=[*first, *last, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, renderer],
            foreign_pre_chain=[*first, structlog.stdlib.add_logger_name],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(threshold, logging.WARNING), force=True)
