"""Numbers, times and texts out of a state's fields, checked as AWS checks them at run time.

Literals were judged with the definition, and a JSONata expression sees to the type of its result;
a path can still bring anything, and AWS has a sentence of its own for most of it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from workflow_manager.asl.environment import Environment, Expression
from workflow_manager.asl.failure import QUERY_EVALUATION_ERROR, RUNTIME, EvaluationFailed
from workflow_manager.asl.nodes import Map, QueryLanguage
from workflow_manager.asl.timestamps import parse_timestamp
from workflow_manager.engine.context import Item, items_of
from workflow_manager.kernel.json import Document, Json, dumps

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
        moment = _moment(value)
        if moment is None:
            raise Unusable(
                QUERY_EVALUATION_ERROR,
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time "
                f"format string: {_shown(value)}",
                "Timestamp",
            )
        return moment
    value = expression.evaluate(env)
    moment = _moment(value)
    if moment is None:
        raise EvaluationFailed(
            RUNTIME,
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time "
            f"format string: {source(expression)} == {_shown(value)}",
        )
    return moment


def too_long(language: QueryLanguage) -> EvaluationFailed:
    """A Wait state would last more than 2³¹ - 1 seconds."""
    return Unusable(error_of(language), "Wait state delay is too long.")


def task_seconds(
    expression: Expression | None, env: Environment, language: QueryLanguage, field: str
) -> int | None:
    """TimeoutSeconds or HeartbeatSeconds of a Task state, as `field` says."""
    number = count(expression, env, language, field)
    if number is not None and not 0 < number <= MAX_TASK_SECONDS:
        raise EvaluationFailed(
            error_of(language),
            f"{field} must be between 1 and {MAX_TASK_SECONDS}.",
            _location(language, field),
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
        raise EvaluationFailed(error_of(language), _negative(field, number), _location(language, field))
    return number


def _negative(field: str, number: int) -> str:
    # AWS has a sentence of its own for this field.
    if field == "MaxConcurrency":
        return f"Expected non-negative integer for MaxConcurrency, but got '{number}' instead."
    return f"{field} cannot be negative."


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
            error_of(language), f"{field} must be between 0 and 100.", _location(language, field)
        )
    return number


def text(expression: Expression | None, env: Environment) -> str | None:
    """Error or Cause of a Fail state; whatever is no text is shown as JSON."""
    return None if expression is None else _shown(expression.evaluate(env))


def map_items(node: Map, env: Environment) -> list[Json]:
    """The items of an inline Map: Items or ItemsPath, or else its effective input, which is `env.input`."""
    value = env.input if node.items is None else node.items.evaluate(env)
    if isinstance(value, list):
        return value
    raise _not_iterable(node, value)


def run_items(node: Map, env: Environment) -> list[Item]:
    """The same of a distributed Map, where an object is as good as an array."""
    value = env.input if node.items is None else node.items.evaluate(env)
    items = items_of(value)
    if items is None:
        raise _not_iterable(node, value)
    return items


def _not_iterable(node: Map, value: Json) -> EvaluationFailed:
    if node.flow.language is QueryLanguage.JSONATA:
        cause = f"Map state input must be an array but was: {dumps(value)}"
        return EvaluationFailed(QUERY_EVALUATION_ERROR, cause)
    # A path into the context object is told without its second dollar.
    path = "$" if node.items is None else source(node.items).replace("$$", "$", 1)
    return EvaluationFailed(RUNTIME, f'Reference path "{path}" must point to array.')


def select_item(node: Map, env: Environment, item: Json) -> Document:
    """What one iteration is given: the item, or what ItemSelector makes of it."""
    return Document(value=item if node.selector is None else node.selector.evaluate(env))


def source(expression: Expression) -> str:
    """The text an expression was compiled from."""
    return str(getattr(expression, "text", ""))


def _moment(value: Json) -> datetime | None:
    """The time a text means; what lies beyond the years 1 to 9999 is none."""
    moment = parse_timestamp(value) if isinstance(value, str) else None
    try:
        return None if moment is None else moment.to_datetime()
    except OverflowError:
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
    return EvaluationFailed(error_of(language), cause, _location(language, field))


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)


def error_of(language: QueryLanguage) -> str:
    """The name of an error in a state's own fields."""
    return QUERY_EVALUATION_ERROR if language is QueryLanguage.JSONATA else RUNTIME


def _location(language: QueryLanguage, field: str) -> str | None:
    return field if language is QueryLanguage.JSONATA else None
