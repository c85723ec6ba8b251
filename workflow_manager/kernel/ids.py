"""Identifiers drawn at random, behind a name that tests can replace."""

from __future__ import annotations

import os
import threading
import uuid
from typing import Final, Protocol

_PORTION: Final = 4096  # bytes
# Where a UUID tells of its kind (RFC 9562), and what one that is drawn at random has there.
_MARKS: Final = 0xF << 76 | 0x3 << 62
_VERSION_4: Final = 0x4 << 76 | 0x2 << 62


class Chance(Protocol):
    """Where identifiers and seeds come from."""

    def uuid(self) -> str: ...

    def seed(self) -> int: ...


class SystemChance:
    """The machine's own randomness, fetched in large portions: each fetch is a system call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._portion = b""
        self._used = 0

    def uuid(self) -> str:
        number = int.from_bytes(self._draw(16)) & ~_MARKS | _VERSION_4
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def seed(self) -> int:
        """64 random bits."""
        return int.from_bytes(self._draw(8))

    def _draw(self, count: int) -> bytes:
        with self._lock:
            if self._used + count > len(self._portion):
                self._portion, self._used = os.urandom(_PORTION), 0
            drawn = self._portion[self._used : self._used + count]
            self._used += count
            return drawn


class ScriptedChance:
    """Counts upwards: the same identifiers in every run of a test."""

    def __init__(self) -> None:
        self._count = 0

    def uuid(self) -> str:
        self._count += 1
        return str(uuid.UUID(int=self._count, version=4))

    def seed(self) -> int:
        self._count += 1
        return self._count
