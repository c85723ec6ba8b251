"""Identifiers drawn at random, behind a name that tests can replace."""

from __future__ import annotations

import secrets
import uuid
from typing import Protocol


class Chance(Protocol):
    """Where identifiers and seeds come from."""

    def uuid(self) -> str: ...

    def seed(self) -> int: ...


class SystemChance:
    """The machine's own randomness."""

    def uuid(self) -> str:
        return str(uuid.uuid4())

    def seed(self) -> int:
        """64 random bits."""
        return secrets.randbits(64)


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
