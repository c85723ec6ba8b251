"""Retry and Catch: retriers and catchers, and where in their lists they may stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workflow_manager.asl.compiling import MAX_SECONDS, Compiler
from workflow_manager.asl.failure import ALL
from workflow_manager.asl.flow import JsonataCatchFlow, PathCatchFlow
from workflow_manager.asl.judging import Fields
from workflow_manager.asl.nodes import Catcher, Retrier
from workflow_manager.asl.vocabulary import CATCHER, RETRIER

MAX_DELAY_SECONDS: Final = 31_622_400  # a year, as AWS counts it

_ERROR_OUTPUT: Final = frozenset({"errorOutput"})


def parse_retriers(fields: Fields) -> tuple[Retrier, ...]:
    entries = list(fields.objects("Retry"))
    return tuple(_retrier(entry, is_last=entry is entries[-1]) for entry in entries)


def _retrier(entry: Fields, *, is_last: bool) -> Retrier:
    entry.allow(RETRIER)
    defaults = Retrier(errors=())
    interval = entry.integer("IntervalSeconds", 1, MAX_SECONDS)
    attempts = entry.integer("MaxAttempts", 0, MAX_SECONDS)
    rate = entry.number("BackoffRate", 1.0)
    max_delay = entry.integer("MaxDelaySeconds", 1, MAX_DELAY_SECONDS)
    if max_delay is not None and max_delay <= (interval or defaults.interval_seconds):
        entry.report("MaxDelaySeconds must be greater than IntervalSeconds", "MaxDelaySeconds")
    return Retrier(
        errors=_errors(entry, is_last=is_last),
        interval_seconds=defaults.interval_seconds if interval is None else interval,
        max_attempts=defaults.max_attempts if attempts is None else attempts,
        backoff_rate=defaults.backoff_rate if rate is None else rate,
        max_delay_seconds=max_delay,
        full_jitter=entry.one_of("JitterStrategy", ("FULL", "NONE")) == "FULL",
    )


def parse_catchers(fields: Fields, compiler: Compiler) -> tuple[Catcher, ...]:
    entries = list(fields.objects("Catch"))
    return tuple(_catcher(entry, compiler, is_last=entry is entries[-1]) for entry in entries)


def _catcher(entry: Fields, compiler: Compiler, *, is_last: bool) -> Catcher:
    entry.allow(CATCHER.allowed(compiler.language), CATCHER.elsewhere(compiler.language))
    errors = _errors(entry, is_last=is_last)
    entry.require("Next")
    return Catcher(
        errors=errors,
        next=entry.text("Next") or "",
        flow=(
            JsonataCatchFlow(compiler.output(entry, _ERROR_OUTPUT))
            if compiler.is_jsonata
            else PathCatchFlow(compiler.result_path(entry))
        ),
        assign=compiler.assign(entry, _ERROR_OUTPUT),
    )


def _errors(entry: Fields, *, is_last: bool) -> tuple[str, ...]:
    entry.require("ErrorEquals")
    errors: Sequence[str] = entry.texts("ErrorEquals", nonempty=True)
    if ALL in errors:
        if len(errors) > 1:
            entry.report(f"{ALL} must appear alone in ErrorEquals", "ErrorEquals")
        elif not is_last:
            entry.report(f"{ALL} must be in the last entry of its list", "ErrorEquals")
    return tuple(errors)
