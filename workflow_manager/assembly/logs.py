"""How the process logs: one line an event, JSON unless a person is watching.

A log that cannot be written, on a full disk or to a reader that is gone, loses lines and nothing else.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import Processor

from workflow_manager.settings import LogFormat, LogLevel


def configure_logs(format: LogFormat, level: LogLevel, stream: TextIO | None = None) -> None:
    """For our own log and for the libraries', which come through the standard one.

    To stderr unless told otherwise.
    """
    stream = stream or sys.stderr
    as_json = format is LogFormat.JSON or (format is LogFormat.AUTO and not stream.isatty())
    stream = cast(TextIO, _Lossy(stream, as_json=as_json))
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


class _Lossy:
    """A stream that drops what `stream` does not take, for those whose work must go on all the same.

    How many lines were dropped is said on the line before the next one that is taken.
    """

    def __init__(self, stream: TextIO, *, as_json: bool) -> None:
        self._stream = stream
        self._lost = '{"title": "log-lines-lost", "lines": %d}\n' if as_json else "%d log lines were lost\n"
        self._dropped = 0

    def write(self, text: str) -> None:
        lost = self._lost % self._dropped if self._dropped else ""
        try:
            self._stream.write(lost + text)
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream is closed
            self._dropped += 1
        else:
            self._dropped = 0

    def flush(self) -> None:
        """Each line is flushed as it is written."""
