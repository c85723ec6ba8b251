"""What SQLite's errors mean to a caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from workflow_manager.kernel.errors import InvalidRequest, ServiceUnavailable
from workflow_manager.kernel.json import NotJson
from workflow_manager.kernel.sqlite import reason

T = TypeVar("T")


def with_clear_errors(call: Callable[[], T]) -> T:
    try:
        return call()
    except (UnicodeEncodeError, NotJson) as error:
        raise InvalidRequest(f"text that cannot be stored: {error}") from None
    except sqlite3.Error as error:
        raise ServiceUnavailable(f"the records do not answer: {reason(error)}") from error
