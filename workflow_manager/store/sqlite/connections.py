"""Connections for reading, and what SQLite's errors mean to a caller."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from workflow_manager.kernel.errors import InvalidRequest, Unavailable
from workflow_manager.kernel.json import NotJson

T = TypeVar("T")


class Readers:
    """Connections for reading: as many as there are readers at one time, kept for the next."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: list[sqlite3.Connection] = []
        self._gate = threading.Lock()
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._gate:
            if self._closed:
                raise Unavailable("the records are closed")
            if self._idle:
                return self._idle.pop()
        return with_clear_errors(self._connect)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._gate:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        with self._gate:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def with_clear_errors(call: Callable[[], T]) -> T:
    try:
        return call()
    except (UnicodeEncodeError, NotJson) as error:
        raise InvalidRequest(f"text that cannot be stored: {error}") from None
    except sqlite3.Error as error:
        raise Unavailable(f"the records do not answer: {error}") from error
