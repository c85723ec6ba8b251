"""Definitions by their digest: parsed at most once for as long as they are in use."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from workflow_manager.asl.nodes import Machine
from workflow_manager.asl.parse import parse

MAX_TEXT: Final = 32 * 2**20  # characters of definition text whose nodes are kept


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Definitions:
    """`read` gives the text behind a digest."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._machines: OrderedDict[str, tuple[Machine, int]] = OrderedDict()
        self._size = 0

    def machine(self, name: str) -> Machine:
        """The state machine whose definition has the digest `name`."""
        found = self._machines.get(name)
        if found is not None:
            self._machines.move_to_end(name)
            return found[0]
        return self.keep(self._read(name), name)

    def keep(self, text: str, name: str | None = None, *, express: bool = False) -> Machine:
        """Parse a text and remember what came out.  Raises `InvalidDefinition`."""
        machine = parse(text, express=express)
        name = name or digest(text)
        if name not in self._machines:
            self._machines[name] = (machine, len(text))
            self._size += len(text)
        while self._size > MAX_TEXT and len(self._machines) > 1:
            _, (_, size) = self._machines.popitem(last=False)
            self._size -= size
        return machine
