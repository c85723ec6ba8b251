"""What DynamoDB's refusals mean here: its throttling, outages and limits as errors of ours."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import DoesNotExist, PynamoDBException, TableError, TransactWriteError

from workflow_manager.kernel.errors import InvalidRequest, Throttled, Unavailable

# How often a write is tried again that others got in the way of; the pauses add up to some seconds.
RACES: Final = 20
_LONGEST_PAUSE: Final = 0.5

# Limits of DynamoDB.
HASH_KEY_BYTES: Final = 2048
RANGE_KEY_BYTES: Final = 1024

_THROTTLED: Final = {
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ThrottlingException",
}


@contextmanager
def translated() -> Iterator[None]:
    """What the caller asks about with the functions below passes; the rest becomes an error of ours."""
    try:
        yield
    except DoesNotExist:
        raise
    except TableError as error:
        raise Unavailable(f"DynamoDB: {error.cause_response_message or error.msg}") from error
    except PynamoDBException as error:
        if condition_failed(error) or in_the_way(error) or too_large(error):
            raise
        if _codes(error) & _THROTTLED:
            raise Throttled(f"DynamoDB is throttling: {_message(error)}") from error
        if "ValidationException" in _codes(error) and "index" not in _message(error):
            raise InvalidRequest(f"it cannot be stored: {_message(error)}") from error
        raise Unavailable(f"DynamoDB: {_message(error)}") from error
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"DynamoDB: {error}") from error


def condition_failed(error: PynamoDBException) -> bool:
    return bool(_codes(error) & {"ConditionalCheckFailed", "ConditionalCheckFailedException"})


def in_the_way(error: PynamoDBException) -> bool:
    """Somebody else was writing the same items; nothing was written."""
    return bool(_codes(error) & {"TransactionConflict", "TransactionConflictException"})


def too_large(error: PynamoDBException) -> bool:
    text = " ".join((_message(error), *(reason.message or "" for reason in _reasons(error) if reason)))
    return "item size" in text.lower()


def refused(error: TransactWriteError, index: int) -> bool:
    """Whether it was the condition of that item (deletes, puts, updates) that did not hold."""
    reasons = _reasons(error)
    reason = reasons[index] if index < len(reasons) else None
    return reason is not None and reason.code == "ConditionalCheckFailed"


def _codes(error: PynamoDBException) -> set[str]:
    return {error.cause_response_code or "", *(reason.code for reason in _reasons(error) if reason)}


def _reasons(error: PynamoDBException) -> list[Any]:
    return error.cancellation_reasons if isinstance(error, TransactWriteError) else []


def _message(error: PynamoDBException) -> str:
    return str(error.cause_response_message or error.cause or error.msg)


def races() -> Iterator[int]:
    """Numbers from 0, each after a pause that is random, and longer than the last may have been."""
    for number in range(RACES):
        if number:
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.005 * 2**number)))
        yield number


def check_text(value: Mapping[str, Any] | list[Any] | str) -> None:
    """Raises `InvalidRequest` for text, anywhere inside, that cannot be written as UTF-8."""
    match value:
        case str():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise InvalidRequest(f"text that cannot be stored: {error}") from None
        case list():
            for element in value:
                check_text(element)
        case Mapping():
            for key, element in value.items():
                check_text(key)
                check_text(element)


def may_be_key(text: str, most: int = HASH_KEY_BYTES) -> bool:
    """Whether anything can have that key; DynamoDB refuses to look for what cannot."""
    try:
        return 0 < len(text.encode()) <= most
    except UnicodeEncodeError:
        return False
