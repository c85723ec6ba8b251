"""What SQLite's errors mean to a caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from workflow_manager.kernel.errors import InvalidRequest, Unavailable
from workflow_manager.kernel.json import NotJson

T = TypeVar("T")


def with_clear_errors(call: Callable[[], T]) -> T:
    try:
        return call()
    except (UnicodeEncodeError, NotJson) as error:
        raise InvalidRequest(f"text that cannot be stored: {error}") from None
    except sqlite3.Error as error:
        raise Unavailable(f"the records do not answer: {error}") from error
