"""Numbers, times and texts out of a state's fields, checked as AWS checks them at run time.

Literals were judged with the definition, and a JSONata expression sees to the type of its result;
a path can still bring anything, and AWS has a sentence of its own for most of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from workflow_manager.asl.environment import Environment, Expression
from workflow_manager.asl.failure import QUERY_EVALUATION_ERROR, RUNTIME, EvaluationFailed
from workflow_manager.asl.nodes import QueryLanguage
from workflow_manager.kernel.json import Json, dumps

MAX_TASK_SECONDS: Final = 99_999_999
"""The longest TimeoutSeconds and HeartbeatSeconds (Developer Guide, "Task state")."""

MAX_WAIT: Final = timedelta(seconds=2**31 - 1)


class Unusable(EvaluationFailed):
    """What a Wait state was given is a value of the right type, but no time to wait for.

    AWS notices later than it notices a failed expression: after the state was entered.
    """


def wait_seconds(expression: Expression, env: Environment, language: QueryLanguage) -> timedelta:
    """Seconds or SecondsPath of a Wait state."""
    if language is QueryLanguage.JSONATA:
        value = expression.evaluate(env)
        number = _whole(value)
        if number is None:
            raise Unusable(
                QUERY_EVALUATION_ERROR,
                f"The Seconds field cannot be parsed as a long value: {dumps(value)}",
                "Seconds",
            )
        if number < 0:
            raise Unusable(
                QUERY_EVALUATION_ERROR, f"The Seconds field cannot be negative: {number}", "Seconds"
            )
        return _bounded(number)
    value = expression.evaluate(env)
    shown = f"{source(expression)} == {_shown(value)}"
    number = _whole(value)
    if number is None:
        raise EvaluationFailed(
            RUNTIME, f"The SecondsPath parameter cannot be parsed as a long value: {shown}"
        )
    if number < 0:
        raise EvaluationFailed(RUNTIME, f"The SecondsPath parameter references a negative value: {shown}")
    return _bounded(number)


def wait_timestamp(expression: Expression, env: Environment, language: QueryLanguage) -> datetime:
    """Timestamp or TimestampPath of a Wait state."""
    if language is QueryLanguage.JSONATA:
        value = expression.evaluate(env)
        moment = parse_timestamp(value)
        if moment is None:
            raise Unusable(
                QUERY_EVALUATION_ERROR,
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time "
                f"format string: {_shown(value)}",
                "Timestamp",
            )
        return moment
    value = expression.evaluate(env)
    moment = parse_timestamp(value)
    if moment is None:
        raise EvaluationFailed(
            RUNTIME,
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time "
            f"format string: {source(expression)} == {_shown(value)}",
        )
    return moment


def too_long(language: QueryLanguage) -> EvaluationFailed:
    """A Wait state would last more than 2³¹ - 1 seconds."""
    error = QUERY_EVALUATION_ERROR if language is QueryLanguage.JSONATA else RUNTIME
    return Unusable(error, "Wait state delay is too long.")


def task_seconds(
    expression: Expression | None, env: Environment, language: QueryLanguage, field: str
) -> int | None:
    """TimeoutSeconds or HeartbeatSeconds of a Task state, as `field` says."""
    number = count(expression, env, language, field)
    if number is not None and not 0 < number <= MAX_TASK_SECONDS:
        raise EvaluationFailed(
            _error(language), f"{field} must be between 1 and {MAX_TASK_SECONDS}.", _location(language, field)
        )
    return number


def count(expression: Expression | None, env: Environment, language: QueryLanguage, field: str) -> int | None:
    """A whole number, such as MaxConcurrency.  None where the field is absent."""
    if expression is None:
        return None
    value = expression.evaluate(env)
    number = _whole(value)
    if number is None:
        raise _no_number(expression, language, field, value, "integer")
    return number


def natural(
    expression: Expression | None, env: Environment, language: QueryLanguage, field: str
) -> int | None:
    """The same, zero or more."""
    number = count(expression, env, language, field)
    if number is not None and number < 0:
        raise EvaluationFailed(_error(language), f"{field} cannot be negative.", _location(language, field))
    return number


def percentage(
    expression: Expression | None, env: Environment, language: QueryLanguage, field: str
) -> float | None:
    """A number from 0 to 100.  None where the field is absent."""
    if expression is None:
        return None
    value = expression.evaluate(env)
    number = _decimal(value)
    if number is None:
        raise _no_number(expression, language, field, value, "float")
    if not 0 <= number <= 100:
        raise EvaluationFailed(
            _error(language), f"{field} must be between 0 and 100.", _location(language, field)
        )
    return number


def text(expression: Expression | None, env: Environment) -> str | None:
    """Error or Cause of a Fail state; whatever is no text is shown as JSON."""
    return None if expression is None else _shown(expression.evaluate(env))


def array(expression: Expression, env: Environment) -> list[Json]:
    """The Items of a Map."""
    value = expression.evaluate(env)
    if not isinstance(value, list):
        raise EvaluationFailed(RUNTIME, f'Reference path "{source(expression)}" must point to array.')
    return value


def source(expression: Expression) -> str:
    """The text an expression was compiled from."""
    return str(getattr(expression, "text", ""))


_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)",
    re.ASCII,
)


def parse_timestamp(value: Json) -> datetime | None:
    """An ISO-8601 date and time with an offset, in UTC; None where it is none.

    What is finer than a microsecond is cut off.
    """
    found = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zulu, sign, hours, minutes = found.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    try:
        zone = UTC
        if not zulu:
            offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
            zone = timezone(-offset if sign == "-" else offset)
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro, zone
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _whole(value: Json) -> int | None:
    """A JSON integer, or text that is one, as Java's `Long.parseLong` takes it."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,19}", value, re.ASCII):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _decimal(value: Json) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,19}(\.\d{1,19})?", value, re.ASCII):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return max(min(float(value), 1e300), -1e300) if abs(value) < 1e300 else None
    return None


def _bounded(seconds: int) -> timedelta:
    # timedelta holds less than a Python integer; what is longer than any Wait may be stays so.
    return timedelta(seconds=min(seconds, 2**32))


def _no_number(
    expression: Expression, language: QueryLanguage, field: str, value: Json, kind: str
) -> EvaluationFailed:
    if language is QueryLanguage.JSONATA:
        cause = f'The {field} field has the value "{_shown(value)}" which is not a valid {kind}'
    else:
        cause = (
            f'The {field}Path field refers to value "{_shown(value)}" which is not a valid {kind}: '
            f"{source(expression)}"
        )
    return EvaluationFailed(_error(language), cause, _location(language, field))


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)


def _error(language: QueryLanguage) -> str:
    return QUERY_EVALUATION_ERROR if language is QueryLanguage.JSONATA else RUNTIME


def _location(language: QueryLanguage, field: str) -> str | None:
    return field if language is QueryLanguage.JSONATA else None
